import '../helpers/quick-segmenter.ts';
import '../helpers/window-size.ts';
import { render } from 'ink-testing-library';
import { expect, vi } from 'vitest';
import type { Details } from '../../src/processes/details.ts';
import type { Field } from '../../src/processes/field.ts';
import type { Values } from '../../src/processes/fields.ts';
import { parseStat } from '../../src/procfs/stat.ts';
import type { PortRange } from '../../src/services/ephemeral-range.ts';
import type { Service } from '../../src/services/service.ts';
import { Services } from '../../src/services/services.ts';
import type { Names } from '../../src/sockets/snapshot.ts';
import { reduce } from '../../src/store/reduce.ts';
import { type Action, initialState, type ProcessDetails, type State } from '../../src/store/state.ts';
import { createStore, type Store } from '../../src/store/store.ts';
import { record } from '../../src/store/timeline.ts';
import { TimelineRecorder } from '../../src/store/timeline-recorder.ts';
import { cellsOf } from '../../src/text/cells.ts';
import type { Signs } from '../../src/text/signs.ts';
import { App, type Effect } from '../../src/ui/App.tsx';
import type { Size } from '../../src/ui/layout.ts';
import { createTheme } from '../../src/ui/theme.ts';
import { type Circumstances, NOON, type SocketLiteral, snapshot } from '../helpers/snapshots.ts';

export const SIZES: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 200, rows: 60 },
];
/** Of what the kernel announces, which it does not here. */
const NO_NAMES = {} as Names;

export const nameOf = ({ columns, rows }: Size) => `${columns}×${rows}`;

export type ScreenOptions = {
  size?: Size;
  sockets?: readonly SocketLiteral[];
  circumstances?: Circumstances;
  state?: Parameters<typeof initialState>[0];
  services?: Services;
  users?: Readonly<Record<number, string>>;
  ephemeral?: PortRange | null;
  uid?: number;
  colour?: boolean;
  signs?: Signs;
  /** Somebody else's, who fills it. */
  store?: Store<State, Action>;
};

/** The whole screen of a host that is only told of; what has the keys hears what is typed. */
export class Screen implements Disposable {
  readonly store: Store<State, Action>;
  /** What only the program around the screen can do, and was asked for. */
  readonly effects: Effect[] = [];
  size: Size;
  readonly #options: ScreenOptions;
  readonly #services: Services;
  readonly #instance: ReturnType<typeof render>;
  readonly #recorder = new TimelineRecorder(NO_NAMES, () => null);
  #looks = 0;

  constructor(options: ScreenOptions = {}) {
    this.#options = options;
    this.size = options.size ?? { columns: 120, rows: 40 };
    this.#services = options.services ?? new Services([]);
    this.store = options.store ?? createStore(initialState(options.state), reduce);
    if (options.sockets) this.#sample(options.sockets, options.circumstances);
    this.#instance = render(this.#app());
    Object.defineProperty(this.#instance.stdout, 'columns', { get: () => this.size.columns });
  }

  #app() {
    const { users = {}, ephemeral = null, uid = 1000, colour = true, signs } = this.#options;
    return (
      <App
        store={this.store}
        services={this.#services}
        users={{ name: (number) => users[number] ?? null }}
        ephemeral={ephemeral}
        host="web-3"
        uid={uid}
        theme={createTheme(colour, signs)}
        size={this.size}
        onEffect={(effect) => this.effects.push(effect)}
      />
    );
  }

  #sample(sockets: readonly SocketLiteral[], circumstances: Circumstances = {}): void {
    const looked = snapshot(sockets, circumstances);
    const ownersKnown = !circumstances.unowned;
    this.store.dispatch({ type: 'sampled', snapshot: looked, ownersKnown });
    const { targets, timeline } = this.state;
    const found = {
      snapshot: looked.renamed(),
      ownersKnown,
      version: this.#looks++,
      renamed: false,
      targets,
    };
    const happened = record(timeline, this.#recorder.record(found));
    if (happened !== timeline) this.store.dispatch({ type: 'happened', timeline: happened });
  }

  /** What is on the screen, with its colours. */
  get frame(): string {
    return this.#instance.lastFrame() ?? '';
  }

  /** Everything that was on the screen since the start. */
  get frames(): string[] {
    return this.#instance.frames;
  }

  /** What a person reads. */
  get lines(): string[] {
    return plain(this.frame).split('\n');
  }

  get text(): string {
    return this.lines.join('\n');
  }

  get state(): State {
    return this.store.get();
  }

  /** The line with this text; fails where there is none. */
  line(text: string | RegExp): string {
    const found = this.lines.find((line) =>
      typeof text === 'string' ? line.includes(text) : text.test(line),
    );
    if (found === undefined) throw new Error(`no line has ${text}:\n${this.text}`);
    return found;
  }

  /** The bytes of keys, each written as a terminal sends it: on its own. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      this.#instance.stdin.write(key);
      await drawn();
    }
  }

  /** Esc, and the while after which it cannot be the beginning of another key any more. */
  async escape(): Promise<void> {
    const before = this.state;
    this.#instance.stdin.write('\x1b');
    await vi.waitUntil(() => this.state !== before, { interval: 1 });
    await drawn();
  }

  async sample(sockets: readonly SocketLiteral[], circumstances?: Circumstances): Promise<void> {
    this.#sample(sockets, circumstances);
    await drawn();
  }

  async dispatch(...actions: Action[]): Promise<void> {
    for (const action of actions) this.store.dispatch(action);
    await drawn();
  }

  async resize(size: Size): Promise<void> {
    this.size = size;
    this.#instance.rerender(this.#app());
    await drawn();
  }

  [Symbol.dispose](): void {
    this.#instance.unmount();
    this.#instance.cleanup();
  }
}

/** Ready for keys: what hears them is installed after the first frame. */
export async function openScreen(options?: ScreenOptions): Promise<Screen> {
  const screen = new Screen(options);
  await drawn();
  return screen;
}

async function drawn(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
}

/** What a terminal sends. A lone ESC is not here, since it counts only after a while: {@link Screen.escape}. */
export const KEY = {
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  home: '\x1b[H',
  end: '\x1b[F',
  pageUp: '\x1b[5~',
  pageDown: '\x1b[6~',
  enter: '\r',
  tab: '\t',
  shiftTab: '\x1b[Z',
  f1: '\x1bOP',
  backspace: '\x7f',
  ctrl: (letter: string) => String.fromCharCode(letter.charCodeAt(0) & 31),
} as const;

const SGR = /\x1b\[[\d;]*m/g;

export function plain(frame: string): string {
  return frame.replace(SGR, '');
}

/** Every frame fills the terminal exactly and says nothing that acts on it. */
export function expectSound(frame: string, { columns, rows }: Size): void {
  const text = plain(frame);
  // Controls, bidi and other formats, separators: all that `safe` makes visible, but for the lines' ends.
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
  const lines = text.split('\n');
  expect(lines).toHaveLength(rows);
  const wide = lines.filter((line) => cellsOf(line) > columns);
  expect(wide).toEqual([]);
  // A pane's frame reaches from edge to edge, and nothing in it pushes its right side away.
  const framed = lines.filter((line) => /^[┌│└]/.test(line));
  expect(framed.filter((line) => cellsOf(line) !== columns || !/[┐│┘]$/.test(line))).toEqual([]);
}

type Readings = { [Name in keyof Values]?: Values[Name] | { code: string; message: string; hint: string } };

/** What was read of a process: the value of a file, or why it could not be read. */
export function processOf(
  pid: number,
  readings: Readings = {},
  more: Partial<Details> = {},
  page: Partial<ProcessDetails> = {},
): Action {
  const defaults: Readings = {
    cmdline: ['nginx: master process'],
    exe: { path: '/usr/sbin/nginx', state: 'present' },
    cwd: '/',
    root: '/',
    environ: [{ name: 'USER', value: 'root' }],
    stat: { ...parseStat(`${pid} (nginx) S 1 ${Array(48).fill(0).join(' ')}`), tty: null, rssBytes: 0 },
    status: statusOf(0),
  };
  const fields = Object.fromEntries(
    Object.entries({ ...defaults, ...readings }).map(([name, reading]) => {
      const unreadable = typeof reading === 'object' && reading !== null && 'hint' in reading;
      const path = `/proc/${pid}/${name}`;
      return [name, (unreadable ? { path, error: reading } : { path, value: reading }) as Field<unknown>];
    }),
  );
  const details: Details = {
    pid,
    startTime: new Date(NOON - 3 * 86_400_000).toISOString(),
    kernelThread: false,
    name: 'nginx',
    ancestors: [{ pid: 1, name: 'systemd' }],
    ownMounts: false,
    loginUid: null,
    fields: fields as Details['fields'],
    ...more,
  };
  return { type: 'process', process: { pid, tab: 'overview', details, ...page } };
}

export function statusOf(uid: number): Values['status'] {
  const ids = { real: uid, effective: uid, saved: uid, filesystem: uid };
  return { lines: { VmRSS: '2048 kB' }, name: 'nginx', uids: ids, gids: ids, threads: 4 };
}

export const service = (name: string, port: number, more: Partial<Service> = {}): Service => ({
  name,
  port,
  protocol: 'tcp',
  aliases: [],
  description: null,
  source: '/etc/services',
  ...more,
});
