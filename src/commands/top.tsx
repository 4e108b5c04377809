import { setFlagsFromString } from 'node:v8';
import { type Instance, render, useApp, useWindowSize } from 'ink';
import { useEffect } from 'react';
import { openLibc } from '../libc/libc.ts';
import { Users } from '../processes/users.ts';
import { ProcFs } from '../procfs/procfs.ts';
import { NO_FILTER } from '../query/filter.ts';
import { readEphemeralRange } from '../services/ephemeral-range.ts';
import { ProcDescriptors } from '../sockets/descriptors.ts';
import { openSource } from '../sockets/host-source.ts';
import { OwnerIndex } from '../sockets/owner-index.ts';
import { ready as layoutReady } from '../stand-ins/yoga-layout.ts';
import { HostNames } from '../store/names.ts';
import { Sampler } from '../store/sampler.ts';
import { type Action, initialState, reduce, type State } from '../store/state.ts';
import { createStore } from '../store/store.ts';
import { App, type Effect } from '../ui/App.tsx';
import { createTheme, wantsColour } from '../ui/theme.ts';
import { EXIT } from './exit.ts';
import { openServices } from './open-services.ts';
import { DEFAULTS, kindsOf, processLetterNote, targetsOf } from './socket-options.ts';
import { suspend } from './suspend.ts';
import type { ParsedTop } from './top-options.ts';

/** `porttop`: the live screen. */
export async function run(args: string[]): Promise<number> {
  // It stays open for days and has little to do: the youngest objects get no more room than they start with (2 MB
  // instead of up to 32), which V8 asks this flag each time that it would give them more.
  setFlagsFromString('--semi-space-growth-factor=1');
  const parsed = await parse(args);
  if (!parsed) return EXIT.matched;
  const { options, words } = parsed;

  const libc = openLibc();
  const procfs = new ProcFs(options.procfs, libc?.readLinks);
  // What cannot work at all is said before the screen is taken.
  procfs.stat(procfs.net);
  const services = openServices(options.services);
  const users = new Users();
  const targets = await targetsOf(words, services);
  const note = processLetterNote(args);
  const { protocols, families } = kindsOf(options);

  const store = createStore<State, Action>(
    initialState({
      view: options.all || targets.length > 0 || options.pid !== undefined ? 'sockets' : 'listening',
      targets,
      pid: options.pid ?? null,
      interval: options.interval,
      hiddenProtocols: (['tcp', 'udp'] as const).filter((protocol) => !protocols.includes(protocol)),
      reveal: options.reveal ?? false,
      numeric: options.numeric ?? false,
      columns: options.columns ?? null,
      filter: options.filter ?? NO_FILTER,
    }),
    reduce,
  );
  const names = new HostNames(procfs, services, users);
  const owners = new OwnerIndex(new ProcDescriptors(procfs));
  const host = { procfs, source: openSource(procfs, libc), names, owners };
  const looks = {
    // A protocol can be switched on again by its key; a family cannot.
    protocols: ['tcp', 'udp'] as const,
    families,
    height: () => process.stdout.rows,
  };
  const sampler = new Sampler(host, looks, users, store);
  const theme = createTheme(wantsColour(process.env));
  const uid = process.getuid?.() ?? 0;
  const ephemeral = readEphemeralRange(procfs);

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
      giveTerminalBack();
    }
  };
  process.on('uncaughtException', fail);
  const sampling = sampler.run().catch(fail);

  function Screen() {
    const size = useWindowSize();
    const { exit, suspendTerminal } = useApp();
    useEffect(() => {
      // After the first paint: it costs some 30 ms, and every port that it names waits for no key.
      services.loadRegistry().then(() => sampler.rename());
    }, []);
    const onEffect = (effect: Effect) => {
      if (effect.type === 'quit') exit();
      else if (effect.type === 'refresh') sampler.hurry();
      else void suspend(suspendTerminal);
    };
    useEffect(() => {
      // From `kill -TSTP`: the terminal is given back before it stops us.
      const stop = () => void suspend(suspendTerminal);
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
        theme={theme}
        size={size}
        onEffect={onEffect}
      />
    );
  }

  await layoutReady;
  // Before the first frame, and not when Ink listens: a key that is pressed at once is neither echoed over it nor,
  // if it is Ctrl-Z, the terminal driver's to stop us with the screen still taken.
  process.stdin.setRawMode(true);
  screen = render(<Screen />, {
    alternateScreen: true,
    incrementalRendering: true,
    exitOnCtrlC: false,
    patchConsole: false,
    // Ink paints nothing where it sees CI in the environment; here is a terminal, or we would be `list`.
    interactive: true,
    maxFps: 60,
  });
  try {
    await Promise.race([screen.waitUntilExit(), failed]);
  } finally {
    sampler.stop();
    await sampling;
  }
  if (note) process.stderr.write(`porttop: ${note}\n`);
  return EXIT.matched;
}

/** By hand, for when Ink cannot: out of the alternate screen, cursor shown, pasting and keys as they were. */
function giveTerminalBack(): void {
  process.stdout.write('\x1b[?2026l\x1b[?2004l\x1b[?1049l\x1b[?25h');
  process.stdin.setRawMode(false);
}

/** The parser of arguments is loaded only for arguments: without any, the screen is there earlier. */
async function parse(args: readonly string[]): Promise<ParsedTop | null> {
  if (args.length === 0) return { options: DEFAULTS, words: [] };
  return (await import('./top-options.ts')).parseTopOptions(args);
}
