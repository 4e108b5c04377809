import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readdirSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Aim, type Sender } from '../../src/actions/aim.ts';
import { sharesPids, takeAim } from '../../src/actions/targets.ts';
import { LibcError, openLibc } from '../../src/libc/libc.ts';
import { ProcFs } from '../../src/procfs/procfs.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { needs } from '../helpers/tools.ts';
import { TemporaryTree } from '../sockets/fixture.ts';

/** A line of /proc/PID/stat. */
function stat(pid: number, { ticks = 100, state = 'S', threads = 1, comm = 'zoo' } = {}): string {
  return `${pid} (${comm}) ${state} 7 ${'0 '.repeat(15)}${threads} 0 ${ticks} ${'0 '.repeat(29)}0\n`;
}

const NOBODY = new Set<number>();
const [TERM, INODE] = [15, 88347];
const holds = (inode: number) => ({ '500/fd/9': { link: `socket:[${inode}]` } });

/** A kernel that notes what it is told to send, or refuses to. */
function kernel(errno = 0): { libc: NonNullable<Sender['libc']>; sent: number[]; opened: number[] } {
  const sent: number[] = [];
  const opened: number[] = [];
  const libc = {
    openProcess(pid: number) {
      opened.push(pid);
      return openSync('/dev/null', 'r');
    },
    signalProcess(_: number, signal: number) {
      if (errno !== 0) throw new LibcError('pidfd_send_signal', errno);
      sent.push(signal);
    },
  };
  return { libc, sent, opened };
}

const undo: Disposable[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const one of undo.splice(0)) one[Symbol.dispose]();
});
function treeOf(files: ConstructorParameters<typeof TemporaryTree>[0]): TemporaryTree {
  const tree = new TemporaryTree(files);
  undo.push(tree);
  return tree;
}
function aimAt(pid: number, procfs: ProcFs, libc: Sender['libc'], startTicks?: number): Aim {
  const aim = Aim.at({ procfs, libc }, pid, startTicks);
  if (!aim) throw new Error('nobody is there');
  undo.push(aim);
  return aim;
}

describe('a signal', () => {
  it('goes to the process that holds the socket', () => {
    const procfs = new ProcFs(treeOf({ '500/stat': stat(500), ...holds(INODE) }).root);
    const { libc, sent } = kernel();
    expect(aimAt(500, procfs, libc).fire(TERM, new Set([1, INODE]))).toEqual({ result: 'sent' });
    expect(sent).toEqual([TERM]);
  });

  it('is not sent to one that holds another socket by now, or none, or of which that may not be known', () => {
    const { libc, sent } = kernel();
    const other = new ProcFs(treeOf({ '500/stat': stat(500), ...holds(1) }).root);
    expect(aimAt(500, other, libc).fire(TERM, new Set([INODE]))).toEqual({ result: 'released' });
    const none = new ProcFs(treeOf({ '500/stat': stat(500), '500/fd/': '' }).root);
    expect(aimAt(500, none, libc).fire(TERM, new Set([INODE]))).toEqual({ result: 'released' });
    const closed = new ProcFs(treeOf({ '500/stat': stat(500), '500/fd': 'no folder' }).root);
    expect(aimAt(500, closed, libc).fire(TERM, new Set([INODE]))).toEqual({
      result: 'unsure',
      code: 'ENOTDIR',
    });
    expect(sent).toEqual([]);
  });

  it.each([true, false])('is not sent to whoever got the pid since (pidfd: %s)', (held) => {
    const tree = treeOf({ '500/stat': stat(500) });
    const { libc, sent } = kernel();
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const aim = aimAt(500, new ProcFs(tree.root), held ? libc : null);
    expect(aim.isHeld).toBe(held);
    tree.add({ '500/stat': stat(500, { ticks: 101 }) });
    expect(aim.fire(TERM, NOBODY)).toEqual({ result: 'gone' });
    expect([sent, kill.mock.calls]).toEqual([[], []]);
  });

  it('is sent by the pid where there is no pidfd, and the start is the same', () => {
    const procfs = new ProcFs(treeOf({ '500/stat': stat(500) }).root);
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    expect(aimAt(500, procfs, null).fire(TERM, NOBODY)).toEqual({ result: 'sent' });
    expect(kill.mock.calls).toEqual([[500, TERM]]);
  });

  it.each([
    [3, { result: 'gone' }],
    [1, { result: 'refused', code: 'EPERM' }],
    [22, { result: 'refused', code: 'EINVAL' }],
  ])('that the kernel answers with errno %i was not sent, and it is said why', (errno, shot) => {
    const procfs = new ProcFs(treeOf({ '500/stat': stat(500) }).root);
    expect(aimAt(500, procfs, kernel(errno).libc).fire(TERM, NOBODY)).toEqual(shot);
  });
});

describe('an aim', () => {
  it('is at nobody where nobody is, or another than was meant', () => {
    const procfs = new ProcFs(treeOf({ '500/stat': stat(500) }).root);
    const { libc } = kernel();
    expect(Aim.at({ procfs, libc }, 501)).toBeNull();
    expect(Aim.at({ procfs, libc }, 500, 99)).toBeNull();
    expect(aimAt(500, procfs, libc, 100).startTicks).toBe(100);
  });

  it('tells life, a zombie and its parent, and the end', () => {
    const tree = treeOf({ '500/stat': stat(500) });
    const aim = aimAt(500, new ProcFs(tree.root), null);
    expect(aim.life()).toEqual({ state: 'alive' });
    // The first thread has ended, and others go on.
    tree.add({ '500/stat': stat(500, { state: 'Z', threads: 3 }) });
    expect(aim.life()).toEqual({ state: 'alive' });
    tree.add({ '500/stat': stat(500, { state: 'Z' }) });
    expect(aim.life()).toEqual({ state: 'zombie', parent: 7 });
    tree.add({ '500/stat': stat(500, { ticks: 101 }) });
    expect(aim.life()).toEqual({ state: 'gone' });
    tree.add({ '500/stat': '' });
    expect(aim.life()).toEqual({ state: 'gone' });
  });

  it('believes no forged start in the name', () => {
    const procfs = new ProcFs(treeOf({ '500/stat': stat(500, { comm: ') R 1 0 0' }) }).root);
    expect(aimAt(500, procfs, null).startTicks).toBe(100);
  });
});

describe('taking aim', () => {
  const told = { users: { name: () => null }, ports: () => [] };

  it('leaves out who ended, and who does not hold the socket, and keeps no descriptor of theirs', () => {
    const tree = treeOf({
      '500/stat': stat(500),
      ...holds(INODE),
      '501/stat': stat(501),
      '501/fd/': '',
    });
    const sender = { procfs: new ProcFs(tree.root), libc: kernel().libc };
    const before = readdirSync('/proc/self/fd').length;
    const meant = { pids: [500, 501, 502], inodes: new Set([INODE]) };
    const targets = runAtOnce(takeAim(sender, meant, told));
    expect(targets.map(({ recipient }) => recipient.pid)).toEqual([500]);
    expect(readdirSync('/proc/self/fd')).toHaveLength(before + 1);
    for (const { aim } of targets) aim[Symbol.dispose]();
  });

  it('keeps none when nobody waits for the end', () => {
    const tree = treeOf({ '500/stat': stat(500), '501/stat': stat(501) });
    const sender = { procfs: new ProcFs(tree.root), libc: kernel().libc };
    const before = readdirSync('/proc/self/fd').length;
    const work = takeAim(sender, { pids: [500, 501], inodes: NOBODY }, told);
    work.next();
    work.return([]);
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  });

  it('is refused in a /proc that has others’ pids', () => {
    expect(sharesPids(new ProcFs())).toBe(true);
    expect(sharesPids(new ProcFs(treeOf({ '1/stat': stat(1) }).root))).toBe(false);
  });
});

const libc = openLibc();
describe.skipIf(!libc)(`with the kernel's pidfds${libc ? '' : ' (skipped: no koffi)'}`, () => {
  it('a process is signalled, and known to be gone', async () => {
    const child = spawn('sleep', ['60']);
    const exited = once(child, 'exit');
    const aim = aimAt(child.pid as number, new ProcFs(), libc);
    expect(aim.isHeld).toBe(true);
    expect(aim.fire(TERM, NOBODY)).toEqual({ result: 'sent' });
    expect(await exited).toEqual([null, 'SIGTERM']);
    expect(aim.life()).toEqual({ state: 'gone' });
    expect(aim.fire(TERM, NOBODY)).toEqual({ result: 'gone' });
  });

  it('a listener that was closed and opened anew is another: its process is not hit', async () => {
    const program = new URL('./relisten.mjs', import.meta.url);
    const child = fork(program);
    try {
      const [first] = await once(child, 'message');
      const aim = aimAt(child.pid as number, new ProcFs(), libc);
      const inodes = new Set([first.inode as number]);
      expect(aim.holdsOneOf(inodes)).toBe(true);
      child.send('again');
      const [second] = await once(child, 'message');
      expect(second.port).toBe(first.port);
      expect(aim.fire(TERM, inodes)).toEqual({ result: 'released' });
      expect(aim.fire(TERM, new Set([second.inode as number]))).toEqual({ result: 'sent' });
      expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
    } finally {
      child.kill('SIGKILL');
    }
  });

  const root = process.getuid?.() === 0;
  const problem = root ? needs('unshare') : 'only root may choose the next pid';
  it.skipIf(problem)(
    `a pid that is another's by now is not hit${problem ? ` (skipped: ${problem})` : ''}`,
    async () => {
      const args = ['--pid', '--fork', '--kill-child', '--mount-proc', process.execPath];
      const script = new URL('./pid-reuse.ts', import.meta.url).pathname;
      const child = spawn('unshare', [...args, script], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      child.stdout.on('data', (chunk) => {
        said += chunk;
      });
      await once(child, 'close');
      expect(JSON.parse(said)).toEqual({
        reused: true,
        there: true,
        shots: [{ result: 'gone' }, { result: 'gone' }],
        end: 'SIGKILL',
      });
    },
  );
});
