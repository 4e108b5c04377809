import type { ProcFs } from '../procfs/procfs.ts';
import { findOwners, NO_OWNERSHIP, type Ownership } from '../sockets/owners.ts';
import { type RowFacts, Snapshot } from '../sockets/snapshot.ts';
import type { SocketTable } from '../sockets/socket-table.ts';
import type { SocketSource, Wanted } from '../sockets/source.ts';
import type { HostNames } from './names.ts';
import type { WalkerThreads } from './walkers.ts';

/** What reads a host: its /proc, where its sockets come from, and its names. */
export type Host = {
  procfs: ProcFs;
  source: SocketSource;
  names: HostNames;
  /** Who looks for owners too; null: nobody else. */
  walkers?: WalkerThreads | null;
};

/**
 * The sockets of one moment with their owners, once: owners only of the rows that `keep` wants.
 * A socket without one is looked for in a second table: if it is not there any more, it has gone meanwhile.
 */
export function* readOnce(
  { procfs, source, names, walkers = null }: Host,
  wanted: Wanted,
  keep: (rows: RowFacts, row: number) => boolean,
): Generator<void, { snapshot: Snapshot; rows: number[] }> {
  const time = new Date();
  const table = yield* source.read(wanted);
  names.begin();
  const unowned = new Snapshot({ time, table, wanted, ownership: NO_OWNERSHIP }, names);
  const rows: number[] = [];
  for (let row = 0; row < table.length; row++) if (keep(unowned, row)) rows.push(row);
  const ownership = yield* findOwners(
    procfs,
    inodesOf(table, rows),
    (pid) => names.meet(pid),
    walkers?.walk((pid, facts) => names.told(pid, facts)),
  );
  const closedSince = yield* closedMeanwhile(
    unowned,
    unexplained(unowned.table, rows, ownership),
    source,
    wanted,
  );
  return { snapshot: unowned.attributed(ownership, closedSince), rows };
}

function inodesOf({ inode }: SocketTable, rows: readonly number[]): Uint32Array {
  return Uint32Array.from(rows, (row) => inode[row] as number).filter((each) => each !== 0);
}

/** Those of the rows that have an inode, and nobody who holds it. */
function unexplained({ inode }: SocketTable, rows: readonly number[], ownership: Ownership): number[] {
  return rows.filter((row) => inode[row] !== 0 && ownership.firstPid(inode[row] as number) === 0);
}

/** To ask for so many one by one costs less than to read them all again. */
const ONE_BY_ONE = 256;

function* closedMeanwhile(
  before: Snapshot,
  rows: readonly number[],
  source: SocketSource,
  wanted: Wanted,
): Generator<void, ReadonlySet<number>> {
  // That one is not found says little: by itself, the kernel finds none that only is bound.
  const isThere = (row: number) => source.inspect(before.table, row) !== null;
  const missing = rows.length > ONE_BY_ONE ? rows : rows.filter((row) => !isThere(row));
  if (missing.length === 0) return new Set();
  const now = yield* source.read(wanted);
  return new Set(missing.map((row) => before.identity(row)).filter((identity) => now.rowOf(identity) < 0));
}
