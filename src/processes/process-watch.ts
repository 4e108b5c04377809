import type { ProcFs } from '../procfs/procfs.ts';
import {
  identityOf,
  type Machine,
  type Process,
  percent,
  readProcess,
  readProcesses,
} from './process-list.ts';

/** Processor time is counted in ticks of 10 ms: of less than this, in ms, it says too little. */
const SHORTEST = 250;

/** What is known of a process from before: how much it had used when, and what share that was. */
type Usage = { seconds: number; at: number; cpuPercent: number | null };

/**
 * Reads the processes again and again: their share of a CPU is that of the time since they were read before, as top
 * and htop have it. Of those that are read for the first time it is that of their whole life.
 */
export class ProcessWatch {
  readonly #procfs: ProcFs;
  readonly #clock: () => number;
  #usages: ReadonlyMap<number, Usage> = new Map();

  /** `clock`: in ms, and never set. */
  constructor(procfs: ProcFs, clock: () => number = () => performance.now()) {
    this.#procfs = procfs;
    this.#clock = clock;
  }

  /** {@link readProcesses}. */
  *look(): Generator<void, Process[]> {
    const usages = new Map<number, Usage>();
    const processes = yield* readProcesses(this.#procfs, (procfs, pid, machine) =>
      this.#read(procfs, pid, machine, usages),
    );
    this.#usages = usages;
    return processes;
  }

  #read(procfs: ProcFs, pid: number, machine: Machine, usages: Map<number, Usage>): Process | null {
    const process = readProcess(procfs, pid, machine);
    if (!process) return null;
    const identity = identityOf(process);
    const usage = usageOf(process, this.#usages.get(identity), this.#clock());
    usages.set(identity, usage);
    return { ...process, cpuPercent: usage.cpuPercent };
  }
}

function usageOf({ cpuTimeSeconds, cpuPercent }: Process, before: Usage | undefined, at: number): Usage {
  if (!before) return { seconds: cpuTimeSeconds, at, cpuPercent };
  const passed = at - before.at;
  if (passed < SHORTEST) return before;
  const used = Math.max(0, cpuTimeSeconds - before.seconds);
  return { seconds: cpuTimeSeconds, at, cpuPercent: percent(used, passed / 1000) };
}
