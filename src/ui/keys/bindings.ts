import { isNarrowed, isWiderThanScreen, ownerPids, selection } from '../../store/shown.ts';
import { type SignalDialog, takesYes } from '../../store/signal-dialog.ts';
import { type Action, type Focus, type State, tableOf } from '../../store/state.ts';
import { filterProblemOf, VIEWS } from '../../store/views.ts';
import { type SafeText, safe, text } from '../../text/safe.ts';

/** What a key does: a change of the state, or something that only the program around it can do. */
export type Command =
  | Action
  | { type: 'page'; pages: number }
  | { type: 'copy' }
  | { type: 'refresh' }
  | { type: 'suspend' }
  | { type: 'quit' };

export type Binding = {
  keys: readonly string[];
  /** What must have the keys for it to count. */
  where: readonly Focus[];
  command: Command;
  /** A line of the help; left out where another binding has said it. */
  help?: SafeText;
  /** A word for the footer; left out where there is no room for it, the last first. */
  footer?: SafeText | ((state: State) => SafeText);
  /** Whether there is such a key at all; there is, if it does not say. */
  offered?(state: Pick<State, 'refusesSignals'>): boolean;
  /** When it has something to do; always, if it does not say. */
  applies?(state: State): boolean;
  group: SafeText;
  /** The keys as the footer and the help show them, where their names are too long. */
  shown?: SafeText;
};

const EVERYWHERE: readonly Focus[] = [
  'table',
  'sort',
  'columns',
  'details',
  'search',
  'help',
  'lookup',
  'filter',
  'signal',
];
const TABLE: readonly Focus[] = ['table'];
const READING: readonly Focus[] = ['table', 'details'];
const SCROLLING: readonly Focus[] = ['table', 'details', 'columns', 'help'];
const TYPING: readonly Focus[] = ['filter', 'search', 'lookup'];
/** What is typed there picks lines, which can be gone through meanwhile. */
const PICKING: readonly Focus[] = ['search', 'lookup'];
const SIGNAL: readonly Focus[] = ['signal'];

/** What is past can be read, and nothing else. */
const isOfNow = (state: State) => tableOf(state) !== 'timeline';

const MOVING = text`Moving`;
const LOOKING = text`Looking`;
const FINDING = text`Finding`;
const ACTING = text`Acting`;
const SAMPLING = text`Sampling`;
export const PROGRAM = text`Program`;

/** While the dialog of signals has come so far. */
function inStep(...steps: readonly SignalDialog['step'][]): (state: State) => boolean {
  return ({ signal }) => signal !== null && steps.includes(signal.step);
}

/** Whether there is something to explain: nobody is known to hold the selected socket. */
function isUnowned(state: State): boolean {
  const { socket } = selection(state)?.row ?? {};
  return state.ownersKnown && socket?.ownerUnknown != null;
}

/** Every key there is. The footer and the help are made of this, so they cannot say what is not so. */
export const BINDINGS: readonly Binding[] = [
  {
    keys: ['up', 'k'],
    where: SCROLLING,
    command: { type: 'move', by: -1 },
    help: text`one up, down`,
    group: MOVING,
  },
  {
    keys: ['down', 'j'],
    where: SCROLLING,
    command: { type: 'move', by: 1 },
    help: text`one up, down`,
    footer: text`move`,
    shown: text`↑↓`,
    group: MOVING,
  },
  {
    keys: ['pageup', 'ctrl+b'],
    where: [...SCROLLING, ...PICKING],
    command: { type: 'page', pages: -1 },
    help: text`a page up, down`,
    group: MOVING,
  },
  {
    keys: ['pagedown', 'ctrl+f'],
    where: [...SCROLLING, ...PICKING],
    command: { type: 'page', pages: 1 },
    help: text`a page up, down`,
    group: MOVING,
  },
  {
    keys: ['ctrl+u'],
    where: SCROLLING,
    command: { type: 'page', pages: -0.5 },
    help: text`half a page up, down`,
    group: MOVING,
  },
  {
    keys: ['ctrl+d'],
    where: SCROLLING,
    command: { type: 'page', pages: 0.5 },
    help: text`half a page up, down`,
    group: MOVING,
  },
  {
    keys: ['home', 'g'],
    where: SCROLLING,
    command: { type: 'edge', to: 'first' },
    help: text`to the first, the last`,
    group: MOVING,
  },
  {
    keys: ['end', 'G'],
    where: SCROLLING,
    command: { type: 'edge', to: 'last' },
    help: text`to the first, the last`,
    group: MOVING,
  },
  {
    keys: ['up'],
    where: PICKING,
    command: { type: 'move', by: -1 },
    group: MOVING,
  },
  {
    keys: ['down'],
    where: PICKING,
    command: { type: 'move', by: 1 },
    footer: text`scroll`,
    shown: text`↑↓`,
    group: MOVING,
  },
  {
    keys: ['enter'],
    where: TABLE,
    command: { type: 'open' },
    help: text`what the process of this row is`,
    footer: (state) => (isUnowned(state) ? text`why no owner` : text`details`),
    applies: (state) => selection(state) !== null,
    group: LOOKING,
  },
  {
    keys: ['K', 'f9'],
    where: READING,
    command: { type: 'signal' },
    help: text`signal its process: shows whom, and asks`,
    footer: text`signal`,
    offered: ({ refusesSignals }) => refusesSignals === null,
    applies: (state) => ownerPids(state).length > 0,
    group: ACTING,
  },
  {
    keys: ['f9'],
    where: ['filter'],
    command: { type: 'signal' },
    footer: text`signal`,
    offered: ({ refusesSignals }) => refusesSignals === null,
    applies: (state) =>
      filterProblemOf(tableOf(state), state.filterLine.text) === null && ownerPids(state).length > 0,
    group: ACTING,
  },
  {
    keys: ['left'],
    where: TABLE,
    command: { type: 'sideways', by: -1 },
    help: text`columns that there is no room for`,
    group: MOVING,
  },
  {
    keys: ['right'],
    where: TABLE,
    command: { type: 'sideways', by: 1 },
    help: text`columns that there is no room for`,
    footer: text`more columns`,
    applies: isWiderThanScreen,
    shown: text`←→`,
    group: MOVING,
  },
  {
    keys: ['left'],
    where: ['details'],
    command: { type: 'tab-by', by: -1 },
    help: text`in the details: previous, next page`,
    group: LOOKING,
  },
  {
    keys: ['right'],
    where: ['details'],
    command: { type: 'tab-by', by: 1 },
    help: text`in the details: previous, next page`,
    footer: text`page`,
    shown: text`←→`,
    group: LOOKING,
  },
  {
    keys: ['O'],
    where: ['details'],
    command: { type: 'owner-by', by: -1 },
    help: text`in the details: previous, next owner`,
    group: LOOKING,
  },
  {
    keys: ['o'],
    where: ['details'],
    command: { type: 'owner-by', by: 1 },
    help: text`in the details: previous, next owner`,
    footer: text`owner`,
    applies: (state) => ownerPids(state).length > 1,
    shown: text`o O`,
    group: LOOKING,
  },
  {
    keys: ['e'],
    where: READING,
    command: { type: 'reveal' },
    help: text`show or mask secrets`,
    group: LOOKING,
  },
  {
    keys: ['esc'],
    where: READING,
    command: { type: 'back' },
    help: text`back: from search, details, filter`,
    footer: text`back`,
    applies: (state) =>
      state.detailsOpen || isNarrowed(state) || state.tables[tableOf(state)].filter.text !== '',
    group: LOOKING,
  },
  {
    keys: ['tab', 'shift+tab'],
    where: READING,
    command: { type: 'focus-by', by: 1 },
    help: text`between the table and the details`,
    footer: text`pane`,
    applies: ({ detailsOpen }) => detailsOpen,
    group: LOOKING,
  },
  ...VIEWS.map(
    ({ name, key }): Binding => ({
      keys: [key],
      where: READING,
      command: { type: 'view', name },
      help: text`the view of that number`,
      group: LOOKING,
    }),
  ),
  {
    keys: ['['],
    where: [...READING, 'lookup'],
    command: { type: 'view-by', by: -1 },
    help: text`previous, next view`,
    group: LOOKING,
  },
  {
    keys: [']'],
    where: [...READING, 'lookup'],
    command: { type: 'view-by', by: 1 },
    help: text`previous, next view`,
    footer: text`view`,
    shown: text`[ ]`,
    group: LOOKING,
  },
  {
    keys: ['/', 'f3', 'f4'],
    where: TABLE,
    command: { type: 'filter' },
    help: text`filter: port, pid, text, or key:value`,
    footer: text`filter`,
    group: FINDING,
  },
  {
    keys: ['/', 'f3', 'f4'],
    where: ['details'],
    command: { type: 'search' },
    help: text`in the details: lines with some text`,
    footer: text`search`,
    group: FINDING,
  },
  {
    keys: ['enter'],
    where: ['search'],
    command: { type: 'search-keep' },
    help: text`in the search: keep it`,
    footer: text`keep`,
    group: FINDING,
  },
  {
    keys: ['enter'],
    where: ['filter'],
    command: { type: 'filter-keep' },
    help: text`in the filter: keep it, numbers then match exactly`,
    footer: text`keep`,
    group: FINDING,
  },
  {
    keys: ['up'],
    where: ['filter'],
    command: { type: 'filter-recall', by: -1 },
    help: text`in the filter: the one before, after`,
    footer: text`recall`,
    group: FINDING,
  },
  {
    keys: ['down'],
    where: ['filter'],
    command: { type: 'filter-recall', by: 1 },
    help: text`in the filter: the one before, after`,
    group: FINDING,
  },
  {
    keys: ['esc'],
    where: TYPING,
    command: { type: 'back' },
    help: text`in a text field: leave it as it was`,
    footer: ({ focus, lookupLine }) =>
      focus === 'lookup' && lookupLine.text !== '' ? text`clear` : text`leave`,
    group: FINDING,
  },
  {
    keys: ['s', 'f6'],
    where: TABLE,
    command: { type: 'sort' },
    help: text`choose the column to sort by`,
    footer: text`sort`,
    group: FINDING,
  },
  {
    keys: ['left', '<'],
    where: ['sort'],
    command: { type: 'sort-by', by: -1 },
    help: text`while choosing: the column before, behind`,
    group: FINDING,
  },
  {
    keys: ['right', '>'],
    where: ['sort'],
    command: { type: 'sort-by', by: 1 },
    help: text`while choosing: the column before, behind`,
    footer: text`column`,
    shown: text`←→`,
    group: FINDING,
  },
  {
    keys: ['enter', 'esc', 's', 'f6'],
    where: ['sort'],
    command: { type: 'back' },
    help: text`while choosing: done`,
    footer: text`done`,
    shown: text`Enter`,
    group: FINDING,
  },
  {
    keys: ['S'],
    where: ['table', 'sort'],
    command: { type: 'sort-reverse' },
    help: text`the other way up`,
    footer: text`reverse`,
    group: FINDING,
  },
  {
    keys: ['<'],
    where: TABLE,
    command: { type: 'sort-by', by: -1 },
    help: text`sort by the column before, behind`,
    group: FINDING,
  },
  {
    keys: ['>'],
    where: TABLE,
    command: { type: 'sort-by', by: 1 },
    help: text`sort by the column before, behind`,
    group: FINDING,
  },
  {
    keys: ['t'],
    where: TABLE,
    command: { type: 'toggle-protocol', protocol: 'tcp' },
    help: text`TCP, UDP, unix sockets on and off`,
    group: FINDING,
  },
  {
    keys: ['u'],
    where: TABLE,
    command: { type: 'toggle-protocol', protocol: 'udp' },
    help: text`TCP, UDP, unix sockets on and off`,
    group: FINDING,
  },
  {
    keys: ['x'],
    where: TABLE,
    command: { type: 'toggle-protocol', protocol: 'unix' },
    help: text`TCP, UDP, unix sockets on and off`,
    group: FINDING,
  },
  {
    keys: ['T', 'f5'],
    where: TABLE,
    command: { type: 'tree' },
    help: text`tree of processes; sockets by process`,
    footer: text`tree`,
    applies: (state) => tableOf(state) === 'processes',
    group: FINDING,
  },
  {
    keys: ['a'],
    where: TABLE,
    command: { type: 'connections' },
    help: text`in the timeline: connections too`,
    footer: text`connections`,
    applies: (state) => tableOf(state) === 'timeline',
    group: FINDING,
  },
  {
    keys: [' '],
    where: TABLE,
    command: { type: 'pin' },
    help: text`pin the row: on top, closed or not`,
    footer: text`pin`,
    applies: isOfNow,
    group: LOOKING,
  },
  {
    keys: ['F'],
    where: TABLE,
    command: { type: 'follow' },
    help: text`follow it when its port opens again`,
    footer: text`follow`,
    applies: isOfNow,
    group: LOOKING,
  },
  {
    keys: ['z'],
    where: TABLE,
    command: { type: 'fold' },
    help: text`sockets apart or as one: here, all`,
    footer: text`fold`,
    applies: (state) => (selection(state)?.row.fold ?? 'alone') !== 'alone',
    group: LOOKING,
  },
  {
    keys: ['Z'],
    where: TABLE,
    command: { type: 'fold-all' },
    help: text`sockets apart or as one: here, all`,
    group: LOOKING,
  },
  {
    keys: ['c'],
    where: TABLE,
    command: { type: 'columns' },
    help: text`choose the columns`,
    footer: text`columns`,
    applies: isOfNow,
    group: LOOKING,
  },
  {
    keys: [' '],
    where: ['columns'],
    command: { type: 'column-toggle' },
    help: text`while choosing columns: show or hide it`,
    footer: text`show or hide`,
    group: LOOKING,
  },
  {
    keys: ['left', '<'],
    where: ['columns'],
    command: { type: 'column-move', by: -1 },
    help: text`while choosing columns: put it before, behind`,
    group: LOOKING,
  },
  {
    keys: ['right', '>'],
    where: ['columns'],
    command: { type: 'column-move', by: 1 },
    help: text`while choosing columns: put it before, behind`,
    footer: text`move it`,
    shown: text`←→`,
    group: LOOKING,
  },
  {
    keys: ['enter', 'c'],
    where: ['columns'],
    command: { type: 'columns-keep' },
    help: text`while choosing columns: keep them`,
    footer: text`keep`,
    group: LOOKING,
  },
  {
    keys: ['esc'],
    where: ['columns'],
    command: { type: 'back' },
    help: text`while choosing columns: leave them as they were`,
    footer: text`as before`,
    group: LOOKING,
  },
  {
    keys: ['n'],
    where: READING,
    command: { type: 'numeric' },
    help: text`names or numbers`,
    group: LOOKING,
  },
  {
    keys: ['y'],
    where: READING,
    command: { type: 'copy' },
    help: text`copy the row, or the details' value`,
    footer: text`copy`,
    group: LOOKING,
  },
  {
    keys: ['up'],
    where: SIGNAL,
    command: { type: 'signal-move', by: -1 },
    group: ACTING,
  },
  {
    keys: ['down'],
    where: SIGNAL,
    command: { type: 'signal-move', by: 1 },
    footer: text`signal`,
    shown: text`↑↓`,
    applies: inStep('choose'),
    group: ACTING,
  },
  {
    keys: ['left', 'shift+tab'],
    where: SIGNAL,
    command: { type: 'signal-owner', by: -1 },
    group: ACTING,
  },
  {
    keys: ['right', 'tab'],
    where: SIGNAL,
    command: { type: 'signal-owner', by: 1 },
    help: text`there: another of several owners, or all`,
    footer: text`whom`,
    shown: text`←→`,
    offered: ({ refusesSignals }) => refusesSignals === null,
    applies: (state) => inStep('choose')(state) && (state.signal?.recipients?.length ?? 0) > 1,
    group: ACTING,
  },
  {
    keys: ['pageup'],
    where: SIGNAL,
    command: { type: 'signal-scroll', by: -5 },
    group: ACTING,
  },
  {
    keys: ['pagedown'],
    where: SIGNAL,
    command: { type: 'signal-scroll', by: 5 },
    group: ACTING,
  },
  {
    keys: ['enter'],
    where: SIGNAL,
    command: { type: 'signal-next' },
    footer: text`go on`,
    applies: inStep('choose', 'insist', 'done'),
    group: ACTING,
  },
  {
    keys: ['y'],
    where: SIGNAL,
    command: { type: 'signal-edit', edit: { type: 'insert', text: 'y' } },
    help: text`there: yes, send it to those that are shown`,
    footer: text`yes, send it`,
    offered: ({ refusesSignals }) => refusesSignals === null,
    applies: ({ signal }) => signal !== null && takesYes(signal),
    group: ACTING,
  },
  {
    keys: ['esc'],
    where: SIGNAL,
    command: { type: 'back' },
    footer: text`back`,
    group: ACTING,
  },
  {
    keys: ['p'],
    where: READING,
    command: { type: 'pause' },
    help: text`pause, and go on`,
    footer: ({ paused }) => (paused ? text`go on` : text`pause`),
    group: SAMPLING,
  },
  {
    keys: ['-'],
    where: READING,
    command: { type: 'interval-by', by: -1 },
    help: text`look more often, less often`,
    group: SAMPLING,
  },
  {
    keys: ['+', '='],
    where: READING,
    command: { type: 'interval-by', by: 1 },
    help: text`look more often, less often`,
    group: SAMPLING,
  },
  {
    keys: ['r', 'ctrl+l'],
    where: READING,
    command: { type: 'refresh' },
    help: text`look now`,
    group: SAMPLING,
  },
  {
    keys: ['?', 'f1'],
    where: ['table', 'details', 'sort', 'columns'],
    command: { type: 'help' },
    help: text`this help`,
    footer: text`help`,
    group: PROGRAM,
  },
  {
    keys: ['f1'],
    where: [...TYPING, ...SIGNAL],
    command: { type: 'help' },
    footer: text`help`,
    group: PROGRAM,
  },
  {
    keys: ['?', 'f1', 'esc', 'q', 'enter'],
    where: ['help'],
    command: { type: 'back' },
    help: text`leave the help`,
    footer: text`leave`,
    shown: text`Esc`,
    group: PROGRAM,
  },
  {
    keys: ['m'],
    where: READING,
    command: { type: 'mouse' },
    help: text`mouse: porttop's, or the terminal's`,
    group: PROGRAM,
  },
  {
    keys: ['ctrl+z'],
    where: EVERYWHERE,
    command: { type: 'suspend' },
    help: text`to the shell; fg comes back`,
    group: PROGRAM,
  },
  {
    keys: ['q', 'f10'],
    where: READING,
    command: { type: 'quit' },
    help: text`quit`,
    footer: text`quit`,
    group: PROGRAM,
  },
  {
    keys: ['ctrl+c'],
    where: EVERYWHERE,
    command: { type: 'quit' },
    help: text`quit`,
    group: PROGRAM,
  },
];

const SHOWN: Record<string, SafeText> = {
  up: text`↑`,
  down: text`↓`,
  left: text`←`,
  right: text`→`,
  pageup: text`PgUp`,
  pagedown: text`PgDn`,
  home: text`Home`,
  end: text`End`,
  enter: text`Enter`,
  esc: text`Esc`,
  tab: text`Tab`,
  'shift+tab': text`Shift-Tab`,
  ' ': text`Space`,
};

/** A key's name for a person: `ctrl+u` is `Ctrl-U`, `f1` is `F1`. */
export function keyName(key: string): SafeText {
  const shown = SHOWN[key];
  if (shown) return shown;
  const named = /^(ctrl\+|f)(.+)$/.exec(key);
  if (!named || key.length === 1) return safe(key);
  return safe(named[1] === 'f' ? `F${named[2]}` : `Ctrl-${named[2]?.toUpperCase()}`);
}

const byFocus = new Map<Focus, Map<string, Command>>();
for (const { keys, where, command } of BINDINGS) {
  for (const focus of where) {
    const commands = byFocus.get(focus) ?? new Map<string, Command>();
    byFocus.set(focus, commands);
    for (const key of keys) if (!commands.has(key)) commands.set(key, command);
  }
}

/** What a key does for what has the keys; undefined: nothing. */
export function commandFor(focus: Focus, key: string): Command | undefined {
  return byFocus.get(focus)?.get(key);
}
