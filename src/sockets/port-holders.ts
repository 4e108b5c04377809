import { type HeldPort, openRows } from './held-ports.ts';
import type { Ownership } from './owners.ts';
import type { ProcessName, Snapshot } from './snapshot.ts';
import type { OwnerUnknown } from './socket.ts';
import type { SocketTable } from './socket-table.ts';

/** A port before somebody who can be reached there ends: who that is, and which sockets are open there. */
export type PortBefore = HeldPort & {
  netns: number;
  pids: ReadonlySet<number>;
  /** The inodes of their sockets, and of those of others. */
  theirs: ReadonlySet<number>;
  others: ReadonlySet<number>;
};

/**
 * Who can be reached at a port, since when: `still` by a socket of somebody who ended, `before` by another one that was
 * there already, `now` by one that was not.
 */
export type Holding = {
  since: 'still' | 'before' | 'now';
  /** Empty: nobody is known. */
  owners: readonly ProcessName[];
  /** Why nobody is known, once everybody was asked; null: somebody is, or they are being asked. */
  unknown: OwnerUnknown | null;
};

/** The ports at which these processes can be reached, by port. */
export function portsBefore(
  table: SocketTable,
  ownership: Ownership,
  pids: readonly number[],
): readonly PortBefore[] {
  type Writable = { pids: Set<number>; theirs: Set<number>; others: Set<number> };
  const meant = new Set(pids);
  const ports = new Map<string, Omit<PortBefore, keyof Writable> & Writable>();
  for (const row of openRows(table)) {
    const [protocol, port] = [table.protocolOf(row), table.localPort[row] as number];
    const netns = table.netns[row] as number;
    const key = `${netns} ${protocol} ${port}`;
    const known = ports.get(key) ?? {
      ...{ protocol, port, netns },
      ...{ pids: new Set(), theirs: new Set(), others: new Set() },
    };
    ports.set(key, known);
    const inode = table.inode[row] as number;
    const holders = ownership.pids(inode).filter((pid) => meant.has(pid));
    for (const pid of holders) known.pids.add(pid);
    (holders.length > 0 ? known.theirs : known.others).add(inode);
  }
  return [...ports.values()].filter(({ pids }) => pids.size > 0).sort((a, b) => a.port - b.port);
}

/** Those at which any of these could be reached. */
export function portsOfAny(ports: readonly PortBefore[], pids: ReadonlySet<number>): readonly PortBefore[] {
  return ports.filter((port) => [...port.pids].some((pid) => pids.has(pid)));
}

/** Who can be reached there now, those together of whom the same is known. `ended`: who is known to hold nothing. */
export function holdingsOf(
  before: PortBefore,
  snapshot: Snapshot,
  ended: ReadonlySet<number>,
): readonly Holding[] {
  const { table } = snapshot;
  const holdings = new Map<string, Holding>();
  for (const row of openRows(table)) {
    if (table.localPort[row] !== before.port || table.protocolOf(row) !== before.protocol) continue;
    if (table.netns[row] !== before.netns) continue;
    const inode = table.inode[row] as number;
    const since = before.theirs.has(inode) ? 'still' : before.others.has(inode) ? 'before' : 'now';
    const holders = snapshot.processes(row);
    const owners = holders.filter(({ pid }) => !ended.has(pid));
    // Whoever is known to have it may be one who has just ended: then the others are still to be found.
    const looking = snapshot.isPending(row) || owners.length < holders.length;
    const unknown = owners.length > 0 || looking ? null : snapshot.ownerUnknown(row);
    if (unknown === 'gone') continue;
    holdings.set([since, unknown, ...owners.map(({ pid }) => pid)].join(), { since, owners, unknown });
  }
  return [...holdings.values()];
}
