import { Box, usePaste, useStdin } from 'ink';
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { Users } from '../processes/users.ts';
import { COLUMNS } from '../query/columns.ts';
import type { PortRange } from '../services/ephemeral-range.ts';
import { isPlainlyOther, servedBy } from '../services/programs.ts';
import type { Services } from '../services/services.ts';
import type { Snapshot } from '../sockets/snapshot.ts';
import type { Protocol, Socket } from '../sockets/socket.ts';
import { isNarrowed, isWiderThanScreen, selection, sortColumn, withShown } from '../store/shown.ts';
import { type Action, type State, tableOf } from '../store/state.ts';
import type { Store } from '../store/store.ts';
import { EMPTY, join, type SafeText, safe, text } from '../text/safe.ts';
import { age } from '../text/units.ts';
import { DrawnState } from './drawn.ts';
import { type Command, commandFor } from './keys/bindings.ts';
import { type KeyPress, listenForKeys } from './keys/decode.ts';
import { editOf } from './keys/typing.ts';
import { Line } from './Line.tsx';
import { type Layout, layoutOf, type Size, SMALLEST } from './layout.ts';
import { ColumnsPane } from './panes/ColumnsPane.tsx';
import { DetailsPane, valueWidth } from './panes/DetailsPane.tsx';
import { type DetailLine, detailLines } from './panes/detail-lines.ts';
import { Footer } from './panes/Footer.tsx';
import { Header, headerText } from './panes/Header.tsx';
import { HelpPane, helpLength } from './panes/HelpPane.tsx';
import { LOOKUP_AROUND, LookupPane } from './panes/LookupPane.tsx';
import { ServicesPane } from './panes/ServicesPane.tsx';
import { selectedTrail, ViewsLine } from './panes/ViewsLine.tsx';
import { LiveTable } from './table/LiveTable.tsx';
import { type Painted, painted, type Theme } from './theme.ts';

/** What only the program around the screen can do. */
export type Effect = Exclude<Command, Action | { type: 'page' }>;

type Props = {
  store: Store<State, Action>;
  services: Services;
  users: Pick<Users, 'name'>;
  ephemeral: PortRange | null;
  /** Who runs porttop. */
  uid: number;
  theme: Theme;
  size: Size;
  onEffect(effect: Effect): void;
};

/** The whole screen: draws the state, and turns keys into actions. */
export function App(props: Props) {
  const { services, ephemeral, uid, theme, size } = props;
  const state = useDrawnState(props);
  const layout = layoutOf(size, state);
  const about = useMemo(() => aboutPort(state, services, ephemeral), [state, services, ephemeral]);
  const lines = useMemo(() => detailsOf(state, props), [state, props]);
  const found = useMemo(() => (state.view === 'services' ? lookUp(state, services) : []), [state, services]);
  useKeys(props);

  if (size.columns < SMALLEST.columns || size.rows < SMALLEST.rows)
    return <TooSmall theme={theme} size={size} />;
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows}>
      <Header theme={theme} state={state} width={size.columns} uid={uid} />
      <ViewsLine theme={theme} state={state} width={size.columns} />
      {layout.spaced && <Box height={1} />}
      <Box flexDirection="column" height={layout.body} width={size.columns}>
        {state.focus === 'help' ? (
          <HelpPane theme={theme} top={state.helpTop} width={size.columns} height={layout.body} />
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
          <Table {...props} state={state} layout={layout} lines={lines} about={about} />
        )}
      </Box>
      <Footer theme={theme} state={state} width={size.columns} />
    </Box>
  );
}

/** The state, as long as it looks the same as it did, the one that was drawn. */
function useDrawnState(props: Props): State {
  const { store, services, size, uid, theme } = props;
  const drawn = useRef<DrawnState | null>(null);
  drawn.current ??= new DrawnState();
  const around = (state: State) => [
    headerText(state, size.columns, uid, theme.glyphs),
    selectedTrail(state, theme.glyphs),
    join([...oldColumns(state).values()]),
    text`${Number(isWiderThanScreen(state))}`,
    // What is told of services changes once: when the registry has been read.
    text`${Number(services.registryLoaded)}`,
    ...(state.view === 'services'
      ? lookUp(state, services).map(({ port, protocol }) => where(port, protocol))
      : []),
    ...detailsOf(state, props).flatMap(({ mark, label, value, source }) => [
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

/** The lines of the details, as wide as the pane is. */
function detailsOf(state: State, { services, users, ephemeral, uid, size }: Props): DetailLine[] {
  if (!state.detailsOpen) return [];
  const { servicesWidth, detailsWidth } = layoutOf(size, state);
  const service = servicesWidth === 0 ? aboutPort(state, services, ephemeral).lines : [];
  return detailLines(state, { users, uid, service }, valueWidth(detailsWidth));
}

type TableProps = Props & {
  state: State;
  layout: Layout;
  lines: readonly DetailLine[];
  about: { title: SafeText; lines: readonly SafeText[] };
};

/** The table of sockets or processes, and under it, when they are open, the details and the services. */
function Table({ state, layout, lines, about, theme, size, store }: TableProps) {
  const { sort, left } = state.tables[tableOf(state)];
  return (
    <>
      {withShown(state, ({ columns, rows }) => (
        <LiveTable
          theme={theme}
          columns={columns}
          sort={{ column: sortColumn(columns, sort), descending: sort.descending }}
          rows={rows}
          selected={selection(state)?.index ?? -1}
          focused={state.focus !== 'details' && state.focus !== 'columns'}
          left={left}
          old={oldColumns(state)}
          width={size.columns}
          height={layout.table}
          now={state.now}
          empty={nothingShown(theme, state)}
          onFitted={(inSight, left) => store.dispatch({ type: 'in-sight', inSight, left })}
        />
      ))}
      {state.chooser && (
        <ColumnsPane
          theme={theme}
          state={state}
          chooser={state.chooser}
          width={size.columns}
          height={layout.details}
        />
      )}
      {state.detailsOpen && !state.chooser && (
        <Box width={size.columns} height={layout.details}>
          <DetailsPane
            theme={theme}
            state={state}
            lines={lines}
            width={layout.detailsWidth}
            height={layout.details}
          />
          {layout.servicesWidth > 0 && (
            <ServicesPane
              theme={theme}
              title={about.title}
              lines={about.lines}
              width={layout.servicesWidth}
              height={layout.details}
            />
          )}
        </Box>
      )}
    </>
  );
}

/** Connections are counted at a rate of their own: where that is slow, it is said how old they are at most. */
function oldColumns({ counted }: State): ReadonlyMap<string, SafeText> {
  if (counted === null || counted <= RECENT) return NOTHING_OLD;
  const within = text`<${age(counted)}`;
  return new Map([COLUMNS.conns, COLUMNS.states].map(({ key }) => [key, within]));
}

const RECENT = 10_000;
const NOTHING_OLD: ReadonlyMap<string, SafeText> = new Map();

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

function nothingShown(theme: Theme, state: State): Painted {
  const processes = tableOf(state) === 'processes';
  if (!state.sample || (processes && !state.processes)) return theme.paint('quiet', text`   reading…`);
  const { filter } = state.tables[tableOf(state)];
  const narrowed =
    filter.text !== '' ||
    isNarrowed(state) ||
    (!processes && !['tcp', 'udp'].every((protocol) => state.protocols.includes(protocol as Protocol)));
  if (!narrowed) return theme.paint('quiet', text`   no socket`);
  return painted(
    theme.paint('plain', text`   nothing matches`),
    theme.paint('quiet', filter.text !== '' || isNarrowed(state) ? text`: Esc clears the filter` : EMPTY),
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

/** The services that a person looks for; before anything is typed, those of the ports in use here. */
function lookUp(state: State, services: Services) {
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

/** Keys to actions. One listener for the program's life, which always sees what was drawn last. */
function useKeys(props: Props): void {
  const { store, services, size, onEffect } = props;
  const { stdin, setRawMode } = useStdin();
  const handle = useRef<(press: KeyPress) => void>(() => {});
  handle.current = (press) => {
    const { focus } = store.get();
    const command = commandFor(focus, press.key);
    if (command) perform(command);
    else if (focus === 'filter' || focus === 'lookup') type(press);
  };

  function type(press: KeyPress): void {
    const edit = editOf(press);
    if (edit) store.dispatch({ type: store.get().focus === 'filter' ? 'filter-edit' : 'lookup-edit', edit });
  }

  function perform(command: Command): void {
    switch (command.type) {
      case 'quit':
      case 'suspend':
      case 'refresh':
        onEffect(command);
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
  function move(by: number): void {
    const state = store.get();
    const { body } = layoutOf(size, state);
    const within = (at: number, last: number) => {
      const from = Math.max(0, Math.min(at, last));
      return Math.max(0, Math.min(Math.max(0, last), from + by)) - at;
    };
    const moved = {
      details: () => within(state.detailsLine, detailsOf(state, props).length - 1),
      help: () => within(state.helpTop, helpLength() - body + 1),
      lookup: () => within(state.lookupTop, lookUp(state, services).length - body + LOOKUP_AROUND),
    };
    const { focus } = state;
    store.dispatch({ type: 'move', by: focus in moved ? moved[focus as keyof typeof moved]() : by });
  }

  function pageOf(): number {
    const state = store.get();
    const layout = layoutOf(size, state);
    switch (state.focus) {
      case 'details':
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
    if (['filter', 'lookup'].includes(store.get().focus)) type({ key: '', text: line });
  });

  useEffect(() => {
    setRawMode(true);
    const end = listenForKeys(stdin as NodeJS.ReadStream, (press) => handle.current(press));
    return () => {
      end();
      setRawMode(false);
    };
  }, [stdin, setRawMode]);
}
