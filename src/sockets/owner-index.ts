import { ProcError, SURELY_SAME } from '../procfs/procfs.ts';
import type { Descriptors } from './descriptors.ts';
import { DescriptorTable, Holdings } from './holdings.ts';
import { type Holder, isHidden, type Ownership } from './owners.ts';
import { WantedSockets } from './wanted-sockets.ts';

/** How many processes that gained a wanted socket lately are asked before others. */
const LIVELY = 16;

/** A process with so few descriptors is read whole where another would be asked only for its new ones. */
const SMALL = 32;

/** How many holders of one socket are verified. Thousands may share it, and a row shows a few. */
const VERIFIED = 16;

/**
 * How long a process may take to close what it held once it has ended, in ms: one with twenty thousand sockets takes
 * half a second, and more on a busy host.
 */
const CLOSING = 5000;

/** When more sockets than this are wanted no more, and more than still are, then something else was asked for. */
const MANY = 1000;

/** A process, what it holds, and when that was read. */
class Process extends DescriptorTable {
  /** Which process had the pid when its descriptors were last listed, and how many it had. */
  process = Number.NaN;
  count: number | null = null;
  /** Whatever it has held without a break since then is known, and nothing that it lost before then. */
  readAt: number;
  /** Every descriptor that has been open since then is known, though it may lead elsewhere by now. */
  listedAt = -Infinity;
  /** Its descriptors may not be read. */
  refused = false;
  /** Sockets of it that may be closed by now, and their descriptors in use for others. */
  suspects: Set<number> | null = null;

  constructor(pid: number, readAt: number) {
    super(pid);
    this.readAt = readAt;
  }
}

/**
 * Who holds which socket: kept, not rebuilt. It knows every socket descriptor that it has seen, and looks only
 * for sockets that it does not know, where they are likely first. What such a look cannot find (one more holder
 * of a known socket, say), the {@link sweep} in the background does.
 *
 * A descriptor is noted when its link is read, and struck off when a list of the open ones is without it: never
 * is anything noted later than the kernel said it. So looks may pause, overlap, and be given up at any point.
 */
export class OwnerIndex implements Ownership {
  /** Told of a process that has come to hold a socket, at once: its pid may have been another's before. */
  met: (pid: number) => void = () => {};

  readonly #descriptors: Descriptors;
  readonly #clock: () => number;
  #time = -Infinity;
  readonly #pace: number;
  /** Questions to the kernel since the last pause. */
  #asked = 0;
  /** When the last pause ended. */
  #resumedAt = -Infinity;
  /** What a process has just been found to hold. */
  #gaining: { process: Process; fd: number } | null = null;

  readonly #wanted = new WantedSockets();
  readonly #holdings = new Holdings((inode, table, fd, gained) => {
    this.#note(inode, table as Process, fd, gained);
  });
  /** The last holder of wanted sockets that have none now, and since when: as long as it may still be closing them. */
  readonly #former = new Map<number, Holder & { since: number }>();
  /** As they were found: the newest last. */
  readonly #processes = new Map<number, Process>();
  readonly #unreadable = new Map<number, string>();
  #hidden = false;
  #version = 0;

  /** When the processes were last known to be all there are. */
  #listedAt = -Infinity;
  /** As of the last list; and whether of the one before, too. */
  #births: number | null = null;
  #sure = false;
  /** Never read yet; the next to be read is the last. */
  readonly #newborn: Process[] = [];
  /** Read once. */
  #young: Process[] = [];
  #complete = false;

  readonly #suspected = new Set<Process>();
  /** Those that gained a wanted socket last, the latest first. */
  readonly #lively: Process[] = [];
  /** For which arrivals of wanted sockets the likely places were tried. */
  #tried = 0;
  /** Whether there was a want since the last search for new processes. */
  #due = false;

  /** `pace`: after how many questions to the kernel a look pauses. */
  constructor(descriptors: Descriptors, clock: () => number = () => performance.now(), pace = 50) {
    this.#descriptors = descriptors;
    this.#clock = clock;
    this.#pace = pace;
  }

  /** Grows whenever what is said of a wanted socket, or why nothing is, may have changed. */
  get version(): number {
    return this.#version;
  }

  get unreadable(): ReadonlyMap<number, string> {
    return this.#unreadable;
  }

  get hidden(): boolean {
    return this.#hidden;
  }

  holders(inode: number): readonly Holder[] {
    return this.#holdings.holders(inode);
  }

  pids(inode: number): readonly number[] {
    return this.#holdings.pids(inode);
  }

  /** The lowest pid that holds the socket; 0: none is known. */
  firstPid(inode: number): number {
    return this.#holdings.firstPid(inode);
  }

  /**
   * The same, but a socket that lost its last holder keeps it until somebody else is found, or for a while if nobody
   * is: a process that ends has no descriptors while its sockets are closed one after the other (kernel/exit.c,
   * exit_files), and they are nobody else's then.
   */
  readonly untilReplaced: Ownership = untilReplaced(this, this.#former);

  /** The sockets of a process, wanted or not. */
  inodesOf(pid: number): Iterable<number> {
    const process = this.#processes.get(pid);
    const inodes = new Set(process?.inodes.subarray(0, process.length));
    inodes.delete(0);
    return inodes;
  }

  looked(inode: number): boolean {
    return this.#wanted.settled(inode);
  }

  /**
   * What has been held without a break since then, by a process that may be read, is told; what ended before
   * then is not. -Infinity until every process was read once.
   */
  get freshSince(): number {
    return this.#readSince(true);
  }

  /** How many processes the first look has read; null: it is complete. */
  progress(): { done: number; total: number } | null {
    if (this.#complete) return null;
    const total = this.#processes.size;
    return { done: Math.max(0, total - this.#newborn.length), total };
  }

  /** The sockets that matter from now on, as a table has them that was read just now. 0 is none. */
  want(inodes: ArrayLike<number>): void {
    const { recognised, gone } = this.#wanted.want(inodes, this.#now(), (inode) => this.#holdings.has(inode));
    this.#due = true;
    if (recognised) this.#version++;
    for (const inode of gone) this.#former.delete(inode);
    this.#forgetFormer();
    if (gone.length > MANY && gone.length > this.#wanted.size) return;
    for (const inode of gone) {
      for (const pid of this.#holdings.pids(inode)) this.#suspect(this.#processes.get(pid) as Process, inode);
    }
  }

  /**
   * Asks again whether these sockets are still held as known: those on the screen. One that lost its last holder
   * is looked for once the next {@link want} names it.
   */
  verify(inodes: Iterable<number>): void {
    const began = this.#resume();
    for (const inode of inodes) {
      for (const { pid, fd } of this.#holdings.holders(inode).slice(0, VERIFIED)) {
        const process = this.#processes.get(pid);
        if (!process) continue;
        try {
          this.#holdings.put(process, fd, this.#descriptors.inode(pid, fd));
        } catch (error) {
          this.#strike(process, error, began);
        }
      }
    }
  }

  /**
   * The pid is another process's than it was: of what that one held nothing is said of this one, which is called
   * otherwise by now; but for what it was just found to hold.
   */
  replaced(pid: number): void {
    const process = this.#processes.get(pid);
    if (process) {
      const found = this.#gaining?.process === process ? this.#gaining.fd : null;
      this.#holdings.retain(process, found === null ? [] : [found]);
      // To be read anew.
      if (found === null) process.process = Number.NaN;
    }
    for (const [inode, holder] of this.#former) {
      if (holder.pid !== pid) continue;
      this.#former.delete(inode);
      this.#version++;
    }
  }

  /**
   * Reads the processes that are new, then looks for the wanted sockets that nobody is known to hold. A socket
   * that is in no likely place costs a look at everything. Most of these are closed by then: so this is done
   * only for those that two wants have named, and the search ends when there are no others.
   */
  *search(): Generator<void, void> {
    this.#resume();
    yield* this.#greet();
    while (this.#wanted.pending > 0) {
      if (this.#due) yield* this.#greet();
      if (this.#tried < this.#wanted.arrivals) yield* this.#tryLikely();
      const since = this.#wanted.newestLasting;
      if (since !== null) yield* this.#tryAll(since);
      else if (this.#tried === this.#wanted.arrivals) return;
    }
  }

  /**
   * Reads everything that every process holds, once, the longest not read first; and those sooner that have
   * changed. To be run again and again in the background, a little at a time.
   */
  *sweep(): Generator<void, void> {
    const began = this.#resume();
    this.#list();
    yield* this.#readNewborn();
    const round = [...this.#processes.values()].sort((a, b) => (a.readAt < b.readAt ? -1 : 1));
    let glanced = 0;
    for (const process of round) {
      if (process.readAt < began) yield* this.#read(process, true);
      for (let credit = process.length >> 3; credit >= 0; credit--) {
        // From the end: these would wait the longest.
        const other = round.at(-1 - (glanced++ % round.length)) as Process;
        if (!other.refused && this.#glance(other)) yield* this.#read(other, true);
        yield* this.#pause();
      }
    }
    this.#settle();
  }

  /** Grows strictly, whatever the clock does: what was read in one moment was not wanted in the same. */
  #now(): number {
    const now = this.#clock();
    this.#time = now > this.#time ? now : this.#time + 1e-6;
    return this.#time;
  }

  *#pause(): Generator<void, void> {
    if (this.#asked < this.#pace) return;
    this.#asked = 0;
    yield;
    this.#resume();
  }

  #resume(): number {
    this.#resumedAt = this.#now();
    return this.#resumedAt;
  }

  /** Since when everything is known of each process; of the refused ones: that they are. */
  #readSince(refused: boolean): number {
    let since = this.#listedAt;
    for (const process of this.#processes.values()) {
      if (process.readAt < since && (refused || !process.refused)) since = process.readAt;
    }
    return since;
  }

  #newestFirst(): Process[] {
    return [...this.#processes.values()].reverse();
  }

  #settle(): void {
    if (this.#wanted.pending === 0 || !this.#wanted.settle(this.#readSince(false))) return;
    this.#version++;
    this.#forgetFormer();
  }

  #forgetFormer(): void {
    for (const [inode, { since }] of this.#former) {
      if (this.#time - since < CLOSING || !this.#wanted.settled(inode)) continue;
      this.#former.delete(inode);
      this.#version++;
    }
  }

  /** Whether it is still known by this record: it ended, or was refused, meanwhile. */
  #stands(process: Process): boolean {
    return this.#processes.get(process.pid) === process;
  }

  /** Finds the processes that are new and reads them. */
  *#greet(): Generator<void, void> {
    this.#due = false;
    const now = this.#now();
    const births = this.#descriptors.births();
    // A pid is taken a moment before /proc shows its process (kernel/fork.c): one list more than seems necessary.
    if (this.#sure && births === this.#births) this.#listedAt = now;
    else this.#list();
    const young = this.#young;
    this.#young = [];
    yield* this.#readNewborn();
    // A process is born with what its parent holds, and begins by closing it.
    for (const process of young) yield* this.#read(process, true);
    this.#settle();
  }

  #list(): void {
    const now = this.#now();
    const births = this.#descriptors.births();
    this.#sure = births !== null && births === this.#births;
    this.#births = births;
    const pids = this.#descriptors.pids();
    for (const pid of pids) {
      if (this.#processes.has(pid)) continue;
      // It was not there the last time: until then it held nothing.
      const process = new Process(pid, this.#listedAt);
      this.#processes.set(pid, process);
      this.#newborn.push(process);
    }
    if (this.#processes.size > pids.length) {
      const living = new Set(pids);
      for (const process of this.#processes.values()) if (!living.has(process.pid)) this.#drop(process);
    }
    this.#listedAt = now;
    const hidden = pids.length > 0 && isHidden(pids);
    if (hidden !== this.#hidden) this.#version++;
    this.#hidden = hidden;
  }

  *#readNewborn(): Generator<void, void> {
    for (;;) {
      const process = this.#newborn.at(-1);
      if (!process) break;
      yield* this.#read(process, true);
      const at = this.#newborn.lastIndexOf(process);
      if (at >= 0) this.#newborn.splice(at, 1);
      if (this.#complete) this.#young.push(process);
    }
    this.#complete = true;
  }

  /** Where a new socket mostly is. */
  *#tryLikely(): Generator<void, void> {
    const { arrivals } = this.#wanted;
    const began = this.#now();
    for (const process of [...this.#suspected]) {
      if (this.#wanted.pending === 0) break;
      yield* this.#read(process, false);
    }
    const lively = new Set(this.#lively);
    for (const process of new Set([...lively, ...this.#newestFirst()])) {
      if (this.#wanted.pending === 0) break;
      if (process.refused || process.listedAt >= began) continue;
      const changed = this.#glance(process);
      // Where the kernel does not tell counts, a list of the descriptors tells; for some that can be afforded.
      if (changed || (process.count === null && lively.has(process))) {
        yield* this.#read(process, process.length <= SMALL);
      }
      yield* this.#pause();
    }
    this.#tried = arrivals;
  }

  /** Everywhere, for those that are pending since then at the latest; what comes meanwhile is tried in between. */
  *#tryAll(since: number): Generator<void, void> {
    const processes = this.#newestFirst();
    for (const whole of [false, true]) {
      // Each descriptor costs, and most processes have few.
      if (whole) processes.sort((a, b) => a.length - b.length);
      for (const process of processes) {
        if (this.#wanted.oldest > since) return;
        if (process.refused || (whole ? process.readAt : process.listedAt) >= since) continue;
        yield* this.#read(process, whole);
        if (this.#due) yield* this.#greet();
        if (this.#tried < this.#wanted.arrivals) yield* this.#tryLikely();
      }
    }
    this.#settle();
  }

  /** Whether a process was changed, as far as can be told without listing its descriptors. */
  #glance(process: Process): boolean {
    if (!this.#stands(process)) return false;
    this.#asked++;
    const glance = this.#descriptors.glance(process.pid);
    if (glance !== null) return glance.process !== process.process || glance.count !== process.count;
    this.#drop(process);
    return false;
  }

  /** Reads where the descriptors of a process lead: all, or those that are not known. */
  *#read(process: Process, whole: boolean): Generator<void, void> {
    yield* this.#pause();
    if (!this.#stands(process)) return;
    const { pid } = process;
    const began = this.#now();
    try {
      this.#asked += 2;
      const glance = this.#descriptors.glance(pid);
      if (glance === null) return this.#drop(process);
      const open = this.#descriptors.fds(pid);
      const all = whole || glance.process !== process.process;
      process.process = glance.process;
      process.count = glance.count;
      this.#holdings.retain(process, open);
      const unread = all ? open : this.#unknown(process, open);
      process.suspects = null;
      this.#suspected.delete(process);
      for (const fd of unread) {
        if (this.#asked >= this.#pace) {
          this.#asked = 0;
          yield;
          this.#resume();
          // Another look may have found it gone, or have read all of it since.
          if (!this.#stands(process) || process.readAt >= began) return;
        }
        this.#asked++;
        this.#holdings.put(process, fd, this.#descriptors.inode(pid, fd));
      }
      process.listedAt = Math.max(process.listedAt, began);
      if (all) {
        process.readAt = Math.max(process.readAt, began);
        this.#admit(process);
      }
    } catch (error) {
      this.#strike(process, error, began);
    }
  }

  /** Which of these descriptors lead nobody knows where. */
  #unknown({ fds, inodes, length, suspects }: Process, open: readonly number[]): number[] {
    const unknown: number[] = [];
    let at = 0;
    for (const fd of open) {
      while (at < length && (fds[at] as number) < fd) at++;
      const known = at < length && fds[at] === fd;
      const inode = inodes[at] as number;
      if (!known || (suspects?.has(inode) && !this.#wanted.has(inode))) unknown.push(fd);
    }
    return unknown;
  }

  #note(inode: number, process: Process, fd: number, gained: boolean): void {
    // At first nothing is known of any pid that could be of another process.
    if (gained && this.#complete) this.#meet(process, fd);
    if (!this.#wanted.has(inode)) {
      // Newer than the table, which may come to name it; if not, it may be closed and its descriptor reused.
      if (gained && process.readAt > -Infinity) this.#suspect(process, inode);
      return;
    }
    this.#version++;
    if (gained) {
      this.#wanted.found(inode);
      this.#former.delete(inode);
      this.#enliven(process);
    } else if (!this.#holdings.has(inode)) {
      this.#wanted.lost(inode, this.#now());
      this.#former.set(inode, { pid: process.pid, fd, since: this.#time });
    }
  }

  /** Whoever waited for the processor may have met another one, which has the pid by now: then it is asked again. */
  #meet(process: Process, fd: number): void {
    const { pid } = process;
    this.#gaining = { process, fd };
    this.met(pid);
    this.#gaining = null;
    if (this.#clock() - this.#resumedAt > SURELY_SAME)
      this.#holdings.put(process, fd, this.#descriptors.inode(pid, fd));
  }

  #suspect(process: Process, inode: number): void {
    process.suspects ??= new Set();
    process.suspects.add(inode);
    this.#suspected.add(process);
  }

  #enliven(process: Process): void {
    if (this.#lively[0] === process) return;
    const at = this.#lively.indexOf(process);
    if (at >= 0) this.#lively.splice(at, 1);
    this.#lively.unshift(process);
    if (this.#lively.length > LIVELY) this.#lively.pop();
  }

  /** The process did not answer: it ended, or refuses. */
  #strike(process: Process, error: unknown, now: number): void {
    if (!(error instanceof ProcError)) throw error;
    if (error.gone) this.#drop(process);
    else this.#refuse(process, error.code, now);
  }

  #drop(process: Process): void {
    const { pid } = process;
    this.#processes.delete(pid);
    this.#suspected.delete(process);
    if (this.#unreadable.delete(pid) && this.#unreadable.size === 0) this.#version++;
    this.#holdings.forget(process);
  }

  #refuse(process: Process, code: string, now: number): void {
    if (this.#unreadable.get(process.pid) === code && process.length === 0) {
      process.readAt = now;
      return;
    }
    this.#drop(process);
    // A record of its own: a look at the one before, on its way, ends.
    const refused = new Process(process.pid, now);
    refused.refused = true;
    this.#processes.set(process.pid, refused);
    if (this.#unreadable.set(process.pid, code).size === 1) this.#version++;
  }

  #admit(process: Process): void {
    if (!process.refused) return;
    process.refused = false;
    if (this.#unreadable.delete(process.pid) && this.#unreadable.size === 0) this.#version++;
  }
}

function untilReplaced(index: OwnerIndex, former: ReadonlyMap<number, Holder>): Ownership {
  const last = (inode: number) => (index.firstPid(inode) === 0 ? former.get(inode) : undefined);
  return {
    holders(inode) {
      const holder = last(inode);
      return holder ? [{ pid: holder.pid, fd: holder.fd }] : index.holders(inode);
    },
    pids(inode) {
      const holder = last(inode);
      return holder ? [holder.pid] : index.pids(inode);
    },
    firstPid: (inode) => index.firstPid(inode) || (former.get(inode)?.pid ?? 0),
    inodesOf: (pid) => index.inodesOf(pid),
    looked: (inode) => index.looked(inode),
    get unreadable() {
      return index.unreadable;
    },
    get hidden() {
      return index.hidden;
    },
  };
}
