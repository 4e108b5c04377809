import { setFlagsFromString } from 'node:v8';
import { type Instance, render, useApp, useWindowSize } from 'ink';
import { useEffect, useLayoutEffect, useSyncExternalStore } from 'react';
import { clipboardSequence } from '../actions/copy.ts';
import { Signaller } from '../actions/signaller.ts';
import { sharesPids } from '../actions/targets.ts';
import { readConfig } from '../config/file.ts';
import { presetOf } from '../config/preset.ts';
import { openLibc } from '../libc/libc.ts';
import { openDestroyEvents } from '../netlink/destroy-events.ts';
import { readHost } from '../processes/host.ts';
import { Users } from '../processes/users.ts';
import { ProcFs } from '../procfs/procfs.ts';
import { type Column, numericColumns } from '../query/columns.ts';
import { NO_FILTER } from '../query/filter.ts';
import { readEphemeralRange } from '../services/ephemeral-range.ts';
import { ProcDescriptors } from '../sockets/descriptors.ts';
import { openSource } from '../sockets/host-source.ts';
import { NamespacesSource } from '../sockets/namespaces-source.ts';
import { OwnerIndex } from '../sockets/owner-index.ts';
import { ReverseNames } from '../sockets/reverse-names.ts';
import { ready as layoutReady } from '../stand-ins/yoga-layout.ts';
import { HostNames } from '../store/names.ts';
import { ProcessSockets } from '../store/process-sockets.ts';
import { reduce } from '../store/reduce.ts';
import { Sampler } from '../store/sampler.ts';
import { type Action, initialState, type State } from '../store/state.ts';
import { createStore } from '../store/store.ts';
import { wantsColour } from '../text/colour.ts';
import { type SafeText, text } from '../text/safe.ts';
import { signsOf } from '../text/signs.ts';
import { cut } from '../text/width.ts';
import { App, type Effect } from '../ui/App.tsx';
import { createTheme } from '../ui/theme.ts';
import { EXIT } from './exit.ts';
import { MouseReports } from './mouse-reports.ts';
import { openNamespaces } from './netns.ts';
import { openServices } from './open-services.ts';
import { wantedOf } from './selection.ts';
import type { ParsedSockets } from './socket-flags.ts';
import {
  columnsOf,
  DEFAULTS,
  filterOf,
  pidsOf,
  processLetterNote,
  type SocketOptions,
  targetsOf,
} from './socket-options.ts';
import { suspend } from './suspend.ts';

/** How long the registry waits for owners, in ms: of a host with very many they take seconds. */
const REGISTRY_WAITS = 300;

/** `porttop`: the live screen. */
export async function run(args: string[]): Promise<number> {
  const parsed = await parse(args);
  if (!parsed) return EXIT.matched;
  const { options, words, given } = parsed;
  const config = await readConfig(process.env);

  const libc = openLibc();
  const procfs = new ProcFs(options.procfs, libc?.readLinks);
  // What cannot work at all is said before the screen is taken.
  procfs.require();
  const services = openServices(options.services);
  const users = new Users();
  const targets = await targetsOf(words, services);
  const filter = filterOf(options);
  const namespaces = options.netns === undefined ? null : openNamespaces(options.netns, procfs, libc);
  const note = processLetterNote(args);
  const { protocols, families, scope } = wantedOf(options, targets);

  const numeric = options.numeric ?? config.numeric ?? false;
  const store = createStore<State, Action>(
    initialState({
      view: scope === 'all' ? 'sockets' : 'listening',
      targets,
      pids: pidsOf(options, procfs),
      interval: given('interval') ? options.interval : (config.interval ?? options.interval),
      mouse: options.mouse ?? config.mouse ?? true,
      protocols,
      reveal: options.reveal ?? false,
      numeric,
      refusesSignals: refusalOf(options, procfs),
      ...tableOptions({ ...options, ...(numeric && { numeric }) }),
      preset: presetOf(config, { numeric }),
      filter: filter ?? NO_FILTER,
    }),
    reduce,
  );
  const hosts = options.resolve ? new ReverseNames() : null;
  const names = new HostNames(procfs, services, users, { namespaceOf: namespaces?.namespace, hosts });
  const owners = new OwnerIndex(new ProcDescriptors(procfs));
  owners.met = (pid) => names.meet(pid);
  names.replaced = (pid) => owners.replaced(pid);
  const host = {
    procfs,
    source: namespaces ?? openSource(procfs, libc),
    names,
    owners,
    namespaces,
    elsewhere: namespaces ? null : new NamespacesSource(procfs, libc, 'others'),
    hosts,
    // They are of our own network namespace.
    announcements: () => (libc && procfs.live && !namespaces ? openDestroyEvents(libc) : null),
    sockets: new ProcessSockets(procfs, libc, { services, users }),
  };
  // A protocol can be switched on again by its key; a family cannot.
  let tellDrawn = () => {};
  const looks = {
    families: [...families, 'unix'] as const,
    height: () => process.stdout.rows,
    drawn: new Promise<void>((resolve) => {
      tellDrawn = resolve;
    }),
  };
  const sampler = new Sampler(host, looks, users, store);
  const signaller = new Signaller({ procfs, libc }, users, store, () => sampler.hurry());
  const colour = options.color === 'auto' && config.theme === 'mono' ? 'never' : options.color;
  const theme = createTheme(wantsColour(colour, process.env, true), signsOf(process.env));
  const uid = process.getuid?.() ?? 0;
  const { name: hostName } = readHost(procfs);
  const ephemeral = readEphemeralRange(procfs);

  const mouse = new MouseReports(process.stdout, store.get().mouse);
  store.subscribe(() => mouse.want(store.get().mouse));

  let screen: Instance | undefined;
  let refuse: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  failed.catch(() => {});
  /** The terminal is given back first: what went wrong would be lost with the alternate screen. */
  const fail = (error: unknown) => {
    refuse(error);
    try {
      screen?.unmount();
    } catch {
      // What was thrown may be thrown again while Ink draws its last frame.
      mouse.stop();
      giveTerminalBack();
    }
  };
  process.on('uncaughtException', fail);
  // Before the first look, and not when Ink listens: a key that is pressed at once is neither echoed over the first
  // frame nor, if it is Ctrl-Z, the terminal driver's to stop us with the screen still taken.
  process.stdin.setRawMode(true);
  endWithTerminal();
  const sampling = sampler.run().catch(fail);

  function copy(copied: SafeText): void {
    const sequence = clipboardSequence(copied, process.env);
    if (sequence !== null) process.stdout.write(sequence);
    const said =
      sequence === null ? text`too long to copy` : text`copied ${cut(copied, 40)}, if the terminal allows it`;
    store.dispatch({ type: 'notice', said });
  }

  function Screen() {
    const size = useWindowSize();
    const { exit, suspendTerminal } = useApp();
    const [rowsThere, ownersKnown] = [
      useSyncExternalStore(store.subscribe, () => store.get().sample !== null),
      useSyncExternalStore(store.subscribe, () => store.get().ownersKnown),
    ];
    useEffect(() => {
      if (!rowsThere || services.registryLoaded) return;
      // After the rows and their owners: it costs some 30 ms, and every port that it names waits for no key.
      const load = () => services.loadRegistry().then(() => sampler.rename());
      const loading = setTimeout(load, ownersKnown ? 0 : REGISTRY_WAITS);
      return () => clearTimeout(loading);
    }, [rowsThere, ownersKnown]);
    const onEffect = (effect: Effect) => {
      if (effect.type === 'quit') exit();
      else if (effect.type === 'refresh') sampler.hurry();
      else if (effect.type === 'copy') copy(effect.text);
      else void suspend(suspendTerminal, mouse);
    };
    // Of the layout: its end comes before Ink gives the screen back, whatever ends it.
    useLayoutEffect(() => {
      mouse.start();
      return () => mouse.stop();
    }, []);
    useEffect(() => {
      // From `kill -TSTP`: the terminal is given back before it stops us.
      const stop = () => void suspend(suspendTerminal, mouse);
      process.on('SIGTSTP', stop);
      return () => void process.off('SIGTSTP', stop);
    }, [suspendTerminal]);
    return (
      <App
        store={store}
        services={services}
        users={users}
        ephemeral={ephemeral}
        uid={uid}
        host={hostName}
        theme={theme}
        size={size}
        onEffect={onEffect}
      />
    );
  }

  await layoutReady;
  screen = render(<Screen />, {
    alternateScreen: true,
    incrementalRendering: true,
    exitOnCtrlC: false,
    patchConsole: false,
    // Ink paints nothing where it sees CI in the environment; here is a terminal, or we would be `list`.
    interactive: true,
    maxFps: 60,
  });
  tellDrawn();
  // It stays open for days and has little to do: from here on the youngest objects get no more room than they have
  // (instead of up to 32 MB), which V8 asks this flag each time that it would give them more.
  setFlagsFromString('--semi-space-growth-factor=1');
  try {
    await Promise.race([screen.waitUntilExit(), failed]);
  } finally {
    signaller.stop();
    sampler.stop();
    await sampling;
  }
  if (note) process.stderr.write(`porttop: ${note}\n`);
  return EXIT.matched;
}

/** Why nobody can be signalled from this screen; null: one can. */
function refusalOf({ readonly }: SocketOptions, procfs: ProcFs): string | null {
  if (readonly) return 'nobody is signalled: --readonly';
  return sharesPids(procfs)
    ? null
    : 'nobody can be signalled: this /proc has the pids of another namespace or host';
}

/** The columns that were asked for, and the order; the column to sort by is always there. */
function tableOptions(options: SocketOptions): Parameters<typeof initialState>[0] {
  const { sort, columns, numeric } = options;
  const [sorted] = sort ? (numeric ? numericColumns([sort.column]) : [sort.column]) : [];
  const withSorted = (shown: readonly Column[]) =>
    !sort || shown.includes(sort.column) || !sorted || shown.includes(sorted) ? shown : [...shown, sorted];
  return {
    ...(columns && { columns: withSorted(columns) }),
    ...(sort && sorted && { sort: { key: sorted.key, descending: sort.descending } }),
    columnsOf: (own) => withSorted(columnsOf(own, { ...options, columns: undefined })),
  };
}

/** A window that closes is told to its shell by SIGHUP; whom that does not tell, reads an end where keys were. */
function endWithTerminal(): void {
  for (const sign of ['end', 'error']) process.stdin.on(sign, () => process.kill(process.pid, 'SIGHUP'));
}

/** By hand, for when Ink cannot: out of the alternate screen, cursor shown, pasting and keys as they were. */
function giveTerminalBack(): void {
  process.stdout.write('\x1b[?2026l\x1b[?2004l\x1b[?1049l\x1b[?25h');
  process.stdin.setRawMode(false);
}

/** The parser of arguments is loaded only for arguments: without any, the screen is there earlier. */
async function parse(args: readonly string[]): Promise<ParsedSockets | null> {
  if (args.length === 0) return { options: DEFAULTS, words: [], given: () => false };
  return (await import('./top-options.ts')).parseTopOptions(args);
}
