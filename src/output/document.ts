import { hostname, release } from 'node:os';
import type { Snapshot } from '../sockets/snapshot.ts';
import type { Socket } from '../sockets/socket.ts';
import { isUnattributed } from '../sockets/unattributed.ts';
import { VERSION } from '../version.ts';

/** How every document of `--json` begins: who tells, when, and where. */
export function documentHead(time: Date) {
  return {
    schema: 1,
    version: VERSION,
    time: time.toISOString(),
    host: { name: hostname(), kernel: release(), uid: process.getuid?.() ?? null },
  };
}

/** The document of sockets: from which sources they are, and the sockets. */
export function document({ time, table }: Snapshot, sockets: readonly Socket[]) {
  return {
    ...documentHead(time),
    source: table.sources,
    unattributed: sockets.filter(isUnattributed).length,
    sockets,
  };
}
