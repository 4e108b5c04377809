import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { NO_OWNERSHIP } from '../../src/sockets/owners.ts';
import type { Snapshot } from '../../src/sockets/snapshot.ts';
import type { Wanted } from '../../src/sockets/source.ts';
import { advance, isCalm, type Lifecycle, MARKED_FOR } from '../../src/store/lifecycle.ts';
import {
  asked,
  type Circumstances,
  connection,
  EVERYTHING,
  held,
  NOON,
  type SocketLiteral,
  snapshot,
  tcp,
  udp,
  unix,
} from '../helpers/snapshots.ts';
import { ALL } from '../sockets/fixture.ts';

fc.configureGlobal({ seed: 4000 });

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

/** What is marked as closed, by identity. */
const closedIn = ({ closed }: Lifecycle) =>
  Array.from({ length: closed.length }, (_, row) => closed.table.identity[row] as number);

const ssh = tcp('0.0.0.0:22');
const web = tcp('127.0.0.1:80', { owners: [held('nginx', 812)] });
const dns = udp('127.0.0.53:53');

describe('the first snapshot', () => {
  it('has nothing that is new or gone', () => {
    const { lifecycle } = through(at(0, ssh, web));
    expect(lifecycle.opened.size).toBe(0);
    expect(lifecycle.closed.length).toBe(0);
    expect(isCalm(lifecycle)).toBe(true);
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
    expect(closedIn(lifecycle)).toEqual([identity(web)]);
  });

  it('is not new because its owner, state or place in the table changed', () => {
    const peer = connection('10.0.0.1:80', '10.0.0.2:40000', { inode: 9 });
    const closing = { ...peer, state: 'TIME_WAIT', inode: 0 } as const;
    const { lifecycle } = through(at(0, ssh, peer), at(1, closing, { ...ssh, owners: [held('sshd', 1)] }));
    expect(lifecycle.opened.size).toBe(0);
    expect(lifecycle.closed.length).toBe(0);
  });
});

describe('a socket that went', () => {
  it('is kept as it was last seen, with its owner', () => {
    const { lifecycle } = through(at(0, ssh, web), at(1, ssh));
    const row = lifecycle.closed.rowOf(identity(web));
    expect(lifecycle.closed.at(row)).toBe(NOON + 1000);
    expect(lifecycle.closed.socket(row)).toMatchObject({
      state: 'LISTEN',
      owners: [{ pid: 812, name: 'nginx' }],
    });
  });

  it('is kept until five seconds have passed', () => {
    const marks = (seconds: number) =>
      through(at(0, ssh, web), at(1, ssh), at(seconds, ssh)).lifecycle.closed.length;
    expect(marks(5.9)).toBe(1);
    expect(marks(6)).toBe(0);
  });

  it('is shown once more even when the snapshots are a minute apart', () => {
    const { lifecycle } = through(at(0, ssh, web), at(60, ssh));
    expect(closedIn(lifecycle)).toEqual([identity(web)]);
  });

  it('is not new any more', () => {
    const { lifecycle } = through(at(0, ssh), at(1, ssh, web), at(2, ssh));
    expect(lifecycle.opened.size).toBe(0);
    expect(closedIn(lifecycle)).toEqual([identity(web)]);
  });

  it('is new when it comes back, and not closed any more', () => {
    const peer = connection('10.0.0.1:80', '10.0.0.2:40000');
    const { lifecycle } = through(at(0, ssh, peer), at(1, ssh), at(2, ssh, peer));
    expect(lifecycle.closed.length).toBe(0);
    expect([...lifecycle.opened]).toEqual([[identity(peer), NOON + 2000]]);
  });
});

describe('the owners of the same moment', () => {
  it('change no mark', () => {
    const before = through(at(0, ssh, web), at(1, ssh, dns));
    const after = advance(before, before.snapshot.attributed(NO_OWNERSHIP));
    expect(after.opened).toEqual(before.lifecycle.opened);
    expect(closedIn(after)).toEqual(closedIn(before.lifecycle));
    expect(after.opened.size + after.closed.length).toBe(2);
  });
});

describe('the clock', () => {
  test('that is set back an hour does not keep a closed row for that hour', () => {
    const set = through(at(0, ssh, web), at(1, ssh), at(-3600, ssh), at(-3590, ssh));
    expect(set.lifecycle.closed.length).toBe(0);
  });
});

describe('another look', () => {
  const peer = connection('10.0.0.1:80', '10.0.0.2:40000');
  const narrow: Wanted = { ...EVERYTHING, scope: 'listening' };
  const only = (...ports: number[]): Wanted => ({
    ...EVERYTHING,
    ports: ports.map((port) => ({ from: port, to: port })),
  });
  const look = (seconds: number, wanted: Wanted, ...sockets: SocketLiteral[]) =>
    snapshot(sockets, { at: seconds, wanted });

  it('at all states opens no connection, and back at listeners alone closes none', () => {
    const wider = through(look(0, narrow, web), look(1, EVERYTHING, web, peer));
    expect(isCalm(wider.lifecycle)).toBe(true);
    const back = advance(wider, look(2, narrow, web));
    expect(isCalm(back)).toBe(true);
  });

  it('still marks the listeners that came and went meanwhile', () => {
    const { lifecycle } = through(look(0, narrow, web), look(1, EVERYTHING, ssh, peer));
    expect([...lifecycle.opened.keys()]).toEqual([identity(ssh)]);
    expect(closedIn(lifecycle)).toEqual([identity(web)]);
  });

  it('keeps the marks of rows that it has too', () => {
    const { lifecycle } = through(
      look(0, narrow, ssh),
      look(1, narrow, web),
      look(2, EVERYTHING, web, peer),
      look(3, narrow, web),
    );
    expect([...lifecycle.opened]).toEqual([[identity(web), NOON + 1000]]);
    expect(closedIn(lifecycle)).toEqual([identity(ssh)]);
  });

  it('at other ports, protocols or families opens and closes nothing that was not asked for', () => {
    const all = [ssh, web, dns, tcp('[::1]:80', { inode: 6 })];
    const tcpOnly: Wanted = { ...EVERYTHING, protocols: ['tcp'] };
    const fourOnly: Wanted = { ...EVERYTHING, families: ['ipv4'] };
    for (const [wanted, seen] of [
      [only(22), [ssh]],
      [only(80), [web, all[3] as SocketLiteral]],
      [tcpOnly, [ssh, web, all[3] as SocketLiteral]],
      [fourOnly, [ssh, web, dns]],
    ] as const) {
      expect(isCalm(through(look(0, EVERYTHING, ...all), look(1, wanted, ...seen)).lifecycle)).toBe(true);
      expect(isCalm(through(look(0, wanted, ...seen), look(1, EVERYTHING, ...all)).lifecycle)).toBe(true);
    }
  });

  it('at a port asks for it at either end', () => {
    expect(closedIn(through(look(0, only(40000), peer), look(1, only(40000))).lifecycle)).toEqual([
      identity(peer),
    ]);
  });

  it('by another source opens and closes nothing: it knows each socket by another number', () => {
    const told = snapshot([{ ...web, cookie: 7 }], { at: 1, source: 'sock_diag' });
    expect(isCalm(through(at(0, web), told).lifecycle)).toBe(true);
    expect(isCalm(through(told, at(2, web)).lifecycle)).toBe(true);
  });

  it('by another source of one protocol alone still marks what the others do', () => {
    const before = at(0, web, dns);
    const after = snapshot([ssh], { at: 1 });
    after.table.sources.udp = 'sock_diag';
    expect(closedIn(through(before, after).lifecycle)).toEqual([identity(web)]);
  });
});

const pool = [
  ssh,
  web,
  dns,
  tcp('[::]:80', { inode: 5 }),
  connection('10.0.0.1:80', '10.0.0.2:40000'),
  connection('10.0.0.1:80', '10.0.0.2:40001', { state: 'TIME_WAIT' }),
  connection('[::1]:22', '[::1]:40002'),
  udp('127.0.0.1:53', { remote: '10.0.0.3:53', state: 'ESTABLISHED', inode: 7 }),
  tcp('0.0.0.0:8080', { state: 'BOUND' }),
  unix('/run/a', { inode: 8 }),
  unix('', { inode: 9, state: 'ESTABLISHED' }),
  unix('/dev/log', { inode: 10, state: 'UNCONN' }),
];

test('whatever comes and goes, a mark tells the truth', () => {
  const moments = fc.array(fc.tuple(fc.shuffledSubarray(pool), fc.integer({ min: 0, max: 7_000 })), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(moments, (sequence) => {
      let now = 0;
      let last: Moment | null = null;
      let before: Set<number> | null = null;
      const since = new Map<number, number>();
      for (const [sockets, passed] of sequence) {
        now += passed;
        const current = snapshot(sockets, { at: now / 1000, wanted: ALL });
        last = { lifecycle: advance(last, current), snapshot: current };
        const there = new Set(sockets.map((socket) => identity(socket)));
        for (const known of [...there, ...(before ?? [])]) {
          if (before && there.has(known) !== before.has(known)) since.set(known, now);
        }
        before = there;
        const { opened } = last.lifecycle;
        const closed = closedIn(last.lifecycle);
        const marked = [...since].filter(([, changed]) => now - changed < MARKED_FOR || changed === now);
        expect(new Set([...opened.keys(), ...closed])).toEqual(new Set(marked.map(([known]) => known)));
        expect(new Set(closed).size).toBe(closed.length);
        for (const known of opened.keys()) expect(there.has(known)).toBe(true);
        for (const known of closed) expect(there.has(known)).toBe(false);
      }
    }),
  );
});

test('however the look changes, only what was to be seen both times opens or closes', () => {
  const looks: fc.Arbitrary<Wanted> = fc.record({
    protocols: fc.subarray(['tcp', 'udp', 'unix'] as const, { minLength: 1 }),
    families: fc
      .subarray(['ipv4', 'ipv6', 'unix'] as const, { minLength: 1 })
      .map((some) => [...some, 'unix' as const]),
    scope: fc.constantFrom('listening', 'all'),
    ports: fc.option(
      fc.constantFrom([{ from: 80, to: 80 }], [{ from: 22, to: 53 }], [{ from: 40_000, to: 40_001 }]),
    ),
  });
  const source = fc.constantFrom('proc', 'proc', 'sock_diag');
  const moments = fc.array(fc.tuple(fc.shuffledSubarray(pool), looks, source), {
    minLength: 2,
    maxLength: 8,
  });
  const identities = (sockets: SocketLiteral[]) => sockets.map((socket) => identity(socket)).toSorted();
  fc.assert(
    fc.property(moments, (sequence) => {
      let last: { moment: Moment; sockets: SocketLiteral[]; wanted: Wanted; source: string } | null = null;
      let now = 0;
      for (const [sockets, wanted, source] of sequence) {
        // Longer than any mark lasts: what is marked has changed just now.
        now += 10;
        const current = snapshot(asked(sockets, wanted), { at: now, wanted, source });
        const lifecycle: Lifecycle = advance(last?.moment ?? null, current);
        if (last) {
          const before = last;
          const comparable = before.source === source;
          const both = (all: SocketLiteral[]) => asked(asked(all, before.wanted), wanted);
          const came = both(sockets).filter((socket) => !before.sockets.includes(socket));
          const went = both(before.sockets).filter((socket) => !sockets.includes(socket));
          expect([...lifecycle.opened.keys()].toSorted()).toEqual(comparable ? identities(came) : []);
          expect(closedIn(lifecycle).toSorted()).toEqual(comparable ? identities(went) : []);
        }
        last = { moment: { lifecycle, snapshot: current }, sockets, wanted, source };
      }
    }),
    { numRuns: 300 },
  );
});
