import { ProcError, type ProcFs } from '../procfs/procfs.ts';

/** One descriptor of one process that leads to a socket. */
export type Holder = { pid: number; fd: number };

/** Who holds which socket, and how much of the machine was there to be seen. */
export interface Ownership {
  /** Every holder of a socket, by pid, then fd; none are known: empty. */
  holders(inode: number): readonly Holder[];
  /** The lowest pid among them, for less; 0: none. */
  firstPid(inode: number): number;
  /** The sockets of a process that are known. */
  inodesOf(pid: number): Iterable<number>;
  /** Whether everybody was asked for this socket: until then, that nobody has it says nothing. */
  looked(inode: number): boolean;
  /** Processes whose descriptors could not be read, by the kernel's code. */
  readonly unreadable: ReadonlyMap<number, string>;
  /** Whether /proc hides other users' processes from this one (hidepid=2, proc(5)). */
  readonly hidden: boolean;
}

const NOBODY: readonly Holder[] = [];

export const NO_OWNERSHIP: Ownership = {
  holders: () => NOBODY,
  firstPid: () => 0,
  inodesOf: () => [],
  looked: () => false,
  unreadable: new Map(),
  hidden: false,
};

/**
 * Looks once through every descriptor of every process for the wanted sockets, all owners of each: a forked
 * server shares its listener. Yields after each process. A process that ends meanwhile holds nothing.
 */
export function* findOwners(procfs: ProcFs, wanted: ReadonlySet<number>): Generator<void, Ownership> {
  const found = new Map<number, Holder[]>();
  const unreadable = new Map<number, string>();
  const pids = wanted.size === 0 ? [] : procfs.pids();
  for (const pid of pids) {
    try {
      procfs.sockets(pid, (fd, inode) => {
        if (!wanted.has(inode)) return;
        const holder = { pid, fd };
        const holders = found.get(inode);
        if (holders) holders.push(holder);
        else found.set(inode, [holder]);
      });
    } catch (error) {
      if (!(error instanceof ProcError)) throw error;
      if (!error.gone) unreadable.set(pid, error.code);
    }
    yield;
  }
  for (const holders of found.values()) holders.sort(byPidThenFd);
  return {
    holders: (inode) => found.get(inode) ?? NOBODY,
    firstPid: (inode) => found.get(inode)?.[0]?.pid ?? 0,
    inodesOf: (pid) =>
      [...found]
        .filter(([, holders]) => holders.some((holder) => holder.pid === pid))
        .map(([inode]) => inode),
    looked: (inode) => wanted.has(inode),
    unreadable,
    hidden: pids.length > 0 && isHidden(pids),
  };
}

export function byPidThenFd(a: Holder, b: Holder): number {
  return a.pid - b.pid || a.fd - b.fd;
}

/** Every pid namespace has a pid 1: where it is not to be seen, /proc hides what is not ours. */
export function isHidden(pids: readonly number[]): boolean {
  return pids[0] !== 1;
}
