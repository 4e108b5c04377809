import type { Snapshot } from '../sockets/snapshot.ts';
import type { Socket } from '../sockets/socket.ts';

/** How long a row stays marked as new or closed, in ms. */
export const MARKED_FOR = 5_000;

/** What came and went between snapshots. Times in ms since the epoch. */
export type Lifecycle = {
  /** The row of each socket that is there now, by identity. */
  rows: ReadonlyMap<string, number>;
  opened: ReadonlyMap<string, number>;
  closed: ReadonlyMap<string, { socket: Socket; at: number }>;
};

/** Compares a snapshot with the one before it. In the first, nothing is new. */
export function advance(
  previous: { lifecycle: Lifecycle; snapshot: Snapshot } | null,
  snapshot: Snapshot,
): Lifecycle {
  const now = snapshot.time.getTime();
  const { rows } = snapshot;
  if (!previous) return { rows, opened: new Map(), closed: new Map() };

  const { lifecycle } = previous;
  const opened = fresh(lifecycle.opened, (at) => at, now);
  for (const identity of rows.keys()) {
    if (!lifecycle.rows.has(identity)) opened.set(identity, now);
  }
  const closed = fresh(lifecycle.closed, ({ at }) => at, now);
  for (const [identity, row] of lifecycle.rows) {
    if (!rows.has(identity)) closed.set(identity, { socket: previous.snapshot.socket(row), at: now });
  }
  for (const identity of closed.keys()) if (rows.has(identity)) closed.delete(identity);
  for (const identity of opened.keys()) if (!rows.has(identity)) opened.delete(identity);
  return { rows, opened, closed };
}

/** The entries that are still to be marked. */
function fresh<T>(entries: ReadonlyMap<string, T>, at: (entry: T) => number, now: number): Map<string, T> {
  const kept = new Map<string, T>();
  for (const [identity, entry] of entries) {
    const age = now - at(entry);
    // Below zero: the clock was set back.
    if (age >= 0 && age < MARKED_FOR) kept.set(identity, entry);
  }
  return kept;
}
