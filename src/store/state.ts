import type { SocketDetails } from '../netlink/messages.ts';
import type { Details } from '../processes/details.ts';
import { treeOf } from '../processes/process-tree.ts';
import type { Column } from '../query/columns.ts';
import { type Filter, filterRows, NO_FILTER, type RowTest } from '../query/filter.ts';
import { PROCESS_COLUMNS } from '../query/process-columns.ts';
import { filterProcesses } from '../query/process-filter.ts';
import { orderRows, type Sort, sortRows } from '../query/sort.ts';
import { matchesTarget, type Target } from '../query/target.ts';
import type { RowFacts, Snapshot } from '../sockets/snapshot.ts';
import { type Protocol, pidsOf } from '../sockets/socket.ts';
import { PROTOCOLS } from '../sockets/socket-table.ts';
import { advance, type Lifecycle } from './lifecycle.ts';
import { type Edit, EMPTY_LINE, edit, type Line } from './line.ts';
import { type ProcessRow, type ProcessSample, processRows } from './process-sample.ts';
import { NO_ROWS, type Row, Rows, socketRows, type TableRow } from './rows.ts';
import { runAtOnce } from './slices.ts';
import {
  columnsOf,
  filterProblemOf,
  processColumns,
  type SocketTableName,
  sortOf,
  TABLES,
  type TableName,
  VIEWS,
  type ViewName,
} from './views.ts';

/** What has the keys. */
export type Focus = 'table' | 'filter' | 'sort' | 'details' | 'lookup' | 'help';

/** How one table is looked at; each view keeps its own. */
export type TableState = {
  sort: Sort;
  filter: Filter;
  /** The columns that were asked for, of sockets; null: the table's own. */
  columns: readonly Column[] | null;
  /** The selected row's identity, and the row it was last seen in: if it goes, what comes there is next. */
  selected: number | null;
  selectedRow: number;
};

/** A look at the host, and what came and went until then. */
export type Sample = { snapshot: Snapshot; lifecycle: Lifecycle };

export type State = {
  view: ViewName;
  /** The table that is shown, or was before the services. */
  table: TableName;
  tables: Record<TableName, TableState>;
  focus: Focus;
  /** What the help covers, and gives the keys back to. */
  focusBehind: Focus;
  detailsOpen: boolean;
  /** The line of the details that has the cursor, and which of the socket's owners they tell of. */
  detailsLine: number;
  detailsOwner: number;
  filterLine: Line;
  /** Filters that were kept, the oldest first, and which of them ↑ recalled (or none). */
  filterHistory: readonly string[];
  recalled: number | null;
  /** The filter as it was before it was edited: what Esc gives back. */
  filterBefore: Filter;
  /** What was being typed before one was recalled. */
  filterDraft: string;
  /** It was to be kept as it is, and cannot be understood. */
  filterRefused: boolean;
  lookupLine: Line;
  lookupTop: number;
  helpTop: number;
  /** Those that are shown. */
  protocols: readonly Protocol[];
  targets: readonly Target[];
  /** Only the sockets of these processes; null: whoever's. */
  pids: ReadonlySet<number> | null;
  reveal: boolean;
  /** Numbers instead of the names of services and users. */
  numeric: boolean;
  /** Processes stand under their parents. */
  tree: boolean;
  paused: boolean;
  /** Seconds between samples. */
  interval: number;
  sample: Sample | null;
  /** They are read only while they are shown; null: not, or not yet. */
  processes: ProcessSample | null;
  /** When the host was last looked at, in ms since the epoch: what is the same since is not sampled anew. */
  now: number;
  /** The connections that are up on the host; null where the kernel does not tell. */
  connected: number | null;
  /** TCP listeners in other network namespaces, where only our own is shown; null: there is none, or nobody may know. */
  elsewhere: number | null;
  /** Why some of the network namespaces that were asked for are not shown. */
  missed: string | null;
  /** Every process was asked for its sockets within so many ms, rounded up; null: not yet. */
  freshness: number | null;
  /** Owners have been looked for since the start. */
  ownersKnown: boolean;
  /** What the details tell, of which process; `gone`: it ended. */
  process: { pid: number; details: Details } | { pid: number; gone: true } | null;
  /** What the kernel tells of the selected socket alone, while its details are open. */
  kernel: SocketDetails | null;
  /** The last sample failed: why. */
  failure: string | null;
};

/** What a look tells beside the sockets. */
export type Vitals = Pick<State, 'connected' | 'elsewhere' | 'missed' | 'freshness'>;

export const INTERVALS: readonly number[] = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60];

export type Action =
  | (Partial<Vitals> & {
      type: 'sampled';
      snapshot: Snapshot;
      ownersKnown: boolean;
      /** What came and went until then, for who has worked it out already. */
      lifecycle?: Lifecycle;
    })
  /** The host was looked at: when, and what the kernel counts. */
  | (Partial<Vitals> & { type: 'looked'; now: number })
  /** The processes were looked at, while they are shown. */
  | { type: 'processes'; processes: ProcessSample }
  | { type: 'failed'; why: string }
  | { type: 'process'; process: State['process']; kernel?: SocketDetails | null }
  /** Names (of users, of the IANA registry) have become known: the rows are to be made again. */
  | { type: 'renamed'; snapshot: Snapshot }
  | { type: 'move'; by: number }
  | { type: 'edge'; to: 'first' | 'last' }
  | { type: 'view'; name: ViewName }
  | { type: 'view-by'; by: number }
  | { type: 'open' }
  | { type: 'back' }
  | { type: 'focus-by'; by: number }
  | { type: 'owner-by'; by: number }
  | { type: 'filter' }
  | { type: 'filter-edit'; edit: Edit }
  | { type: 'filter-recall'; by: number }
  | { type: 'filter-keep' }
  | { type: 'lookup-edit'; edit: Edit }
  | { type: 'sort' }
  | { type: 'sort-by'; by: number }
  | { type: 'sort-reverse' }
  | { type: 'toggle-protocol'; protocol: Protocol }
  | { type: 'reveal' }
  | { type: 'numeric' }
  | { type: 'tree' }
  | { type: 'pause' }
  | { type: 'interval-by'; by: number }
  | { type: 'help' };

export function initialState(
  options: Partial<
    Pick<State, 'view' | 'targets' | 'pids' | 'interval' | 'protocols' | 'reveal' | 'numeric'> &
      Pick<TableState, 'columns' | 'filter' | 'sort'> & {
        /** What a table shows where nothing else was asked for, of what it would. */
        columnsOf(own: readonly Column[]): readonly Column[];
      }
  > = {},
): State {
  const { columns, columnsOf: wider, filter = NO_FILTER, sort, ...rest } = options;
  const first = tableOf({ view: options.view ?? 'listening', table: 'listening' });
  const table = (name: TableName): TableState => ({
    sort: (name === first ? sort : null) ?? sortOf(name),
    filter: name === first ? filter : NO_FILTER,
    columns: null,
    selected: null,
    selectedRow: 0,
  });
  const socketTable = (name: SocketTableName): TableState => ({
    ...table(name),
    columns: (name === first ? columns : null) ?? wider?.(TABLES[name].columns) ?? null,
  });
  return {
    view: 'listening',
    table: first,
    tables: {
      listening: socketTable('listening'),
      sockets: socketTable('sockets'),
      processes: table('processes'),
    },
    focus: 'table',
    focusBehind: 'table',
    detailsOpen: false,
    detailsLine: 0,
    detailsOwner: 0,
    filterLine: EMPTY_LINE,
    filterHistory: [],
    recalled: null,
    filterBefore: NO_FILTER,
    filterDraft: '',
    filterRefused: false,
    lookupLine: EMPTY_LINE,
    lookupTop: 0,
    helpTop: 0,
    protocols: ['tcp', 'udp'],
    targets: [],
    pids: null,
    reveal: false,
    numeric: false,
    tree: false,
    paused: false,
    interval: 1,
    sample: null,
    processes: null,
    now: 0,
    ...vitalsOf({}),
    ownersKnown: false,
    process: null,
    kernel: null,
    failure: null,
    ...rest,
  };
}

/** The table that is shown; in the services view, the one that was. */
export function tableOf({ view, table }: Pick<State, 'view' | 'table'>): TableName {
  return view === 'services' ? table : view;
}

type RowsOf = Pick<State, 'targets' | 'pids' | 'protocols' | 'numeric'> &
  Pick<TableState, 'sort' | 'filter' | 'columns'> & { name: SocketTableName; lifecycle: Lifecycle };

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
  if (!sample || name === 'processes') return NO_ROWS;
  const { sort, filter, columns } = state.tables[name];
  const { snapshot, lifecycle } = sample;
  const of: RowsOf = { name, sort, filter, targets, pids, protocols, numeric, columns, lifecycle };
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
  const { sort, filter } = state.tables.processes;
  const of = { sort, filter, pids, numeric, tree, ownersKnown };
  return yield* onceOf(processes, of, () => makeProcessRows(processes, of, state.now));
}

/** Processes between two pauses: their command lines may be long. */
const PROCESSES_AT_ONCE = 128;

function* makeProcessRows(
  sample: ProcessSample,
  {
    sort,
    filter,
    pids,
    numeric,
    tree,
    ownersKnown,
  }: Pick<TableState, 'sort' | 'filter'> & Pick<State, 'pids' | 'numeric' | 'tree' | 'ownersKnown'>,
  now: number,
): Generator<void, Rows<ProcessRow>> {
  const { table } = sample;
  const columns = processColumns({ numeric, tree });
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
  if (!tree) return new Rows(processRows(sample, table, ownersKnown), order);
  const { rows, branches } = treeOf(table.processes, order);
  return new Rows(processRows(sample, table.withBranches(branches), ownersKnown), Uint32Array.from(rows));
}

/** The rows of the table that is shown, of whichever kind. */
export function shownRows(state: State): Rows<Row> | Rows<ProcessRow> {
  return tableOf(state) === 'processes' ? processRowsOf(state) : rowsOf(state);
}

/** A table as it is shown: rows of some kind, and columns for them. */
export type Shown<Facts> = { columns: readonly Column<Facts>[]; rows: Rows<TableRow<Facts>> };

/** Gives the table that is shown to who does not mind what its rows are. */
export function withShown<Result>(state: State, use: <Facts>(shown: Shown<Facts>) => Result): Result {
  const name = tableOf(state);
  return name === 'processes'
    ? use({ columns: processColumns(state), rows: processRowsOf(state) })
    : use({ columns: socketColumns(name, state), rows: rowsOf(state) });
}

function* makeRows(snapshot: Snapshot, of: RowsOf): Generator<void, Rows<Row>> {
  const { name, sort, filter, targets, pids, protocols, lifecycle } = of;
  const { includes } = TABLES[name];
  const columns = columnsOf(name, of);
  const passes = filterRows(filter, columns, snapshot.time.getTime());
  const among = protocols.map((protocol) => PROTOCOLS.indexOf(protocol));
  const shown = (rows: RowFacts, row: number) =>
    includes(rows.table, row) &&
    among.includes(rows.table.protocol[row] as number) &&
    (pids === null || rows.processes(row).some(({ pid }) => pids.has(pid))) &&
    (targets.length === 0 || targets.some((target) => matchesTarget(rows, row, target))) &&
    passes(rows, row);

  const live = yield* pick(snapshot, shown);
  const closed = yield* pick(lifecycle.closed, shown);
  const parts = [
    { rows: snapshot, picked: live },
    { rows: lifecycle.closed, picked: closed },
  ];
  const places = yield* sortRows(parts, sortColumn(columns, sort), sort.descending);
  for (let at = 0; at < places.length; at++) {
    const place = places[at] as number;
    places[at] =
      place < live.length
        ? (live[place] as number)
        : snapshot.length + (closed[place - live.length] as number);
  }
  return new Rows(socketRows(snapshot, lifecycle), places);
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
  return name === 'processes' ? processColumns(state) : socketColumns(name, state);
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

/** Whether only some of what the table could show was asked for at the start, and still is. */
export function isNarrowed(state: State): boolean {
  return targetsShown(state).length > 0 || state.pids !== null;
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

export function reduce(state: State, action: Action): State {
  const before = state.detailsOpen ? { row: selection(state)?.row, pid: detailsPid(state) } : null;
  const next = change(state, action);
  return before?.row && next.detailsOpen ? keepDetails(next, action, before.row, before.pid) : next;
}

/** Another row has details of its own, from their top; of the same one, the process that they tell of stays. */
function keepDetails(state: State, action: Action, before: Row | ProcessRow, pid: number | null): State {
  const row = selection(state)?.row;
  if (row?.identity !== before.identity) return { ...state, detailsLine: 0, detailsOwner: 0 };
  if (action.type !== 'sampled' || pid === null || row.socket === before.socket) return state;
  const owner = ownerPids(state).indexOf(pid);
  return owner < 0 || owner === state.detailsOwner ? state : { ...state, detailsOwner: owner };
}

function change(state: State, action: Action): State {
  switch (action.type) {
    case 'sampled':
      return keepSelection({
        ...state,
        sample: {
          snapshot: action.snapshot,
          lifecycle: action.lifecycle ?? advance(state.sample, action.snapshot),
        },
        now: action.snapshot.time.getTime(),
        ...vitalsOf(action),
        ownersKnown: state.ownersKnown || action.ownersKnown,
        failure: null,
      });
    case 'looked':
      return { ...state, now: action.now, ...vitalsOf(action), failure: null };
    case 'renamed':
      return state.sample
        ? { ...state, sample: { snapshot: action.snapshot, lifecycle: state.sample.lifecycle } }
        : state;
    case 'processes':
      return state.view === 'processes' ? keepSelection({ ...state, processes: action.processes }) : state;
    case 'process':
      return { ...state, process: action.process, kernel: action.kernel ?? null };
    case 'failed':
      return { ...state, failure: action.why };
    case 'move':
      return move(state, action.by);
    case 'edge':
      return move(state, action.to === 'first' ? -Infinity : Infinity);
    case 'view':
      return showView(state, action.name);
    case 'view-by': {
      const at = VIEWS.findIndex(({ name }) => name === state.view);
      const next = VIEWS[(at + action.by + VIEWS.length) % VIEWS.length];
      return next ? showView(state, next.name) : state;
    }
    case 'open':
      return selection(state) === null
        ? state
        : { ...state, detailsOpen: true, focus: 'details', detailsLine: 0, detailsOwner: 0 };
    case 'back':
      return back(state);
    case 'focus-by':
      return state.detailsOpen && state.view !== 'services'
        ? { ...state, focus: state.focus === 'details' ? 'table' : 'details' }
        : state;
    case 'owner-by': {
      const last = ownerPids(state).length - 1;
      const detailsOwner = Math.max(0, Math.min(last, state.detailsOwner + action.by));
      return detailsOwner === state.detailsOwner ? state : { ...state, detailsOwner, detailsLine: 0 };
    }
    case 'filter': {
      const { filter } = state.tables[tableOf(state)];
      const { text } = filter;
      const filterLine = { text, cursor: [...text].length };
      const edited = {
        filterLine,
        filterBefore: filter,
        filterDraft: text,
        recalled: null,
        filterRefused: false,
      };
      return { ...state, focus: 'filter', ...edited };
    }
    case 'filter-edit': {
      const line = edit(state.filterLine, action.edit);
      return typeFilter({ ...state, filterDraft: line.text }, line, null);
    }
    case 'filter-recall':
      return recall(state, action.by);
    case 'filter-keep':
      return keepFilter(state);
    case 'lookup-edit':
      return { ...state, lookupLine: edit(state.lookupLine, action.edit), lookupTop: 0 };
    case 'sort':
      return { ...state, focus: state.focus === 'sort' ? 'table' : 'sort' };
    case 'sort-by':
      return sortBy(state, action.by);
    case 'sort-reverse':
      return keepSelection(
        withTable(state, ({ sort }) => ({ sort: { ...sort, descending: !sort.descending } })),
      );
    case 'toggle-protocol': {
      if (tableOf(state) === 'processes') return state;
      const protocols = state.protocols.includes(action.protocol)
        ? state.protocols.filter((protocol) => protocol !== action.protocol)
        : [...state.protocols, action.protocol];
      return keepSelection({ ...state, protocols });
    }
    case 'reveal':
      return { ...state, reveal: !state.reveal };
    case 'numeric':
      return { ...state, numeric: !state.numeric };
    case 'tree':
      return tableOf(state) === 'processes' ? keepSelection({ ...state, tree: !state.tree }) : state;
    case 'pause':
      return { ...state, paused: !state.paused };
    case 'interval-by': {
      const next =
        action.by > 0
          ? INTERVALS.find((interval) => interval > state.interval)
          : INTERVALS.findLast((interval) => interval < state.interval);
      return next === undefined ? state : { ...state, interval: next };
    }
    case 'help':
      return state.focus === 'help'
        ? { ...state, focus: state.focusBehind }
        : { ...state, focus: 'help', focusBehind: state.focus, helpTop: 0 };
  }
}

/** What was not told is not known. */
function vitalsOf({
  connected = null,
  elsewhere = null,
  missed = null,
  freshness = null,
}: Partial<Vitals>): Vitals {
  return { connected, elsewhere, missed, freshness };
}

function withTable(state: State, change: (table: TableState) => Partial<TableState>): State {
  const name = tableOf(state);
  const table = state.tables[name];
  return { ...state, tables: { ...state.tables, [name]: { ...table, ...change(table) } } };
}

/** What is selected stays so by identity; where nothing is yet, or it has gone, the row that is in its place. */
function keepSelection(state: State): State {
  const now = selection(state);
  if (!now) return state;
  const { selected, selectedRow } = state.tables[tableOf(state)];
  if (selected === now.row.identity && selectedRow === now.index) return state;
  return withTable(state, () => ({ selected: now.row.identity, selectedRow: now.index }));
}

function move(state: State, by: number): State {
  const moved = (from: number, last: number) => Math.max(0, Math.min(last, from + by));
  switch (state.focus) {
    // How many lines these have, only who draws them knows: it gives a `by` that fits.
    case 'help':
      return { ...state, helpTop: moved(state.helpTop, Infinity) };
    case 'details':
      return { ...state, detailsLine: moved(state.detailsLine, Infinity) };
    case 'lookup':
      return { ...state, lookupTop: moved(state.lookupTop, Infinity) };
    default: {
      const rows = shownRows(state);
      const index = moved(selection(state)?.index ?? 0, rows.length - 1);
      const row = rows.at(index);
      if (!row) return state;
      const selected = { selected: row.identity, selectedRow: index };
      return withTable(state, () => selected);
    }
  }
}

function showView(state: State, view: ViewName): State {
  const focus = view === 'services' ? 'lookup' : 'table';
  // When they are looked at again, what has changed since came and went nobody knows when.
  const processes = view === 'processes' ? state.processes : null;
  return keepSelection({ ...state, view, table: tableOf({ view, table: state.table }), focus, processes });
}

/** Esc: one step back. */
function back(state: State): State {
  switch (state.focus) {
    case 'help':
      return { ...state, focus: state.focusBehind };
    case 'sort':
      return { ...state, focus: 'table' };
    case 'filter':
      return keepSelection({ ...withTable(state, () => ({ filter: state.filterBefore })), focus: 'table' });
    case 'lookup':
      return state.lookupLine.text === ''
        ? showView(state, state.table)
        : { ...state, lookupLine: EMPTY_LINE, lookupTop: 0 };
    default:
      if (state.detailsOpen) return { ...state, detailsOpen: false, focus: 'table' };
      if (state.tables[tableOf(state)].filter.text !== '') return typeFilter(state, EMPTY_LINE, null);
      if (!isNarrowed(state)) return state;
      return keepSelection({
        ...state,
        pids: null,
        targets: targetsShown(state).length > 0 ? [] : state.targets,
      });
  }
}

/** Of what is not finished yet, or wrong, the rows show what can be understood of it. */
function typeFilter(state: State, line: Line, recalled: number | null): State {
  const text = filterProblemOf(tableOf(state), line.text)?.understood ?? line.text;
  const filter = text === '' ? NO_FILTER : { text, kept: false };
  const typed = { filterLine: line, recalled, filterRefused: false };
  return keepSelection({ ...withTable(state, () => ({ filter })), ...typed });
}

function recall(state: State, by: number): State {
  const { filterHistory: history } = state;
  const at = (state.recalled ?? history.length) + by;
  // After the latest stands what was being typed.
  const text = at === history.length ? state.filterDraft : history[at];
  if (text === undefined) return state;
  return typeFilter(state, { text, cursor: [...text].length }, at === history.length ? null : at);
}

function keepFilter(state: State): State {
  const { text } = state.filterLine;
  if (filterProblemOf(tableOf(state), text)) return { ...state, filterRefused: true };
  const filterHistory =
    text === '' ? state.filterHistory : [...state.filterHistory.filter((old) => old !== text), text];
  const kept = withTable(state, () => ({ filter: text === '' ? NO_FILTER : { text, kept: true } }));
  return keepSelection({ ...kept, focus: 'table', filterHistory, recalled: null });
}

function sortBy(state: State, by: number): State {
  const columns = columnsShown(state);
  const at = columns.indexOf(sortColumn(columns, state.tables[tableOf(state)].sort));
  const next = columns[(at + by + columns.length) % columns.length];
  if (!next) return state;
  return keepSelection(withTable(state, () => ({ sort: { key: next.key, descending: false } })));
}
