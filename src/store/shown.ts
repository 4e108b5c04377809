import type { ProcessTable } from '../processes/process-table.ts';
import { treeOf } from '../processes/process-tree.ts';
import type { Column } from '../query/columns.ts';
import { filterRows, type RowTest } from '../query/filter.ts';
import { PROCESS_COLUMNS } from '../query/process-columns.ts';
import { filterProcesses } from '../query/process-filter.ts';
import { orderRows, type Sort, sortRows } from '../query/sort.ts';
import { matchesTarget, type Target } from '../query/target.ts';
import { NEWEST } from '../query/timeline-columns.ts';
import { filterTimeline } from '../query/timeline-filter.ts';
import { ofEachAddress } from '../query/together.ts';
import type { RowFacts, Snapshot } from '../sockets/snapshot.ts';
import { pidsOf } from '../sockets/socket.ts';
import { PROTOCOLS } from '../sockets/socket-table.ts';
import { groupRows } from './groups.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Pins } from './pins.ts';
import { type ProcessRow, type ProcessSample, processRows } from './process-sample.ts';
import { NO_ROWS, pinnedFirst, type Row, Rows, socketRows, type TableRow } from './rows.ts';
import { runAtOnce } from './slices.ts';
import { type State, type TableState, tableOf } from './state.ts';
import { isOfConnection, type TimelineRow, timelineRows } from './timeline.ts';
import { columnsOf, processColumns, type SocketTableName, TABLES, timelineColumns } from './views.ts';

type RowsOf = Pick<State, 'targets' | 'pids' | 'protocols' | 'numeric'> &
  Pick<TableState, 'sort' | 'filter' | 'columns' | 'grouping' | 'folding'> & {
    name: SocketTableName;
    lifecycle: Lifecycle;
    pinned: Pins['sockets'];
  };

/** The rows that were made of a snapshot last, and of what: most changes of the state leave them as they are. */
const made = new WeakMap<object, { of: object; rows: unknown }>();

/** What is made of `key`, and of the facts in `of`: again only when one of them is another. */
function* onceOf<Of extends object, Row>(
  key: object,
  of: Of,
  make: () => Generator<void, Rows<Row>>,
): Generator<void, Rows<Row>> {
  const last = made.get(key) as { of: Of; rows: Rows<Row> } | undefined;
  const same = (name: string) => last?.of[name as keyof Of] === of[name as keyof Of];
  if (last && Object.keys(of).every(same)) return last.rows;
  const rows = yield* make();
  made.set(key, { of, rows });
  return rows;
}

/** The sockets of the table that is shown, filtered and sorted; made again only when something of them changed. */
export function rowsOf(state: State): Rows<Row> {
  return runAtOnce(prepareRows(state));
}

/** {@link rowsOf} in steps: of a hundred thousand sockets they are prepared before they are to be shown. */
export function* prepareRows(state: State): Generator<void, Rows<Row>> {
  const { sample, targets, pids, protocols, numeric } = state;
  const name = tableOf(state);
  if (!sample || name === 'processes' || name === 'timeline') return NO_ROWS;
  const { sort, filter, columns, grouping, folding } = state.tables[name];
  const { snapshot, lifecycle } = sample;
  const { sockets: pinned } = state.pins;
  const narrowed = { targets, pids, protocols, numeric };
  const of: RowsOf = { name, sort, filter, columns, grouping, folding, lifecycle, pinned, ...narrowed };
  return yield* onceOf(snapshot, of, () => makeRows(snapshot, of));
}

/** The processes, if they are shown, in the same way. */
export function processRowsOf(state: State): Rows<ProcessRow> {
  return runAtOnce(prepareProcesses(state));
}

/** {@link processRowsOf} in steps. */
export function* prepareProcesses(state: State): Generator<void, Rows<ProcessRow>> {
  const { processes, pids, numeric, tree, ownersKnown } = state;
  if (!processes || tableOf(state) !== 'processes') return NO_ROWS;
  const { sort, filter, columns } = state.tables.processes;
  const { processes: pinned } = state.pins;
  const of = { sort, filter, columns, pids, numeric, tree, ownersKnown, pinned };
  return yield* onceOf(processes, of, () => makeProcessRows(processes, of, state.now));
}

/** Processes between two pauses: their command lines may be long. */
const PROCESSES_AT_ONCE = 128;

function* makeProcessRows(
  sample: ProcessSample,
  {
    sort,
    filter,
    columns: chosen,
    pids,
    numeric,
    tree,
    ownersKnown,
    pinned,
  }: Pick<TableState, 'sort' | 'filter' | 'columns'> &
    Pick<State, 'pids' | 'numeric' | 'tree' | 'ownersKnown'> & { pinned: Pins['processes'] },
  now: number,
): Generator<void, Rows<ProcessRow>> {
  const { table } = sample;
  const columns = processColumns({ numeric, tree, columns: chosen });
  const passes = filterProcesses(filter, columns, now);
  const picked: number[] = [];
  for (let row = 0; row < table.length; row++) {
    if ((pids === null || pids.has(table.at(row).pid)) && passes(table, row)) picked.push(row);
    if (row % PROCESSES_AT_ONCE === PROCESSES_AT_ONCE - 1) yield;
  }
  const part = { rows: table, picked };
  const column = sortColumn(columns, sort);
  const places = yield* orderRows([part], column, sort.descending, PROCESS_COLUMNS.pid.order);
  const order = places.map((place) => picked[place] as number);
  if (!tree) {
    const source = processRows(sample, table, ownersKnown, pinned);
    return new Rows(source, pinnedFirst(order, source, pinned));
  }
  const { rows, branches } = treeOf(table.processes, order);
  const source = processRows(sample, table.withBranches(branches), ownersKnown, pinned);
  return new Rows(source, Uint32Array.from(rows));
}

/** What happened, if the timeline is shown, in the same way. */
function timelineRowsOf(state: State): Rows<TimelineRow> {
  return runAtOnce(prepareTimeline(state));
}

/** {@link timelineRowsOf} in steps. */
export function* prepareTimeline(state: State): Generator<void, Rows<TimelineRow>> {
  const { timeline, targets, pids, protocols, numeric, connections } = state;
  if (tableOf(state) !== 'timeline') return NO_ROWS;
  const { sort, filter } = state.tables.timeline;
  const of = { sort, filter, targets, pids, protocols, numeric, connections };
  return yield* onceOf(timeline, of, () => makeTimelineRows(state));
}

function* makeTimelineRows(state: State): Generator<void, Rows<TimelineRow>> {
  const { timeline, connections } = state;
  const { sort, filter } = state.tables.timeline;
  const { facts, length } = timeline;
  const columns = timelineColumns(state);
  const passes = filterTimeline(filter, columns, state.now);
  const narrows = narrowing(state);
  const picked: number[] = [];
  for (let row = 0; row < length; row++) {
    const shown = connections || !isOfConnection(facts, row);
    if (shown && narrows(facts, row) && passes(facts, row)) picked.push(row);
    if (row % AT_ONCE === AT_ONCE - 1) yield;
  }
  const part = { rows: facts, picked };
  const places = yield* orderRows([part], sortColumn(columns, sort), sort.descending, [NEWEST]);
  return new Rows(
    timelineRows(timeline),
    places.map((place) => picked[place] as number),
  );
}

/** The rows of the table that is shown, of whichever kind. */
export function shownRows(state: State): Rows<Row> | Rows<ProcessRow> {
  const name = tableOf(state);
  if (name === 'timeline') return timelineRowsOf(state);
  return name === 'processes' ? processRowsOf(state) : rowsOf(state);
}

/** A table as it is shown: rows of some kind, and columns for them. */
export type Shown<Facts> = { columns: readonly Column<Facts>[]; rows: Rows<TableRow<Facts>> };

/** Gives the table that is shown to who does not mind what its rows are. */
export function withShown<Result>(state: State, use: <Facts>(shown: Shown<Facts>) => Result): Result {
  const name = tableOf(state);
  if (name === 'timeline') return use({ columns: timelineColumns(state), rows: timelineRowsOf(state) });
  return name === 'processes'
    ? use({ columns: processColumnsOf(state), rows: processRowsOf(state) })
    : use({ columns: socketColumns(name, state), rows: rowsOf(state) });
}

function* makeRows(snapshot: Snapshot, of: RowsOf): Generator<void, Rows<Row>> {
  const { name, sort, filter, lifecycle, pinned } = of;
  const { includes } = TABLES[name];
  const columns = columnsOf(name, of);
  const passes = filterRows(filter, columns, snapshot.time.getTime());
  const narrows = narrowing(of);
  const shown = (rows: RowFacts, row: number) =>
    includes(rows.table, row) && narrows(rows, row) && passes(rows, row);

  const live = yield* pick(snapshot, shown);
  const closed = yield* pick(lifecycle.closed, shown);
  const parts = [
    { rows: snapshot, picked: live },
    { rows: lifecycle.closed, picked: closed },
  ];
  const sorted = yield* sortRows(parts, sortColumn(columns, sort), sort.descending);
  const place = (at: number) =>
    at < live.length ? (live[at] as number) : snapshot.length + (closed[at - live.length] as number);
  const source = socketRows(snapshot, lifecycle, pinned);
  // A group stands where the first of it does: on top, if one of it is pinned.
  const order = pinnedFirst(sorted, { identity: (at) => source.identity(place(at)) }, pinned);
  const grouped = of.grouping === null ? null : yield* groupRows(parts, order, of.grouping, of.folding);
  const places = (grouped?.order ?? order).map(place);
  return new Rows(source, places, grouped);
}

/** What is asked for of sockets beside the filter. */
function narrowing({ targets, pids, protocols }: Pick<State, 'targets' | 'pids' | 'protocols'>): RowTest {
  const among = protocols.map((protocol) => PROTOCOLS.indexOf(protocol));
  return (rows, row) =>
    among.includes(rows.table.protocol[row] as number) &&
    (pids === null || rows.processes(row).some(({ pid }) => pids.has(pid))) &&
    (targets.length === 0 || targets.some((target) => matchesTarget(rows, row, target)));
}

/** Rows between two pauses. */
const AT_ONCE = 2048;

function* pick(rows: RowFacts, shown: RowTest): Generator<void, number[]> {
  const picked: number[] = [];
  for (let row = 0; row < rows.table.length; row++) {
    if (shown(rows, row)) picked.push(row);
    if (row % AT_ONCE === AT_ONCE - 1) yield;
  }
  return picked;
}

/** The column to sort by; the first, where the chosen one is not shown. */
export function sortColumn<Facts>(columns: readonly Column<Facts>[], sort: Sort): Column<Facts> {
  return columns.find(({ key }) => key === sort.key) ?? (columns[0] as Column<Facts>);
}

/** The columns of the table that is shown, of whichever kind its rows are. */
export function columnsShown(state: State): readonly Column<never>[] {
  const name = tableOf(state);
  if (name === 'timeline') return timelineColumns(state);
  return name === 'processes' ? processColumnsOf(state) : socketColumns(name, state);
}

function processColumnsOf({ numeric, tree, tables }: State): readonly Column<ProcessTable>[] {
  return processColumns({ numeric, tree, columns: tables.processes.columns });
}

function socketColumns(name: SocketTableName, { numeric, tables }: State): readonly Column[] {
  return columnsOf(name, { numeric, columns: tables[name].columns });
}

/** The selected row and where it stands; null while nothing is shown. */
export function selection(state: State): { row: Row | ProcessRow; index: number } | null {
  const rows = shownRows(state);
  const { selected, selectedRow } = state.tables[tableOf(state)];
  let index = rows.indexOf(selected);
  if (index < 0) index = Math.min(selectedRow, rows.length - 1);
  const row = rows.at(index);
  return row ? { row, index } : null;
}

/** Whether some columns have no room on the screen. */
export function isWiderThanScreen(state: State): boolean {
  return (state.inSight?.right ?? 0) > 0 || state.tables[tableOf(state)].left > 0;
}

/** How many were connected to the selected listener in the last minute; null: nobody counts them. */
export function connectionsTrail(state: State): readonly (number | null)[] | null {
  const { countedTrail } = state;
  const row = selection(state)?.row;
  if (!countedTrail || !row?.socket) return null;
  const listeners = ofEachAddress(row.members ?? [row]).map(
    ({ facts, row }) => facts.table.identity[row] as number,
  );
  const values = countedTrail.values.map((counted) => {
    const counts = listeners
      .map((identity) => counted?.of(identity) ?? null)
      .filter((count) => count !== null);
    return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
  });
  return values.at(-1) === null ? null : values;
}

/** Whether the details are of a listener, and tell of its connections. */
export function detailsOfListener(state: State): boolean {
  if (!state.detailsOpen || state.detailsTab !== 'overview' || tableOf(state) === 'timeline') return false;
  const row = selection(state)?.row;
  return row?.socket?.protocol === 'tcp' && row.socket.state === 'LISTEN' && row.closedAt === null;
}

/** Whether only some of what the table could show was asked for at the start, and still is. */
export function isNarrowed(state: State): boolean {
  return targetsShown(state).length > 0 || state.pids !== null;
}

/** Whether connections are among what is shown, and have to be read for it. */
export function showsConnections(state: State): boolean {
  const name = tableOf(state);
  return name === 'sockets' || (name === 'timeline' && state.connections);
}

/** The targets that narrow what is shown: processes are none. */
export function targetsShown(state: State): readonly Target[] {
  return tableOf(state) === 'processes' ? [] : state.targets;
}

/** The process that the details tell of; null when none is shown or the socket has no owner. */
export function detailsPid(state: State): number | null {
  if (!state.detailsOpen) return null;
  const pids = ownerPids(state);
  return pids[Math.min(state.detailsOwner, pids.length - 1)] ?? null;
}

/** The selected process, or those that hold the selected socket. */
export function ownerPids(state: State): number[] {
  const row = selection(state)?.row;
  if (!row) return [];
  return row.process ? [row.process.pid] : pidsOf(row.socket);
}
