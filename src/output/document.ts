import type { Host } from '../processes/host.ts';
import type { Snapshot } from '../sockets/snapshot.ts';
import type { Socket } from '../sockets/socket.ts';
import { isUnattributed } from '../sockets/unattributed.ts';
import { VERSION } from '../version.ts';

/** How every document of `--json` begins: who tells, when, and where. */
export function documentHead(time: Date, { name, kernel }: Host) {
  return {
    schema: 1,
    version: VERSION,
    time: time.toISOString(),
    host: { name, kernel, uid: process.getuid?.() ?? null },
  };
}

/** The document of sockets: from which sources they are, and the sockets. */
export function document({ time, table }: Snapshot, sockets: readonly Socket[], host: Host) {
  return {
    ...documentHead(time, host),
    source: table.sources,
    unattributed: sockets.filter(isUnattributed).length,
    sockets,
  };
}
