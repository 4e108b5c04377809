import { socketInode } from '../procfs/fd.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';

/** One descriptor of one process that leads to a socket. */
export type Holder = { pid: number; fd: number };

/** Who holds which socket, by inode, and how much of the machine was there to be seen. */
export type Ownership = {
  /** The inodes that were looked for: whose socket is not among them is still unknown. */
  looked: ReadonlySet<number>;
  holders: ReadonlyMap<number, readonly Holder[]>;
  /** Processes whose descriptors could not be read, by the kernel's code. */
  unreadable: ReadonlyMap<number, string>;
  /** Whether /proc hides other users' processes from this one (hidepid=2, proc(5)). */
  hidden: boolean;
};

export const NO_OWNERSHIP: Ownership = {
  looked: new Set(),
  holders: new Map(),
  unreadable: new Map(),
  hidden: false,
};

/**
 * Looks through every descriptor of every process for the wanted sockets, all owners of each: a forked
 * server shares its listener. Yields after each process. A process that ends meanwhile holds nothing.
 */
export function* findOwners(procfs: ProcFs, wanted: ReadonlySet<number>): Generator<void, Ownership> {
  const holders = new Map<number, Holder[]>();
  const unreadable = new Map<number, string>();
  const pids = wanted.size === 0 ? [] : procfs.pids();
  for (const pid of pids) {
    const names = attempt(() => procfs.names(`${pid}/fd`), unreadable, pid) ?? [];
    for (const name of names) {
      const link = attempt(() => procfs.link(`${pid}/fd/${name}`), unreadable, pid);
      const inode = link === null ? 0 : socketInode(link);
      if (inode === 0 || !wanted.has(inode)) continue;
      const found = holders.get(inode);
      if (found) found.push({ pid, fd: Number(name) });
      else holders.set(inode, [{ pid, fd: Number(name) }]);
    }
    yield;
  }
  for (const found of holders.values()) found.sort((a, b) => a.pid - b.pid || a.fd - b.fd);
  // Every pid namespace has a pid 1: where it is not to be seen, /proc hides what is not ours.
  return { looked: wanted, holders, unreadable, hidden: pids.length > 0 && pids[0] !== 1 };
}

/** What the kernel lets us read; a process that ended, or a descriptor that closed, is nothing to note. */
function attempt<T>(read: () => T, unreadable: Map<number, string>, pid: number): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ProcError)) throw error;
    if (!error.gone) unreadable.set(pid, error.code);
    return null;
  }
}
