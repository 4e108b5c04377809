import type { ProcessTable } from '../processes/process-table.ts';
import { isConnected, isUnix } from '../query/columns.ts';
import { digitsBeyond } from '../query/filter-text.ts';
import type { Place } from '../query/together.ts';
import { ClosedSockets } from '../sockets/closed-sockets.ts';
import { withTable } from './change-table.ts';
import { processRowsOf, rowsOf, selection, shownRows } from './shown.ts';
import { type State, tableOf } from './state.ts';

/**
 * While a number is typed in the filter, what has it, or comes nearest to it, is selected: `8080` means port 8080, not
 * a process 80801 on a port above. What is as near and was selected stays so.
 */
export function selectClosest(state: State): State {
  const digits = /^\s*(\d+)\s*$/.exec(state.filterLine.text)?.[1];
  const name = tableOf(state);
  if (digits === undefined || state.focus !== 'filter' || name === 'timeline') return state;
  const before = selection(state)?.index ?? -1;
  const beyond = digitsBeyond(digits);
  const index =
    name === 'processes'
      ? processRowsOf(state).lowest(processDistance(beyond, state.processes?.running ?? 0), before)
      : rowsOf(state).lowest(socketDistance(beyond), before);
  const row = shownRows(state).at(index);
  return row && index !== before
    ? withTable(state, () => ({ selected: row.identity, selectedRow: index }))
    : state;
}

/** First come the digits that are missing, then what it is that has the others. */
const DIGIT = 8;
/** A port where one can be reached, of this end, of the other; a pid. What is gone comes after what is there. */
const [OPEN, LOCAL, REMOTE, PID] = [0, 2, 4, 6];
const GONE = 1;

function socketDistance(beyond: (number: number) => number): (place: Place) => number {
  return ({ facts, row }) => {
    const { table } = facts;
    let least = Infinity;
    if (!isUnix(facts, row))
      least = beyond(table.localPort[row] as number) * DIGIT + (table.isOpen(row) ? OPEN : LOCAL);
    if (isConnected(facts, row))
      least = Math.min(least, beyond(table.remotePort[row] as number) * DIGIT + REMOTE);
    for (const { pid } of facts.processes(row)) least = Math.min(least, beyond(pid) * DIGIT + PID);
    return least + (facts instanceof ClosedSockets ? GONE : 0);
  };
}

function processDistance(
  beyond: (number: number) => number,
  running: number,
): (place: Place<ProcessTable>) => number {
  return ({ facts, row }) => {
    const ports = facts.ports(row) ?? [];
    const distances = [facts.at(row).pid, ...ports.map(({ port }) => port)].map(beyond);
    return Math.min(...distances) * DIGIT + (row < running ? 0 : GONE);
  };
}
