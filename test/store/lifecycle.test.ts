import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Snapshot } from '../../src/sockets/snapshot.ts';
import { advance, type Lifecycle, MARKED_FOR } from '../../src/store/lifecycle.ts';
import {
  type Circumstances,
  connection,
  held,
  NOON,
  type SocketLiteral,
  snapshot,
  tcp,
  udp,
} from '../helpers/snapshots.ts';

type Moment = { lifecycle: Lifecycle; snapshot: Snapshot };

/** What is marked after each of these moments. */
function through(...moments: Snapshot[]): Moment {
  let last: Moment | null = null;
  for (const now of moments) last = { lifecycle: advance(last, now), snapshot: now };
  return last as Moment;
}

const at = (seconds: number, ...sockets: SocketLiteral[]) => snapshot(sockets, { at: seconds });
const identity = (socket: SocketLiteral, circumstances?: Circumstances) =>
  snapshot([socket], circumstances).identity(0);

const ssh = tcp('0.0.0.0:22');
const web = tcp('127.0.0.1:80', { owners: [held('nginx', 812)] });
const dns = udp('127.0.0.53:53');

describe('the first snapshot', () => {
  it('has all its sockets, and none of them is new', () => {
    const { lifecycle } = through(at(0, ssh, web));
    expect([...lifecycle.rows]).toEqual([
      [identity(ssh), 0],
      [identity(web), 1],
    ]);
    expect(lifecycle.opened.size).toBe(0);
    expect(lifecycle.closed.size).toBe(0);
  });
});

describe('a socket that came', () => {
  it('is new from the snapshot in which it is first seen', () => {
    const { lifecycle } = through(at(0, ssh), at(1, ssh, web));
    expect([...lifecycle.opened]).toEqual([[identity(web), NOON + 1000]]);
  });

  it('stays new until five seconds have passed', () => {
    const marks = (seconds: number) =>
      through(at(0, ssh), at(1, ssh, web), at(seconds, ssh, web)).lifecycle.opened.size;
    expect(marks(5.9)).toBe(1);
    expect(marks(6)).toBe(0);
  });

  it('is new where its port and address are old: another socket has them', () => {
    const again = { ...web, inode: 4711 };
    const { lifecycle } = through(at(0, web), at(1, again));
    expect([...lifecycle.opened.keys()]).toEqual([identity(again)]);
    expect([...lifecycle.closed.keys()]).toEqual([identity(web)]);
  });

  it('is not new because its owner, state or place in the table changed', () => {
    const peer = connection('10.0.0.1:80', '10.0.0.2:40000', { inode: 9 });
    const closing = { ...peer, state: 'TIME_WAIT', inode: 0 } as const;
    const { lifecycle } = through(at(0, ssh, peer), at(1, closing, { ...ssh, owners: [held('sshd', 1)] }));
    expect(lifecycle.opened.size).toBe(0);
    expect(lifecycle.closed.size).toBe(0);
    expect(lifecycle.rows.get(identity(ssh))).toBe(1);
  });
});

describe('a socket that went', () => {
  it('is kept as it was last seen, with its owner', () => {
    const { lifecycle } = through(at(0, ssh, web), at(1, ssh));
    const closed = lifecycle.closed.get(identity(web));
    expect(closed?.at).toBe(NOON + 1000);
    expect(closed?.socket).toMatchObject({ state: 'LISTEN', owners: [{ pid: 812, name: 'nginx' }] });
  });

  it('is kept until five seconds have passed', () => {
    const marks = (seconds: number) =>
      through(at(0, ssh, web), at(1, ssh), at(seconds, ssh)).lifecycle.closed.size;
    expect(marks(5.9)).toBe(1);
    expect(marks(6)).toBe(0);
  });

  it('is shown once more even when the snapshots are a minute apart', () => {
    const { lifecycle } = through(at(0, ssh, web), at(60, ssh));
    expect([...lifecycle.closed.keys()]).toEqual([identity(web)]);
  });

  it('is not new any more', () => {
    const { lifecycle } = through(at(0, ssh), at(1, ssh, web), at(2, ssh));
    expect(lifecycle.opened.size).toBe(0);
    expect([...lifecycle.closed.keys()]).toEqual([identity(web)]);
  });

  it('is new when it comes back, and not closed any more', () => {
    const peer = connection('10.0.0.1:80', '10.0.0.2:40000');
    const { lifecycle } = through(at(0, ssh, peer), at(1, ssh), at(2, ssh, peer));
    expect(lifecycle.closed.size).toBe(0);
    expect([...lifecycle.opened]).toEqual([[identity(peer), NOON + 2000]]);
  });
});

describe('the owners of the same moment', () => {
  it('change no mark', () => {
    const before = through(at(0, ssh, web), at(1, ssh, dns));
    const attributed = before.snapshot.attributed({
      looked: new Set(),
      holders: new Map(),
      unreadable: new Map(),
      hidden: false,
    });
    const after = advance(before, attributed);
    expect(after).toEqual(before.lifecycle);
    expect(after.opened.size + after.closed.size).toBe(2);
  });
});

describe('the clock', () => {
  test('that is set back an hour does not keep a closed row for that hour', () => {
    const set = through(at(0, ssh, web), at(1, ssh), at(-3600, ssh), at(-3590, ssh));
    expect(set.lifecycle.closed.size).toBe(0);
  });
});

test('whatever comes and goes, a mark tells the truth', () => {
  const pool = [
    ssh,
    web,
    dns,
    tcp('[::]:80', { inode: 5 }),
    connection('10.0.0.1:80', '10.0.0.2:40000'),
    connection('10.0.0.1:80', '10.0.0.2:40001', { state: 'TIME_WAIT' }),
  ];
  const moments = fc.array(fc.tuple(fc.subarray(pool), fc.integer({ min: 0, max: 7_000 })), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(moments, (sequence) => {
      let now = 0;
      let last: Moment | null = null;
      const since = new Map<string, number>();
      for (const [sockets, passed] of sequence) {
        now += passed;
        const current = at(now / 1000, ...sockets);
        const before: ReadonlyMap<string, number> | null = last === null ? null : last.lifecycle.rows;
        last = { lifecycle: advance(last, current), snapshot: current };
        const { rows, opened, closed } = last.lifecycle;
        const there = new Set(sockets.map((socket) => identity(socket)));
        expect(new Set(rows.keys())).toEqual(there);
        for (const known of [...there, ...(before?.keys() ?? [])]) {
          if (before && there.has(known) !== before.has(known)) since.set(known, now);
        }
        const marked = [...since].filter(([, changed]) => now - changed < MARKED_FOR || changed === now);
        expect(new Set([...opened.keys(), ...closed.keys()])).toEqual(
          new Set(marked.map(([known]) => known)),
        );
        for (const known of opened.keys()) expect(there.has(known)).toBe(true);
        for (const known of closed.keys()) expect(there.has(known)).toBe(false);
      }
    }),
  );
});
