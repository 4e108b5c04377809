import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { ProcError, ProcFs } from '../../src/procfs/procfs.ts';
import { ProcDescriptors } from '../../src/sockets/descriptors.ts';
import { errorOf } from '../helpers/error-of.ts';
import { TemporaryTree } from './fixture.ts';

const asRoot = process.geteuid?.() === 0;
const NOBODY = 65534;
const live = new ProcDescriptors(new ProcFs());

/** Above any pid: PID_MAX_LIMIT is 4194304. */
const NO_PID = 4194305;

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that has written its first line, and waits. */
async function start(command: string, ...args: string[]): Promise<{ pid: number; line: string }> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  for await (const line of createInterface(child.stdout)) return { pid: child.pid as number, line };
  throw new Error(`${command} says nothing`);
}

describe('the descriptors of this process', () => {
  it('lead to sockets, to other things, or are closed', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const fd = (server as Server & { _handle: { fd: number } })._handle.fd;
    const file = openSync('/dev/null', 'r');
    try {
      expect(live.inode(process.pid, fd)).toBe(fstatSync(fd).ino);
      expect(live.inode(process.pid, file)).toBe(0);
      expect(live.fds(process.pid)).toEqual(expect.arrayContaining([fd, file]));
    } finally {
      server.close();
      closeSync(file);
    }
    expect(live.inode(process.pid, 1_000_000)).toBe(0);
  });

  it('are in order of their numbers, not of their digits', () => {
    const opened = Array.from({ length: 120 }, () => openSync('/dev/null', 'r'));
    try {
      const fds = live.fds(process.pid);
      expect(fds).toEqual(fds.toSorted((a, b) => a - b));
      expect(fds.length).toBeGreaterThan(120);
    } finally {
      for (const fd of opened) closeSync(fd);
    }
  });
});

describe('the processes', () => {
  it('are in order, and among them this one', () => {
    const pids = live.pids();
    expect(pids).toEqual(pids.toSorted((a, b) => a - b));
    expect(pids).toContain(process.pid);
  });

  it('change the births when one is born', () => {
    const before = live.births();
    spawnSync('true');
    expect(before).toBeGreaterThan(0);
    expect(live.births()).not.toBe(before);
  });

  it('may be of another /proc, of whose births nothing is known', () => {
    const tree = (self: string) => new TemporaryTree({ self: { link: self }, loadavg: '0 0 0 1/2 4711\n' });
    using ours = tree(`${process.pid}`);
    using another = tree('1');
    using none = new TemporaryTree();
    using silent = new TemporaryTree({ self: { link: `${process.pid}` } });
    const births = [ours, another, none, silent].map(({ root }) =>
      new ProcDescriptors(new ProcFs(root)).births(),
    );
    expect(births).toEqual([4711, null, null, null]);
  });
});

describe('a glance at a process', () => {
  const counts = live.glance(process.pid)?.count !== null;

  it.skipIf(!counts)('tells how many descriptors it has (Linux 6.2 or later)', async () => {
    const many =
      'for (let n = 0; n < 300; n++) fs.openSync("/dev/null"); console.log(); process.stdin.resume()';
    const { pid } = await start(process.execPath, '-e', many);
    expect(live.glance(pid)?.count).toBeGreaterThan(300);
    expect(live.glance(pid)?.count).toBe(live.fds(pid).length);
  });

  it('tells that it is the same one', () => {
    expect(live.glance(process.pid)?.process).toBe(live.glance(process.pid)?.process);
    expect(live.glance(process.pid)?.process).not.toBe(live.glance(process.ppid)?.process);
  });

  it('tells nothing of a count where the kernel does not', () => {
    using tree = new TemporaryTree({ '7/fd/3': { link: 'socket:[100]' } });
    const { glance, ...others } = { glance: new ProcDescriptors(new ProcFs(tree.root)).glance(7), inode: 0 };
    expect(glance?.count).toBeNull();
    expect(others.inode).toBe(0);
  });
});

describe('a process that is gone', () => {
  it('has no glance, and what is asked of it says so', () => {
    expect(live.glance(NO_PID)).toBeNull();
    expect(errorOf(ProcError, () => live.fds(NO_PID)).gone).toBe(true);
    expect(errorOf(ProcError, () => live.inode(NO_PID, 3)).gone).toBe(true);
  });

  it('but whose parent has not asked how, has no descriptors, or does not show them', async () => {
    const { line } = await start('sh', '-c', 'sleep 0 & echo $!; exec sleep 60');
    const zombie = Number(line);
    while (!readFileSync(`/proc/${zombie}/stat`, 'utf8').includes(') Z')) await new Promise(setImmediate);
    try {
      expect(live.fds(zombie)).toEqual([]);
      expect(live.inode(zombie, 0)).toBe(0);
    } catch (error) {
      expect(error).toBeInstanceOf(ProcError);
    }
  });
});

/** Gives the same pid to two processes, one after the other, and names it before each. */
const SAME_PID = `
sleep 60 & first=$!; echo $first; read line
kill $first; wait $first 2>/dev/null
echo $((first - 1)) > /proc/sys/kernel/ns_last_pid
sleep 60 & echo $!; read line`;

const unshare = [
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
  ...(asRoot ? [] : ['--user', '--map-root-user']),
];
const problem = spawnSync('unshare', [...unshare, 'sh', '-c', 'echo 100 > /proc/sys/kernel/ns_last_pid']);
const canChoose = problem.status === 0;

describe.skipIf(!canChoose)(`a pid in use again${canChoose ? '' : ' (skipped: no pid namespace)'}`, () => {
  it('is of another process, as a glance tells', async () => {
    const child = spawn('unshare', [...unshare, 'sh', '-c', SAME_PID], { stdio: ['pipe', 'pipe', 'ignore'] });
    children.push(child);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const first = Number((await lines.next()).value);
    const inside = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
    const descriptors = new ProcDescriptors(new ProcFs(`/proc/${inside}/root/proc`));
    const before = descriptors.glance(first);
    expect(before).not.toBeNull();
    expect(descriptors.births()).toBeNull();
    child.stdin.write('\n');
    expect(Number((await lines.next()).value)).toBe(first);
    expect(descriptors.glance(first)?.process).not.toBe(before?.process);
  });
});

/** As somebody else, of the process that started it. */
const ASK = `
const { ProcFs } = await import(process.argv[1] + '/procfs/procfs.ts');
const { ProcDescriptors } = await import(process.argv[1] + '/sockets/descriptors.ts');
const descriptors = new ProcDescriptors(new ProcFs());
const refused = (read) => { try { read(); return 'nothing'; } catch (error) { return error.forbidden; } };
console.log(JSON.stringify({
  glance: descriptors.glance(process.ppid) !== null,
  fds: refused(() => descriptors.fds(process.ppid)),
  inode: refused(() => descriptors.inode(process.ppid, 0)),
  stack: Error.stackTraceLimit,
}));`;

describe.skipIf(!asRoot)(
  `a process of somebody else${asRoot ? '' : ' (skipped: only root can be nobody)'}`,
  () => {
    it('refuses its descriptors, and is there all the same', async () => {
      const sources = new URL('../../src', import.meta.url).pathname;
      const args = ['--input-type=module', '--no-warnings', '-e', ASK, sources];
      const child = spawn(process.execPath, args, { uid: NOBODY, gid: NOBODY, cwd: '/' });
      const [said, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
      expect(complaint).toBe('');
      expect(JSON.parse(said)).toEqual({ glance: true, fds: true, inode: true, stack: 10 });
    });
  },
);
