import { parseCmdline } from '../procfs/cmdline.ts';
import { parseMemoryTotal } from '../procfs/meminfo.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import { isKernelThread, parseStat, type Stat, USER_HZ } from '../procfs/stat.ts';
import { parseStatus, type Status, sizeOf } from '../procfs/status.ts';
import { parseTtyDrivers } from '../procfs/tty-drivers.ts';
import { parseUptime } from '../procfs/uptime.ts';
import { readBtime, startTime } from './start-time.ts';
import { ttyName } from './tty.ts';

/** What `ps aux` tells of a process. */
export type Process = {
  pid: number;
  ppid: number;
  /** The effective one, whose name ps calls USER. */
  uid: number;
  /** comm. */
  command: string;
  /** Empty for kernel threads and zombies. */
  cmdline: readonly string[];
  kernelThread: boolean;
  /** One letter (proc_pid_stat(5)). */
  state: string;
  /** The state with ps's further letters: {@link statOf}. */
  stat: string;
  /** `pts/3`; null: it has no terminal. */
  tty: string | null;
  /** In ms since the epoch; null where /proc/stat does not say when the system booted. */
  startedAt: number | null;
  /** The same since boot, in clock ticks: whoever sets the clock leaves them as they are. */
  startTicks: number;
  /** Of one CPU, over its whole life unless said; null: not known how long that is. */
  cpuPercent: number | null;
  /** Of the system's memory; null: not known how much that is. */
  memoryPercent: number | null;
  vszBytes: number;
  rssBytes: number;
  /** User and system time, its own. */
  cpuTimeSeconds: number;
  threads: number;
  nice: number;
};

/** What is the same for all processes of one moment. */
export type Machine = {
  btime: number | null;
  /** Seconds since boot. */
  uptime: number | null;
  memoryBytes: number | null;
  ttyName: (number: number) => string | null;
};

/** Processes between two pauses: some 50 µs each. */
const AT_ONCE = 16;

/** A number for a process that no other one has which gets its pid, of which there are 2^22 at most (pid_max). */
export function identityOf({ pid, startTicks }: Pick<Process, 'pid' | 'startTicks'>): number {
  return (startTicks % 2 ** 31) * 2 ** 22 + pid;
}

/**
 * Every process that this user can see, by pid; those that end meanwhile are left out. In steps, for who has other
 * things to do. Throws a {@link ProcError} where there is no /proc.
 * @param read what reads one of them
 */
export function* readProcesses(procfs: ProcFs, read = readProcess): Generator<void, Process[]> {
  const machine = readMachine(procfs);
  const processes: Process[] = [];
  for (const [at, pid] of procfs.pids().entries()) {
    const process = read(procfs, pid, machine);
    if (process) processes.push(process);
    if (at % AT_ONCE === AT_ONCE - 1) yield;
  }
  return processes;
}

export function readMachine(procfs: ProcFs): Machine {
  const read = <T>(file: string, parse: (content: string) => T): T | null => {
    try {
      return parse(procfs.text(file));
    } catch (error) {
      if (error instanceof ProcError) return null;
      throw error;
    }
  };
  const drivers = read('tty/drivers', parseTtyDrivers) ?? [];
  return {
    btime: readBtime(procfs),
    uptime: read('uptime', parseUptime),
    memoryBytes: read('meminfo', parseMemoryTotal),
    ttyName: (number) => ttyName(number, drivers),
  };
}

/** null: it ended, or says nothing that can be read. */
export function readProcess(procfs: ProcFs, pid: number, machine: Machine): Process | null {
  try {
    const stat = parseStat(procfs.text(`${pid}/stat`));
    const status = parseStatus(procfs.text(`${pid}/status`));
    // Of a process that ends just now, the memory that holds its arguments goes first.
    const cmdline = parseCmdline(procfs.read(`${pid}/cmdline`).bytes);
    return processOf(stat, status, cmdline, machine);
  } catch (error) {
    if (error instanceof ProcError || error instanceof SyntaxError) return null;
    throw error;
  }
}

function processOf(stat: Stat, status: Status, cmdline: string[], machine: Machine): Process {
  const { btime, uptime, memoryBytes } = machine;
  const cpuTimeSeconds = (stat.utime + stat.stime) / USER_HZ;
  const rssBytes = sizeOf(status, 'VmRSS') ?? 0;
  return {
    pid: stat.pid,
    ppid: stat.ppid,
    uid: status.uids.effective,
    command: stat.comm,
    cmdline,
    kernelThread: isKernelThread(stat),
    state: stat.state,
    stat: statOf(stat, (sizeOf(status, 'VmLck') ?? 0) > 0),
    tty: machine.ttyName(stat.ttyNr),
    startedAt: btime === null ? null : startTime(stat.starttime, btime),
    startTicks: stat.starttime,
    cpuPercent: uptime === null ? null : percent(cpuTimeSeconds, uptime - stat.starttime / USER_HZ),
    memoryPercent: memoryBytes === null ? null : percent(rssBytes, memoryBytes),
    vszBytes: sizeOf(status, 'VmSize') ?? 0,
    rssBytes,
    cpuTimeSeconds,
    threads: status.threads,
    nice: stat.nice,
  };
}

/** To a tenth, cut and not rounded, as ps has it. */
export function percent(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.floor((part * 1000) / whole) / 10;
}

/**
 * The state as ps writes it: `<` of high priority, `N` nice, `L` pages locked in memory, `s` session leader, `l`
 * several threads, `+` in the foreground of its terminal (ps(1), PROCESS STATE CODES).
 */
export function statOf(stat: Stat, locked: boolean): string {
  return [
    stat.state,
    stat.nice < 0 ? '<' : '',
    stat.nice > 0 ? 'N' : '',
    locked ? 'L' : '',
    stat.session === stat.pid ? 's' : '',
    stat.numThreads > 1 ? 'l' : '',
    stat.pgrp === stat.tpgid ? '+' : '',
  ].join('');
}
