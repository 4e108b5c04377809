import type { ProcessTable } from './process-table.ts';

/** A process as `ps --json` has it. */
export function processJson(rows: ProcessTable, row: number): object {
  const process = rows.at(row);
  const { startedAt } = process;
  return {
    pid: process.pid,
    ppid: process.ppid,
    uid: process.uid,
    user: rows.userName(row),
    command: process.command,
    cmdline: process.cmdline,
    state: process.state,
    stat: process.stat,
    tty: process.tty,
    startTime: startedAt === null ? null : new Date(startedAt).toISOString(),
    cpuPercent: process.cpuPercent,
    memoryPercent: process.memoryPercent,
    vszBytes: process.vszBytes,
    rssBytes: process.rssBytes,
    cpuTimeSeconds: process.cpuTimeSeconds,
    threads: process.threads,
    nice: process.nice,
    ports: rows.ports(row),
  };
}
