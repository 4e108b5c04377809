import type { SocketDetails } from '../netlink/messages.ts';
import type { Details } from '../processes/details.ts';
import type { TabName } from '../processes/tabs.ts';
import type { Column } from '../query/columns.ts';
import { type Filter, NO_FILTER } from '../query/filter.ts';
import type { Sort } from '../query/sort.ts';
import type { Target } from '../query/target.ts';
import type { Connections } from '../sockets/connections.ts';
import type { Snapshot } from '../sockets/snapshot.ts';
import type { Protocol } from '../sockets/socket.ts';
import type { SafeText } from '../text/safe.ts';
import { ALL_FOLDED, type Folding, type Grouping } from './groups.ts';
import type { Lifecycle } from './lifecycle.ts';
import { type Edit, EMPTY_LINE, type Line } from './line.ts';
import { type Follow, NO_PINS, type Pins } from './pins.ts';
import type { ProcessSample } from './process-sample.ts';
import type { HeldSockets } from './process-sockets.ts';
import type { SignalAction, SignalDialog } from './signal-dialog.ts';
import { emptyTimeline, type Timeline } from './timeline.ts';
import type { Trail } from './trail.ts';
import {
  type ChoosableTableName,
  columnsOf,
  groupingOf,
  type SocketTableName,
  sortOf,
  type TableName,
  type ViewName,
} from './views.ts';

/** What has the keys. */
export type Focus =
  | 'table'
  | 'filter'
  | 'sort'
  | 'columns'
  | 'details'
  | 'search'
  | 'lookup'
  | 'help'
  | 'signal';

/** How one table is looked at; each view keeps its own. */
export type TableState = {
  sort: Sort;
  filter: Filter;
  /** The columns that were asked for, of what the table's rows are; null: its own. */
  columns: readonly Column<never>[] | null;
  /** How many columns behind the first are left of the screen. */
  left: number;
  /** What makes several sockets one row, and which of these are. */
  grouping: Grouping;
  folding: Folding;
  /** The selected row's identity, and the row it was last seen in: if it goes, what comes there is next. */
  selected: number | null;
  selectedRow: number;
};

/** A look at the host, and what came and went until then. */
export type Sample = { snapshot: Snapshot; lifecycle: Lifecycle };

/** What was read of a process, for the page of the details that was open then. */
export type ProcessDetails = {
  pid: number;
  tab: TabName;
  details: Details;
  /** null: they were not read, or may not be. */
  sockets?: HeldSockets | null;
  /** Those that hold the selected socket, too. */
  children?: readonly number[];
};

/** All columns of a table, those that are shown among them, while they are chosen. */
export type Chooser = {
  list: readonly { column: Column<never>; on: boolean }[];
  cursor: number;
  /** What Esc gives back. */
  before: TableState['columns'];
};

/** The columns that there is room for, by their keys, and how many lie to the right of them. */
export type InSight = { columns: readonly string[]; right: number };

export type State = {
  view: ViewName;
  /** The table that is shown, or was before the services. */
  table: TableName;
  tables: Record<TableName, TableState>;
  /** null: nothing has been drawn yet. */
  inSight: InSight | null;
  /** The columns while they are chosen. */
  chooser: Chooser | null;
  focus: Focus;
  /** What the help covers, and gives the keys back to. */
  focusBehind: Focus;
  detailsOpen: boolean;
  detailsTab: TabName;
  /** Only lines that have this are shown of them. */
  detailsSearch: Line;
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
  /** The mouse is heard; else it is the terminal's own, to select text with. */
  mouse: boolean;
  /** What was just done, or why nothing was, in the footer for a moment. */
  notice: SafeText | null;
  /** Seconds between samples. */
  interval: number;
  sample: Sample | null;
  /** What happened since the start, and whether what happened to connections is shown too. */
  timeline: Timeline;
  connections: boolean;
  pins: Pins;
  follow: Follow | null;
  /** They are read only while they are shown; null: not, or not yet. */
  processes: ProcessSample | null;
  /** When the host was last looked at, in ms since the epoch: what is the same since is not sampled anew. */
  now: number;
  /** The connections that are up on the host; null where the kernel does not tell. */
  connected: number | null;
  /** How many they were in the last minute. */
  connectedTrail: Trail<number> | null;
  /** The same of each listener, while that is counted. */
  countedTrail: Trail<Connections> | null;
  /** TCP listeners in other network namespaces, where only our own is shown; null: there is none, or nobody may know. */
  elsewhere: number | null;
  /** Why some of the network namespaces that were asked for are not shown. */
  missed: string | null;
  /** Every process was asked for its sockets within so many ms, rounded up; null: not yet. */
  freshness: number | null;
  /** Of all processes so many in a hundred, until every one was asked once; null: they were. */
  asked: number | null;
  /** Owners have been looked for since the start. */
  ownersKnown: boolean;
  /** What the details tell, of which process; `gone`: it ended, and `last` is what was known of it. */
  process: ProcessDetails | { pid: number; gone: true; last?: ProcessDetails | null } | null;
  /** What the kernel tells of the selected socket alone, while its details are open. */
  kernel: SocketDetails | null;
  /** Somebody is being signalled; null: nobody is. */
  signal: SignalDialog | null;
  /** Why nobody can be signalled here; null: one can. */
  refusesSignals: string | null;
  /** Connections are counted again within so many ms, rounded up; null: they are not, or that takes longer. */
  counted: number | null;
  /** The last sample failed: why. */
  failure: string | null;
};

/** What a look tells beside the sockets. */
export type Vitals = Pick<State, 'connected' | 'elsewhere' | 'missed' | 'freshness' | 'asked' | 'counted'>;

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
  /** Something happened on the host. */
  | { type: 'happened'; timeline: Timeline }
  | { type: 'failed'; why: string }
  | { type: 'process'; process: State['process']; kernel?: SocketDetails | null }
  /** Names (of users, of the IANA registry) have become known: the rows are to be made again. */
  | { type: 'renamed'; snapshot: Snapshot }
  /** In what has the keys, or in what the mouse is over. */
  | { type: 'move'; by: number; in?: Focus }
  | { type: 'select'; identity: number }
  | { type: 'sort-on'; key: string }
  | { type: 'details-line'; line: number | null }
  | { type: 'edge'; to: 'first' | 'last' }
  | { type: 'view'; name: ViewName }
  | { type: 'view-by'; by: number }
  | { type: 'open' }
  | { type: 'back' }
  | { type: 'focus-by'; by: number }
  | { type: 'owner-by'; by: number }
  | { type: 'tab-by'; by: number }
  | { type: 'search' }
  | { type: 'search-edit'; edit: Edit }
  | { type: 'search-keep' }
  | { type: 'filter' }
  | { type: 'filter-edit'; edit: Edit }
  | { type: 'filter-recall'; by: number }
  | { type: 'filter-keep' }
  | { type: 'lookup-edit'; edit: Edit }
  /** The screen was drawn: what of the table had room. `left` as it was drawn, which ends where there is no more. */
  | { type: 'in-sight'; inSight: InSight; left: number }
  | { type: 'sideways'; by: number }
  | { type: 'fold' }
  | { type: 'fold-all' }
  | { type: 'columns' }
  | { type: 'column-toggle' }
  | { type: 'column-move'; by: number }
  | { type: 'columns-keep' }
  | { type: 'sort' }
  | { type: 'sort-by'; by: number }
  | { type: 'sort-reverse' }
  | { type: 'toggle-protocol'; protocol: Protocol }
  | { type: 'reveal' }
  | { type: 'numeric' }
  | { type: 'tree' }
  | { type: 'connections' }
  | { type: 'pin' }
  | { type: 'follow' }
  | { type: 'pause' }
  | { type: 'mouse' }
  | { type: 'notice'; said: SafeText | null }
  | { type: 'interval-by'; by: number }
  | { type: 'help' }
  | SignalAction;

/** How the tables are looked at at the start. */
export type Preset = Partial<Record<ChoosableTableName, Partial<Pick<TableState, 'sort' | 'columns'>>>>;

export function initialState(
  options: Partial<
    Pick<
      State,
      | 'view'
      | 'targets'
      | 'pids'
      | 'interval'
      | 'protocols'
      | 'reveal'
      | 'numeric'
      | 'mouse'
      | 'refusesSignals'
    > &
      Pick<TableState, 'filter' | 'sort'> & {
        columns: readonly Column[] | null;
        /** What each table has by itself, where nothing else was asked for. */
        preset: Preset;
        /** What a table shows where nothing else was asked for, of what it would. */
        columnsOf(own: readonly Column[]): readonly Column[];
      }
  > = {},
): State {
  const { columns, columnsOf: wider, filter = NO_FILTER, sort, preset, ...rest } = options;
  const first = tableOf({ view: options.view ?? 'listening', table: 'listening' });
  const table = (name: TableName): TableState => ({
    sort: (name === first ? sort : null) ?? sortOf(name),
    filter: name === first ? filter : NO_FILTER,
    columns: null,
    left: 0,
    grouping: groupingOf(name),
    folding: ALL_FOLDED,
    selected: null,
    selectedRow: 0,
  });
  const choosable = (name: ChoosableTableName): TableState => {
    const own = table(name);
    const { columns, sort: preferred } = preset?.[name] ?? {};
    return {
      ...own,
      columns: columns ?? null,
      sort: (name === first ? sort : null) ?? preferred ?? own.sort,
    };
  };
  const socketTable = (name: SocketTableName): TableState => {
    const own = choosable(name);
    const given = (name === first ? columns : null) ?? wider?.(columnsOf(name, { ...own, numeric: false }));
    return { ...own, columns: given ?? own.columns };
  };
  return {
    view: 'listening',
    table: first,
    tables: {
      listening: socketTable('listening'),
      sockets: socketTable('sockets'),
      processes: choosable('processes'),
      timeline: table('timeline'),
    },
    inSight: null,
    chooser: null,
    focus: 'table',
    focusBehind: 'table',
    detailsOpen: false,
    detailsTab: 'overview',
    detailsSearch: EMPTY_LINE,
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
    mouse: true,
    notice: null,
    interval: 1,
    sample: null,
    pins: NO_PINS,
    follow: null,
    timeline: emptyTimeline(),
    // Who asks for connections, or for whatever uses a port, means them here too.
    connections: first === 'sockets' || (options.targets?.length ?? 0) > 0,
    processes: null,
    now: 0,
    connectedTrail: null,
    countedTrail: null,
    ...vitalsOf({}),
    ownersKnown: false,
    process: null,
    kernel: null,
    signal: null,
    refusesSignals: null,
    failure: null,
    ...rest,
  };
}

/** The table that is shown; in the services view, the one that was. */
export function tableOf({ view, table }: Pick<State, 'view' | 'table'>): TableName {
  return view === 'services' ? table : view;
}

/** What was not told is not known. */
export function vitalsOf({
  connected = null,
  elsewhere = null,
  missed = null,
  freshness = null,
  asked = null,
  counted = null,
}: Partial<Vitals>): Vitals {
  return { connected, elsewhere, missed, freshness, asked, counted };
}
