import { hostname, release } from 'node:os';
import type { Snapshot } from '../sockets/snapshot.ts';
import type { Socket } from '../sockets/socket.ts';
import { isUnattributed } from '../sockets/unattributed.ts';
import { VERSION } from '../version.ts';

/** The document of `--json`: who tells, when, from where, and the sockets. */
export function document({ time, table }: Snapshot, sockets: readonly Socket[]) {
  return {
    schema: 1,
    version: VERSION,
    time: time.toISOString(),
    host: { name: hostname(), kernel: release(), uid: process.getuid?.() ?? null },
    source: table.sources,
    unattributed: sockets.filter(isUnattributed).length,
    sockets,
  };
}
