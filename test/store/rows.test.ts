import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/sockets/snapshot.ts';
import { advance, type Lifecycle } from '../../src/store/lifecycle.ts';
import { NO_ROWS, type Row, Rows, socketRows } from '../../src/store/rows.ts';
import { NOON, type SocketLiteral, snapshot, tcp } from '../helpers/snapshots.ts';

fc.configureGlobal({ seed: 4000 });

const ssh = tcp('0.0.0.0:22');
const web = tcp('0.0.0.0:80');
const alt = tcp('0.0.0.0:8080');
const dns = tcp('0.0.0.0:53');

/** What is there a second after what was there before. */
function moment(before: SocketLiteral[], now: SocketLiteral[]): { snapshot: Snapshot; lifecycle: Lifecycle } {
  const first = snapshot(before);
  const second = snapshot(now, { at: 1 });
  const start = { snapshot: first, lifecycle: advance(null, first) };
  return { snapshot: second, lifecycle: advance(start, second) };
}

const rowsOf = (of: ReturnType<typeof moment>, ...places: number[]) =>
  new Rows(socketRows(of.snapshot, of.lifecycle, new Map()), Uint32Array.from(places));
const ports = (rows: Rows<Row>) => [...rows].map(({ socket }) => socket.local?.port);

describe('rows in their order', () => {
  const of = moment([ssh, web], [ssh, alt, dns]);

  it('are those of the snapshot, and after them the closed ones, by their places', () => {
    const rows = rowsOf(of, 2, 3, 0);
    expect(ports(rows)).toEqual([53, 80, 22]);
    expect([...rows].map(({ mark, closedAt }) => [mark, closedAt])).toEqual([
      ['opened', null],
      ['closed', NOON + 1000],
      [null, null],
    ]);
    expect(rows).toHaveLength(3);
  });

  it('become objects when they are asked for, and once', () => {
    const rows = rowsOf(of, 2, 3, 0);
    expect(rows.at(1)).toBe(rows.at(1));
    expect(rows.slice(0, 3)[1]).toBe(rows.at(1));
    expect(rows.at(0)?.socket).toBe(of.snapshot.socket(2));
  });

  it('are none outside', () => {
    const rows = rowsOf(of, 2, 3, 0);
    for (const index of [-1, 3, 1e9, Number.NaN, Infinity, 0.5]) expect(rows.at(index)).toBeNull();
  });

  it('that follow each other are cut at both ends', () => {
    const rows = rowsOf(of, 2, 3, 0);
    const slice = (from: number, to: number) => rows.slice(from, to).map(({ socket }) => socket.local?.port);
    expect(slice(0, 3)).toEqual([53, 80, 22]);
    expect(slice(-5, 2)).toEqual([53, 80]);
    expect(slice(1, 99)).toEqual([80, 22]);
    expect(slice(2, 2)).toEqual([]);
    expect(slice(2, 1)).toEqual([]);
    expect(slice(7, 9)).toEqual([]);
    expect(slice(-9, -1)).toEqual([]);
  });

  it('are found by identity where they stand, also those that are closed', () => {
    const rows = rowsOf(of, 2, 3, 0);
    for (let index = 0; index < 3; index++) {
      const { identity } = rows.at(index) as { identity: number };
      expect(rows.indexOf(identity)).toBe(index);
      expect(rows.indexOf(identity)).toBe(index);
    }
    // There, but not shown; not there at all; nothing selected.
    expect(rows.indexOf(of.snapshot.identity(1))).toBe(-1);
    expect(rows.indexOf(4711)).toBe(-1);
    expect(rows.indexOf(null)).toBe(-1);
  });

  it('say how many of them are marked, of those that are shown', () => {
    expect(rowsOf(of, 0, 1, 2, 3).marks()).toEqual({ opened: 2, closed: 1 });
    expect(rowsOf(of, 0, 2).marks()).toEqual({ opened: 1, closed: 0 });
    expect(rowsOf(of).marks()).toEqual({ opened: 0, closed: 0 });
    expect(rowsOf(moment([ssh], [ssh]), 0).marks()).toEqual({ opened: 0, closed: 0 });
  });

  it('of nothing are none', () => {
    expect(NO_ROWS.length).toBe(0);
    expect(NO_ROWS.at(0)).toBeNull();
    expect([...NO_ROWS]).toEqual([]);
    expect(NO_ROWS.slice(-3, 3)).toEqual([]);
    expect(NO_ROWS.indexOf(1)).toBe(-1);
    expect(NO_ROWS.marks()).toEqual({ opened: 0, closed: 0 });
  });
});

it('whatever came and went, rows are found where they stand and marked as they are', () => {
  const pool = Array.from({ length: 12 }, (_, at) => tcp(`0.0.0.0:${1000 + at}`));
  const some = fc.subarray(pool);
  const worlds = fc
    .tuple(some, some)
    .map(([before, now]) => moment(before, now))
    .chain((of) => {
      const places = Array.from(
        { length: of.snapshot.length + of.lifecycle.closed.length },
        (_, place) => place,
      );
      return fc.tuple(fc.constant(of), fc.shuffledSubarray(places));
    });
  fc.assert(
    fc.property(worlds, ([of, places]) => {
      const rows = rowsOf(of, ...places);
      const all = [...rows];
      expect(all).toHaveLength(places.length);
      expect(all.map(({ identity }) => rows.indexOf(identity))).toEqual(all.map((_, index) => index));
      const marked = (mark: string) => all.filter((row) => row.mark === mark).length;
      expect(rows.marks()).toEqual({ opened: marked('opened'), closed: marked('closed') });
    }),
  );
});
