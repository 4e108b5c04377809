import type { Stats } from 'node:fs';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';

/**
 * The program a process runs. `deleted`: nothing is at its path any more; `replaced`: another file is
 * (an upgrade: the process still runs the old one); `unknown`: it cannot be told.
 */
export type Executable = { path: string; state: 'present' | 'deleted' | 'replaced' | 'unknown' };

const DELETED = ' (deleted)';

/**
 * Reads /proc/PID/exe (proc_pid_exe(5)).
 *
 * The kernel appends ` (deleted)` to the path of an unlinked file (fs/d_path.c), which a file that exists
 * may also be named. So the file that runs, which the magic link leads to even then, is compared with the
 * one at the path.
 *
 * @throws ProcError when the link cannot be read
 */
export function readExecutable(procfs: ProcFs, pid: number): Executable {
  const link = procfs.link(`${pid}/exe`);
  const unknown: Executable = { path: link, state: 'unknown' };
  const running = fileAt(procfs, `${pid}/exe`);
  const root = rootOf(procfs, pid);
  if (running === null || running === 'none' || root === null) return unknown;

  if (same(fileAt(procfs, `${root}${link}`), running)) return { path: link, state: 'present' };
  if (!link.endsWith(DELETED)) return unknown;
  const path = link.slice(0, -DELETED.length);
  const file = fileAt(procfs, `${root}${path}`);
  if (file === null) return unknown;
  if (file === 'none') return { path, state: 'deleted' };
  // The same: it was unlinked, and linked there again from another of its names.
  return { path, state: same(file, running) ? 'present' : 'replaced' };
}

/** Whether the process sees other mounts than this one; null when that is not known, as in a captured tree. */
export function hasOwnMounts(procfs: ProcFs, pid: number): boolean | null {
  const its = linkAt(procfs, `${pid}/ns/mnt`);
  const ours = linkAt(procfs, 'self/ns/mnt');
  return its === null || ours === null ? null : its !== ours;
}

/**
 * Where the paths that the kernel prints of a process begin. They are as this program sees them, though the
 * process may be in a chroot; but in another mount namespace they begin at that one's root, which the
 * process's own root leads to unless it is in a chroot there (fs/d_path.c, prepend_path()).
 */
function rootOf(procfs: ProcFs, pid: number): string | null {
  const ownMounts = hasOwnMounts(procfs, pid);
  if (ownMounts === null) return null;
  if (!ownMounts) return 'self/root';
  return linkAt(procfs, `${pid}/root`) === '/' ? `${pid}/root` : null;
}

function linkAt(procfs: ProcFs, relative: string): string | null {
  try {
    return procfs.link(relative);
  } catch (error) {
    if (error instanceof ProcError) return null;
    throw error;
  }
}

type File = Stats | 'none' | null;

/** The number of an unlinked file is not given away while it runs, so no other file has both. */
function same(one: File, other: File): boolean {
  if (one === null || one === 'none' || other === null || other === 'none') return false;
  return one.dev === other.dev && one.ino === other.ino;
}

/** 'none': nothing is there; null: it cannot be known. */
function fileAt(procfs: ProcFs, relative: string): File {
  try {
    return procfs.stat(relative);
  } catch (error) {
    if (!(error instanceof ProcError)) throw error;
    return error.code === 'ENOENT' || error.code === 'ENOTDIR' ? 'none' : null;
  }
}
