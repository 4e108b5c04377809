import { ClosedSockets } from '../sockets/closed-sockets.ts';
import type { Snapshot } from '../sockets/snapshot.ts';
import type { SocketTable } from '../sockets/socket-table.ts';
import type { Wanted } from '../sockets/source.ts';

/** How long a row stays marked as new or closed, in ms. */
export const MARKED_FOR = 5_000;

/** What came and went between snapshots. */
export type Lifecycle = {
  /** When each was first seen, in ms since the epoch, by identity. */
  opened: ReadonlyMap<number, number>;
  closed: ClosedSockets;
};

const NOTHING: Lifecycle = { opened: new Map(), closed: new ClosedSockets() };

/** Compares a snapshot with the one before it. In the first, nothing is new. */
export function advance(
  previous: { lifecycle: Lifecycle; snapshot: Snapshot } | null,
  snapshot: Snapshot,
): Lifecycle {
  if (!previous) return NOTHING;
  const now = snapshot.time.getTime();
  const { lifecycle, snapshot: before } = previous;
  const { table } = snapshot;

  const opened = new Map<number, number>();
  for (const [identity, at] of lifecycle.opened) {
    if (isFresh(at, now) && table.rowOf(identity) >= 0) opened.set(identity, at);
  }
  forMissing(table, before.table, (row) => {
    if (isAsked(before.wanted, table, row) && sameSource(before.table, table, row)) {
      opened.set(snapshot.identity(row), now);
    }
  });

  const closed = new ClosedSockets();
  for (let row = 0; row < lifecycle.closed.length; row++) {
    const at = lifecycle.closed.at(row);
    const identity = lifecycle.closed.table.identity[row] as number;
    if (isFresh(at, now) && table.rowOf(identity) < 0) closed.add(lifecycle.closed, row, at);
  }
  forMissing(before.table, table, (row) => {
    if (isAsked(snapshot.wanted, before.table, row) && sameSource(table, before.table, row)) {
      closed.add(before, row, now);
    }
  });
  return opened.size === 0 && closed.length === 0 ? NOTHING : { opened, closed };
}

/** Whether nothing is marked. */
export function isCalm({ opened, closed }: Lifecycle): boolean {
  return opened.size === 0 && closed.length === 0;
}

/**
 * The rows of a table that another does not have. Both come in the kernel's order, in which what stays keeps
 * its place: mostly the two run along beside each other, and nothing has to be looked up.
 */
function forMissing(table: SocketTable, other: SocketTable, visit: (row: number) => void): void {
  let beside = 0;
  for (let row = 0; row < table.length; row++) {
    const identity = table.identity[row] as number;
    if (beside < other.length && other.identity[beside] === identity) {
      beside++;
      continue;
    }
    const there = other.rowOf(identity);
    if (there < 0) visit(row);
    else beside = there + 1;
  }
}

/** Whether a socket would have been there if it was: a wider or narrower look opens and closes nothing. */
function isAsked({ protocols, families, scope, ports }: Wanted, table: SocketTable, row: number): boolean {
  const protocol = table.protocolOf(row);
  if (!protocols.includes(protocol)) return false;
  if (protocol !== 'unix' && !families.includes(table.familyOf(row))) return false;
  if (scope === 'listening' && !table.isOpen(row) && (protocol === 'tcp' || protocol === 'unix'))
    return false;
  const among = (port: number) => ports?.some(({ from, to }) => from <= port && port <= to) ?? true;
  return (
    protocol === 'unix' || among(table.localPort[row] as number) || among(table.remotePort[row] as number)
  );
}

/** Another source gives the same socket another identity. */
function sameSource(a: SocketTable, b: SocketTable, row: number): boolean {
  const protocol = b.protocolOf(row);
  const netns = b.netns[row] as number;
  return a.sourcesIn(netns)[protocol] === b.sourcesIn(netns)[protocol];
}

/** Below zero: the clock was set back. */
function isFresh(at: number, now: number): boolean {
  return now - at >= 0 && now - at < MARKED_FOR;
}
