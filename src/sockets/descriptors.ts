import { socketInode } from '../procfs/fd.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';

/** What one stat of /proc/PID/fd tells. */
export type Glance = {
  /** Differs when another process has the pid now; and, at times, when the kernel forgot and made it anew. */
  process: number;
  /** How many descriptors are open; null: the kernel does not tell. */
  count: number | null;
};

/** What can be asked about the descriptors of processes: what an owner index is made from. */
export interface Descriptors {
  /** Changes when a process may have been born since; null: it cannot be told, the pids have to be listed. */
  births(): number | null;
  /** The processes that can be seen, ascending. */
  pids(): number[];
  /** null: there is no such process. */
  glance(pid: number): Glance | null;
  /** The descriptors that are open, ascending. Throws a {@link ProcError}. */
  fds(pid: number): number[];
  /**
   * The inode of the socket that a descriptor leads to; 0: it leads to something else, or is closed.
   * Throws a {@link ProcError} when it may not be read, or when the whole process is gone.
   */
  inode(pid: number, fd: number): number;
}

/** The descriptors as a /proc tree shows them. */
export class ProcDescriptors implements Descriptors {
  readonly #procfs: ProcFs;
  /** Whether /proc/loadavg speaks of the processes that this /proc shows. */
  readonly #tellsBirths: boolean;
  readonly #tellsCounts: boolean;

  constructor(procfs: ProcFs) {
    this.#procfs = procfs;
    // loadavg's last pid is of the reader's pid namespace, whichever namespace this /proc was mounted for.
    this.#tellsBirths = attempt(() => procfs.link('self')) === `${process.pid}`;
    // Before Linux 6.2 the st_size of a folder of descriptors is 0; we always have some.
    this.#tellsCounts = (attempt(() => procfs.stat('self/fd').size) ?? 0) > 0;
  }

  births(): number | null {
    if (!this.#tellsBirths) return null;
    const loadavg = attempt(() => this.#procfs.text('loadavg')) ?? '';
    const pid = Number(loadavg.slice(loadavg.lastIndexOf(' ') + 1));
    return pid > 0 ? pid : null;
  }

  pids(): number[] {
    return this.#procfs.pids();
  }

  glance(pid: number): Glance | null {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      const { ino, size } = this.#procfs.stat(`${pid}/fd`);
      return { process: ino, count: this.#tellsCounts ? size : null };
    } catch (error) {
      if (!(error instanceof ProcError)) throw error;
      // hidepid=1 refuses even this: fds() will say so.
      return error.gone ? null : { process: 0, count: null };
    } finally {
      Error.stackTraceLimit = limit;
    }
  }

  fds(pid: number): number[] {
    // Other users' processes refuse by the thousand, and half the cost of that is the stack trace.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      const names = this.#procfs.names(`${pid}/fd`);
      const fds = new Array<number>(names.length);
      for (let at = 0; at < names.length; at++) fds[at] = Number(names[at]);
      return fds.sort(ascending);
    } finally {
      Error.stackTraceLimit = limit;
    }
  }

  inode(pid: number, fd: number): number {
    try {
      return socketInode(this.#procfs.link(`${pid}/fd/${fd}`));
    } catch (error) {
      // ENOENT is said of a closed descriptor and of a process that ended alike.
      if (error instanceof ProcError && error.gone && this.glance(pid) !== null) return 0;
      throw error;
    }
  }
}

function ascending(a: number, b: number): number {
  return a - b;
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProcError) return null;
    throw error;
  }
}
