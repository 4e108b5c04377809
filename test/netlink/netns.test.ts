import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LibcError, openLibc } from '../../src/libc/libc.ts';
import { insideNetns } from '../../src/netlink/netns.ts';

const libc = openLibc();
const OWN = '/proc/thread-self/ns/net';
const here = () => readlinkSync(OWN);

/** A process in a network namespace of its own. */
async function startElsewhere(): Promise<ChildProcess> {
  const child = spawn('unshare', ['--net', 'sh', '-c', 'echo up; exec cat'], { stdio: 'pipe' });
  if (child.stdout) await once(createInterface(child.stdout), 'line');
  return child;
}

const problem = !libc ? 'no foreign calls' : process.geteuid?.() === 0 ? null : 'only root may enter one';

describe.skipIf(problem)(`inside another network namespace${problem ? ` (skipped: ${problem})` : ''}`, () => {
  if (!libc) return;
  let child: ChildProcess;
  let there: { path: string; inode: number };

  beforeAll(async () => {
    child = await startElsewhere();
    const path = `/proc/${child.pid}/ns/net`;
    there = { path, inode: statSync(path).ino };
  });
  afterAll(() => {
    child.stdin?.end();
  });
  afterEach(() => vi.restoreAllMocks());

  it('is where the work is done, and no longer', () => {
    const home = here();
    expect(insideNetns(libc, there, here)).toBe(`net:[${there.inode}]`);
    expect(here()).toBe(home);
  });

  it('is left when the work fails, and nothing stays open', () => {
    const home = here();
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    const work = () => {
      throw new Error('no luck');
    };
    expect(() => insideNetns(libc, there, work)).toThrow('no luck');
    expect(here()).toBe(home);
    expect(open()).toBe(before);
  });

  it('is not entered when the file is another namespace than was meant', () => {
    const work = vi.fn();
    const other = { ...there, inode: there.inode + 1 };
    expect(() => insideNetns(libc, other, work)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(work).not.toHaveBeenCalled();
  });

  it('is not entered when the file is none', () => {
    const file = { path: '/proc/self/ns/uts', inode: statSync('/proc/self/ns/uts').ino };
    expect(() => insideNetns(libc, file, here)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    const gone = { path: '/proc/self/ns/nothing', inode: 1 };
    expect(() => insideNetns(libc, gone, here)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });

  it('is the end of the program, where there is no way back', () => {
    const abort = vi.spyOn(process, 'abort').mockImplementation(() => undefined as never);
    const calls: number[] = [];
    const oneWay = {
      ...libc,
      setns(descriptor: number) {
        if (calls.push(descriptor) === 2) throw new LibcError('setns', 1);
      },
    };
    insideNetns(oneWay, there, () => {});
    expect(calls).toHaveLength(2);
    expect(abort).toHaveBeenCalledOnce();
  });
});
