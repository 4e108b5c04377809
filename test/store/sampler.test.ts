import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { ProcError } from '../../src/procfs/procfs.ts';
import { type Action, rowsOf, type State, selection } from '../../src/store/state.ts';
import { held, NOON, tcp, udp } from '../helpers/snapshots.ts';
import { EVERYTHING, type FakeHost, fakeHost, pass, settled, spend, stopTheClock } from './fake-host.ts';

const web = tcp('0.0.0.0:80', { owners: [held('nginx', 812), held('nginx', 813)] });
const ssh = tcp('0.0.0.0:22', { owners: [held('sshd', 700)] });
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
  rowsOf(state).map(({ socket }) => `${socket.local.port} ${socket.owners.map(({ name }) => name)}`);
const dispatch = (host: FakeHost, ...actions: Action[]) => {
  for (const action of actions) host.store.dispatch(action);
};
const paths = (host: FakeHost, pid: number) =>
  host.procfs.reads.filter((path) => path.startsWith(`${pid}/`) && !path.includes('/fd/'));

describe('a sample', () => {
  it('tells the rows first, and then their owners', async () => {
    const host = fakeHost();
    host.has(ssh, web);
    await begin(host);
    const sampled = host.seen.filter(({ sample }, index) => sample !== host.seen[index - 1]?.sample);
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
    expect(host.source.wanted).toEqual([EVERYTHING, EVERYTHING]);
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

describe('a walk through all descriptors', () => {
  it('is made in the first sample', async () => {
    const host = fakeHost();
    host.has(ssh);
    await begin(host);
    expect(host.procfs.walks).toBe(1);
  });

  it('is not made where there is no socket to look for', async () => {
    const host = fakeHost();
    await begin(host);
    expect(host.procfs.walks).toBe(0);
    expect(host.store.get().ownersKnown).toBe(true);
  });

  it('is made again only after ten times what it took, while no socket is new', async () => {
    const host = fakeHost();
    host.has(ssh, web);
    host.procfs.onWalk = () => spend(250);
    await begin(host);
    const walks: number[] = [];
    for (let second = 1; second <= 8; second++) {
      await pass(1000);
      walks.push(host.procfs.walks);
    }
    // Each walk ends after a quarter of a second, and 2.5 s later the next sample makes one.
    expect(walks).toEqual([1, 1, 2, 2, 2, 3, 3, 3]);
    expect(host.source.reads).toBe(9);
  });

  it('is made at once for a socket that is new, and for none that went', async () => {
    const host = fakeHost();
    host.has(ssh, web);
    host.procfs.onWalk = () => spend(500);
    await begin(host);
    host.has(web);
    await pass(1000);
    expect(host.procfs.walks).toBe(1);
    host.has(web, dns);
    await pass(1000);
    expect(host.procfs.walks).toBe(2);
    expect(owners(host.store.get())).toContain('53 systemd-resolve');
  });

  it('is not made again for a socket that nobody was found to have', async () => {
    const host = fakeHost();
    host.has(tcp('0.0.0.0:2049'));
    host.procfs.onWalk = () => spend(500);
    await begin(host);
    await pass(1000);
    await pass(1000);
    expect(host.procfs.walks).toBe(1);
  });

  it('finds a new owner of an old socket in the end', async () => {
    const host = fakeHost();
    host.has(ssh);
    await begin(host);
    host.has({ ...ssh, owners: [held('sshd', 700), held('sftp', 701)] });
    await pass(1000);
    await pass(1000);
    expect(owners(host.store.get())).toEqual(['22 sshd,sftp']);
  });

  it('keeps the owners that it found, in the samples without one', async () => {
    const host = fakeHost();
    host.has(ssh);
    host.procfs.onWalk = () => spend(500);
    await begin(host);
    host.seen.length = 0;
    await pass(1000);
    expect(host.seen.length).toBeGreaterThan(0);
    for (const state of host.seen) expect(owners(state)).toEqual(['22 sshd']);
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
    const selected = () => selection(host.store.get())?.row.socket.owners.map(({ pid }) => pid);
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

  it('say that the process ended', async () => {
    const host = fakeHost();
    host.has(ssh);
    await begin(host);
    dispatch(host, open);
    host.procfs.processes.delete(700);
    host.has();
    await pass(1000);
    expect(host.store.get().process).toEqual({ pid: 700, gone: true });
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
    expect(rowsOf(host.store.get())[0]?.socket).toMatchObject({ uid: 4242, user: null });
    expect(host.users.waitedFor).toBe(true);
    host.users.answer(4242, 'ada');
    await settled();
    expect(rowsOf(host.store.get())[0]?.socket).toMatchObject({ uid: 4242, user: 'ada' });
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
