import { Box, usePaste, useStdin } from 'ink';
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { Names } from '../processes/said.ts';
import { COLUMNS } from '../query/columns.ts';
import type { PortRange } from '../services/ephemeral-range.ts';
import { isPlainlyOther, servedBy } from '../services/programs.ts';
import type { Services } from '../services/services.ts';
import type { Snapshot } from '../sockets/snapshot.ts';
import type { Socket } from '../sockets/socket.ts';
import { isWiderThanScreen, selection, sortColumn, withShown } from '../store/shown.ts';
import { type Action, type Focus, type State, tableOf } from '../store/state.ts';
import type { Store } from '../store/store.ts';
import { EMPTY, join, type SafeText, safe, text } from '../text/safe.ts';
import { textToCopy } from './copied.ts';
import { DrawnState } from './drawn.ts';
import { type Drawn, type Hit, hitAt, nothingDrawn } from './hit.ts';
import { type Command, commandFor } from './keys/bindings.ts';
import { type KeyPress, listenForKeys, type MousePress } from './keys/decode.ts';
import { editOf } from './keys/typing.ts';
import { Line } from './Line.tsx';
import { isLargeEnough, type Layout, layoutOf, type Size, SMALLEST } from './layout.ts';
import { ColumnsPane } from './panes/ColumnsPane.tsx';
import { countedAgo } from './panes/counted-ago.ts';
import { DetailsPane, valueWidth } from './panes/DetailsPane.tsx';
import { type DetailLines, detailLines } from './panes/detail-lines.ts';
import { Footer } from './panes/Footer.tsx';
import { Header, headerText } from './panes/Header.tsx';
import { HelpPane, helpBelow } from './panes/HelpPane.tsx';
import { LOOKUP_AROUND, LookupPane } from './panes/LookupPane.tsx';
import { nothingShown } from './panes/nothing-shown.ts';
import { ServicesPane } from './panes/ServicesPane.tsx';
import { SignalPane } from './panes/SignalPane.tsx';
import { type Looked, whatCameOfPorts } from './panes/signal-lines.ts';
import { selectedTrail, ViewsLine } from './panes/ViewsLine.tsx';
import { LiveTable } from './table/LiveTable.tsx';
import type { Theme } from './theme.ts';

/** What only the program around the screen can do. */
export type Effect = Exclude<Command, Action | { type: 'page' | 'copy' }> | { type: 'copy'; text: SafeText };

type Props = {
  store: Store<State, Action>;
  services: Services;
  users: Names;
  ephemeral: PortRange | null;
  /** Who runs porttop. */
  uid: number;
  /** The host that is looked at; null: its /proc does not say. */
  host: string | null;
  theme: Theme;
  size: Size;
  onEffect(effect: Effect): void;
};

/** The whole screen: draws the state, and turns keys into actions. */
export function App(props: Props) {
  const { services, ephemeral, uid, theme, size } = props;
  const state = useDrawnState(props);
  const layout = layoutOf(size, state);
  const drawn = useRef(nothingDrawn()).current;
  const about = useMemo(() => aboutPort(state, services, ephemeral), [state, services, ephemeral]);
  const page = detailsOf(state, props);
  const found = state.view === 'services' ? lookUp(state, services) : [];
  useKeys(props, drawn);
  useNotice(props.store);

  if (!isLargeEnough(size)) return <TooSmall theme={theme} size={size} />;
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows}>
      <Header theme={theme} state={state} width={size.columns} uid={uid} host={props.host} />
      <ViewsLine theme={theme} state={state} width={size.columns} height={layout.table} />
      {layout.spaced && <Box height={1} />}
      <Box flexDirection="column" height={layout.body} width={size.columns}>
        {state.focus === 'help' ? (
          <HelpPane
            theme={theme}
            state={state}
            top={state.helpTop}
            width={size.columns}
            height={layout.body}
          />
        ) : state.view === 'services' ? (
          <LookupPane
            theme={theme}
            typed={state.lookupLine}
            found={found}
            unknown={unknownPort(state, services, ephemeral)}
            complete={services.registryLoaded}
            top={state.lookupTop}
            width={size.columns}
            height={layout.body}
          />
        ) : (
          <Table {...props} state={state} layout={layout} page={page} about={about} drawn={drawn} />
        )}
      </Box>
      <Footer theme={theme} state={state} width={size.columns} />
    </Box>
  );
}

/** The state, as long as it looks the same as it did, the one that was drawn. */
function useDrawnState(props: Props): State {
  const { store, services, size } = props;
  const drawn = useRef<DrawnState | null>(null);
  drawn.current ??= new DrawnState();
  const around = (state: State) => [
    headerText(state, size.columns, props),
    selectedTrail(state),
    text`${oldColumns(state).size}`,
    text`${Number(isWiderThanScreen(state))}`,
    // What is told of services changes once: when the registry has been read.
    text`${Number(services.registryLoaded)}`,
    ...(state.view === 'services'
      ? lookUp(state, services).map(({ port, protocol }) => where(port, protocol))
      : []),
    ...(state.signal ? whatCameOfPorts(state.signal, lookedAt(state, props)).map(({ said }) => said) : []),
    ...detailsOf(state, props).lines.flatMap(({ mark, label, value, source }) => [
      safe(mark),
      label,
      value,
      source,
    ]),
  ];
  return useSyncExternalStore(store.subscribe, () =>
    (drawn.current as DrawnState).of(store.get(), size, around),
  );
}

function lookedAt({ sample, now }: State, { uid }: Pick<Props, 'uid'>): Looked {
  return { snapshot: sample?.snapshot ?? null, now, uid };
}

const NO_LINES: DetailLines = { lines: [], labels: 0 };

/** The page that was made of a sample last, and of what: it is drawn, compared, and moved in. */
const made = new WeakMap<object, { state: State; size: Size; complete: boolean; page: DetailLines }>();
/** What changes with a key and is nothing to it. */
const NOT_IN_PAGE: readonly (keyof State)[] = ['detailsLine', 'focus', 'focusBehind', 'helpTop'];

/** The open page of the details, as wide as the pane is. */
function detailsOf(state: State, { services, users, ephemeral, uid, size }: Props): DetailLines {
  if (!state.detailsOpen || !state.sample) return NO_LINES;
  const { registryLoaded: complete } = services;
  const before = made.get(state.sample);
  if (before?.size === size && before.complete === complete && isSamePage(before.state, state)) {
    return before.page;
  }
  const { servicesWidth, detailsWidth } = layoutOf(size, state);
  const service = servicesWidth === 0 ? aboutPort(state, services, ephemeral).lines : [];
  const page = detailLines(state, { users, uid, service }, (labels) => valueWidth(detailsWidth, labels));
  made.set(state.sample, { state, size, complete, page });
  return page;
}

function isSamePage(before: State, now: State): boolean {
  return (Object.keys(now) as (keyof State)[]).every(
    (key) => now[key] === before[key] || NOT_IN_PAGE.includes(key),
  );
}

type TableProps = Props & {
  state: State;
  layout: Layout;
  page: DetailLines;
  drawn: Drawn;
  about: { title: SafeText; lines: readonly SafeText[] };
};

/** The table of sockets or processes, and under or beside it, when they are open, the details and the services. */
function Table({ state, layout, page, about, drawn, theme, size, store, uid }: TableProps) {
  const { sort, left } = state.tables[tableOf(state)];
  return (
    <Box flexDirection={layout.beside ? 'row' : 'column'}>
      <Box flexDirection="column" width={layout.tableWidth}>
        {withShown(state, ({ columns, rows }) => (
          <LiveTable
            theme={theme}
            columns={columns}
            sort={{ column: sortColumn(columns, sort), descending: sort.descending }}
            rows={rows}
            selected={selection(state)?.index ?? -1}
            focused={!['details', 'search', 'columns'].includes(state.focus)}
            left={left}
            old={oldColumns(state)}
            width={layout.tableWidth}
            height={layout.table}
            drawn={drawn.table}
            now={state.now}
            stale={state.failure !== null}
            onFitted={(inSight, left) => store.dispatch({ type: 'in-sight', inSight, left })}
            empty={nothingShown(theme, state)}
          />
        ))}
      </Box>
      {state.signal ? (
        <SignalPane
          theme={theme}
          dialog={state.signal}
          looked={lookedAt(state, { uid })}
          onShown={(of) => store.dispatch({ type: 'signal-shown', of })}
          width={layout.beside ? layout.detailsWidth : size.columns}
          height={layout.beside ? layout.body : layout.details}
        />
      ) : state.chooser ? (
        <ColumnsPane
          theme={theme}
          state={state}
          chooser={state.chooser}
          width={layout.beside ? layout.detailsWidth : size.columns}
          height={layout.beside ? layout.body : layout.details}
        />
      ) : state.detailsOpen ? (
        <Box flexDirection={layout.beside ? 'column' : 'row'}>
          <DetailsPane
            theme={theme}
            state={state}
            page={page}
            width={layout.detailsWidth}
            height={layout.details}
            drawn={drawn.details}
          />
          {layout.servicesWidth > 0 && (
            <ServicesPane
              theme={theme}
              title={about.title}
              lines={about.lines}
              width={layout.servicesWidth}
              height={layout.services}
            />
          )}
        </Box>
      ) : null}
    </Box>
  );
}

/** What is counted at a rate of its own, where that is slow. */
function oldColumns(state: State): ReadonlySet<string> {
  return countedAgo(state) === null ? NOTHING_OLD : COUNTED;
}

const NOTHING_OLD: ReadonlySet<string> = new Set();
const COUNTED: ReadonlySet<string> = new Set([COLUMNS.conns.key, COLUMNS.states.key]);

function TooSmall({ theme, size }: { theme: Theme; size: Size }) {
  const lines = [
    theme.paint('warning', text`porttop needs ${SMALLEST.columns}×${SMALLEST.rows}`),
    theme.paint('plain', text`this is ${size.columns}×${size.rows}`),
    theme.paint('quiet', text`enlarge it, or q quits`),
  ];
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows}>
      {lines.slice(0, size.rows).map((line) => (
        <Line key={line}>{line}</Line>
      ))}
    </Box>
  );
}

/** What is known of the selected port, for whoever shows it. */
function aboutPort(
  state: State,
  services: Services,
  ephemeral: PortRange | null,
): { title: SafeText; lines: SafeText[] } {
  const socket = state.detailsOpen ? selection(state)?.row.socket : undefined;
  if (!socket?.local) return { title: EMPTY, lines: [] };
  const { port } = socket.local;
  const remark = otherThan(socket.local.service, socket.owners);
  return {
    title: text`port ${where(port, socket.protocol)}`,
    lines: [...services.explain(port, socket.protocol, ephemeral), ...remark],
  };
}

/** What stands behind the mark at a service: who listens there is known to serve another. */
function otherThan(service: string | null, owners: Socket['owners']): SafeText[] {
  const programs = owners.map(({ command }) => command);
  const [program = null] = programs;
  if (service === null || program === null || !isPlainlyOther(service, programs)) return [];
  const served = (servedBy(program) ?? []).map(safe);
  return [text`* but ${safe(program)} serves ${join(served, text`, `)}: only the number is the same`];
}

function where(port: number, protocol: string): SafeText {
  return text`${port}/${safe(protocol)}`;
}

type Found = ReturnType<Services['search']>;

/** What was found last, and for what: a search goes through thousands of names. */
let foundLast: { of: readonly unknown[]; services: Found } = { of: [], services: [] };

/** The services that a person looks for; before anything is typed, those of the ports in use here. */
function lookUp(state: State, services: Services): Found {
  const of = [state.lookupLine.text.trim(), state.sample?.snapshot, services, services.registryLoaded];
  if (of.some((each, at) => each !== foundLast.of[at])) foundLast = { of, services: search(state, services) };
  return foundLast.services;
}

function search(state: State, services: Services): Found {
  const typed = state.lookupLine.text.trim();
  if (typed !== '') return services.search(typed);
  const used = new Map<string, ReturnType<Services['lookup']>>();
  const { snapshot } = state.sample ?? {};
  for (let row = 0; row < (snapshot?.length ?? 0); row++) {
    const { table } = snapshot as Snapshot;
    if (!table.isOpen(row)) continue;
    const port = table.localPort[row] as number;
    const protocol = table.protocolOf(row);
    const key = `${port}/${protocol}`;
    if (!used.has(key)) used.set(key, services.lookup(port, protocol));
  }
  return [...used.values()].filter((service) => service !== null);
}

function unknownPort(state: State, services: Services, ephemeral: PortRange | null): SafeText[] {
  const typed = /^(\d{1,5})(?:\/(\w+))?$/.exec(state.lookupLine.text.trim());
  if (!typed || Number(typed[1]) > 65_535) return [];
  return services.explainUnknown(Number(typed[1]), typed[2] ?? null, ephemeral);
}

/** What is done to the line that is being typed, by what has the keys. */
const EDITS = {
  filter: 'filter-edit',
  lookup: 'lookup-edit',
  search: 'search-edit',
  signal: 'signal-edit',
} as const;

function isTyped(focus: Focus): focus is keyof typeof EDITS {
  return focus in EDITS;
}

/** How long what was just done is told, in ms, if no key is pressed before. */
const NOTICE = 4000;

function useNotice({ get, subscribe, dispatch }: Store<State, Action>): void {
  const notice = useSyncExternalStore(subscribe, () => get().notice);
  useEffect(() => {
    if (notice === null) return;
    const over = setTimeout(() => dispatch({ type: 'notice', said: null }), NOTICE);
    return () => clearTimeout(over);
  }, [notice, dispatch]);
}

/** Rows to a notch of the wheel. */
const WHEEL = 3;

/** What stands over the screen by itself is not to be clicked through: who chooses a signal chooses its target no more. */
const POINTED: readonly Focus[] = ['table', 'details', 'search', 'sort', 'filter', 'lookup'];

/** Keys and the mouse to actions. One listener for the program's life, which always sees what was drawn last. */
function useKeys(props: Props, drawn: Drawn): void {
  const { store, services, size, onEffect } = props;
  const { stdin, setRawMode } = useStdin();
  const point = useRef<(press: MousePress) => void>(() => {});
  point.current = (press) => {
    const state = store.get();
    // Under the help it is still there.
    const focus = state.focus === 'help' ? state.focusBehind : state.focus;
    const seen = isLargeEnough(size) && POINTED.includes(focus);
    const hit = seen ? hitAt(press, size, state, drawn) : null;
    if (!hit) return;
    if (press.button === 'left') click(hit);
    else wheel(hit, press.button === 'wheel-up' ? -WHEEL : WHEEL);
  };

  function click(hit: Hit): void {
    const state = store.get();
    switch (hit.on) {
      case 'view':
        store.dispatch({ type: 'view', name: hit.name });
        break;
      case 'heading':
        store.dispatch({ type: 'sort-on', key: hit.key });
        break;
      case 'details':
        store.dispatch({ type: 'details-line', line: hit.line });
        break;
      case 'table': {
        if (hit.row === null) break;
        const again = state.focus === 'table' && selection(state)?.row.identity === hit.row;
        store.dispatch({ type: 'select', identity: hit.row });
        if (again) store.dispatch({ type: 'open' });
      }
    }
  }

  /** The list moves under the pointer, and its cursor with it, as in htop. */
  function wheel({ on }: Hit, by: number): void {
    if (on === 'view') return;
    const within = on === 'heading' ? 'table' : on;
    if (within === 'table' || within === 'details') drawn[within].top += by;
    move(by, within);
  }

  const handle = useRef<(press: KeyPress) => void>(() => {});
  handle.current = (press) => {
    if (!isLargeEnough(size)) {
      // Nothing else is done where nobody sees to what.
      const command = commandFor('table', press.key);
      if (command && ['quit', 'suspend'].includes(command.type)) perform(command);
      return;
    }
    const { focus, notice } = store.get();
    if (notice !== null) store.dispatch({ type: 'notice', said: null });
    const command = commandFor(focus, press.key);
    if (command) perform(command);
    else if (isTyped(focus)) type(press);
  };

  function type(press: KeyPress): void {
    const edit = editOf(press);
    const { focus } = store.get();
    if (edit && isTyped(focus)) store.dispatch({ type: EDITS[focus], edit });
  }

  function perform(command: Command): void {
    switch (command.type) {
      case 'quit':
      case 'suspend':
      case 'refresh':
        onEffect(command);
        break;
      case 'copy':
        copy();
        break;
      case 'page':
        move(Math.trunc(command.pages * pageOf()));
        break;
      case 'move':
        move(command.by);
        break;
      case 'edge':
        move(command.to === 'first' ? -Infinity : Infinity);
        break;
      default:
        store.dispatch(command);
    }
  }

  /**
   * Only the screen knows how long its panes are: a move in one of them ends at its ends. Asked of the state as
   * it is now, since keys that come together are all heard before the next frame.
   */
  function move(by: number, pane: Focus = store.get().focus): void {
    const state = store.get();
    const { body } = layoutOf(size, state);
    const within = (at: number, last: number) => {
      const from = Math.max(0, Math.min(at, last));
      return Math.max(0, Math.min(Math.max(0, last), from + by)) - at;
    };
    const moved = {
      details: () => within(state.detailsLine, detailsOf(state, props).lines.length - 1),
      search: () => within(state.detailsLine, detailsOf(state, props).lines.length - 1),
      help: () => within(state.helpTop, helpBelow(state, size.columns, body)),
      lookup: () => within(state.lookupTop, lookUp(state, services).length - body + LOOKUP_AROUND),
    };
    store.dispatch({ type: 'move', by: pane in moved ? moved[pane as keyof typeof moved]() : by, in: pane });
  }

  /** Whether the terminal did it nobody is told: some refuse, or ask. */
  function copy(): void {
    const state = store.get();
    const copied = textToCopy(state, detailsOf(state, props).lines);
    if (copied !== null) onEffect({ type: 'copy', text: copied });
  }

  function pageOf(): number {
    const state = store.get();
    const layout = layoutOf(size, state);
    switch (state.focus) {
      case 'details':
      case 'search':
      case 'columns':
        return layout.details - 2;
      case 'lookup':
        return layout.body - LOOKUP_AROUND;
      case 'help':
        return layout.body - 1;
      default:
        return layout.table;
    }
  }

  usePaste((pasted) => {
    const line = pasted.replaceAll(/[\r\n]+/g, ' ');
    const { focus } = store.get();
    // What is pasted answers no question.
    if (isTyped(focus) && focus !== 'signal') type({ key: '', text: line });
  });

  useEffect(() => {
    setRawMode(true);
    const end = listenForKeys(
      stdin as NodeJS.ReadStream,
      (press) => handle.current(press),
      (press) => point.current(press),
    );
    return () => {
      end();
      setRawMode(false);
    };
  }, [stdin, setRawMode]);
}
