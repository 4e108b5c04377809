import { ProcError, type ProcFs } from '../procfs/procfs.ts';

/** Holders in the order in which they were found, by ascending pid: numbers in columns, not objects. */
export type Holders = { pids: Uint32Array; fds: Uint32Array; inodes: Uint32Array; length: number };

/** What one walk through processes found. */
export type Walk = {
  holders: Holders;
  /** Processes whose descriptors could not be read, by the kernel's code. */
  unreadable: Map<number, string>;
};

/**
 * Looks once through every descriptor of these processes for the wanted sockets. Yields after each process. A
 * process that ends meanwhile holds nothing.
 * @param next the place in `pids` of the process whose turn it is; beyond them: there is none left
 * @param met told of each that holds one, at once: later its pid may be another process's
 */
export function* walkHolders(
  procfs: ProcFs,
  pids: ArrayLike<number>,
  next: () => number,
  isWanted: (inode: number) => boolean,
  met: (pid: number) => void,
): Generator<void, Walk> {
  const holders = { pids: column(), fds: column(), inodes: column(), length: 0 };
  const unreadable = new Map<number, string>();
  for (let place = next(); place < pids.length; place = next()) {
    const pid = pids[place] as number;
    const before = holders.length;
    try {
      procfs.sockets(pid, (fd, inode) => {
        if (!isWanted(inode)) return;
        if (holders.length === holders.pids.length) grow(holders);
        holders.pids[holders.length] = pid;
        holders.fds[holders.length] = fd;
        holders.inodes[holders.length++] = inode;
      });
      if (holders.length > before) met(pid);
    } catch (error) {
      if (!(error instanceof ProcError)) throw error;
      if (!error.gone) unreadable.set(pid, error.code);
    }
    yield;
  }
  return { holders, unreadable };
}

/** The holders of all walks together, by ascending pid: each process was walked once. */
export function visitHolders(
  walks: readonly Walk[],
  visit: (inode: number, pid: number, fd: number) => void,
): void {
  const left = walks.map(({ holders }) => ({ holders, at: 0 }));
  for (;;) {
    let first = null;
    for (const walk of left) {
      if (walk.at === walk.holders.length) continue;
      if (!first || pidOf(walk) < pidOf(first)) first = walk;
    }
    if (!first) return;
    const { holders } = first;
    const pid = pidOf(first);
    for (; first.at < holders.length && pidOf(first) === pid; first.at++) {
      visit(holders.inodes[first.at] as number, pid, holders.fds[first.at] as number);
    }
  }
}

function pidOf({ holders, at }: { holders: Holders; at: number }): number {
  return holders.pids[at] as number;
}

function column(length = 1024): Uint32Array<ArrayBuffer> {
  return new Uint32Array(length);
}

function grow(holders: Holders): void {
  for (const key of ['pids', 'fds', 'inodes'] as const) {
    const larger = column(holders.length * 2);
    larger.set(holders[key]);
    holders[key] = larger;
  }
}
