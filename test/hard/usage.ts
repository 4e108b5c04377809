import { readdirSync, readFileSync } from 'node:fs';

/** What a process takes: memory in bytes, descriptors, threads. */
export type Usage = { rss: number; fds: number; threads: number };

export function usageOf(pid: number): Usage {
  const kibibytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return {
    rss: Number(kibibytes) * 1024,
    fds: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
  };
}

export function said({ rss, fds, threads }: Usage): string {
  return `${Math.round(rss / (1 << 20))} MiB, ${fds} fds, ${threads} threads`;
}

/**
 * What Node keeps open or waits for: handles and requests, timers, listeners of the process and its streams; now and
 * then also the bytes of what is still needed.
 */
export type Active = { handles: number; timers: number; listeners: number; live?: number };

/** Of many, the one in the middle, each number by itself. */
export function typical<Counts extends Record<string, number>>(all: readonly Counts[]): Counts {
  const middle = (name: string) =>
    all.map((each) => each[name] as number).sort((a, b) => a - b)[all.length >> 1];
  return Object.fromEntries(Object.keys(all[0] ?? {}).map((name) => [name, middle(name)])) as Counts;
}
