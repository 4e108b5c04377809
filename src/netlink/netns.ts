import { closeSync, fstatSync, openSync } from 'node:fs';
import { type Libc, LibcError } from '../libc/libc.ts';

/** The file by which a network namespace is entered, and the inode by which to know that it is still the same. */
export type NetnsFile = { path: string; inode: number };

/** include/uapi/linux/sched.h */
const CLONE_NEWNET = 0x40000000;
const ENOENT = 2;

/**
 * Does something inside another network namespace, and is back when it returns. `work` may neither wait nor start
 * a thread: a new one is born in the namespace of its maker, and would stay (setns(2) moves the calling thread alone).
 * Throws an error with the kernel's `code`: ENOENT where the file is another namespace's by now, or gone.
 */
export function insideNetns<T>(libc: Libc, { path, inode }: NetnsFile, work: () => T): T {
  const there = openSync(path, 'r');
  try {
    if (fstatSync(there).ino !== inode) throw new LibcError('setns', ENOENT);
    const home = openSync('/proc/thread-self/ns/net', 'r');
    try {
      libc.setns(there, CLONE_NEWNET);
      try {
        return work();
      } finally {
        goHome(libc, home);
      }
    } finally {
      closeSync(home);
    }
  } finally {
    closeSync(there);
  }
}

/** There is no going on elsewhere: every socket and every /proc/net from then on would be another host's. */
function goHome(libc: Libc, home: number): void {
  try {
    libc.setns(home, CLONE_NEWNET);
  } catch {
    process.abort();
  }
}
