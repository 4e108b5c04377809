import { identityOf, type Process } from '../processes/process-list.ts';
import { ProcessTable } from '../processes/process-table.ts';
import { isFresh, NOBODY_KNOWS_WHEN } from './lifecycle.ts';
import type { RowSource, TableRow } from './rows.ts';

/** The processes at one moment, and what came and went until then. */
export type ProcessSample = {
  /** Those that run, and behind them those that ended a while ago. */
  table: ProcessTable;
  running: number;
  /** When each was first seen, in ms since the epoch, by identity. */
  opened: ReadonlyMap<number, number>;
  /** When those behind the running ones were missed, in their order; 0: nobody knows. */
  endedAt: readonly number[];
};

/** One line of the table of processes. */
export type ProcessRow = TableRow<ProcessTable> & { process: Process; socket: null };

const NOTHING = new ProcessTable([], { ports: () => [], users: { name: () => null } });

/**
 * Compares a look at the processes with the one before it. In the first, nothing is new.
 * @param kept those that stay when they have ended, by identity
 */
export function advanceProcesses(
  last: ProcessSample | null,
  table: ProcessTable,
  now: number,
  kept: ReadonlyMap<number, Process> = new Map(),
): ProcessSample {
  const running = table.length;
  const there = new Set(table.processes.map(identityOf));
  const before = last ?? { table: NOTHING, running: 0, opened: new Map<number, number>(), endedAt: [] };
  const known = new Set(before.table.processes.slice(0, before.running).map(identityOf));
  const opened = new Map<number, number>();
  for (const identity of there) {
    const at = known.has(identity) || !last ? before.opened.get(identity) : now;
    if (at !== undefined && isFresh(at, now)) opened.set(identity, at);
  }
  const ended: Process[] = [];
  const endedAt: number[] = [];
  for (const [row, process] of before.table.processes.entries()) {
    const at = row < before.running ? now : (before.endedAt[row - before.running] as number);
    const identity = identityOf(process);
    if (there.has(identity) || !(isFresh(at, now) || kept.has(identity))) continue;
    ended.push(process);
    endedAt.push(at);
  }
  const stays = new Set(ended.map(identityOf));
  for (const [identity, process] of kept) {
    // It ended while others were looked at.
    if (there.has(identity) || stays.has(identity)) continue;
    ended.push(process);
    endedAt.push(NOBODY_KNOWS_WHEN);
  }
  return { table: ended.length === 0 ? table : table.followedBy(ended), running, opened, endedAt };
}

const PORTS: readonly string[] = ['ports'];
const NONE: readonly string[] = [];

/**
 * The rows of a sample.
 * @param facts its table, or the same as a tree
 * @param pinned the identities of those that are
 * @param ownersKnown whether every process was asked for its sockets: until then, none may be found yet
 */
export function processRows(
  { running, opened, endedAt }: ProcessSample,
  facts: ProcessTable,
  ownersKnown: boolean,
  pinned: ReadonlyMap<number, unknown>,
): RowSource<ProcessRow> {
  let places: Map<number, number> | null = null;
  return {
    live: running,
    opened,
    identity: (place) => identityOf(facts.at(place)),
    placeOf(identity) {
      places ??= new Map(facts.processes.map((process, place) => [identityOf(process), place]));
      return places.get(identity) ?? -1;
    },
    factsOf: (row) => ({ facts, row }),
    make(row) {
      const process = facts.at(row);
      const identity = identityOf(process);
      const gone = row >= running;
      return {
        identity,
        facts,
        row,
        process,
        socket: null,
        mark: gone ? 'closed' : opened.has(identity) ? 'opened' : null,
        pinned: pinned.has(identity),
        closedAt: gone ? (endedAt[row - running] as number) : null,
        fold: 'alone',
        members: null,
        pending: !gone && !ownersKnown && facts.ports(row)?.length === 0 ? PORTS : NONE,
      };
    },
  };
}
