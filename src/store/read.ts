import type { ProcFs } from '../procfs/procfs.ts';
import { findOwners, NO_OWNERSHIP, type Ownership } from '../sockets/owners.ts';
import { type RowFacts, Snapshot } from '../sockets/snapshot.ts';
import type { SocketTable } from '../sockets/socket-table.ts';
import type { SocketSource, Wanted } from '../sockets/source.ts';
import type { HostNames } from './names.ts';

/** What reads a host: its /proc, where its sockets come from, and its names. */
export type Host = { procfs: ProcFs; source: SocketSource; names: HostNames };

/**
 * The sockets of one moment with their owners, once: owners only of the rows that `keep` wants.
 * A socket without one is looked for in a second table: if it is not there any more, it has gone meanwhile.
 */
export function* readOnce(
  { procfs, source, names }: Host,
  wanted: Wanted,
  keep: (rows: RowFacts, row: number) => boolean,
): Generator<void, { snapshot: Snapshot; rows: number[] }> {
  const time = new Date();
  const table = yield* source.read(wanted);
  names.begin();
  const unowned = new Snapshot({ time, table, wanted, ownership: NO_OWNERSHIP }, names);
  const rows: number[] = [];
  for (let row = 0; row < table.length; row++) if (keep(unowned, row)) rows.push(row);
  const ownership = yield* findOwners(procfs, inodesOf(table, rows), rows.length, (pid) => names.meet(pid));
  const closedSince = yield* closedMeanwhile(unowned, rows, ownership, source.read(wanted));
  return { snapshot: unowned.attributed(ownership, closedSince), rows };
}

export function* inodesOf(table: SocketTable, rows: Iterable<number>): Generator<number, void> {
  for (const row of rows) {
    const inode = table.inode[row] as number;
    if (inode !== 0) yield inode;
  }
}

function* closedMeanwhile(
  before: Snapshot,
  rows: readonly number[],
  ownership: Ownership,
  readAgain: Generator<void, SocketTable>,
): Generator<void, ReadonlySet<number>> {
  const unexplained = rows.filter((row) => {
    const inode = before.table.inode[row] as number;
    return inode !== 0 && ownership.firstPid(inode) === 0;
  });
  if (unexplained.length === 0) return new Set();
  const table = yield* readAgain;
  return new Set(
    unexplained.map((row) => before.identity(row)).filter((identity) => table.rowOf(identity) < 0),
  );
}
