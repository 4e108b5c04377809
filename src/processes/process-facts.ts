import { parseCmdline } from '../procfs/cmdline.ts';
import { parseLimits } from '../procfs/limits.ts';
import { type KeptFile, ProcError, type ProcFs, SURELY_SAME } from '../procfs/procfs.ts';
import { parseStatBriefly } from '../procfs/stat.ts';
import { readName } from './name.ts';
import { readBtime, startTime } from './start-time.ts';

/** What a row tells of a process; the start is ISO 8601, UTC, null where /proc/stat does not say. */
export type ProcessFacts = {
  /** comm. */
  command: string;
  /** What a person calls it: see {@link nameOf}. */
  name: string;
  startTime: string | null;
};

/** How long what was read of a process is told of one that nobody looks at, in ms. */
const KEPT_FOR = 10_000;
/** Processes that are remembered: far more than hold sockets at one time. */
const REMEMBERED = 16_384;
/** Processes whose comm stays open: those in sight. */
const OPEN = 128;
/** Descriptors that are left for everything else. */
const LEFT = 128;

/** The facts of the processes that hold sockets, kept while they are the same. */
export class ProcessFactsCache {
  /** Told of a pid that is found to be another process's than it was. */
  replaced: (pid: number) => void = () => {};

  readonly #procfs: ProcFs;
  readonly #clock: () => number;
  readonly #btime: number | null;
  readonly #facts = new Map<number, { facts: ProcessFacts | null; readAt: number }>();
  /** What tells that a process is still the one that was read, and called the same. */
  readonly #comms = new Map<number, KeptFile>();
  readonly #commandLines = new WeakMap<ProcessFacts, string | null>();
  readonly #mayOpen: number;

  /** `clock`: in ms. */
  constructor(procfs: ProcFs, clock: () => number = monotonic) {
    this.#procfs = procfs;
    this.#clock = clock;
    this.#btime = readBtime(procfs);
    this.#mayOpen = Math.min(OPEN, openFilesOf(procfs) - LEFT);
  }

  /** null: the process ended before it could be read. */
  of(pid: number): ProcessFacts | null {
    const kept = this.#facts.get(pid);
    if (kept && this.#clock() - kept.readAt < KEPT_FOR) return kept.facts;
    return this.#keep(pid);
  }

  /** It was seen a moment ago: what is told of its pid from now on is told of it, not of who had the pid before. */
  meet(pid: number): void {
    const kept = this.#facts.get(pid);
    if (!kept || this.#clock() - kept.readAt > SURELY_SAME) this.#keep(pid);
  }

  /** {@link meet}, where somebody else has read it at once. */
  told(pid: number, facts: ProcessFacts | null): void {
    this.#remember(pid, facts, this.#clock());
  }

  /** The arguments, as ps writes them; read when they are asked for, and kept as long as the other facts. */
  commandLine(pid: number): string | null {
    const facts = this.of(pid);
    if (!facts) return null;
    let line = this.#commandLines.get(facts);
    if (line === undefined) {
      line = this.#readCommandLine(pid, facts.command);
      this.#commandLines.set(facts, line);
    }
    return line;
  }

  #readCommandLine(pid: number, command: string): string | null {
    try {
      const argv = parseCmdline(this.#procfs.read(`${pid}/cmdline`).bytes);
      return argv.length === 0 ? `[${command}]` : argv.join(' ');
    } catch (error) {
      if (error instanceof ProcError) return null;
      throw error;
    }
  }

  /** Reads these again: a pid may be another process's by now, or run another program. Whether one changed. */
  refresh(pids: ReadonlySet<number>): boolean {
    for (const [pid, comm] of this.#comms) if (!pids.has(pid)) this.#close(pid, comm);
    let changed = false;
    for (const pid of pids) {
      const before = this.#facts.get(pid);
      const readAt = this.#clock();
      if (before?.facts && this.#isAsItWas(pid)) {
        before.readAt = readAt;
        continue;
      }
      const facts = this.#keep(pid);
      if (before && !isSame(before.facts, facts)) changed = true;
    }
    return changed;
  }

  /** Opened before its facts are read: whoever has the pid by then, of that one comm tells the next time. */
  #isAsItWas(pid: number): boolean {
    const open = this.#comms.get(pid);
    try {
      if (open) return !open.hasChanged();
      if (this.#comms.size >= this.#mayOpen) return false;
      const comm = this.#procfs.keep(`${pid}/comm`);
      this.#comms.set(pid, comm);
      comm.hasChanged();
    } catch (error) {
      if (!(error instanceof ProcError)) throw error;
      if (open) this.#close(pid, open);
    }
    return false;
  }

  #close(pid: number, comm: KeptFile): void {
    this.#comms.delete(pid);
    comm.close();
  }

  #keep(pid: number): ProcessFacts | null {
    const readAt = this.#clock();
    return this.#remember(pid, readFacts(this.#procfs, pid, this.#btime), readAt);
  }

  #remember(pid: number, read: ProcessFacts | null, readAt: number): ProcessFacts | null {
    const before = this.#facts.get(pid)?.facts ?? null;
    // One that ended is still called what it was, as long as it is spoken of.
    const facts = read ?? before;
    if (this.#facts.size >= REMEMBERED) this.#facts.clear();
    this.#facts.set(pid, { facts, readAt });
    if (before && before.startTime !== facts?.startTime) this.replaced(pid);
    return facts;
  }
}

/** null: it is not there any more. `btime`: when the system started, of /proc/stat. */
export function readFacts(procfs: ProcFs, pid: number, btime: number | null): ProcessFacts | null {
  try {
    const { comm, starttime } = parseStatBriefly(procfs.text(`${pid}/stat`));
    const started = btime === null ? null : startTime(starttime, btime);
    const name = readName(procfs, pid, comm);
    return { command: comm, name, startTime: started === null ? null : new Date(started).toISOString() };
  } catch (error) {
    if (error instanceof ProcError || error instanceof SyntaxError) return null;
    throw error;
  }
}

function isSame(a: ProcessFacts | null, b: ProcessFacts | null): boolean {
  return a?.command === b?.command && a?.name === b?.name && a?.startTime === b?.startTime;
}

/** How many files this process may have open. */
function openFilesOf(procfs: ProcFs): number {
  try {
    const { soft } = parseLimits(procfs.text('self/limits')).get('Max open files') ?? { soft: 0 };
    return soft ?? Infinity;
  } catch (error) {
    if (!(error instanceof ProcError)) throw error;
    return 0;
  }
}

/** What performance.now() is loaded from takes as long as to read fifty processes, and `list` needs nothing else of it. */
function monotonic(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
