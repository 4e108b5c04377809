import type { Snapshot } from '../sockets/snapshot.ts';
import type { SocketTable } from '../sockets/socket-table.ts';
import type { Wanted } from '../sockets/source.ts';

/** Whether a row is one of those that are compared. */
export type Counts = (snapshot: Snapshot, row: number) => boolean;

/**
 * The rows of a snapshot that another, which asked for them too, does not have: of the later of two those that
 * came, of the earlier those that went. What does not count is as if it were not there.
 *
 * Both come in the kernel's order, in which what stays keeps its place: mostly the two run along beside each
 * other, and nothing has to be looked up.
 */
export function forMissing(
  snapshot: Snapshot,
  other: Snapshot,
  visit: (row: number) => void,
  counts: Counts = () => true,
): void {
  const { table } = snapshot;
  let beside = 0;
  for (let row = 0; row < table.length; row++) {
    const identity = table.identity[row] as number;
    const there =
      beside < other.length && other.identity(beside) === identity ? beside : other.table.rowOf(identity);
    if (there >= 0) beside = there + 1;
    if (!counts(snapshot, row) || (there >= 0 && counts(other, there))) continue;
    if (isMissed(other, table, row)) visit(row);
  }
}

/** Whether a snapshot that does not have a socket would have it if it was there. */
export function isMissed(snapshot: Snapshot, table: SocketTable, row: number): boolean {
  return isAsked(snapshot.wanted, table, row) && sameSource(snapshot.table, table, row);
}

/** Whether two sockets listen, or are bound, at the same place. */
export function isSamePlace(a: SocketTable, at: number, b: SocketTable, row: number): boolean {
  if (!a.isOpen(at) || !b.isOpen(row)) return false;
  if (a.localPort[at] !== b.localPort[row] || a.protocol[at] !== b.protocol[row]) return false;
  if (a.family[at] !== b.family[row] || a.netns[at] !== b.netns[row] || a.device[at] !== b.device[row])
    return false;
  if (a.protocolOf(at) === 'unix') return a.paths.has(at) && a.paths.get(at) === b.paths.get(row);
  return a.localAddressOf(at) === b.localAddressOf(row);
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
