import { InodeMap } from './inode-map.ts';
import type { Holder } from './owners.ts';

const NOTHING = new Uint32Array(0);

/** What is known of a process's descriptors. {@link Holdings} alone changes it. */
export class DescriptorTable {
  readonly pid: number;
  /** The descriptors known to be open, ascending. Only the first `length` count. */
  fds = NOTHING;
  /** The socket that each leads to; 0: something else. */
  inodes = NOTHING;
  length = 0;

  constructor(pid: number) {
    this.pid = pid;
  }

  /** Where a descriptor is, or would be. */
  positionOf(fd: number): number {
    let [low, high] = [0, this.length];
    // A walk comes in order: mostly it is a new last one.
    if (high > 0 && (this.fds[high - 1] as number) < fd) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.fds[middle] as number) < fd) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A process among those that share a socket, and with how many descriptors it holds it. */
type Share = { readonly pid: number; count: number };

/** In place of a pid: more than one descriptor leads to the socket, see the shares. */
const SHARED = -1;

const NO_PIDS: readonly number[] = [];

/** Which descriptor leads to which socket, from either end. */
export class Holdings {
  readonly #tables = new Map<number, DescriptorTable>();
  readonly #pids = new InodeMap();
  /** By pid. Few sockets are shared, a few of them by thousands. */
  readonly #shares = new Map<number, Share[]>();
  readonly #changed: (inode: number, table: DescriptorTable, fd: number, gained: boolean) => void;

  /** `changed` is told of each descriptor that now leads to a socket, or does no more. */
  constructor(changed: (inode: number, table: DescriptorTable, fd: number, gained: boolean) => void) {
    this.#changed = changed;
  }

  has(inode: number): boolean {
    return this.#pids.get(inode) !== 0;
  }

  /** The lowest pid that holds the socket; 0: none. */
  firstPid(inode: number): number {
    const pid = this.#pids.get(inode);
    return pid === SHARED ? (this.#sharesOf(inode)[0] as Share).pid : pid;
  }

  /** The processes that hold the socket, ascending. */
  pids(inode: number): readonly number[] {
    const pid = this.#pids.get(inode);
    if (pid === SHARED) return this.#sharesOf(inode).map((share) => share.pid);
    return pid === 0 ? NO_PIDS : [pid];
  }

  /** Every holder, by pid, then descriptor. */
  holders(inode: number): readonly Holder[] {
    const holders: Holder[] = [];
    // A server may have thousands of others: what is not shared is found once.
    const alone = this.#pids.get(inode) !== SHARED;
    for (const pid of this.pids(inode)) {
      const { fds, inodes, length } = this.#tables.get(pid) as DescriptorTable;
      for (let at = inodes.indexOf(inode); at >= 0 && at < length; at = inodes.indexOf(inode, at + 1)) {
        holders.push({ pid, fd: fds[at] as number });
        if (alone) return holders;
      }
    }
    return holders;
  }

  /** The descriptor is open, and leads to this socket; 0: to something else. After a first {@link retain}. */
  put(table: DescriptorTable, fd: number, inode: number): void {
    const at = table.positionOf(fd);
    if (at < table.length && table.fds[at] === fd) {
      const before = table.inodes[at] as number;
      if (before === inode) return;
      table.inodes[at] = inode;
      if (before !== 0) this.#lose(table, before, fd);
    } else {
      makeRoom(table, at);
      table.fds[at] = fd;
      table.inodes[at] = inode;
    }
    if (inode !== 0) this.#gain(table, inode, fd);
  }

  /** These are the descriptors that are open, ascending: whichever is not among them was closed. */
  retain(table: DescriptorTable, open: readonly number[]): void {
    this.#tables.set(table.pid, table);
    const { fds, inodes, length } = table;
    let kept = 0;
    let next = 0;
    const lost: { inode: number; fd: number }[] = [];
    for (let at = 0; at < length; at++) {
      const fd = fds[at] as number;
      while (next < open.length && (open[next] as number) < fd) next++;
      if (open[next] === fd) {
        fds[kept] = fd;
        inodes[kept++] = inodes[at] as number;
      } else if (inodes[at] !== 0) {
        lost.push({ inode: inodes[at] as number, fd });
      }
    }
    table.length = kept;
    reserve(table, open.length);
    for (const { inode, fd } of lost) this.#lose(table, inode, fd);
  }

  /** It holds nothing any more. */
  forget(table: DescriptorTable): void {
    this.retain(table, []);
    this.#tables.delete(table.pid);
  }

  #gain(table: DescriptorTable, inode: number, fd: number): void {
    const { pid } = table;
    const before = this.#pids.set(inode, pid);
    if (before !== 0) {
      this.#pids.set(inode, SHARED);
      if (before !== SHARED) this.#shares.set(inode, [{ pid: before, count: 1 }]);
      const shares = this.#sharesOf(inode);
      const at = positionOf(shares, pid);
      const share = shares[at];
      if (share?.pid === pid) share.count++;
      else shares.splice(at, 0, { pid, count: 1 });
    }
    this.#changed(inode, table, fd, true);
  }

  #lose(table: DescriptorTable, inode: number, fd: number): void {
    if (this.#pids.get(inode) === SHARED) {
      const shares = this.#sharesOf(inode);
      const at = positionOf(shares, table.pid);
      const share = shares[at] as Share;
      if (--share.count === 0) shares.splice(at, 1);
      const [first, second] = shares as [Share, Share | undefined];
      if (second === undefined && first.count === 1) {
        this.#pids.set(inode, first.pid);
        this.#shares.delete(inode);
      }
    } else {
      this.#pids.delete(inode);
    }
    this.#changed(inode, table, fd, false);
  }

  #sharesOf(inode: number): Share[] {
    return this.#shares.get(inode) as Share[];
  }
}

function positionOf(shares: readonly Share[], pid: number): number {
  let [low, high] = [0, shares.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((shares[middle] as Share).pid < pid) low = middle + 1;
    else high = middle;
  }
  return low;
}

function makeRoom(table: DescriptorTable, at: number): void {
  if (table.length === table.fds.length) reserve(table, table.length + (table.length >> 2) + 4);
  if (at < table.length) {
    table.fds.copyWithin(at + 1, at, table.length);
    table.inodes.copyWithin(at + 1, at, table.length);
  }
  table.length++;
}

/** Room for so many, and not for many more. */
function reserve(table: DescriptorTable, capacity: number): void {
  const { fds, inodes, length } = table;
  if (fds.length >= capacity && fds.length <= capacity * 2 + 16) return;
  table.fds = new Uint32Array(Math.max(capacity, length));
  table.inodes = new Uint32Array(table.fds.length);
  table.fds.set(fds.subarray(0, length));
  table.inodes.set(inodes.subarray(0, length));
}
