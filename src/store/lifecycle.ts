import { ClosedSockets } from '../sockets/closed-sockets.ts';
import type { Snapshot } from '../sockets/snapshot.ts';
import { forMissing } from './compare.ts';

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
  forMissing(snapshot, before, (row) => opened.set(snapshot.identity(row), now));

  const closed = new ClosedSockets();
  for (let row = 0; row < lifecycle.closed.length; row++) {
    const at = lifecycle.closed.at(row);
    const identity = lifecycle.closed.table.identity[row] as number;
    if (isFresh(at, now) && table.rowOf(identity) < 0) closed.add(lifecycle.closed, row, at);
  }
  forMissing(before, snapshot, (row) => closed.add(before, row, now));
  return opened.size === 0 && closed.length === 0 ? NOTHING : { opened, closed };
}

/** Whether nothing is marked. */
export function isCalm({ opened, closed }: Lifecycle): boolean {
  return opened.size === 0 && closed.length === 0;
}

/** Below zero: the clock was set back. */
export function isFresh(at: number, now: number): boolean {
  return now - at >= 0 && now - at < MARKED_FOR;
}
