import type { Process } from '../processes/process-list.ts';
import { KeptSockets } from '../sockets/closed-sockets.ts';
import type { Snapshot } from '../sockets/snapshot.ts';
import { isSamePlace } from './compare.ts';
import type { Kept } from './lifecycle.ts';
import type { ProcessSample } from './process-sample.ts';
import type { Row } from './rows.ts';

/** The rows that stay on top, and stay when they go, by identity. */
export type Pins = {
  sockets: ReadonlyMap<number, Kept>;
  processes: ReadonlyMap<number, Process>;
};

export const NO_PINS: Pins = { sockets: new Map(), processes: new Map() };

/** The row that the selection goes with, wherever it goes and whatever comes in its place. */
export type Follow = {
  identity: number /** The first pid it had, where it has another by now. */;
  was: number | null;
} & ({ kind: 'socket'; kept: Kept } | { kind: 'process'; process: Process });

/** A row of sockets as it is now, whatever becomes of it. */
export function keep({ facts, row, socket }: Pick<Row, 'facts' | 'row' | 'socket'>): Kept {
  const kept = new KeptSockets();
  kept.keep(facts.table, row, socket, facts.commandLine(row));
  return { facts: kept, row: 0 };
}

/** The rows that are kept when their sockets close. */
export function keptSockets({ sockets }: Pins, follow: Follow | null): ReadonlyMap<number, Kept> {
  if (follow?.kind !== 'socket' || sockets.has(follow.identity)) return sockets;
  return new Map([...sockets, [follow.identity, follow.kept]]);
}

/** The processes that are kept when they end. */
export function keptProcesses({ processes }: Pins, follow: Follow | null): ReadonlyMap<number, Process> {
  if (follow?.kind !== 'process' || processes.has(follow.identity)) return processes;
  return new Map([...processes, [follow.identity, follow.process]]);
}

/** The row of the socket that was opened where another had been; -1: none was. */
export function openedAgain(
  { facts, row: at }: Kept,
  snapshot: Snapshot,
  counts: (identity: number) => boolean,
): number {
  const { table } = snapshot;
  for (let row = 0; row < table.length; row++) {
    if (isSamePlace(facts.table, at, table, row) && counts(snapshot.identity(row))) return row;
  }
  return -1;
}

/** What runs the same command line for the same user, and was started later: the first that was; -1: nothing. */
export function startedAgain(ended: Process, { table, running }: ProcessSample): number {
  const line = ended.cmdline.join('\0');
  const since = ended.startedAt ?? Infinity;
  let found = -1;
  for (let row = 0; row < running; row++) {
    const { uid, cmdline, startedAt } = table.at(row);
    if (startedAt === null || startedAt <= since || uid !== ended.uid || cmdline.join('\0') !== line)
      continue;
    if (found < 0 || startedAt < (table.at(found).startedAt as number)) found = row;
  }
  return found;
}
