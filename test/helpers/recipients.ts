import type { Recipient } from '../../src/processes/recipients.ts';

/** Who may be signalled, as a literal: `recipient('nginx', 812, { ports: [] })`. */
export function recipient(name: string, pid: number, more: Partial<Recipient> = {}): Recipient {
  return {
    pid,
    startTicks: 1000 + pid,
    name,
    command: name,
    uid: 0,
    user: 'root',
    ports: [{ protocol: 'tcp', port: 80 }],
    children: [],
    caution: null,
    unit: null,
    container: null,
    restart: null,
    ...more,
  };
}
