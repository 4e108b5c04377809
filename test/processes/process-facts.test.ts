import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProcessFactsCache } from '../../src/processes/process-facts.ts';
import { ProcFs } from '../../src/procfs/procfs.ts';
import { TemporaryTree } from '../sockets/fixture.ts';
import { start } from './child.ts';

let tree: TemporaryTree;
let cache: ProcessFactsCache;
let now = 0;

beforeEach(() => {
  now = 1000;
  tree = new TemporaryTree({ stat: 'cpu 0\nbtime 1700000000\n', '7/stat': statOf(7, 'nginx') });
  cache = new ProcessFactsCache(new ProcFs(tree.root), () => now);
});
afterEach(() => {
  tree[Symbol.dispose]();
  vi.restoreAllMocks();
});

/** proc_pid_stat(5); the 22nd field is the start, in hundredths of a second since the boot. */
function statOf(pid: number, comm: string, start = 150): string {
  return `${pid} (${comm}) S 1 ${Array(17).fill(0).join(' ')} ${start} ${Array(30).fill(0).join(' ')}\n`;
}

const nginx = { command: 'nginx', name: 'nginx', startTime: '2023-11-14T22:13:21.500Z' };

describe('what is told of a process', () => {
  it('is its comm, what a person calls it, and when it began', () => {
    expect(cache.of(7)).toEqual(nginx);
  });

  it('is for which container, of what holds a port for one', () => {
    const argv = [
      'docker-proxy',
      '-host-port',
      '8080',
      '-container-ip',
      '172.17.0.2',
      '-container-port',
      '80',
      '',
    ];
    tree.add({ '9/stat': statOf(9, 'docker-proxy'), '9/cmdline': argv.join('\0') });
    expect(cache.of(9)).toMatchObject({ command: 'docker-proxy', name: 'docker-proxy 172.17.0.2:80' });
  });

  it('is the file that was called, where Node calls its main thread MainThread', () => {
    tree.add({ '8/stat': statOf(8, 'MainThread'), '8/cmdline': '/usr/local/bin/porttop\0--all\0' });
    expect(cache.of(8)).toMatchObject({ command: 'MainThread', name: 'porttop' });
    tree.add({ '9/stat': statOf(9, 'MainThread'), '9/cmdline': '' });
    expect(cache.of(9)).toMatchObject({ command: 'MainThread', name: 'MainThread' });
  });

  it('is nothing where it ended, or says nothing that can be read', () => {
    expect(cache.of(4711)).toBeNull();
    tree.add({ '8/stat': 'hostile', '9/stat': '', '10/stat': statOf(10, 'MainThread') });
    expect([8, 9, 10].map((pid) => cache.of(pid))).toEqual([null, null, null]);
  });

  it('has no start where /proc/stat does not say when the machine did', () => {
    tree.add({ stat: 'cpu 0\n' });
    expect(new ProcessFactsCache(new ProcFs(tree.root)).of(7)).toEqual({ ...nginx, startTime: null });
  });

  it('is that of who has just been met, not of who had the pid before', () => {
    cache.of(7);
    tree.add({ '7/stat': statOf(7, 'other', 9000) });
    now += 21;
    cache.meet(7);
    expect(cache.of(7)).toMatchObject({ command: 'other' });
  });

  it('tells of a pid that is found to be another process’s, once', () => {
    const replaced: number[] = [];
    cache.replaced = (pid) => replaced.push(pid);
    cache.of(7);
    tree.add({ '7/stat': statOf(7, 'renamed') });
    cache.refresh(new Set([7]));
    expect(replaced).toEqual([]);
    tree.add({ '7/stat': statOf(7, 'other', 9000) });
    now += 21;
    cache.meet(7);
    cache.meet(7);
    expect(replaced).toEqual([7]);
  });

  it('is not read again for each socket that one is met with', () => {
    const facts = cache.of(7);
    now += 20;
    cache.meet(7);
    expect(cache.of(7)).toBe(facts);
  });

  it('is kept for ten seconds, and the same object', () => {
    const facts = cache.of(7);
    tree.add({ '7/stat': statOf(7, 'other') });
    now += 9_999;
    expect(cache.of(7)).toBe(facts);
    now += 1;
    expect(cache.of(7)?.command).toBe('other');
  });

  it('is kept where it was nothing, too', () => {
    expect(cache.of(8)).toBeNull();
    tree.add({ '8/stat': statOf(8, 'late') });
    now += 9_999;
    expect(cache.of(8)).toBeNull();
    now += 1;
    expect(cache.of(8)?.command).toBe('late');
  });
});

describe('processes that are read again', () => {
  it('say that nothing changed, where nothing did', () => {
    cache.of(7);
    expect(cache.refresh(new Set([7]))).toBe(false);
    expect(cache.refresh(new Set())).toBe(false);
  });

  it.each([
    ['runs another program', statOf(7, 'other')],
    ['is another, which began later', statOf(7, 'nginx', 160)],
  ])('say so when one %s, and that is told from then on', (_, stat) => {
    cache.of(7);
    tree.add({ '7/stat': stat });
    expect(cache.refresh(new Set([7]))).toBe(true);
    expect(cache.of(7)).not.toEqual(nginx);
    expect(cache.refresh(new Set([7]))).toBe(false);
  });

  it('are called what they were, when they cannot be read any more', () => {
    cache.of(7);
    tree.add({ '7/stat': '' });
    expect(cache.refresh(new Set([7]))).toBe(false);
    expect(cache.of(7)).toEqual(nginx);
  });

  it('are no change where nobody was told of them before', () => {
    expect(cache.refresh(new Set([7, 4711]))).toBe(false);
    expect(cache.of(7)).toEqual(nginx);
  });

  it('are all read, the ones after a change as well', () => {
    tree.add({ '8/stat': statOf(8, 'php') });
    cache.of(7);
    cache.of(8);
    tree.add({ '7/stat': statOf(7, 'a'), '8/stat': statOf(8, 'b') });
    expect(cache.refresh(new Set([7, 8]))).toBe(true);
    expect([cache.of(7)?.command, cache.of(8)?.command]).toEqual(['a', 'b']);
  });

  it('are kept for ten seconds from then on', () => {
    cache.of(7);
    now += 9_000;
    cache.refresh(new Set([7]));
    tree.add({ '7/stat': statOf(7, 'other') });
    now += 9_999;
    expect(cache.of(7)).toEqual(nginx);
    now += 1;
    expect(cache.of(7)?.command).toBe('other');
  });
});

describe('so many processes that not all can be remembered', () => {
  it('are told of all the same', () => {
    const facts = cache.of(7);
    for (let pid = 100_000; pid < 117_000; pid++) cache.of(pid);
    expect(cache.of(7)).toEqual(facts);
  });
});

describe('processes whose comm stays open', () => {
  it('are read again only when they are called otherwise, or have ended', async () => {
    vi.restoreAllMocks();
    const script = 'process.stdin.once("data", () => { process.title = "second"; console.log("done"); })';
    const child = await start(process.execPath, [
      '-e',
      `process.title = "first"; console.log("ready"); ${script}`,
    ]);
    const lines = createInterface(child.stdout as Readable)[Symbol.asyncIterator]();
    await lines.next();
    const pids = new Set([child.pid]);
    const procfs = new ProcFs();
    const live = new ProcessFactsCache(procfs);
    live.of(child.pid);
    live.refresh(pids);

    const text = vi.spyOn(procfs, 'text');
    expect(live.refresh(pids)).toBe(false);
    expect(text).not.toHaveBeenCalled();

    child.stdin?.write('\n');
    await lines.next();
    expect(live.refresh(pids)).toBe(true);
    expect(live.of(child.pid)?.command).toBe('second');

    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(live.refresh(pids)).toBe(false);
    expect(text).toHaveBeenCalledTimes(2);
    expect(live.of(child.pid)?.command).toBe('second');
  });

  it('are closed when they are not in sight any more', () => {
    vi.restoreAllMocks();
    const open = () => readdirSync('/proc/self/fd').length;
    const live = new ProcessFactsCache(new ProcFs());
    live.of(process.pid);
    const before = open();
    live.refresh(new Set([process.pid]));
    expect(open()).toBe(before + 1);
    live.refresh(new Set());
    expect(open()).toBe(before);
  });
});
