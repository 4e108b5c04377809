import { basename } from 'node:path';
import { parseCmdline } from '../procfs/cmdline.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import { parseStat } from '../procfs/stat.ts';
import { readBtime } from './details.ts';
import { startTime } from './start-time.ts';

/** What a row tells of a process; the start is ISO 8601, UTC, null where /proc/stat does not say. */
export type ProcessFacts = {
  /** comm. */
  command: string;
  /** What a person calls it: see {@link nameOf}. */
  name: string;
  startTime: string | null;
};

/** The facts of the processes that hold sockets, read once a sample each. */
export class ProcessFactsCache {
  readonly #procfs: ProcFs;
  readonly #btime: number | null;
  #facts = new Map<number, ProcessFacts | null>();

  constructor(procfs: ProcFs) {
    this.#procfs = procfs;
    this.#btime = readBtime(procfs);
  }

  /** A new sample begins: what is asked from now on is read again. A pid may be another process's by now. */
  begin(): void {
    this.#facts.clear();
  }

  /** null: the process ended before it could be read. */
  of(pid: number): ProcessFacts | null {
    let facts = this.#facts.get(pid);
    if (facts === undefined) {
      facts = this.#read(pid);
      this.#facts.set(pid, facts);
    }
    return facts;
  }

  /**
   * comm, which is the name of the main thread; but Node (since 22.12) calls that `MainThread`, whatever the
   * program: then the file that was called.
   */
  #nameOf(pid: number, comm: string): string {
    if (comm !== 'MainThread') return comm;
    const [called = ''] = parseCmdline(this.#procfs.read(`${pid}/cmdline`).bytes);
    return basename(called) || comm;
  }

  #read(pid: number): ProcessFacts | null {
    try {
      const { comm, starttime } = parseStat(this.#procfs.text(`${pid}/stat`));
      const started = this.#btime === null ? null : startTime(starttime, this.#btime);
      const name = this.#nameOf(pid, comm);
      return { command: comm, name, startTime: started === null ? null : new Date(started).toISOString() };
    } catch (error) {
      if (error instanceof ProcError || error instanceof SyntaxError) return null;
      throw error;
    }
  }
}
