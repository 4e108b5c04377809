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

/** Of many, the one in the middle, each number by itself. */
export function typical(usages: readonly Usage[]): Usage {
  const middle = (of: (usage: Usage) => number) =>
    usages.map(of).sort((a, b) => a - b)[usages.length >> 1] as number;
  return {
    rss: middle(({ rss }) => rss),
    fds: middle(({ fds }) => fds),
    threads: middle(({ threads }) => threads),
  };
}
