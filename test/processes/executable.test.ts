import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasOwnMounts, readExecutable } from '../../src/processes/executable.ts';
import { ProcError, ProcFs } from '../../src/procfs/procfs.ts';
import { start, startZombie } from './child.ts';

const CAT = execFileSync('sh', ['-c', 'readlink -f "$(command -v cat)"'], { encoding: 'utf8' }).trim();
const procfs = new ProcFs();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porttop-exe-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A process that runs a copy of `cat` at the path. */
async function running(path: string): Promise<number> {
  copyFileSync(CAT, path);
  return (await start(path)).pid;
}

describe('the program of a process', () => {
  it('is present while its file is', async () => {
    const path = join(folder, 'server');
    const pid = await running(path);
    expect(readExecutable(procfs, pid)).toEqual({ path, state: 'present' });
    expect(readlinkSync(`/proc/${pid}/exe`)).toBe(path);
  });

  it('is deleted when nothing is there any more', async () => {
    const path = join(folder, 'server');
    const pid = await running(path);
    unlinkSync(path);
    expect(readExecutable(procfs, pid)).toEqual({ path, state: 'deleted' });
  });

  it('is deleted when its folder is no folder any more', async () => {
    mkdirSync(join(folder, 'v1'));
    const path = join(folder, 'v1', 'server');
    const pid = await running(path);
    rmSync(join(folder, 'v1'), { recursive: true });
    writeFileSync(join(folder, 'v1'), '');
    expect(readExecutable(procfs, pid)).toEqual({ path, state: 'deleted' });
  });

  it('is replaced when another file is there', async () => {
    const path = join(folder, 'server');
    const pid = await running(path);
    copyFileSync(CAT, `${path}.new`);
    renameSync(`${path}.new`, path);
    expect(readExecutable(procfs, pid)).toEqual({ path, state: 'replaced' });
  });

  it('is where its file was moved to', async () => {
    const path = join(folder, 'server');
    const pid = await running(path);
    renameSync(path, `${path}.old`);
    expect(readExecutable(procfs, pid)).toEqual({ path: `${path}.old`, state: 'present' });
  });

  it('may be named like a deleted one', async () => {
    const path = join(folder, 'server (deleted)');
    const pid = await running(path);
    expect(readExecutable(procfs, pid)).toEqual({ path, state: 'present' });
    writeFileSync(join(folder, 'server'), '');
    expect(readExecutable(procfs, pid)).toEqual({ path, state: 'present' });
    unlinkSync(path);
    expect(readExecutable(procfs, pid)).toEqual({ path, state: 'deleted' });
  });

  it('is not confused by a file that is named as the kernel says of a deleted one', async () => {
    const path = join(folder, 'server');
    const pid = await running(path);
    unlinkSync(path);
    writeFileSync(`${path} (deleted)`, '');
    expect(readExecutable(procfs, pid)).toEqual({ path, state: 'deleted' });
  });

  it('is present when another name of the same file took the place of the deleted one', async () => {
    const path = join(folder, 'server');
    const pid = await running(path);
    linkSync(path, `${path}.other`);
    unlinkSync(path);
    linkSync(`${path}.other`, path);
    expect(readlinkSync(`/proc/${pid}/exe`)).toBe(`${path} (deleted)`);
    expect(readExecutable(procfs, pid)).toEqual({ path, state: 'present' });
  });

  it('cannot be told from a captured tree', () => {
    mkdirSync(join(folder, '7'));
    symlinkSync('/usr/bin/gone (deleted)', join(folder, '7', 'exe'));
    expect(readExecutable(new ProcFs(folder), 7)).toEqual({
      path: '/usr/bin/gone (deleted)',
      state: 'unknown',
    });
  });

  it('is none for a zombie', async () => {
    const pid = await startZombie();
    await expect.poll(() => procfs.text(`${pid}/stat`)).toContain(') Z ');
    expect(() => readExecutable(procfs, pid)).toThrow(ProcError);
  });
});

const isRoot = process.geteuid?.() === 0;
const AS_ROOT = isRoot ? [] : ['--user', '--map-root-user'];
const MOUNT = ['mount', '-t', 'tmpfs', 'none', tmpdir()];
const canMount = spawnSync('unshare', [...AS_ROOT, '--mount', ...MOUNT]).status === 0;
const canChroot = spawnSync('unshare', [...AS_ROOT, 'chroot', '/', 'true']).status === 0;

/** Runs a shell, with $1 the folder, that becomes `server` there. */
async function becomes(flags: string[], script: string): Promise<number> {
  const { pid } = await start('unshare', [...AS_ROOT, ...flags, 'sh', '-ec', script, 'sh', folder]);
  await expect.poll(() => procfs.link(`${pid}/exe`)).toContain('/server');
  return pid;
}

describe.skipIf(!canMount)('the program of a process with its own mounts', () => {
  const OWN = `mount -t tmpfs none "$1"; cp ${CAT} "$1/server"; exec "$1/server"`;

  it('is looked for among those', async () => {
    const pid = await becomes(['--mount'], OWN);
    const path = join(folder, 'server');
    expect(hasOwnMounts(procfs, pid)).toBe(true);
    expect(readExecutable(procfs, pid)).toEqual({ path, state: 'present' });
    writeFileSync(path, 'another, that the process does not see');
    expect(readExecutable(procfs, pid)).toEqual({ path, state: 'present' });
    unlinkSync(`/proc/${pid}/root${path}`);
    expect(readExecutable(procfs, pid)).toEqual({ path, state: 'deleted' });
    writeFileSync(`/proc/${pid}/root${path}`, 'another, that it does see');
    expect(readExecutable(procfs, pid)).toEqual({ path, state: 'replaced' });
  });

  it('cannot be told where another mount covers it', async () => {
    const pid = await becomes(['--mount'], `cp ${CAT} "$1/server"; exec "$1/server"`);
    execFileSync('nsenter', [
      '-t',
      String(pid),
      '--mount',
      ...(isRoot ? [] : ['--user', '--preserve-credentials']),
      'mount',
      '-t',
      'tmpfs',
      'none',
      folder,
    ]);
    expect(readExecutable(procfs, pid)).toEqual({ path: join(folder, 'server'), state: 'unknown' });
  });
});

describe.skipIf(!canChroot)('the program of a process in a chroot', () => {
  it('is where this program sees it', async () => {
    execFileSync('sh', ['-c', `cp --parents $(ldd ${CAT} | grep -o '/[^ ]*') "$1"`, 'sh', folder]);
    const path = join(folder, 'server');
    copyFileSync(CAT, path);
    const pid = await becomes([], 'exec chroot "$1" /server');
    expect(readlinkSync(`/proc/${pid}/root`)).toBe(folder);
    expect(readExecutable(procfs, pid)).toEqual({ path, state: 'present' });
    unlinkSync(path);
    expect(readExecutable(procfs, pid)).toEqual({ path, state: 'deleted' });
    writeFileSync(path, '');
    expect(readExecutable(procfs, pid)).toEqual({ path, state: 'replaced' });
  });
});

it('a process has the mounts of this one unless it made its own', async () => {
  const { pid } = await start('cat');
  expect(hasOwnMounts(procfs, pid)).toBe(false);
  expect(hasOwnMounts(procfs, 2 ** 30)).toBeNull();
});
