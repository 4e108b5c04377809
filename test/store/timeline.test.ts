import { endianness } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { DestroyEvents } from '../../src/netlink/destroy-events.ts';
import type { Names, Snapshot } from '../../src/sockets/snapshot.ts';
import { reduce } from '../../src/store/reduce.ts';
import { prepareTimeline, selection } from '../../src/store/shown.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { type Action, initialState, type State } from '../../src/store/state.ts';
import {
  emptyTimeline,
  forgotten,
  isOfConnection,
  type Occurrence,
  ROOM,
  recent,
  record,
  summary,
  type Timeline,
} from '../../src/store/timeline.ts';
import { TimelineRecorder } from '../../src/store/timeline-recorder.ts';
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
import { captured } from '../netlink/fixture.ts';

fc.configureGlobal({ seed: 4000 });

/** Looks at a host that is only told of, and what was recorded of it. */
class Watch {
  timeline = emptyTimeline();
  readonly #recorder = new TimelineRecorder({} as Names, () => null);
  #looks = 0;

  look(at: number, sockets: readonly SocketLiteral[], circumstances: Circumstances = {}): this {
    const looked = snapshot(sockets, { at, source: 'sock_diag', ...circumstances });
    this.record(looked, !circumstances.unowned);
    return this;
  }

  record(looked: Snapshot, ownersKnown = true): void {
    const found = { snapshot: looked, ownersKnown, version: this.#looks++, renamed: false, targets: [] };
    this.timeline = record(this.timeline, this.#recorder.record(found));
  }

  get noted(): string[] {
    return noted(this.timeline);
  }
}

/** As a person would note it down, the oldest first: `1s opened 80 ← nginx`. */
function noted({ facts, length }: Timeline): string[] {
  return Array.from({ length }, (_, row) => {
    const { local, remote, owners, ownerUnknown } = facts.socket(row);
    const who = owners.map(({ name }) => name).join(' ') || ownerUnknown;
    const ends = remote ? `${local?.port}-${remote.port}` : `${local?.port ?? `(${facts.many(row)})`}`;
    return `${(facts.at(row) - NOON) / 1000}s ${facts.happening(row)} ${ends} ← ${who}`;
  });
}

const web = tcp('127.0.0.1:80', { cookie: 1, owners: [held('nginx', 812)] });
const ssh = tcp('0.0.0.0:22', { cookie: 2, owners: [held('sshd', 700)] });
const dns = udp('127.0.0.1:53', { cookie: 3, owners: [held('named', 600)] });
const peer = connection('10.0.0.1:80', '10.0.0.2:40000', {
  cookie: 4,
  inode: 9,
  owners: [held('nginx', 812)],
});
const listening = {
  protocols: ['tcp', 'udp'],
  families: ['ipv4', 'ipv6'],
  scope: 'listening',
  ports: null,
} as const;

describe('what is recorded', () => {
  it('is nothing of what is there at the start', () => {
    expect(new Watch().look(0, [web, ssh, peer]).look(1, [web, ssh, peer]).noted).toEqual([]);
  });

  it('is what opened and closed, with its owner', () => {
    const watch = new Watch().look(0, [ssh]).look(1, [ssh, web, dns]).look(2, [ssh, dns]);
    expect(watch.noted).toEqual(['1s opened 80 ← nginx', '1s opened 53 ← named', '2s closed 80 ← nginx']);
  });

  it('is that a socket has a new owner, and not that one more was found at the start', () => {
    const passed = { ...web, owners: [held('worker', 813)] };
    const both = { ...web, owners: [held('nginx', 812), held('worker', 813)] };
    const watch = new Watch().look(0, [web], { unowned: true }).look(1, [both]).look(2, [passed]);
    expect(watch.noted).toEqual(['2s owner 80 ← worker']);
  });

  it('is of a listener with an owner still looked for, told when it is found', () => {
    const watch = new Watch().look(0, [ssh]).look(1, [ssh, web], { unowned: true });
    expect(watch.noted).toEqual([]);
    expect(watch.look(2, [ssh, web]).noted).toEqual(['1s opened 80 ← nginx']);
  });

  it('is of connections what looks at them show, up to where no process can hold them', () => {
    const waits = { ...peer, state: 'TIME_WAIT', inode: 0, owners: [] } as const;
    const watch = new Watch().look(0, [web]).look(1, [web, peer]).look(2, [web, waits]).look(3, [web]);
    expect(watch.noted).toEqual(['1s opened 80-40000 ← nginx', '2s closed 80-40000 ← nginx']);
  });

  it('is nothing because a look was for more, or for less', () => {
    const watch = new Watch()
      .look(0, [web], { wanted: listening })
      .look(1, [web, peer])
      .look(2, [web], { wanted: listening });
    expect(watch.noted).toEqual([]);
  });

  it('is of many connections some, and how many more there were', () => {
    const many = Array.from({ length: 50 }, (_, at) =>
      connection('10.0.0.1:80', `10.0.0.2:${2000 + at}`, { cookie: 100 + at, owners: [held('nginx', 812)] }),
    );
    const watch = new Watch()
      .look(0, [web])
      .look(1, [web, ...many])
      .look(2, [web]);
    const counted = watch.noted.filter((line) => line.includes('('));
    expect(counted).toEqual(['1s opened (30) ← null', '2s closed (30) ← null']);
    expect(watch.noted).toHaveLength(2 * 21);
  });

  test('of any sequence of looks each coming and going is told exactly once, in its order', () => {
    const pool = [web, ssh, dns, peer, connection('10.0.0.1:9', '10.0.0.2:9', { cookie: 5, inode: 10 })];
    fc.assert(
      fc.property(fc.array(fc.subarray(pool), { minLength: 1, maxLength: 12 }), (moments) => {
        const watch = new Watch();
        for (const [at, there] of moments.entries()) watch.look(at, there);
        const expected = moments.flatMap((there, at) => {
          const before = moments[at - 1] ?? there;
          return [
            ...before
              .filter((socket) => !there.includes(socket))
              .map(({ cookie }) => `${at} closed ${cookie}`),
            ...there
              .filter((socket) => !before.includes(socket))
              .map(({ cookie }) => `${at} opened ${cookie}`),
          ];
        });
        const { facts, length } = watch.timeline;
        const told = Array.from({ length }, (_, row) => {
          const at = (facts.at(row) - NOON) / 1000;
          return `${at} ${facts.happening(row)} ${facts.table.identity[row]}`;
        });
        expect(told.map((line) => Number.parseInt(line, 10))).toEqual(
          told.map((line) => Number.parseInt(line, 10)).sort((a, b) => a - b),
        );
        expect(told.sort()).toEqual(expected.sort());
      }),
    );
  });
});

/** So many things that happened to one socket, one a second. */
function happened(literal: SocketLiteral, count: number, from = 0): Occurrence[] {
  const of = snapshot([literal]);
  return Array.from({ length: count }, (_, second) => ({
    at: NOON + (from + second) * 1000,
    happening: 'opened',
    many: 0,
    table: of.table,
    row: 0,
    socket: of.socket(0),
  }));
}

describe('what is remembered', () => {
  it('is bounded: the oldest connections go first, and how many went is said', () => {
    let timeline = record(emptyTimeline(), happened(web, 10));
    timeline = record(timeline, happened(peer, ROOM * 1.3, 10));
    expect(timeline.length).toBe(ROOM);
    expect(forgotten(timeline)).toBe(10 + ROOM * 1.3 - ROOM);
    expect(noted(timeline).slice(0, 10)).toEqual(
      Array.from({ length: 10 }, (_, second) => `${second}s opened 80 ← nginx`),
    );
    timeline = record(timeline, happened(ssh, ROOM * 1.3, 20_000));
    expect(timeline.length).toBe(ROOM);
    expect(new Set(noted(timeline).map((line) => line.split(' ')[2]))).toEqual(new Set(['22']));
  });

  it('stays as it was for who has an older one', () => {
    const before = record(emptyTimeline(), happened(web, 2));
    const one = record(before, happened(ssh, 1, 2));
    const other = record(before, happened(dns, 1, 2));
    expect(noted(before)).toHaveLength(2);
    expect(noted(one).at(-1)).toContain(' 22 ');
    expect(noted(other).at(-1)).toContain(' 53 ');
    expect(record(before, [])).toBe(before);
  });

  it('is counted of the last minute, without connections', () => {
    const timeline = record(emptyTimeline(), [...happened(web, 60), ...happened(peer, 1, 60)]);
    expect(recent(timeline, NOON + 60_000)).toEqual({ opened: 59, closed: 0 });
    expect(recent(timeline, NOON + 200_000)).toEqual({ opened: 0, closed: 0 });
  });
});

describe('what is shown', () => {
  const watch = new Watch().look(0, [ssh]).look(1, [ssh, web, peer, dns]).look(2, [ssh, dns]);
  const shown = (more: Partial<State>, filter = '') => {
    const first = initialState();
    const state = {
      ...first,
      view: 'timeline',
      timeline: watch.timeline,
      now: NOON + 3000,
      ...more,
    } as State;
    state.tables = {
      ...state.tables,
      timeline: { ...state.tables.timeline, filter: { text: filter, kept: true } },
    };
    return [...runAtOnce(prepareTimeline(state))].map(
      ({ facts, row, socket }) =>
        `${facts.happening(row)} ${isOfConnection(facts, row) ? '~' : ''}${socket.local?.port}`,
    );
  };

  it('is the newest first, and connections only where they are asked for', () => {
    expect(shown({})).toEqual(['closed 80', 'opened 53', 'opened 80']);
    expect(shown({ connections: true })).toEqual([
      'closed ~80',
      'closed 80',
      'opened ~80',
      'opened 53',
      'opened 80',
    ]);
  });

  it('begins at the newest again for who left it there', () => {
    const own = new Watch().look(0, [ssh]).look(1, [ssh, web]).look(2, [ssh, web, dns]);
    const sooner = own.timeline;
    const later = own.look(3, [ssh]).timeline;
    const happened = (timeline: State['timeline']): Action => ({ type: 'happened', timeline });
    const view = (name: 'timeline' | 'listening'): Action => ({ type: 'view', name });
    const go = (...actions: Action[]) => actions.reduce(reduce, initialState());
    const down: Action = { type: 'move', by: 1 };
    const index = (state: State) => selection(state)?.index;
    const first = [happened(sooner), view('timeline'), down, { type: 'move', by: -1 } as Action];
    expect(index(go(...first, view('listening'), happened(later), view('timeline')))).toBe(0);
    const second = go(...first, down, view('listening'), happened(later), view('timeline'));
    expect(index(second)).toBeGreaterThan(1);
  });

  it('is narrowed by targets, protocols, processes and the filter', () => {
    const port80 = { protocol: null, address: null, scope: null, ports: [{ from: 80, to: 80 }] };
    expect(shown({ targets: [port80] })).toEqual(['closed 80', 'opened 80']);
    expect(shown({ protocols: ['udp'] })).toEqual(['opened 53']);
    expect(shown({ pids: new Set([600]) })).toEqual(['opened 53']);
    expect(shown({}, 'event:closed')).toEqual(['closed 80']);
    expect(shown({}, 'cmd:named or event:closed port:80')).toEqual(['closed 80', 'opened 53']);
    expect(shown({}, 'ago:<2s')).toEqual(['closed 80']);
  });

  it('is what was missed, whatever else is asked for', () => {
    const timeline = record(watch.timeline, [summary(NOON, 'missed')]);
    expect(shown({ timeline })[0]).toBe('missed undefined');
    expect(shown({ timeline }, 'port:0')).toEqual([]);
  });
});

describe('announcements', () => {
  const little = endianness() === 'LE';
  /** Those of the fixture: both ends of a connection, a listener, a connected UDP socket, a bound one. */
  function events(...more: string[]): DestroyEvents {
    const bytes = captured('destroyed');
    const steps: (Buffer | string)[] = [];
    for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at))
      steps.push(bytes.subarray(at, at + bytes.readUInt32LE(at)));
    steps.push(...more);
    return new DestroyEvents({
      read(buffer) {
        const step = steps.shift() ?? 'EAGAIN';
        if (typeof step === 'string') throw Object.assign(new Error(step), { code: step });
        buffer.set(step);
        return step.length;
      },
      close() {},
    });
  }
  const listener = tcp('[::1]:5001', { cookie: 781836, owners: [held('server', 900)] });
  const names = {
    service: () => null,
    user: () => null,
    scope: () => null,
    host: () => null,
  } as unknown as Names;
  const found = (looked: Snapshot) => ({
    snapshot: looked,
    ownersKnown: true,
    version: 0,
    renamed: false,
    targets: [],
  });
  const told = (occurrences: readonly Occurrence[]) =>
    occurrences.map(({ happening, socket: { local, owners, ownerUnknown } }) =>
      [happening, local?.port, owners[0]?.name ?? ownerUnknown].join(' '),
    );

  it.skipIf(!little)('tell of what was seen, and of what no look has shown, once', () => {
    const recorder = new TimelineRecorder(names, () => events());
    const looked = snapshot([listener], { source: 'sock_diag' });
    expect(told(recorder.record(found(looked))).sort()).toEqual([
      'closed 39041 gone',
      'closed 48852 gone',
      'closed 5000 gone',
      'closed 5001 server',
      'closed 7002 gone',
    ]);
    expect(recorder.record(found(snapshot([], { at: 1, source: 'sock_diag' })))).toEqual([]);
  });

  it.skipIf(!little)('that were dropped are said to be, and not every second', () => {
    const recorder = new TimelineRecorder(names, () => events('ENOBUFS'));
    const looked = snapshot([], { source: 'sock_diag' });
    expect(told(recorder.record(found(looked)))).toContain('missed  ');
    expect(recorder.patience).toBeLessThan(1000);
    expect(recorder.record(found(looked))).toEqual([]);
    expect(recorder.patience).toBe(Infinity);
  });

  it('that cannot be had any more are given up', () => {
    const broken = new DestroyEvents({
      read() {
        throw Object.assign(new Error('EBADF'), { code: 'EBADF' });
      },
      close() {},
    });
    const recorder = new TimelineRecorder(names, () => broken);
    const looked = snapshot([], { source: 'sock_diag' });
    expect(told(recorder.record(found(looked)))).toEqual(['missed  ']);
    expect(recorder.record(found(looked))).toEqual([]);
  });
});
