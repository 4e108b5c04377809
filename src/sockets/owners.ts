import type { ProcFs } from '../procfs/procfs.ts';
import { visitHolders, type Walk, walkHolders } from './holder-walk.ts';
import { InodeMap } from './inode-map.ts';

/** One descriptor of one process that leads to a socket. */
export type Holder = { pid: number; fd: number };

/** Who holds which socket, and how much of the machine was there to be seen. */
export interface Ownership {
  /** Every holder of a socket, by pid, then fd; none are known: empty. */
  holders(inode: number): readonly Holder[];
  /** The processes among them, each once, ascending. */
  pids(inode: number): readonly number[];
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

const NOBODY: readonly never[] = [];

export const NO_OWNERSHIP: Ownership = {
  holders: () => NOBODY,
  pids: () => NOBODY,
  firstPid: () => 0,
  inodesOf: () => NOBODY,
  looked: () => false,
  unreadable: new Map(),
  hidden: false,
};

/** Others who walk through the processes at the same time, each in a thread of its own. */
export interface Walkers {
  /** They begin. Returns what gives the place of the next process that none of them takes, or one beyond the last. */
  begin(pids: readonly number[], wanted: Uint32Array): () => number;
  /** Waits until they are through. `missed`: the processes of one that failed, ascending. */
  end(): { walks: Walk[]; missed: number[] };
}

/**
 * Looks once through every descriptor of every process for the wanted sockets, all owners of each: a forked
 * server shares its listener. Yields after each process. A process that ends meanwhile holds nothing.
 * @param met told of each that holds one, at once: later its pid may be another process's
 * @param walkers who walk too, and tell of those whom they met by themselves
 */
export function* findOwners(
  procfs: ProcFs,
  wanted: Uint32Array,
  met: (pid: number) => void = () => {},
  walkers: Walkers | null = null,
): Generator<void, Ownership> {
  const found = new FoundOwners(wanted);
  const pids = found.size === 0 ? [] : procfs.pids();
  const isWanted = (inode: number) => found.looked(inode);
  const walkAlone = (each: readonly number[]) => walkHolders(procfs, each, counter(), isWanted, met);
  let walks: Walk[];
  if (walkers && pids.length > 0) {
    const ours = yield* walkHolders(procfs, pids, walkers.begin(pids, wanted), isWanted, met);
    const { walks: theirs, missed } = walkers.end();
    walks = [ours, ...theirs, yield* walkAlone(missed)];
  } else {
    walks = [yield* walkAlone(pids)];
  }
  // Whoever was born meanwhile may have what its parent has closed since.
  for (let round = 0, known = new Set(pids); round < ROUNDS && pids.length > 0; round++) {
    const born = procfs.pids().filter((pid) => !known.has(pid));
    if (born.length === 0) break;
    walks.push(yield* walkAlone(born));
    known = new Set([...known, ...born]);
  }
  for (const { unreadable } of walks) for (const [pid, code] of unreadable) found.unreadable.set(pid, code);
  visitHolders(walks, (inode, pid, fd) => found.add(inode, pid, fd));
  found.hidden = pids.length > 0 && isHidden(pids);
  return found;
}

/** How often it is asked who was born while the others were asked. */
const ROUNDS = 3;

function counter(): () => number {
  let count = 0;
  return () => count++;
}

/** In place of a holder: it is wanted, and none was found. */
const WANTED = -1;

/** The holders of the wanted sockets, as they are found, by ascending pid: numbers in columns, not objects. */
class FoundOwners implements Ownership {
  readonly unreadable = new Map<number, string>();
  hidden = false;
  /** Of each wanted socket its last holder, counted from 1; or WANTED. */
  readonly #last: InodeMap;
  #pids = new Uint32Array(1024);
  #fds = new Uint32Array(1024);
  /** The next holder of the same socket; of the last, the first. */
  #next = new Uint32Array(1024);
  #length = 0;

  constructor(wanted: Uint32Array) {
    this.#last = new InodeMap(wanted.length);
    for (const inode of wanted) this.#last.set(inode, WANTED);
  }

  get size(): number {
    return this.#last.size;
  }

  add(inode: number, pid: number, fd: number): void {
    const last = this.#last.get(inode);
    if (last === 0) return;
    const holder = this.#length + 1;
    if (holder === this.#pids.length) this.#grow();
    this.#length = holder;
    this.#pids[holder] = pid;
    this.#fds[holder] = fd;
    this.#next[holder] = last === WANTED ? holder : (this.#next[last] as number);
    if (last !== WANTED) this.#next[last] = holder;
    this.#last.set(inode, holder);
  }

  holders(inode: number): readonly Holder[] {
    const holders: Holder[] = [];
    this.#visit(inode, (holder) => {
      holders.push({ pid: this.#pids[holder] as number, fd: this.#fds[holder] as number });
    });
    return holders.sort(byPidThenFd);
  }

  pids(inode: number): readonly number[] {
    const last = this.#last.get(inode);
    if (last > 0 && this.#next[last] === last) return [this.#pids[last] as number];
    const pids: number[] = [];
    this.#visit(inode, (holder) => {
      const pid = this.#pids[holder] as number;
      if (pids.at(-1) !== pid) pids.push(pid);
    });
    return pids;
  }

  firstPid(inode: number): number {
    const last = this.#last.get(inode);
    return last > 0 ? (this.#pids[this.#next[last] as number] as number) : 0;
  }

  inodesOf(pid: number): number[] {
    const inodes: number[] = [];
    this.#last.forEach((inode) => {
      if (this.pids(inode).includes(pid)) inodes.push(inode);
    });
    return inodes.sort((a, b) => a - b);
  }

  looked(inode: number): boolean {
    return this.#last.get(inode) !== 0;
  }

  #visit(inode: number, visit: (holder: number) => void): void {
    const last = this.#last.get(inode);
    if (last <= 0) return;
    let holder = last;
    do {
      holder = this.#next[holder] as number;
      visit(holder);
    } while (holder !== last);
  }

  #grow(): void {
    const larger = (column: Uint32Array<ArrayBuffer>) => {
      const twice = new Uint32Array(column.length * 2);
      twice.set(column);
      return twice;
    };
    this.#pids = larger(this.#pids);
    this.#fds = larger(this.#fds);
    this.#next = larger(this.#next);
  }
}

export function byPidThenFd(a: Holder, b: Holder): number {
  return a.pid - b.pid || a.fd - b.fd;
}

/** Every pid namespace has a pid 1: where it is not to be seen, /proc hides what is not ours. */
export function isHidden(pids: readonly number[]): boolean {
  return pids[0] !== 1;
}
