import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { COLUMNS, type Column, type Key } from '../../src/query/columns.ts';
import { orderRows, type Part, sortRows } from '../../src/query/sort.ts';
import type { Socket } from '../../src/sockets/socket.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { held, type SocketLiteral, snapshot, tcp, udp } from '../helpers/snapshots.ts';
import { compareSockets, oneColumn } from './order.ts';
import { type World, worlds } from './random-sockets.ts';

fc.configureGlobal({ seed: 4000 });

const ALL = Object.entries(COLUMNS) as [string, Column][];

const everyRow = (length: number) => Array.from({ length }, (_, row) => row);
const partsOf = ({ live, closed }: World): Part[] =>
  [live, closed].map((rows) => ({ rows, picked: everyRow(rows.table.length) }));

/** The sockets in the order that they are sorted in. */
function sorted(parts: readonly Part[], column: Column, descending = false): Socket[] {
  const sockets = parts.flatMap(({ rows, picked }) => Array.from(picked, (row) => rows.socket(row)));
  return Array.from(runAtOnce(sortRows(parts, column, descending)), (place) => sockets[place] as Socket);
}
const sortedLiterals = (literals: SocketLiteral[], column: Column, descending = false, users = {}) => {
  const rows = snapshot(literals, { users });
  return sorted([{ rows, picked: everyRow(rows.length) }], column, descending);
};

describe('an order of sockets', () => {
  test.each(ALL)('by %s is that of a comparison of each with each, either way up', (key, column) => {
    fc.assert(
      fc.property(worlds, fc.boolean(), (world, descending) => {
        const compare = compareSockets(key, descending);
        const parts = partsOf(world);
        const before = parts.flatMap(({ rows, picked }) => Array.from(picked, (row) => rows.socket(row)));
        // toSorted is stable, as the order of places is.
        expect(sorted(parts, column, descending)).toEqual(before.toSorted(compare));
      }),
      { numRuns: 100 },
    );
  });

  test.each(ALL)('by %s is of the picked rows alone, whatever order they come in', (_, column) => {
    const shuffled = worlds.chain((world) => {
      const [live, closed] = partsOf(world).map(({ picked }) =>
        fc.shuffledSubarray([...(picked as number[])]),
      );
      return fc.tuple(fc.constant(world), live as fc.Arbitrary<number[]>, closed as fc.Arbitrary<number[]>);
    });
    fc.assert(
      fc.property(shuffled, fc.boolean(), ([{ live, closed }, one, two], descending) => {
        const parts = [
          { rows: live, picked: one },
          { rows: closed, picked: Uint32Array.from(two) },
        ];
        const compare = compareSockets(column.key, descending);
        const places = runAtOnce(sortRows(parts, column, descending));
        expect(places.toSorted()).toEqual(Uint32Array.from(everyRow(one.length + two.length)));
        const order = sorted(parts, column, descending);
        for (let at = 1; at < order.length; at++) {
          expect(compare(order[at - 1] as Socket, order[at] as Socket)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 40 },
    );
  });

  test.each(ALL)('by %s goes by that column first', (key, column) => {
    fc.assert(
      fc.property(worlds, fc.boolean(), (world, descending) => {
        const compare = oneColumn(key, descending);
        const order = sorted(partsOf(world), column, descending);
        for (let at = 1; at < order.length; at++) {
          expect(compare(order[at - 1] as Socket, order[at] as Socket)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('has those that the column holds equal by port, then protocol, then address, either way up', () => {
    const expected = [
      tcp('0.0.0.0:80', { inode: 9 }),
      tcp('10.0.0.1:80', { inode: 8 }),
      udp('0.0.0.0:80', { inode: 7 }),
      tcp('0.0.0.0:443', { inode: 6 }),
    ];
    for (const descending of [false, true]) {
      const order = sortedLiterals(expected.toReversed(), COLUMNS.user, descending, { 0: 'root' });
      expect(order.map(({ inode }) => inode)).toEqual([9, 8, 7, 6]);
    }
  });

  it('turned round has the largest first', () => {
    const order = sortedLiterals(
      [80, 8080, 9].map((port) => tcp(`0.0.0.0:${port}`)),
      COLUMNS.port,
      true,
    );
    expect(order.map(({ local }) => local?.port)).toEqual([8080, 80, 9]);
  });

  test.each([
    [false, [0, 33, null]],
    [true, [33, 0, null]],
  ])('has what is not known last; turned round: %s', (descending, expected) => {
    const waiting: SocketLiteral = {
      protocol: 'tcp',
      local: '10.0.0.1:80',
      remote: '10.0.0.2:1',
      state: 'TIME_WAIT',
    };
    const literals = [waiting, tcp('0.0.0.0:1', { uid: 0 }), tcp('0.0.0.0:2', { uid: 33 })];
    expect(sortedLiterals(literals, COLUMNS.uid, descending).map(({ uid }) => uid)).toEqual(expected);
  });

  it('of names is by code units, those that differ in capitals alone by what else tells them apart', () => {
    const named = ['a', 'É', 'b', 'Z', 'é', '🦊', '\uff5e'].map((name, at) =>
      tcp(`0.0.0.0:${at + 1}`, { owners: [held(name, at + 1)] }),
    );
    const order = sortedLiterals(named, COLUMNS.command).map(({ owners }) => owners[0]?.name);
    expect(order).toEqual(['a', 'b', 'Z', 'É', 'é', '🦊', '\uff5e']);
  });

  it('of nothing is nothing, and of one is that one', () => {
    expect(sorted([], COLUMNS.port)).toEqual([]);
    expect(sortedLiterals([], COLUMNS.port)).toEqual([]);
    expect(sortedLiterals([tcp('0.0.0.0:80')], COLUMNS.port)).toHaveLength(1);
  });
});

describe('a sort', () => {
  it('pauses after each key, so that a key that is pressed is heard', () => {
    const rows = snapshot(Array.from({ length: 50 }, (_, at) => tcp('0.0.0.0:80', { inode: at + 1 })));
    const parts = [{ rows, picked: everyRow(rows.length) }];
    const ties = [COLUMNS.port, COLUMNS.proto, COLUMNS.addr, COLUMNS.remote, COLUMNS.inode];
    const keys = [...ties, COLUMNS.started].reduce((sum, { order }) => sum + order.length, 0);
    let steps = 0;
    for (const _ of sortRows(parts, COLUMNS.started, false)) steps++;
    expect(steps).toBe(keys);
  });

  it('asks by further keys only where the first do not decide', () => {
    const rows = snapshot(
      Array.from({ length: 50 }, (_, at) => tcp(`0.0.0.0:${at < 48 ? at + 1 : 9000}`, { inode: at + 1 })),
    );
    const asked: number[][] = [];
    const counting = (key: number): Key => {
      asked[key] = [];
      return ({ table }, row) => {
        asked[key]?.push(row);
        return table.localPort[row] as number;
      };
    };
    const column = { ...COLUMNS.port, order: [counting(0)] };
    const parts = [{ rows, picked: everyRow(rows.length) }];
    const places = runAtOnce(orderRows(parts, column, true, [counting(1), counting(2)]));
    expect(asked).toEqual([everyRow(50), [48, 49], [48, 49]]);
    expect(Array.from(places)).toEqual([48, 49, ...everyRow(48).toReversed()]);
  });

  it('that is given up leaves nothing changed', () => {
    const rows = snapshot([tcp('0.0.0.0:80'), tcp('0.0.0.0:22')]);
    const picked = [0, 1];
    const work = sortRows([{ rows, picked }], COLUMNS.port, false);
    work.next();
    work.return(new Uint32Array());
    expect(picked).toEqual([0, 1]);
    expect(rows.table.localPort[0]).toBe(80);
  });
});
