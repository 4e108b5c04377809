import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import type { SocketDetails } from '../../src/netlink/messages.ts';
import { ProcError } from '../../src/procfs/procfs.ts';
import { COLUMNS } from '../../src/query/columns.ts';
import type { Target } from '../../src/query/target.ts';
import { ReverseNames } from '../../src/sockets/reverse-names.ts';
import type { Wanted } from '../../src/sockets/source.ts';
import { processRowsOf, rowsOf, selection } from '../../src/store/shown.ts';
import type { Action, State } from '../../src/store/state.ts';
import type { ViewName } from '../../src/store/views.ts';
import { connection, held, inodeOf, NOON, tcp, udp, unix } from '../helpers/snapshots.ts';
import {
  type FakeHost,
  type FakeProcFs,
  FakeSource,
  fakeHost,
  LISTENERS,
  pass,
  settled,
  spend,
  stopTheClock,
} from './fake-host.ts';

const web = tcp('0.0.0.0:80', { owners: [held('nginx', 812), held('nginx', 813)] });
const ssh = tcp('0.0.0.0:22', { owners: [held('sshd', 700)] });
const client = connection('10.0.0.1:80', '10.0.0.2:40000', { owners: [held('nginx', 813)] });
const dns = udp('127.0.0.53:53', { owners: [held('systemd-resolve', 500)] });

const started: { host: FakeHost; ended: Promise<unknown> }[] = [];

beforeEach(stopTheClock);
afterEach(async () => {
  for (const { host, ended } of started.splice(0)) {
    host.sampler.stop();
    host.users.answer(0, 'root');
    await pass(100_000);
    await ended;
  }
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Begins, and comes to the end of the first sample. */
async function begin(host: FakeHost): Promise<{ over: boolean; error: unknown }> {
  const outcome: { over: boolean; error: unknown } = { over: false, error: null };
  const ended = host.sampler.run().then(
    () => {
      outcome.over = true;
    },
    (error: unknown) => {
      outcome.over = true;
      outcome.error = error;
    },
  );
  started.push({ host, ended });
  await settled();
  return outcome;
}

const owners = (state: State) =>
  [...rowsOf(state)].map(({ socket }) => `${socket.local?.port} ${socket.owners.map(({ name }) => name)}`);
const marks = (state: State) => [...rowsOf(state)].flatMap(({ mark }) => mark ?? []);
/** What was told to the store since the last time, by type. */
const told = (host: FakeHost) => host.actions.splice(0).map(({ type }) => type);
const dispatch = (host: FakeHost, ...actions: Action[]) => {
  for (const action of actions) host.store.dispatch(action);
};
/** The states with a sample of their own. */
const samples = ({ seen }: FakeHost) =>
  seen.filter(({ sample }, index) => sample !== null && sample !== seen[index - 1]?.sample);
const paths = (host: FakeHost, pid: number) =>
  host.procfs.reads.filter((path) => path.startsWith(`${pid}/`) && !path.includes('/fd'));

describe('a sample', () => {
  it('tells the rows first, and then their owners', async () => {
    const host = fakeHost();
    host.has(ssh, web);
    await begin(host);
    const sampled = samples(host);
    expect(sampled.map(({ ownersKnown }) => ownersKnown)).toEqual([false, true]);
    expect(sampled.map(owners)).toEqual([
      ['22 ', '80 '],
      ['22 sshd', '80 nginx,nginx'],
    ]);
    expect(sampled[0]?.sample?.snapshot.time).toEqual(sampled[1]?.sample?.snapshot.time);
    expect(sampled[0]?.sample?.snapshot.time).toEqual(new Date(NOON));
  });

  it('has looked for what is wanted', async () => {
    const host = fakeHost();
    await begin(host);
    await pass(1000);
    expect(host.source.wanted).toEqual([LISTENERS, LISTENERS]);
  });

  it('comes each time the interval has passed, whatever itself took of it', async () => {
    const host = fakeHost({ interval: 2 });
    host.source.onRead = () => spend(500);
    await begin(host);
    await pass(1400);
    expect(host.source.reads).toBe(1);
    await pass(100);
    expect(host.source.reads).toBe(2);
  });

  it('that takes longer than the interval is followed by the next at once, and keys are heard between', async () => {
    const host = fakeHost({ interval: 1 });
    host.source.onRead = () => spend(1500);
    await begin(host);
    await pass(0);
    await pass(0);
    expect(host.source.reads).toBe(3);
  });

  it('reads processes anew, since another may have the pid', async () => {
    const host = fakeHost();
    host.has(ssh);
    await begin(host);
    host.procfs.processes.set(700, { comm: 'other' });
    await pass(1000);
    expect(owners(host.store.get())).toEqual(['22 other']);
  });
});

describe('a host where nothing changes', () => {
  it('is said to have been looked at, and no more', async () => {
    const host = fakeHost();
    host.has(ssh, web);
    host.procfs.connected = 3;
    await begin(host);
    told(host);
    const before = host.store.get();
    host.procfs.connected = 4;
    for (const second of [1, 2, 3]) {
      await pass(1000);
      expect(told(host)).toEqual(['looked']);
      expect(host.store.get()).toMatchObject({ now: NOON + second * 1000, connected: 4 });
    }
    expect(host.store.get().sample).toBe(before.sample);
    expect(host.source.reads).toBe(4);
  });

  it('is told of again as long as something is marked as new or closed, and then no more', async () => {
    const host = fakeHost();
    host.has(ssh, web);
    await begin(host);
    host.has(ssh, dns);
    await pass(1000);
    expect(marks(host.store.get())).toEqual(['opened', 'closed']);
    for (let second = 1; second <= 4; second++) await pass(1000);
    expect(marks(host.store.get())).toEqual(['opened', 'closed']);
    await pass(1000);
    expect(marks(host.store.get())).toEqual([]);
    told(host);
    await pass(1000);
    expect(told(host)).toEqual(['looked']);
  });

  it.each([
    ['a queue', () => [{ ...ssh, recvQueue: 1 }, web]],
    ['an owner', () => [{ ...ssh, uid: 1000 }, web]],
    ['their order', () => [web, ssh]],
  ])('is one where not even %s does', async (_, next) => {
    const host = fakeHost();
    host.has(ssh, web);
    await begin(host);
    told(host);
    host.has(...next());
    await pass(1000);
    expect(told(host)).toContain('sampled');
  });

  it('is told of again when a process that may be in sight runs another program', async () => {
    const host = fakeHost();
    host.has(ssh);
    await begin(host);
    told(host);
    host.procfs.processes.set(700, { comm: 'other' });
    await pass(1000);
    expect(told(host)).toContain('sampled');
    expect(owners(host.store.get())).toEqual(['22 other']);
  });
});

describe('what is asked of the source', () => {
  const target = (port: number): Target => ({
    protocol: null,
    address: null,
    scope: null,
    ports: [{ from: port, to: port }],
  });
  const sockets: Action = { type: 'view', name: 'sockets' };
  const listening: Action = { type: 'view', name: 'listening' };

  it('are listeners, and connections as soon as their view is shown, without waiting', async () => {
    const host = fakeHost({ interval: 60 });
    host.has(ssh, client);
    await begin(host);
    dispatch(host, sockets);
    await settled();
    expect(host.source.wanted).toEqual([LISTENERS, { ...LISTENERS, scope: 'all' }]);
    expect(owners(host.store.get())).toEqual(['80 nginx', '22 sshd']);
    await pass(59_000);
    expect(host.source.reads).toBe(2);
    await pass(1000);
    expect(host.source.wanted.at(-1)).toEqual({ ...LISTENERS, scope: 'all' });
  });

  it('are connections at once while it is paused, too, and it stays paused', async () => {
    const host = fakeHost();
    host.has(ssh, client);
    await begin(host);
    dispatch(host, { type: 'pause' }, sockets);
    await settled();
    expect(owners(host.store.get())).toHaveLength(2);
    await pass(10_000);
    expect(host.source.reads).toBe(2);
    expect(host.store.get().paused).toBe(true);
  });

  it('are listeners alone when that view is shown again, which can wait', async () => {
    const host = fakeHost();
    host.has(ssh, client);
    await begin(host);
    dispatch(host, sockets);
    await settled();
    dispatch(host, listening);
    await settled();
    expect(host.source.reads).toBe(2);
    await pass(1000);
    expect(host.source.wanted.at(-1)).toEqual(LISTENERS);
  });

  it('opens and closes nothing when it changes', async () => {
    const host = fakeHost();
    host.has(ssh, web, client);
    await begin(host);
    for (const view of [
      sockets,
      listening,
      sockets,
      { type: 'view', name: 'services' } as const,
      listening,
    ]) {
      dispatch(host, view);
      await settled();
      await pass(1000);
      expect(marks(host.store.get())).toEqual([]);
    }
  });

  it('still is what the table behind the services has', async () => {
    const host = fakeHost({ view: 'sockets' });
    await begin(host);
    dispatch(host, { type: 'view', name: 'services' });
    await pass(1000);
    expect(host.source.wanted.map(({ scope }) => scope)).toEqual(['all', 'all']);
  });

  it('are the ports that were aimed at, until Esc lets go of them', async () => {
    const host = fakeHost({ interval: 60, view: 'sockets', targets: [target(80), target(53)] });
    host.has(ssh, web, dns, client);
    await begin(host);
    const ports = [
      { from: 80, to: 80 },
      { from: 53, to: 53 },
    ];
    expect(host.source.wanted).toEqual([{ ...LISTENERS, scope: 'all', ports }]);
    dispatch(host, { type: 'back' });
    await settled();
    expect(host.source.wanted.at(-1)).toEqual({ ...LISTENERS, scope: 'all' });
    expect(rowsOf(host.store.get())).toHaveLength(4);
    expect(marks(host.store.get())).toEqual([]);
  });

  it('is asked again after a read that was under way when it changed', async () => {
    const host = fakeHost({ interval: 60 });
    host.has(ssh, client);
    await begin(host);
    host.source.onRead = () => {
      host.source.onRead = () => {};
      dispatch(host, sockets);
    };
    host.sampler.hurry();
    await settled();
    await pass(0);
    expect(host.source.wanted.map(({ scope }) => scope)).toEqual(['listening', 'listening', 'all']);
    expect(owners(host.store.get())).toHaveLength(2);
  });
});

describe('the search for owners', () => {
  /** Listeners of as many processes. */
  const many = (count: number) =>
    Array.from({ length: count }, (_, at) =>
      tcp(`0.0.0.0:${1000 + at}`, { owners: [held(`server${at}`, 1000 + at)] }),
    );
  const found = (state: State) => owners(state).filter((line) => /server/.test(line)).length;
  const pending = (state: State) => [...rowsOf(state)].filter((row) => row.pending.length > 0).length;

  it('is made in the first sample', async () => {
    const host = fakeHost();
    host.has(ssh);
    await begin(host);
    expect(host.store.get().ownersKnown).toBe(true);
    expect(owners(host.store.get())).toEqual(['22 sshd']);
  });

  it('is over where there is no socket to look for', async () => {
    const host = fakeHost();
    await begin(host);
    await pass(1000);
    expect(host.store.get().ownersKnown).toBe(true);
  });

  it('shows what it finds on the way, five times a second', async () => {
    const host = fakeHost({ interval: 10 });
    host.has(...many(100));
    host.procfs.onLink = () => spend(10);
    await begin(host);
    for (let turn = 0; turn < 10; turn++) await settled();
    const counts = samples(host).map(found);
    expect(counts.length).toBeGreaterThanOrEqual(5);
    expect(counts.length).toBeLessThanOrEqual(9);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect([counts[0], counts.at(-1)]).toEqual([0, 100]);
    // What is not found yet is still looked for, and no row says that nobody has it.
    for (const state of samples(host)) expect(found(state) + pending(state)).toBe(100);
    expect(samples(host).map(({ ownersKnown }) => ownersKnown)).toEqual([
      ...Array(counts.length - 1).fill(false),
      true,
    ]);
  });

  it('says how far it is while it finds nothing', async () => {
    const host = fakeHost({ interval: 10 });
    // The one that has it is asked last.
    host.has(tcp('0.0.0.0:22', { owners: [held('sshd', 1)] }));
    for (let pid = 1000; pid < 1100; pid++) host.procfs.processes.set(pid, { comm: 'idle' });
    for (let pid = 1000; pid < 1100; pid++) host.procfs.holding.set(pid, [0, 7]);
    host.procfs.onLink = () => spend(10);
    await begin(host);
    for (let turn = 0; turn < 10; turn++) await settled();
    const told = host.seen.map(({ asked }) => asked);
    const percents = [...new Set(told.filter((percent) => percent !== null))];
    expect(percents.length).toBeGreaterThan(3);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBeNull();
  });

  it('goes on in the next sample where it was left, and begins nothing anew', async () => {
    const host = fakeHost();
    // No more of them in sight than one: those are asked for in each sample.
    host.has(...many(50));
    host.procfs.onLink = () => spend(100);
    await begin(host);
    expect(host.source.reads).toBe(1);
    const first = found(host.store.get());
    expect(first).toBeGreaterThanOrEqual(5);
    expect(first).toBeLessThan(20);
    for (let turn = 0; turn < 40 && found(host.store.get()) < 50; turn++) await pass(0);
    expect(found(host.store.get())).toBe(50);
    expect(host.source.reads).toBeGreaterThan(2);
    const lists = many(50).map(
      (_, at) => host.procfs.reads.filter((path) => path === `${1000 + at}/fd`).length,
    );
    expect(Math.max(...lists.slice(30))).toBeLessThanOrEqual(2);
  });

  it('lets keys be heard every few milliseconds', async () => {
    const host = fakeHost({ interval: 60 });
    host.has(...many(100));
    const waited: number[] = [];
    let last = performance.now();
    let over = false;
    const key = () => {
      waited.push(performance.now() - last);
      last = performance.now();
      if (!over) setImmediate(key);
    };
    setImmediate(key);
    host.procfs.onLink = () => spend(1);
    await begin(host);
    over = true;
    expect(found(host.store.get())).toBe(100);
    expect(Math.max(...waited)).toBeLessThanOrEqual(10);
  });

  it('is made at once for a socket that is new', async () => {
    const host = fakeHost();
    host.has(ssh, web);
    await begin(host);
    host.has(web, dns);
    await pass(1000);
    expect(owners(host.store.get())).toContain('53 systemd-resolve');
  });

  it('finds a new socket in the end of a process that looks as it did', async () => {
    const host = fakeHost();
    const others = many(20);
    host.has(ssh, web, ...others);
    await begin(host);
    // As many descriptors as before, and the same process: no glance can tell.
    const next = tcp('0.0.0.0:8443', { owners: [held('sshd', 700)] });
    host.has(next, web, ...others);
    for (let second = 0; second < 3; second++) await pass(1000);
    expect(owners(host.store.get())).toContain('8443 sshd');
  });

  it('follows a socket that another process has now, though the table is the same', async () => {
    const host = fakeHost();
    host.has(ssh, web);
    await begin(host);
    host.has({ ...ssh, owners: [held('inetd', 701)] }, web);
    for (let second = 0; second < 2; second++) await pass(1000);
    expect(owners(host.store.get())).toEqual(['22 inetd', '80 nginx,nginx']);
    expect(pending(host.store.get())).toBe(0);
  });

  it('follows a socket that a process has now which was there before, and is asked after all others', async () => {
    const host = fakeHost();
    host.has(ssh, web, ...many(100));
    await begin(host);
    host.procfs.onLink = () => spend(1);
    host.has({ ...ssh, owners: [held('server50', 1050)] }, web, ...many(100));
    for (let second = 0; second < 3; second++) await pass(1000);
    expect(owners(host.store.get())).toContain('22 server50');
    expect(pending(host.store.get())).toBe(0);
  });

  it('says that nobody has a socket only when everybody was asked, and asks them no more then', async () => {
    const host = fakeHost();
    host.has(ssh, tcp('0.0.0.0:2049'));
    await begin(host);
    for (let second = 0; second < 2; second++) await pass(1000);
    expect(pending(host.store.get())).toBe(0);
    expect(rowsOf(host.store.get()).at(1)?.socket.ownerUnknown).toBe('no-process');
    told(host);
    await pass(1000);
    expect(told(host)).toEqual(['looked']);
  });

  it('keeps the owners that it found, in the samples without one', async () => {
    const host = fakeHost();
    host.has(ssh);
    await begin(host);
    host.seen.length = 0;
    host.has(ssh, web);
    host.procfs.onLink = () => spend(300);
    await pass(1000);
    expect(host.seen.length).toBeGreaterThan(0);
    for (const state of host.seen) expect(owners(state)).toContain('22 sshd');
  });
});

describe('the rest of the time', () => {
  /** Processes with so many sockets that nobody asks for, one in each. */
  function bystanders(host: FakeHost, count: number): void {
    for (let pid = 2000; pid < 2000 + count; pid++) {
      host.procfs.processes.set(pid, { comm: 'other' });
      host.procfs.holding.set(pid, [100_000 + pid]);
    }
  }
  const asked = (host: FakeHost) => host.procfs.reads.splice(0).filter((path) => /\/fd\//.test(path)).length;

  it('everybody is asked anew, a little in each sample', async () => {
    const host = fakeHost();
    bystanders(host, 100);
    await begin(host);
    host.procfs.onLink = () => spend(0.25);
    asked(host);
    const each: number[] = [];
    for (let second = 0; second < 120; second++) {
      await pass(1000);
      each.push(asked(host));
    }
    // A quarter of a millisecond, and what was begun.
    expect(Math.max(...each)).toBeLessThanOrEqual(2);
    expect(each.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(100);
  });

  it('that finds one more owner of a known socket, which no other look would', async () => {
    const host = fakeHost();
    bystanders(host, 10);
    host.has(ssh);
    await begin(host);
    host.procfs.holding.set(2005, [102_005, inodeOf(ssh)]);
    host.procfs.onLink = () => spend(1);
    for (let second = 0; second < 30; second++) await pass(1000);
    expect(owners(host.store.get())).toEqual(['22 sshd,other']);
  });

  it('and how long ago everybody was asked is told in steps', async () => {
    const host = fakeHost();
    host.has(ssh);
    await begin(host);
    await pass(1000);
    expect(host.store.get().freshness).toBe(10_000);
  });

  it('owners in sight are asked for in each sample, others are not', async () => {
    const host = fakeHost({ height: 2 });
    const sockets = Array.from({ length: 10 }, (_, at) =>
      tcp(`0.0.0.0:${1000 + at}`, { owners: [held('server', 1000 + at)] }),
    );
    host.has(...sockets);
    await begin(host);
    // Both looks of the background are over in no time, and then everybody was asked just now.
    host.procfs.onLink = () => spend(5);
    await pass(1000);
    host.procfs.reads.length = 0;
    await pass(1000);
    const verified = new Set(
      host.procfs.reads.filter((path) => /\/fd\/3$/.test(path)).map((path) => path.slice(0, 4)),
    );
    expect(verified.has('1000') && verified.has('1001')).toBe(true);
    expect(verified.size).toBeLessThanOrEqual(4);
  });
});

describe('connections', () => {
  const clients = (count: number) =>
    Array.from({ length: count }, (_, at) => connection('10.0.0.1:80', `10.0.0.9:${30_000 + at}`));
  const counted = (state: State) => [...rowsOf(state)].map(({ socket }) => socket.connections);
  const columns = [COLUMNS.port, COLUMNS.conns];
  const ofWeb = { protocols: ['tcp'], ports: [{ from: 80, to: 80 }], end: 'local' } as const;
  const up: Wanted = { ...LISTENERS, ...ofWeb, scope: 'established' };
  const byState: Wanted = { ...LISTENERS, ...ofWeb, scope: 'connected' };

  it('are not counted where nobody sees how many there are', async () => {
    const host = fakeHost();
    host.has(web, ...clients(3));
    await begin(host);
    await pass(1000);
    expect(host.source.wanted).toEqual([LISTENERS, LISTENERS]);
    expect(counted(host.store.get())).toEqual([null]);
  });

  it('are counted where that column is shown, after the rows are', async () => {
    const host = fakeHost({ columns });
    host.has(web, ...clients(3));
    await begin(host);
    expect(host.source.wanted).toEqual([LISTENERS, up]);
    expect(samples(host).map(counted).at(0)).toEqual([null]);
    expect(counted(host.store.get())).toEqual([3]);
    expect(marks(host.store.get())).toEqual([]);
    told(host);
    await pass(1000);
    expect(told(host)).toEqual(['looked']);
    host.has(web, ...clients(5));
    await pass(1000);
    expect(counted(host.store.get())).toEqual([5]);
  });

  it('are counted for a 500th of the time at most', async () => {
    const host = fakeHost({ columns });
    host.has(web, ...clients(3));
    host.source.onRead = ({ scope }) => spend(scope === 'established' ? 50 : 0);
    await begin(host);
    const counts = () => host.source.wanted.filter(({ scope }) => scope === 'established').length;
    const seen: number[] = [];
    for (let second = 1; second <= 54; second++) {
      await pass(1000);
      seen.push(counts());
    }
    // Fifty milliseconds each: every 25 seconds, and the next sample.
    expect(seen.at(-1)).toBeGreaterThanOrEqual(3);
    expect(counts() * 50).toBeLessThanOrEqual((performance.now() - 1000) / 500 + 50);
  });

  it('are counted by their states while the details tell of a listener', async () => {
    const host = fakeHost();
    host.has(web, ...clients(3));
    await begin(host);
    dispatch(host, { type: 'open' });
    await pass(1000);
    expect(host.source.wanted).toContainEqual(byState);
    expect(host.store.get().sample?.snapshot.connectionStates(0)).toEqual([
      { state: 'ESTABLISHED', count: 3 },
    ]);
    const looks = host.source.wanted.length;
    dispatch(host, { type: 'back' });
    await pass(1000);
    expect(host.source.wanted.slice(looks)).not.toContainEqual(byState);
  });

  it('need no look of their own where all are read anyway', async () => {
    const host = fakeHost({ columns, view: 'sockets' });
    host.has(web, ...clients(3));
    await begin(host);
    expect(host.source.wanted).toEqual([{ ...LISTENERS, scope: 'all' }]);
    expect(counted(host.store.get()).filter((count) => count !== null)).toEqual([3]);
  });

  it('are counted at once of listeners that were not asked about before', async () => {
    const ports = [{ from: 22, to: 22 }];
    const host = fakeHost({ columns, targets: [{ protocol: null, address: null, scope: null, ports }] });
    host.has(ssh, web, ...clients(3));
    host.source.onRead = ({ scope }) => spend(scope === 'established' ? 500 : 0);
    await begin(host);
    expect(counted(host.store.get())).toEqual([0]);
    dispatch(host, { type: 'back' });
    await pass(1000);
    expect(counted(host.store.get())).toEqual([0, 3]);
  });

  it('of a listener that came since are not known before the next count', async () => {
    const host = fakeHost({ columns });
    host.has(web, ...clients(3));
    host.source.onRead = ({ scope }) => spend(scope === 'established' ? 500 : 0);
    await begin(host);
    host.has(ssh, web, ...clients(3));
    await pass(1000);
    expect(counted(host.store.get())).toEqual([null, 3]);
  });
});

describe('what is dear to read, or never the same', () => {
  it.each([
    ['timers, for their column', { columns: [COLUMNS.port, COLUMNS.timer] }, { timers: true }],
    ['timers, for a filter', { filter: { text: 'not timer:on', kept: true } }, { timers: true }],
    ['cgroups, for what they tell', { columns: [COLUMNS.port, COLUMNS.unit] }, { cgroups: true }],
  ])('is asked for where it is seen: %s', async (_, options, wanted) => {
    const host = fakeHost(options);
    host.has(web);
    await begin(host);
    expect(host.source.wanted).toEqual([{ ...LISTENERS, ...wanted }]);
  });
});

describe('the processes', () => {
  const view = (name: ViewName): Action => ({ type: 'view', name });
  const statsRead = (host: FakeHost) => host.procfs.reads.filter((path) => path.endsWith('/stat')).length;
  /** `812 80,443`, `-900` for one that ended. */
  const table = (host: FakeHost) =>
    [...processRowsOf(host.store.get())].map(({ process, mark, facts, row, pending }) => {
      const ports =
        pending.length > 0
          ? '…'
          : (facts
              .ports(row)
              ?.map(({ port }) => port)
              .join() ?? '?');
      return `${mark === 'closed' ? '-' : mark === 'opened' ? '+' : ''}${process.pid} ${ports}`.trim();
    });

  it('are read while they are shown, at once when they are to be, and no more when they are not', async () => {
    const host = fakeHost();
    host.has(web, ssh);
    await begin(host);
    host.procfs.reads.length = 0;
    await pass(1000);
    const before = statsRead(host);
    dispatch(host, view('processes'));
    await settled();
    expect(table(host)).toEqual(['1', '700 22', '812 80', '813 80']);
    const shown = statsRead(host);
    expect(shown).toBeGreaterThan(before);
    dispatch(host, view('sockets'));
    await pass(0);
    host.procfs.reads.length = 0;
    await pass(5000);
    expect(statsRead(host)).toBeLessThanOrEqual(before);
    expect(host.store.get().processes).toBeNull();
  });

  it('come and go, and are not said to have come or gone while nobody looked', async () => {
    const host = fakeHost();
    host.has(web);
    host.procfs.processes.set(900, { comm: 'node' });
    await begin(host);
    dispatch(host, view('processes'));
    await settled();
    host.procfs.processes.delete(900);
    host.procfs.processes.set(901, { comm: 'node' });
    await pass(1000);
    expect(table(host)).toEqual(['1', '812 80', '813 80', '-900', '+901']);
    dispatch(host, view('services'));
    host.procfs.processes.set(902, { comm: 'node' });
    dispatch(host, view('processes'));
    await settled();
    expect(table(host)).toEqual(['1', '812 80', '813 80', '901', '902']);
  });

  it('have the ports that they hold, whatever sockets were asked for', async () => {
    const targets: Target[] = [{ protocol: null, address: null, scope: null, ports: [{ from: 22, to: 22 }] }];
    const host = fakeHost({ targets });
    host.has(web, ssh);
    await begin(host);
    dispatch(host, view('processes'));
    await settled();
    expect(table(host)).toEqual(['1', '700 22', '812 80', '813 80']);
    host.has(ssh, tcp('0.0.0.0:81', { owners: [held('nginx', 813)] }));
    await pass(1000);
    expect(table(host)).toEqual(['1', '700 22', '812', '813 81']);
  });

  it('are there before it is known who holds which port, and say so', async () => {
    const host = fakeHost({ view: 'processes' });
    host.has(web);
    const seen = new Set<string>();
    host.store.subscribe(() => seen.add(table(host).join(' | ')));
    await begin(host);
    expect([...seen].slice(1)).toContain('1 … | 812 … | 813 …');
    expect(table(host)).toEqual(['1', '812 80', '813 80']);
  });

  it('have their share of the time between two looks', async () => {
    const host = fakeHost({ view: 'processes' });
    host.procfs.processes.set(812, { comm: 'nginx', used: 1000 });
    await begin(host);
    host.procfs.processes.set(812, { comm: 'nginx', used: 1040 });
    await pass(2000);
    expect(processRowsOf(host.store.get()).at(0)?.process).toMatchObject({ pid: 812, cpuPercent: 20 });
  });

  /** From now on to read a process takes so many ms. */
  function slowDown(host: FakeHost, milliseconds: number): void {
    const { read } = host.procfs;
    vi.spyOn(host.procfs, 'read').mockImplementation(function (this: FakeProcFs, file) {
      if (file.endsWith('/stat')) spend(milliseconds);
      return read.call(this, file);
    });
  }

  it('are read in slices, between which keys are heard', async () => {
    const host = fakeHost({ view: 'processes' });
    for (let pid = 1000; pid < 2000; pid++) host.procfs.processes.set(pid, { comm: 'many' });
    slowDown(host, 0.05);
    await begin(host);
    const heard = [performance.now()];
    setImmediate(function listen() {
      heard.push(performance.now());
      if (heard.length < 20) setImmediate(listen);
    });
    await pass(1000);
    const waited = heard.slice(2).map((at, index) => at - (heard[index + 1] as number));
    expect(Math.max(...waited)).toBeLessThan(5);
    expect(waited.filter((milliseconds) => milliseconds > 1).length).toBeGreaterThan(8);
  });

  it('are read for a tenth of the time at most', async () => {
    const host = fakeHost({ view: 'processes' });
    for (let pid = 1000; pid < 1100; pid++) host.procfs.processes.set(pid, { comm: 'many' });
    await begin(host);
    slowDown(host, 5);
    const looks = () => {
      const count = Math.round(statsRead(host) / 101);
      host.procfs.reads.length = 0;
      return count;
    };
    looks();
    await pass(1000);
    expect(looks()).toBe(1);
    // It took half a second: the next is due after five.
    for (const _ of [2, 3, 4, 5]) await pass(1000);
    expect(looks()).toBe(0);
    await pass(1000);
    expect(looks()).toBe(1);
  });

  it('have details: of one that has ended, that it has, whoever has its pid now', async () => {
    const host = fakeHost({ view: 'processes' });
    host.procfs.processes.set(900, { comm: 'node', argv: ['node', 'a.js'] });
    await begin(host);
    dispatch(host, { type: 'edge', to: 'last' }, { type: 'open' });
    expect(host.store.get().process).toMatchObject({
      pid: 900,
      details: { fields: { cmdline: { value: ['node', 'a.js'] } } },
    });
    expect(host.store.get().kernel).toBeNull();
    host.procfs.processes.set(900, { comm: 'other', started: 7 });
    await pass(1000);
    expect(host.store.get().process).toMatchObject({ pid: 900, gone: true, last: { pid: 900 } });
  });

  it('stay as they are while it is paused, and are read where none are there', async () => {
    const host = fakeHost();
    await begin(host);
    dispatch(host, { type: 'pause' }, view('processes'));
    await settled();
    expect(table(host)).toEqual(['1']);
    host.procfs.processes.set(900, { comm: 'node' });
    await pass(5000);
    expect(table(host)).toEqual(['1']);
  });
});

describe('other protocols than TCP and UDP', () => {
  const protocols = ({ source }: FakeHost) => source.wanted.map((wanted) => wanted.protocols);

  it('are read while they are shown, and at once when they are to be', async () => {
    const host = fakeHost();
    host.has(web, unix('/run/x.sock', { inode: 7 }));
    await begin(host);
    dispatch(host, { type: 'toggle-protocol', protocol: 'unix' });
    await settled();
    expect(protocols(host)).toEqual([
      ['tcp', 'udp'],
      ['tcp', 'udp', 'unix'],
    ]);
    expect([...rowsOf(host.store.get())].map(({ socket }) => socket.path)).toEqual([null, '/run/x.sock']);
    // Nobody opened it only now.
    expect(marks(host.store.get())).toEqual([]);
    dispatch(host, { type: 'toggle-protocol', protocol: 'unix' });
    await pass(1000);
    expect(protocols(host).at(-1)).toEqual(['tcp', 'udp']);
    expect(marks(host.store.get())).toEqual([]);
  });

  it('leave TCP and UDP to be counted, where they alone are shown', async () => {
    const host = fakeHost({ protocols: ['unix'] });
    host.has(web, unix('/run/x.sock', { inode: 7 }));
    await begin(host);
    expect(protocols(host)).toEqual([['tcp', 'udp', 'unix']]);
    expect([...rowsOf(host.store.get())].map(({ socket }) => socket.protocol)).toEqual(['unix']);
  });
});

describe('listeners in other network namespaces', () => {
  it('are counted at their own slower rate, after the owners are found', async () => {
    const elsewhere = new FakeSource();
    elsewhere.sockets = [web, ssh, dns, client];
    elsewhere.onRead = () => spend(50);
    const host = fakeHost({ elsewhere });
    host.has(web);
    await begin(host);
    expect(elsewhere.wanted).toEqual([{ ...LISTENERS, protocols: ['tcp'] }]);
    expect(samples(host).map((state) => state.elsewhere)).toEqual([null, null]);
    expect(host.store.get().elsewhere).toBe(2);
    elsewhere.sockets = [];
    for (let second = 1; second <= 49; second++) await pass(1000);
    expect(elsewhere.reads).toBe(1);
    for (let second = 1; second <= 2; second++) await pass(1000);
    expect(elsewhere.reads).toBe(2);
    expect(host.store.get().elsewhere).toBeNull();
  });

  it('are those of the ports that were asked for', async () => {
    const elsewhere = new FakeSource();
    elsewhere.sockets = [web, ssh];
    const ports = [{ from: 80, to: 80 }];
    const host = fakeHost({ elsewhere, targets: [{ protocol: null, address: null, scope: null, ports }] });
    await begin(host);
    expect(host.store.get().elsewhere).toBe(1);
    dispatch(host, { type: 'back' });
    await pass(1000);
    expect(host.store.get().elsewhere).toBe(2);
  });

  it('are not spoken of where none may be read', async () => {
    const elsewhere = new FakeSource();
    elsewhere.failure = new ProcError('EACCES', '/fake/7/net');
    const host = fakeHost({ elsewhere });
    host.has(web);
    await begin(host);
    expect(host.store.get()).toMatchObject({ elsewhere: null, failure: null });
  });
});

describe('the names of addresses', () => {
  it('come when they are known, and the rows do not wait for them', async () => {
    const answer = Promise.withResolvers<string[]>();
    const lookup = { reverse: () => answer.promise, cancel() {} };
    const host = fakeHost({
      view: 'sockets',
      hosts: new ReverseNames({ file: '/nowhere', open: async () => lookup }),
    });
    host.has(client);
    await begin(host);
    const remotes = () => [...rowsOf(host.store.get())].map(({ socket }) => socket.remote?.host);
    expect(remotes()).toEqual([null]);
    answer.resolve(['client.example']);
    await settled();
    expect(remotes()).toEqual(['client.example']);
  });
});

describe('what fails', () => {
  const forbidden = () => new ProcError('EACCES', '/fake/1/net/tcp');

  it('is said, with the rows of before still there, until it works again', async () => {
    const host = fakeHost();
    host.has(ssh);
    await begin(host);
    host.source.failure = forbidden();
    await pass(1000);
    expect(host.store.get().failure).toBe('cannot read /fake/1/net/tcp: not allowed');
    expect(owners(host.store.get())).toEqual(['22 sshd']);
    host.source.failure = null;
    await pass(1000);
    expect(host.store.get().failure).toBeNull();
    expect(host.source.reads).toBe(3);
  });

  it('is said where it failed from the start', async () => {
    const host = fakeHost();
    host.source.failure = forbidden();
    await begin(host);
    expect(host.store.get()).toMatchObject({ sample: null, failure: expect.stringContaining('not allowed') });
    host.source.failure = null;
    host.has(ssh);
    await pass(1000);
    expect(owners(host.store.get())).toEqual(['22 sshd']);
  });

  it('may be the search for owners alone: then the rows are there', async () => {
    const host = fakeHost();
    host.has(ssh);
    host.procfs.onWalk = () => {
      throw new ProcError('EACCES', '/fake/');
    };
    await begin(host);
    expect(owners(host.store.get())).toEqual(['22 ']);
    expect(host.store.get()).toMatchObject({
      ownersKnown: false,
      failure: 'cannot read /fake/: not allowed',
    });
  });

  it('and is no refusal of the kernel ends it: that is a bug, and not to be hidden', async () => {
    const host = fakeHost();
    host.source.failure = new TypeError('boom');
    const outcome = await begin(host);
    expect(outcome).toEqual({ over: true, error: host.source.failure });
    started.length = 0;
  });
});

describe('while it is paused', () => {
  it('reads nothing, and then goes on', async () => {
    const host = fakeHost();
    host.has(ssh);
    await begin(host);
    dispatch(host, { type: 'pause' });
    await pass(5000);
    expect(host.source.reads).toBe(1);
    dispatch(host, { type: 'pause' });
    await pass(1000);
    expect(host.source.reads).toBe(2);
  });

  it('still reads the process of a row that somebody selects', async () => {
    const host = fakeHost();
    host.has(ssh, dns);
    await begin(host);
    dispatch(host, { type: 'pause' }, { type: 'open' }, { type: 'focus-by', by: 1 }, { type: 'move', by: 1 });
    expect(host.store.get().process).toMatchObject({ pid: 500 });
  });

  test('goes on at once when the pause is over', async () => {
    const host = fakeHost({ interval: 60 });
    host.has(ssh);
    await begin(host);
    dispatch(host, { type: 'pause' });
    await pass(90_000);
    dispatch(host, { type: 'pause' });
    await pass(0);
    expect(host.source.reads).toBe(2);
  });
});

describe('hurry', () => {
  it('looks now, and then as often as before', async () => {
    const host = fakeHost({ interval: 60 });
    host.has(ssh);
    await begin(host);
    host.has(ssh, web);
    host.sampler.hurry();
    await settled();
    expect(host.source.reads).toBe(2);
    expect(owners(host.store.get())).toHaveLength(2);
    await pass(59_000);
    expect(host.source.reads).toBe(2);
    await pass(1000);
    expect(host.source.reads).toBe(3);
  });
});

describe('a shorter interval', () => {
  test('counts at once, not after the long one has passed', async () => {
    const host = fakeHost({ interval: 60 });
    host.has(ssh);
    await begin(host);
    for (let press = 0; press < 9; press++) dispatch(host, { type: 'interval-by', by: -1 });
    expect(host.store.get().interval).toBe(0.1);
    await pass(500);
    expect(host.source.reads).toBeGreaterThan(1);
  });
});

describe('the details', () => {
  const open: Action = { type: 'open' };
  const toTable: Action = { type: 'focus-by', by: 1 };
  const down: Action = { type: 'move', by: 1 };

  it('are read at once when they are opened, and of the process that is selected', async () => {
    const host = fakeHost();
    host.has(ssh, web);
    host.procfs.processes.set(700, { comm: 'sshd', argv: ['/usr/sbin/sshd', '-D'] });
    await begin(host);
    expect(host.store.get().process).toBeNull();
    dispatch(host, open);
    const { process } = host.store.get();
    expect(process).toMatchObject({
      pid: 700,
      details: { fields: { cmdline: { value: ['/usr/sbin/sshd', '-D'] } } },
    });
  });

  it('are those of the next row at once, and of the next owner', async () => {
    const host = fakeHost();
    host.has(ssh, web);
    await begin(host);
    dispatch(host, open, toTable, down);
    expect(host.store.get().process).toMatchObject({ pid: 812 });
    dispatch(host, toTable, { type: 'owner-by', by: 1 });
    expect(host.store.get().process).toMatchObject({ pid: 813 });
  });

  it('are never those of another process than the selected row has', async () => {
    const host = fakeHost();
    host.has(ssh, web, dns);
    await begin(host);
    const told = () => host.store.get().process?.pid;
    const selected = () => selection(host.store.get())?.row.socket?.owners.map(({ pid }) => pid);
    for (const action of [open, toTable, down, down, { type: 'sort-reverse' }, down] satisfies Action[]) {
      dispatch(host, action);
      expect(selected()).toContain(told());
    }
    host.has(ssh, web);
    for (const milliseconds of [1000, 6000, 1000]) {
      await pass(milliseconds);
      expect(selected()).toContain(told());
    }
    host.has(dns);
    for (const milliseconds of [1000, 6000, 1000]) {
      await pass(milliseconds);
      expect(selected()).toContain(told());
    }
    expect(told()).toBe(500);
  });

  it('are read again in each sample, since they change', async () => {
    const host = fakeHost();
    host.has(ssh);
    await begin(host);
    dispatch(host, open);
    host.procfs.processes.set(700, { comm: 'sshd', environ: ['USER=root'] });
    await pass(1000);
    expect(host.store.get().process).toMatchObject({
      details: { fields: { environ: { value: [{ name: 'USER', value: 'root' }] } } },
    });
  });

  it('have what the kernel tells of the selected socket alone, also where nobody is known to hold it', async () => {
    const host = fakeHost();
    const nfs = tcp('0.0.0.0:2049');
    host.has(ssh, nfs);
    const told = { memory: null, tcpInfo: null } as unknown as SocketDetails;
    host.source.details.set(2049, told);
    await begin(host);
    dispatch(host, open);
    expect(host.store.get().kernel).toBeNull();
    dispatch(host, toTable, down);
    expect(host.store.get()).toMatchObject({ process: null });
    expect(host.store.get().kernel).toBe(told);
    const later = { ...told };
    host.source.details.set(2049, later);
    await pass(1000);
    expect(host.store.get().kernel).toBe(later);
    host.has(ssh);
    await pass(1000);
    expect(host.store.get().kernel).toBeNull();
  });

  it('read the files of the page that is open, and no others', async () => {
    const host = fakeHost();
    host.has(ssh);
    host.procfs.processes.set(700, { comm: 'sshd', environ: ['USER=root'] });
    await begin(host);
    dispatch(host, open);
    const files = () => new Set(paths(host, 700).map((path) => path.replace(/^.*?\//, '')));
    expect(files()).toContain('environ');
    expect(files()).not.toContain('io');
    const turn = async () => {
      host.procfs.reads.length = 0;
      dispatch(host, { type: 'tab-by', by: 1 });
      await settled();
      return host.store.get();
    };
    for (const tab of ['sockets', 'files', 'environment'] as const) {
      expect((await turn()).process).toMatchObject({ pid: 700, tab });
    }
    expect(files()).toContain('environ');
    expect((await turn()).process).toMatchObject({ tab: 'memory' });
    expect(files()).not.toContain('environ');
    host.procfs.reads.length = 0;
    await pass(1000);
    expect(files()).not.toContain('environ');
  });

  it('of many descriptors are read in slices, the first thousand, and the rest is counted', async () => {
    const host = fakeHost();
    host.has(ssh);
    await begin(host);
    dispatch(host, open, { type: 'tab-by', by: 1 });
    host.procfs.holding.set(700, Array(3000).fill(22));
    host.procfs.onLink = () => spend(1);
    dispatch(host, { type: 'tab-by', by: 1 });
    // Nobody waits for them: a key is heard meanwhile.
    expect(host.store.get().process).not.toMatchObject({ tab: 'files' });
    for (let turn = 0; turn < 30 && host.store.get().process !== null; turn++) await settled();
    expect(host.store.get().process).toMatchObject({
      tab: 'files',
      details: { fields: { fd: { value: { length: 1000 }, more: 2000 } } },
    });
    // It took a second: the next time is after fifty.
    host.procfs.reads.length = 0;
    await pass(1000);
    expect(paths(host, 700).filter((path) => path.includes('/fd/'))).toEqual([]);
  });

  it('say that the process ended', async () => {
    const host = fakeHost();
    host.has(ssh);
    await begin(host);
    dispatch(host, open);
    host.procfs.processes.delete(700);
    host.has();
    await pass(1000);
    expect(host.store.get().process).toMatchObject({ pid: 700, gone: true, last: { pid: 700 } });
  });

  it('say so when its socket closes, although what it took to read them was to be spared', async () => {
    const host = fakeHost();
    host.has(ssh);
    await begin(host);
    host.procfs.holding.set(700, Array(3000).fill(22));
    host.procfs.onLink = () => spend(1);
    dispatch(host, open, { type: 'tab-by', by: 2 });
    for (let turn = 0; turn < 30 && host.store.get().process === null; turn++) await settled();
    host.procfs.processes.delete(700);
    host.has();
    await pass(1000);
    expect(host.store.get().process).toMatchObject({ pid: 700, gone: true });
  });

  it('are not read while they are closed, nor for nothing', async () => {
    const host = fakeHost();
    host.has(ssh);
    await begin(host);
    await pass(1000);
    expect(paths(host, 700).filter((path) => path.endsWith('environ'))).toEqual([]);
    dispatch(host, open);
    const once = paths(host, 700).filter((path) => path.endsWith('environ')).length;
    expect(once).toBe(1);
    dispatch(host, { type: 'move', by: 3 }, { type: 'reveal' }, { type: 'help' }, { type: 'back' });
    expect(paths(host, 700).filter((path) => path.endsWith('environ'))).toHaveLength(once);
    dispatch(host, { type: 'back' });
    expect(host.store.get().process).toBeNull();
  });
});

describe('names that are not known yet', () => {
  it('are asked for, and shown when they come', async () => {
    const host = fakeHost();
    host.has({ ...ssh, uid: 4242 });
    await begin(host);
    expect(rowsOf(host.store.get()).at(0)?.socket).toMatchObject({ uid: 4242, user: null });
    expect(host.users.waitedFor).toBe(true);
    host.users.answer(4242, 'ada');
    await settled();
    expect(rowsOf(host.store.get()).at(0)?.socket).toMatchObject({ uid: 4242, user: 'ada' });
    expect(host.source.reads).toBe(1);
  });

  it('of a registry are shown by rename(), once there are rows', async () => {
    const host = fakeHost();
    host.sampler.rename();
    expect(host.seen).toEqual([]);
    host.has(ssh);
    await begin(host);
    const before = host.store.get();
    host.sampler.rename();
    expect(host.store.get().sample).not.toBe(before.sample);
    expect(owners(host.store.get())).toEqual(['22 sshd']);
  });
});

describe('stop', () => {
  it('ends it while it waits for the next sample', async () => {
    const host = fakeHost({ interval: 60 });
    const outcome = await begin(host);
    expect(outcome.over).toBe(false);
    host.sampler.stop();
    await settled();
    expect(outcome).toEqual({ over: true, error: null });
    await pass(120_000);
    expect(host.source.reads).toBe(1);
  });

  it('ends it in the middle of a walk, which closes what it has open', async () => {
    const host = fakeHost({ interval: 60 });
    host.has(ssh);
    host.procfs.onWalk = () => {
      spend(10);
      setImmediate(() => host.sampler.stop());
    };
    const outcome = await begin(host);
    expect(outcome).toEqual({ over: true, error: null });
    expect(host.store.get().ownersKnown).toBe(false);
  });

  it('ends it while it is paused', async () => {
    const host = fakeHost();
    const outcome = await begin(host);
    dispatch(host, { type: 'pause' });
    await pass(3000);
    host.sampler.stop();
    await settled();
    expect(outcome.over).toBe(true);
  });

  it('lets go of the store: nothing is read for a row that is selected later', async () => {
    const host = fakeHost();
    host.has(ssh);
    await begin(host);
    host.sampler.stop();
    await settled();
    dispatch(host, { type: 'open' });
    expect(host.store.get().process).toBeNull();
  });

  it('before it began lets it do nothing', async () => {
    const host = fakeHost();
    host.sampler.stop();
    const outcome = await begin(host);
    expect(outcome.over).toBe(true);
    expect(host.source.reads).toBe(0);
  });

  test('ends it when names are being asked for, without another wait', async () => {
    const host = fakeHost({ interval: 60 });
    host.has({ ...ssh, uid: 4242 });
    const outcome = await begin(host);
    expect(host.users.waitedFor).toBe(true);
    host.sampler.stop();
    host.users.answer(4242, 'ada');
    await settled();
    await pass(0);
    expect(outcome.over).toBe(true);
  });
});

describe('the timeline', () => {
  const happened = ({ store }: FakeHost) => {
    const { facts, length } = store.get().timeline;
    return Array.from({ length }, (_, row) => {
      const { local, owners } = facts.socket(row);
      return `${facts.happening(row)} ${local?.port} ${owners.map(({ name }) => name)}`;
    });
  };

  it('is told what came and went, with its owners, and nothing where nothing did', async () => {
    const host = fakeHost();
    host.has(ssh, web);
    await begin(host);
    host.has(ssh, dns);
    await pass(1000);
    expect(happened(host)).toEqual(['closed 80 nginx,nginx', 'opened 53 systemd-resolve']);
    await pass(10_000);
    host.actions.splice(0);
    await pass(1000);
    expect(told(host)).toEqual(['looked']);
  });

  it('is told of an owner that changed while no row is in sight', async () => {
    const host = fakeHost({ view: 'timeline' });
    host.has(ssh, web);
    await begin(host);
    host.has(ssh, { ...web, owners: [held('nginx', 813)] });
    await pass(1000);
    await pass(1000);
    expect(happened(host)).toEqual(['owner 80 nginx']);
  });

  it('is told who had a connection that closed, though its process is gone by then', async () => {
    const host = fakeHost({ view: 'sockets' });
    host.has(web, client);
    await begin(host);
    host.has(web);
    await pass(1000);
    expect(happened(host)).toEqual(['closed 80 nginx']);
  });

  it('has connections read only while they are shown in it', async () => {
    const host = fakeHost({ view: 'timeline' });
    await begin(host);
    dispatch(host, { type: 'connections' });
    await settled();
    dispatch(host, { type: 'connections' });
    await pass(1000);
    expect(host.source.wanted.map(({ scope }) => scope)).toEqual(['listening', 'all', 'listening']);
  });

  it('tells of a process only where it is still the one that is meant', async () => {
    const host = fakeHost();
    host.has(ssh, web);
    await begin(host);
    host.has(ssh);
    await pass(1000);
    dispatch(host, { type: 'view', name: 'timeline' }, { type: 'open' });
    expect(host.store.get().process).toMatchObject({ pid: 812, details: { pid: 812 } });
    host.procfs.processes.set(812, { comm: 'other', started: 999_999 });
    await pass(1000);
    expect(host.store.get().process).toEqual({ pid: 812, gone: true, last: null });
  });
});
