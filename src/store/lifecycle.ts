import { ClosedSockets } from '../sockets/closed-sockets.ts';
import type { RowFacts, Snapshot } from '../sockets/snapshot.ts';
import { forMissing, isMissed } from './compare.ts';

/** How long a row stays marked as new or closed, in ms. */
export const MARKED_FOR = 5_000;

/** What came and went between snapshots. */
export type Lifecycle = {
  /** When each was first seen, in ms since the epoch, by identity. */
  opened: ReadonlyMap<number, number>;
  closed: ClosedSockets;
  /** How many of the closed stay, however long ago it was. */
  staying: number;
};

/** A row to keep even when its socket closes, as it was when somebody asked for that. */
export type Kept = { facts: RowFacts; row: number };

const NOTHING: Lifecycle = { opened: new Map(), closed: new ClosedSockets(), staying: 0 };
const NONE: ReadonlyMap<number, Kept> = new Map();

/** When something closed that nobody looked at. */
export const NOBODY_KNOWS_WHEN = 0;

/**
 * Compares a snapshot with the one before it. In the first, nothing is new.
 * @param kept the rows that stay, by identity
 */
export function advance(
  previous: { lifecycle: Lifecycle; snapshot: Snapshot } | null,
  snapshot: Snapshot,
  kept: ReadonlyMap<number, Kept> = NONE,
): Lifecycle {
  if (!previous) return NOTHING;
  const now = snapshot.time.getTime();
  const { lifecycle, snapshot: before } = previous;
  const { table } = snapshot;

  const opened = new Map<number, number>();
  for (const [identity, at] of lifecycle.opened) {
    if (isFresh(at, now) && table.rowOf(identity) >= 0) opened.set(identity, at);
  }
  forMissing(snapshot, before, (row) => opened.set(snapshot.identity(row), now));

  const closed = new ClosedSockets();
  for (let row = 0; row < lifecycle.closed.length; row++) {
    const at = lifecycle.closed.at(row);
    const identity = lifecycle.closed.table.identity[row] as number;
    const stays = isFresh(at, now) || kept.has(identity);
    if (stays && table.rowOf(identity) < 0) closed.add(lifecycle.closed, row, at);
  }
  forMissing(before, snapshot, (row) => closed.add(before, row, now));
  for (const [identity, { facts, row }] of kept) {
    // It went while others were looked at.
    if (closed.rowOf(identity) < 0 && table.rowOf(identity) < 0 && isMissed(snapshot, facts.table, row))
      closed.add(facts, row, NOBODY_KNOWS_WHEN);
  }
  return opened.size === 0 && closed.length === 0
    ? NOTHING
    : { opened, closed, staying: countStaying(closed, now) };
}

function countStaying(closed: ClosedSockets, now: number): number {
  let staying = 0;
  for (let row = 0; row < closed.length; row++) if (!isFresh(closed.at(row), now)) staying++;
  return staying;
}

/** The same without one that has closed. */
export function without(lifecycle: Lifecycle, identity: number, now: number): Lifecycle {
  const closed = new ClosedSockets();
  for (let row = 0; row < lifecycle.closed.length; row++) {
    if (lifecycle.closed.table.identity[row] !== identity)
      closed.add(lifecycle.closed, row, lifecycle.closed.at(row));
  }
  return { ...lifecycle, closed, staying: countStaying(closed, now) };
}

/** Whether no mark is to go yet. */
export function isCalm({ opened, closed, staying }: Lifecycle): boolean {
  return opened.size === 0 && closed.length === staying;
}

/** Below zero: the clock was set back. */
export function isFresh(at: number, now: number): boolean {
  return now - at >= 0 && now - at < MARKED_FOR;
}
