import { ProcError } from '../../src/procfs/procfs.ts';
import type { Descriptors, Glance } from '../../src/sockets/descriptors.ts';
import { byPidThenFd, type Holder } from '../../src/sockets/owners.ts';

type Running = {
  /** What tells it from another process with the same pid. */
  readonly process: number;
  /** The inode that each descriptor leads to; 0: no socket. */
  readonly fds: Map<number, number>;
  readable: boolean;
};

/** That a descriptor led to a socket and could be read, from one moment to another. */
export type Held = Holder & { inode: number; from: number; to: number };

/** What a kernel does not tell. */
export type Kernel = { births?: boolean; counts?: boolean };

const FILE = 0;

/** What a question takes, in ms. */
const STEP = 1 / 64;

/** Processes with descriptors, made up; it remembers who held what when, by a clock that each look at it moves. */
export class ModelHost implements Descriptors {
  readonly #kernel: Required<Kernel>;
  readonly #running = new Map<number, Running>();
  readonly #history: Held[] = [];
  readonly #later: { moments: number; change: () => void }[] = [];
  #time = 0;
  #born = 0;
  /** What was asked, and of whom: `glance 7`, `inode 7/3`. */
  readonly questions: string[] = [];

  constructor(kernel: Kernel = {}) {
    this.#kernel = { births: true, counts: true, ...kernel };
  }

  /** Never twice the same; and things happen while somebody looks at it. */
  readonly clock = (): number => {
    this.#pass();
    return this.#next();
  };

  #next(): number {
    this.#time += STEP;
    return this.#time;
  }

  /** What the clock says, without looking at it. */
  get time(): number {
    return this.#time;
  }

  get history(): readonly Held[] {
    return this.#history;
  }

  /** The processes that run now, ascending; not a question. */
  get running(): number[] {
    return [...this.#running.keys()].sort((a, b) => a - b);
  }

  descriptorsOf(pid: number): number[] {
    return [...(this.#running.get(pid)?.fds.keys() ?? [])].sort((a, b) => a - b);
  }

  isReadable(pid: number): boolean {
    return this.#running.get(pid)?.readable ?? false;
  }

  /** Who holds a socket now, as a walk through everything that can be read would find. */
  holders(inode: number): Holder[] {
    return this.#history
      .filter((held) => held.inode === inode && held.to === Infinity)
      .map(({ pid, fd }) => ({ pid, fd }))
      .sort(byPidThenFd);
  }

  /** A process with these sockets, from descriptor 3 on; 0 is a file. */
  start(pid: number, ...inodes: number[]): void {
    this.exit(pid);
    this.#born++;
    this.#running.set(pid, { process: this.#born, fds: new Map(), readable: true });
    for (const [at, inode] of inodes.entries()) this.open(pid, 3 + at, inode);
  }

  /** A process with all that another holds. */
  fork(parent: number, pid: number): void {
    const { fds, readable } = this.#at(parent);
    this.start(pid);
    this.#at(pid).readable = readable;
    for (const [fd, inode] of fds) this.open(pid, fd, inode);
  }

  exit(pid: number): void {
    for (const fd of this.descriptorsOf(pid)) this.close(pid, fd);
    this.#running.delete(pid);
  }

  /** The descriptor leads to this socket now, wherever it led before; to a file where none is named. */
  open(pid: number, fd: number, inode = FILE): void {
    this.close(pid, fd);
    const { fds, readable } = this.#at(pid);
    fds.set(fd, inode);
    if (inode !== FILE && readable) this.#begin(pid, fd, inode);
  }

  /** dup2(2). */
  duplicate(pid: number, fd: number, to: number): void {
    const inode = this.#at(pid).fds.get(fd);
    if (inode !== undefined && fd !== to) this.open(pid, to, inode);
  }

  close(pid: number, fd: number): void {
    const running = this.#at(pid);
    if (running?.fds.delete(fd)) this.#end((held) => held.pid === pid && held.fd === fd);
  }

  /** Whether its descriptors may be read from now on. */
  permit(pid: number, readable: boolean): void {
    const running = this.#at(pid);
    if (running.readable === readable) return;
    running.readable = readable;
    if (!readable) this.#end((held) => held.pid === pid);
    else for (const [fd, inode] of running.fds) if (inode !== FILE) this.#begin(pid, fd, inode);
  }

  /** The kernel makes its folder anew, as it does when it is short of memory: the process is the same. */
  forgetFolder(pid: number): void {
    this.#running.set(pid, { ...this.#at(pid), process: this.#next() + 1e6 });
  }

  /** After so many more questions or looks at the clock, as things happen between two system calls. */
  after(moments: number, change: () => void): void {
    this.#later.push({ moments, change });
  }

  /** Whatever was to happen later happens now. */
  catchUp(): void {
    for (const { change } of this.#later.splice(0)) change();
  }

  births(): number | null {
    this.#ask('births');
    return this.#kernel.births ? this.#born : null;
  }

  pids(): number[] {
    this.#ask('pids');
    return this.running;
  }

  glance(pid: number): Glance | null {
    this.#ask(`glance ${pid}`);
    const running = this.#running.get(pid);
    if (!running) return null;
    return { process: running.process, count: this.#kernel.counts ? running.fds.size : null };
  }

  fds(pid: number): number[] {
    this.#ask(`fds ${pid}`);
    this.#readable(pid);
    return this.descriptorsOf(pid);
  }

  inode(pid: number, fd: number): number {
    this.#ask(`inode ${pid}/${fd}`);
    return this.#readable(pid).fds.get(fd) ?? 0;
  }

  #ask(question: string): void {
    this.#next();
    this.questions.push(question);
    this.#pass();
  }

  #pass(): void {
    for (const later of [...this.#later]) {
      if (later.moments-- > 0) continue;
      this.#later.splice(this.#later.indexOf(later), 1);
      later.change();
    }
  }

  #readable(pid: number): Running {
    const running = this.#running.get(pid);
    if (!running) throw new ProcError('ENOENT', `/proc/${pid}/fd`);
    if (!running.readable) throw new ProcError('EACCES', `/proc/${pid}/fd`);
    return running;
  }

  #at(pid: number): Running {
    return this.#running.get(pid) as Running;
  }

  #begin(pid: number, fd: number, inode: number): void {
    this.#history.push({ pid, fd, inode, from: this.#next(), to: Infinity });
  }

  #end(which: (held: Held) => boolean): void {
    const now = this.#next();
    for (const held of this.#history) if (held.to === Infinity && which(held)) held.to = now;
  }
}
