import type { ProcessTable } from '../processes/process-table.ts';
import { COLUMNS, type Column, numericColumns } from '../query/columns.ts';
import { filterProblem } from '../query/filter.ts';
import { PROCESS_COLUMNS } from '../query/process-columns.ts';
import { processFilterProblem } from '../query/process-filter.ts';
import type { FilterError } from '../query/query-error.ts';
import type { Sort } from '../query/sort.ts';
import { EVENT_COLUMNS, TIMELINE_COLUMNS, type TimelineFacts } from '../query/timeline-columns.ts';
import { timelineFilterProblem } from '../query/timeline-filter.ts';
import type { SocketTable } from '../sockets/socket-table.ts';
import { type SafeText, text } from '../text/safe.ts';
import type { Grouping } from './groups.ts';

export type ViewName = 'listening' | 'sockets' | 'processes' | 'services' | 'timeline';
/** The views that are a table. */
export type TableName = Exclude<ViewName, 'services'>;
/** Those whose columns can be chosen. */
export type ChoosableTableName = Exclude<TableName, 'timeline'>;
/** Those whose rows are sockets. */
export type SocketTableName = Exclude<ChoosableTableName, 'processes'>;

export const VIEWS: readonly { name: ViewName; key: string; title: SafeText }[] = [
  { name: 'listening', key: '1', title: text`Listening` },
  { name: 'sockets', key: '2', title: text`Sockets` },
  { name: 'processes', key: '3', title: text`Processes` },
  { name: 'services', key: '4', title: text`Services` },
  { name: 'timeline', key: '5', title: text`Timeline` },
];

export const TABLES: Record<
  SocketTableName,
  {
    columns: readonly Column[];
    sort: Sort;
    grouping: Grouping;
    includes(table: SocketTable, row: number): boolean;
  }
> = {
  listening: {
    columns: [
      COLUMNS.port,
      COLUMNS.service,
      COLUMNS.proto,
      COLUMNS.addr,
      COLUMNS.exposure,
      COLUMNS.command,
      COLUMNS.pid,
      COLUMNS.user,
      COLUMNS.conns,
      COLUMNS.queue,
      COLUMNS.started,
      COLUMNS.states,
      COLUMNS.within,
      COLUMNS.args,
    ],
    sort: { key: 'port', descending: false },
    grouping: 'port',
    includes: (table, row) => table.isOpen(row),
  },
  sockets: {
    columns: [
      COLUMNS.proto,
      COLUMNS.state,
      COLUMNS.local,
      COLUMNS.remote,
      COLUMNS.service,
      COLUMNS.command,
      COLUMNS.pid,
      COLUMNS.user,
      COLUMNS.recvq,
      COLUMNS.sendq,
      COLUMNS.inode,
      COLUMNS.within,
      COLUMNS.args,
    ],
    sort: { key: 'state', descending: false },
    grouping: null,
    includes: () => true,
  },
};

/** The busiest first, as top and htop have them. */
export const PROCESSES: { columns: readonly Column<ProcessTable>[]; sort: Sort } = {
  columns: [
    PROCESS_COLUMNS.pid,
    PROCESS_COLUMNS.user,
    PROCESS_COLUMNS.cpu,
    PROCESS_COLUMNS.mem,
    PROCESS_COLUMNS.rss,
    PROCESS_COLUMNS.stat,
    PROCESS_COLUMNS.start,
    PROCESS_COLUMNS.time,
    PROCESS_COLUMNS.ports,
    PROCESS_COLUMNS.command,
  ],
  sort: { key: 'cpu', descending: true },
};

/** The columns made of others, once: what is drawn is kept by the array. */
function made<Rows>(make: (columns: readonly Column<Rows>[]) => readonly Column<Rows>[]) {
  const known = new WeakMap<readonly Column<Rows>[], readonly Column<Rows>[]>();
  return (columns: readonly Column<Rows>[]) => {
    const before = known.get(columns) ?? make(columns);
    known.set(columns, before);
    return before;
  };
}

const withNumbers = made<ProcessTable>((columns) =>
  columns.map((column) => (column === PROCESS_COLUMNS.user ? PROCESS_COLUMNS.uid : column)),
);

/** Of a tree, more of the command lines has to be seen: its branches stand in them. */
const inTree = made<ProcessTable>((columns) =>
  columns.map((column) => (column === PROCESS_COLUMNS.command ? { ...column, minWidth: 40 } : column)),
);

/** {@link columnsOf} of the processes. */
export function processColumns({
  numeric,
  tree,
  columns: chosen,
}: {
  numeric: boolean;
  tree: boolean;
  columns: readonly Column<never>[] | null;
}): readonly Column<ProcessTable>[] {
  const named = (chosen as readonly Column<ProcessTable>[] | null) ?? PROCESSES.columns;
  const columns = numeric ? withNumbers(named) : named;
  return tree ? inTree(columns) : columns;
}

const NEWEST_FIRST: Sort = { key: EVENT_COLUMNS.when.key, descending: true };

/** {@link columnsOf} of the timeline. */
export function timelineColumns(as: {
  connections: boolean;
  numeric: boolean;
}): readonly Column<TimelineFacts>[] {
  return TIMELINE_COLUMNS[as.connections ? 'connections' : 'listeners'][as.numeric ? 'numbers' : 'names'];
}

/** The order of a table's rows at the start. */
export function sortOf(name: TableName): Sort {
  if (name === 'timeline') return NEWEST_FIRST;
  return (name === 'processes' ? PROCESSES : TABLES[name]).sort;
}

/** What makes several of a table's rows one, at the start. */
export function groupingOf(name: TableName): Grouping {
  return name === 'processes' || name === 'timeline' ? null : TABLES[name].grouping;
}

/** The columns of a table where nobody has chosen others, and all that there are. */
export function allColumns(name: ChoosableTableName): {
  own: readonly Column<never>[];
  all: readonly Column<never>[];
} {
  return name === 'processes'
    ? { own: PROCESSES.columns, all: Object.values(PROCESS_COLUMNS) }
    : { own: TABLES[name].columns, all: Object.values(COLUMNS) };
}

/** Why a filter of a table cannot be understood; null: it can. */
export function filterProblemOf(name: TableName, filter: string): FilterError | null {
  if (name === 'timeline') return timelineFilterProblem(filter);
  return name === 'processes' ? processFilterProblem(filter) : filterProblem(filter);
}

const socketNumbers = made(numericColumns);

/**
 * The columns of a table, its own or those that were asked for, with names or with numbers alone. The same array
 * each time: what is drawn is kept by it.
 */
export function columnsOf(
  name: SocketTableName,
  { numeric, columns: chosen }: { numeric: boolean; columns: readonly Column<never>[] | null },
): readonly Column[] {
  const columns = (chosen as readonly Column[] | null) ?? TABLES[name].columns;
  return numeric ? socketNumbers(columns) : columns;
}
