import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { type IPty, spawn } from '@lydell/node-pty';
import type { Terminal as Emulator, IModes } from '@xterm/headless';
import stringWidth from 'string-width';

// CommonJS that hides its names from import.
const headless = createRequire(import.meta.url)('@xterm/headless') as typeof import('@xterm/headless');

export type TerminalOptions = {
  command: string;
  args?: readonly string[];
  columns?: number;
  rows?: number;
  /** Over the terminal's own small environment; `undefined` takes a variable out. */
  env?: Readonly<Record<string, string | undefined>>;
  cwd?: string;
};

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

/** null: the terminal's own; a number: of the palette of 256; else `#rrggbb`. */
export type Colour = number | string | null;

export type Cell = {
  /** Empty in the right half of a wide character. */
  text: string;
  /** 0 in the right half of a wide character. */
  width: number;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
  strikethrough: boolean;
  fg: Colour;
  bg: Colour;
};

/** What came out of the program in one read, and when (performance.now()). */
export type Write = { time: number; text: string };

type Condition = string | RegExp | ((screen: string[]) => boolean);
type Waiting = { met: () => boolean; finish: (outcome: Write | string) => void };

const PATIENCE = 10_000;

/**
 * What a login would give, whatever the shell or the test runner that started the tests has set. Above all no
 * CI: with it Ink paints nothing, and even with CI=false chalk has no colours.
 */
const INHERITED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'TZ'];

/** Starts a program in a pseudo-terminal of its own. */
export function openTerminal(options: TerminalOptions): Terminal {
  return new Terminal(options);
}

/** What openShell()'s shell shows when it waits for a command. */
export const PROMPT = 'rig$';

/** An interactive shell with job control, at its prompt: for Ctrl-Z, `fg` and what is left behind on the screen. */
export async function openShell(options: Omit<TerminalOptions, 'command' | 'args'> = {}): Promise<Terminal> {
  const env = { PS1: `${PROMPT} `, HISTFILE: undefined, INPUTRC: '/dev/null', ...options.env };
  const shell = openTerminal({ ...options, env, command: 'bash', args: ['--norc', '--noprofile', '-i'] });
  await shell.waitFor(PROMPT);
  return shell;
}

/** A program in a pseudo-terminal, and the screen that a person would see. */
export class Terminal {
  /** Resolved when all that the program wrote is on the screen too. */
  readonly exit: Promise<Exit>;
  /** Everything the program wrote, as it came. */
  readonly writes: Write[] = [];
  bytesWritten = 0;
  /** What the program set by OSC 0 or 2. */
  title = '';
  /** How often BEL came. */
  bells = 0;

  readonly #pty: IPty;
  readonly #emulator: Emulator;
  readonly #waiting = new Set<Waiting>();
  #cursorVisible = true;
  #ended: Exit | null = null;

  constructor({
    command,
    args = [],
    columns = 80,
    rows = 24,
    env = {},
    cwd = process.cwd(),
  }: TerminalOptions) {
    this.#emulator = new headless.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.#emulator.unicode.register(WIDTHS);
    this.#emulator.unicode.activeVersion = WIDTHS.version;
    this.#emulator.onTitleChange((title) => {
      this.title = title;
    });
    this.#emulator.onBell(() => {
      this.bells++;
    });
    this.#watchCursor();
    this.#pty = spawn(command, [...args], { cols: columns, rows, cwd, env: environment(env) });
    // A terminal answers what it is asked (device attributes, cursor position, …).
    this.#emulator.onData((answer) => this.#pty.write(answer));
    this.#pty.onData((text) => this.#take({ time: performance.now(), text }));
    this.exit = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        const ended = signal
          ? { code: null, signal: nameOfSignal(signal) }
          : { code: exitCode, signal: null };
        this.#emulator.write('', () => {
          this.#ended = ended;
          this.#check(this.writes.at(-1));
          for (const { finish } of this.#waiting) finish(`${command} ended (${ended.signal ?? ended.code})`);
          resolve(ended);
        });
      });
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  get columns(): number {
    return this.#emulator.cols;
  }

  get rows(): number {
    return this.#emulator.rows;
  }

  /** The rows now visible, without their trailing spaces. */
  screen(): string[] {
    const { active } = this.#emulator.buffer;
    return Array.from({ length: this.rows }, (_, row) => {
      return (
        active
          .getLine(active.baseY + row)
          ?.translateToString(true)
          .trimEnd() ?? ''
      );
    });
  }

  /** Whether a line went on in the next row, since it was longer than the screen is wide. */
  get hasWrapped(): boolean {
    const { active } = this.#emulator.buffer;
    return Array.from(
      { length: this.rows },
      (_, row) => active.getLine(active.baseY + row)?.isWrapped,
    ).includes(true);
  }

  text(): string {
    return this.screen().join('\n');
  }

  /** The first row that holds the text; -1 when none does. */
  rowOf(text: string | RegExp): number {
    return this.screen().findIndex((line) => holds(line, text));
  }

  cell(row: number, column: number): Cell {
    const { active } = this.#emulator.buffer;
    const cell = active.getLine(active.baseY + row)?.getCell(column);
    if (!cell)
      throw new RangeError(`no cell at row ${row}, column ${column} of ${this.rows} × ${this.columns}`);
    return {
      text: cell.getChars(),
      width: cell.getWidth(),
      bold: cell.isBold() !== 0,
      dim: cell.isDim() !== 0,
      italic: cell.isItalic() !== 0,
      underline: cell.isUnderline() !== 0,
      inverse: cell.isInverse() !== 0,
      strikethrough: cell.isStrikethrough() !== 0,
      fg: cell.isFgDefault() ? null : cell.isFgRGB() ? hexadecimal(cell.getFgColor()) : cell.getFgColor(),
      bg: cell.isBgDefault() ? null : cell.isBgRGB() ? hexadecimal(cell.getBgColor()) : cell.getBgColor(),
    };
  }

  /** The whole screen with its colours and attributes, for comparing. */
  look(): string {
    const rows = Array.from({ length: this.rows }, (_, row) => {
      return Array.from({ length: this.columns }, (_, column) =>
        Object.values(this.cell(row, column)).join(),
      );
    });
    return rows.map((cells) => cells.join(' ')).join('\n');
  }

  isAlternateScreen(): boolean {
    return this.#emulator.buffer.active.type === 'alternate';
  }

  cursorVisible(): boolean {
    return this.#cursorVisible;
  }

  cursor(): { row: number; column: number } {
    const { cursorY, cursorX } = this.#emulator.buffer.active;
    return { row: cursorY, column: cursorX };
  }

  /** Mouse, bracketed paste, wrapping, …: what a program may switch and has to put back. */
  modes(): IModes {
    const modes = this.#emulator.modes;
    // Getters of a live object until copied.
    return {
      applicationCursorKeysMode: modes.applicationCursorKeysMode,
      applicationKeypadMode: modes.applicationKeypadMode,
      bracketedPasteMode: modes.bracketedPasteMode,
      insertMode: modes.insertMode,
      mouseTrackingMode: modes.mouseTrackingMode,
      originMode: modes.originMode,
      reverseWraparoundMode: modes.reverseWraparoundMode,
      sendFocusMode: modes.sendFocusMode,
      synchronizedOutputMode: modes.synchronizedOutputMode,
      wraparoundMode: modes.wraparoundMode,
    };
  }

  /**
   * Waits until the screen is so, and tells which write made it so (of a screen that already is so: the
   * latest). A screen half painted inside a synchronized update does not count. A program that ended cannot
   * fulfil it any more: then it fails at once.
   */
  async waitFor(condition: Condition, { timeout = PATIENCE } = {}): Promise<Write> {
    let timer: NodeJS.Timeout | undefined;
    const outcome = await new Promise<Write | string>((resolve) => {
      const waiting: Waiting = {
        met: () => fulfils(this.screen(), condition),
        finish: (result) => {
          this.#waiting.delete(waiting);
          resolve(result);
        },
      };
      this.#waiting.add(waiting);
      timer = setTimeout(() => waiting.finish(`${timeout} ms passed`), timeout);
      this.#check(this.writes.at(-1));
      if (this.#ended) waiting.finish(`the program has ended (${this.#ended.signal ?? this.#ended.code})`);
    });
    clearTimeout(timer);
    if (typeof outcome === 'string') {
      throw new Error(`${outcome} while waiting for ${condition}; the screen:\n${framed(this.screen())}`);
    }
    return outcome;
  }

  /**
   * Keys by name: a character, `Enter`, `Esc`, `Tab`, `Up`, `PageDown`, `F9`, …, and with `Ctrl-`, `Shift-`,
   * `Alt-` before it.
   */
  press(...keys: string[]): void {
    for (const key of keys) this.#pty.write(bytesOfKey(key, this.#emulator.modes.applicationCursorKeysMode));
  }

  /** As typed, all in one write. */
  type(text: string): void {
    this.#pty.write(text);
  }

  paste(text: string): void {
    this.#pty.write(this.#emulator.modes.bracketedPasteMode ? `\x1b[200~${text}\x1b[201~` : text);
  }

  /** Row and column count from 0, as in cell(). */
  click(row: number, column: number): void {
    this.#mouse(0, row, column, 'M');
    this.#mouse(0, row, column, 'm');
  }

  wheel(direction: 'up' | 'down', row: number, column: number): void {
    this.#mouse(direction === 'up' ? 64 : 65, row, column, 'M');
  }

  resize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** To the program alone, as kill(1) would. */
  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    process.kill(this.pid, signal);
  }

  /** Closes the window: whatever ran in it has no terminal any more. */
  hangUp(): void {
    (this.#pty as IPty & { destroy(): void }).destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) {
      for (const pid of sessionOf(this.pid)) killIfThere(pid);
      await this.exit;
    }
    this.#emulator.dispose();
  }

  #take(write: Write): void {
    this.writes.push(write);
    this.bytesWritten += Buffer.byteLength(write.text);
    this.#emulator.write(write.text, () => this.#check(write));
  }

  #check(write: Write = { time: performance.now(), text: '' }): void {
    if (this.#emulator.modes.synchronizedOutputMode && !this.#ended) return;
    for (const { met, finish } of this.#waiting) if (met()) finish(write);
  }

  #mouse(button: number, row: number, column: number, final: 'M' | 'm'): void {
    if (this.#emulator.modes.mouseTrackingMode === 'none')
      throw new Error('the program did not ask for the mouse');
    this.#pty.write(`\x1b[<${button};${column + 1};${row + 1}${final}`);
  }

  /** DECTCEM, which the emulator keeps to itself. */
  #watchCursor(): void {
    for (const [final, visible] of [
      ['h', true],
      ['l', false],
    ] as const) {
      this.#emulator.parser.registerCsiHandler({ prefix: '?', final }, (modes) => {
        if (modes.includes(25)) this.#cursorVisible = visible;
        return false;
      });
    }
  }
}

function fulfils(screen: string[], condition: Condition): boolean {
  return typeof condition === 'function' ? condition(screen) : holds(screen.join('\n'), condition);
}

function holds(text: string, pattern: string | RegExp): boolean {
  return typeof pattern === 'string' ? text.includes(pattern) : text.search(pattern) >= 0;
}

function framed(screen: string[]): string {
  return screen.map((line) => `│${line}`).join('\n');
}

function environment(env: TerminalOptions['env']): Record<string, string | undefined> {
  const inherited = INHERITED.map((name) => [name, process.env[name]] as const);
  // Whoever runs the tests may have settings of their own.
  const own = { TERM: 'xterm-256color', LANG: 'C.UTF-8', XDG_CONFIG_HOME: '/nonexistent' };
  const all = Object.entries({ ...Object.fromEntries(inherited), ...own, ...env });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

function hexadecimal(colour: number): string {
  return `#${colour.toString(16).padStart(6, '0')}`;
}

function nameOfSignal(number: number): NodeJS.Signals {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return (found?.[0] ?? `SIG${number}`) as NodeJS.Signals;
}

/** Everything started in the terminal: a stopped or hidden job would outlive its shell. */
function sessionOf(leader: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]) === leader;
      } catch {
        return false; // ended meanwhile
      }
    });
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The emulator's own table is of Unicode 6, in which an emoji is narrow. */
const WIDTHS = {
  version: 'today',
  wcwidth(codePoint: number): 0 | 1 | 2 {
    if (codePoint >= 0x20 && codePoint < 0x7f) return 1;
    let width = widths.get(codePoint);
    if (width === undefined) {
      width = joinsSyllable(codePoint)
        ? 0
        : (Math.min(stringWidth(String.fromCodePoint(codePoint)), 2) as 0 | 1 | 2);
      widths.set(codePoint, width);
    }
    return width;
  },
  /** Packed as xterm.js packs it (UnicodeService): bit 0 joins the character to the one before, then its width. */
  charProperties(codePoint: number, preceding: number): number {
    const width = WIDTHS.wcwidth(codePoint);
    const widthBefore = (preceding >> 1) & 3;
    const joins = width === 0 && widthBefore > 0;
    return ((joins ? widthBefore : width) << 1) | (joins ? 1 : 0);
  },
};
const widths = new Map<number, 0 | 1 | 2>();

/** Vowels and finals of Hangul: to wcwidth(3) they take no cells of their own. */
function joinsSyllable(codePoint: number): boolean {
  return (codePoint >= 0x1160 && codePoint <= 0x11ff) || (codePoint >= 0xd7b0 && codePoint <= 0xd7fb);
}

/** As xterm sends them; Shift, Alt and Ctrl go in as a second parameter. */
const CURSOR_KEYS: Record<string, string> = {
  Up: 'A',
  Down: 'B',
  Right: 'C',
  Left: 'D',
  Home: 'H',
  End: 'F',
};
const FUNCTION_KEYS: Record<string, string> = { F1: 'P', F2: 'Q', F3: 'R', F4: 'S' };
const NUMBERED_KEYS: Record<string, number> = {
  Insert: 2,
  Delete: 3,
  PageUp: 5,
  PageDown: 6,
  F5: 15,
  F6: 17,
  F7: 18,
  F8: 19,
  F9: 20,
  F10: 21,
  F11: 23,
  F12: 24,
};
const PLAIN_KEYS: Record<string, string> = {
  Enter: '\r',
  Esc: '\x1b',
  Tab: '\t',
  Space: ' ',
  Backspace: '\x7f',
  'Shift-Tab': '\x1b[Z',
  'Ctrl-Space': '\0',
};

export function bytesOfKey(name: string, applicationCursorKeys = false): string {
  const plain = PLAIN_KEYS[name];
  if (plain !== undefined) return plain;
  const [, modifiers = '', key = ''] = /^((?:(?:Ctrl|Alt|Shift)-)*)(.+)$/su.exec(name) ?? [];
  const has = (modifier: string) => (modifiers.includes(modifier) ? 1 : 0);
  const parameter = 1 + has('Shift') + 2 * has('Alt') + 4 * has('Ctrl');
  const letter = CURSOR_KEYS[key] ?? FUNCTION_KEYS[key];
  if (letter) {
    if (parameter > 1) return `\x1b[1;${parameter}${letter}`;
    return applicationCursorKeys || FUNCTION_KEYS[key] ? `\x1bO${letter}` : `\x1b[${letter}`;
  }
  const number = NUMBERED_KEYS[key];
  if (number) return parameter > 1 ? `\x1b[${number};${parameter}~` : `\x1b[${number}~`;
  const character = PLAIN_KEYS[key] ?? key;
  if ([...character].length !== 1) throw new TypeError(`no key is called ${name}`);
  const shifted = has('Shift') ? character.toUpperCase() : character;
  const sent = has('Ctrl') ? String.fromCharCode(shifted.toUpperCase().charCodeAt(0) & 0x1f) : shifted;
  return has('Alt') ? `\x1b${sent}` : sent;
}
