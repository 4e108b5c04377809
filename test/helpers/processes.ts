import type { Process } from '../../src/processes/process-list.ts';
import { ProcessTable } from '../../src/processes/process-table.ts';
import type { HeldPort } from '../../src/sockets/held-ports.ts';
import { advanceProcesses, type ProcessSample } from '../../src/store/process-sample.ts';
import { NOON } from './snapshots.ts';

/** A process as a literal: `running('nginx', 812, { ports: [80] })`. */
export type ProcessLiteral = Process & {
  /** Of TCP; null: its descriptors may not be read. */
  ports: readonly number[] | null;
};

export function running(command: string, pid: number, more: Partial<ProcessLiteral> = {}): ProcessLiteral {
  return {
    pid,
    ppid: 1,
    uid: 0,
    command,
    cmdline: [`/usr/bin/${command}`],
    kernelThread: false,
    state: 'S',
    stat: 'Ss',
    tty: null,
    startedAt: NOON - 60_000,
    startTicks: 1000 + pid,
    cpuPercent: 0,
    memoryPercent: 0.1,
    vszBytes: 1 << 20,
    rssBytes: 1 << 20,
    cpuTimeSeconds: 1,
    threads: 1,
    nice: 0,
    ports: [],
    ...more,
  };
}

export type ProcessCircumstances = {
  /** Seconds after {@link NOON}. */
  at?: number;
  users?: Readonly<Record<number, string>>;
  /** The look before. */
  before?: ProcessSample | null;
  /** Those that stay when they have ended, by identity. */
  kept?: ReadonlyMap<number, Process>;
};

/** A look at processes. */
export function processes(
  all: readonly ProcessLiteral[],
  { at = 0, users = { 0: 'root' }, before = null, kept }: ProcessCircumstances = {},
): ProcessSample {
  const held = new Map(all.map(({ pid, ports }) => [pid, ports?.map(tcp) ?? null]));
  const table = new ProcessTable(all, {
    ports: (pid) => {
      const ports = held.get(pid);
      return ports === undefined ? [] : ports;
    },
    users: { name: (uid) => users[uid] ?? null },
  });
  return advanceProcesses(before, table, NOON + at * 1000, kept);
}

const tcp = (port: number): HeldPort => ({ protocol: 'tcp', port });
