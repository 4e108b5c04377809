import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, it, test } from 'vitest';
import type { Edit } from '../../src/store/line.ts';
import { reduce } from '../../src/store/reduce.ts';
import type { Meant } from '../../src/store/signal-dialog.ts';
import { type Action, type Focus, initialState, type State } from '../../src/store/state.ts';
import { BINDINGS, type Command, commandFor, keyName } from '../../src/ui/keys/bindings.ts';
import { type KeyPress, listenForKeys, type MousePress } from '../../src/ui/keys/decode.ts';
import { editOf } from '../../src/ui/keys/typing.ts';
import { recipient } from '../helpers/recipients.ts';
import { held, snapshot, tcp, udp } from '../helpers/snapshots.ts';

/** A terminal's input, and the keys that were heard in it. */
class Keyboard implements Disposable {
  readonly presses: KeyPress[] = [];
  readonly clicks: MousePress[] = [];
  readonly stdin = new EventEmitter();
  readonly #end: () => void;
  #waiting: { count: number; done: () => void } | null = null;

  constructor() {
    this.#end = listenForKeys(
      this.stdin as NodeJS.ReadStream,
      (press) => {
        this.presses.push(press);
        if (this.#waiting && this.presses.length >= this.#waiting.count) this.#waiting.done();
      },
      (click) => this.clicks.push(click),
    );
  }

  type(...chunks: (string | Uint8Array)[]): string[] {
    for (const chunk of chunks) this.stdin.emit('data', chunk);
    return this.keys;
  }

  get keys(): string[] {
    return this.presses.map(({ key }) => key);
  }

  /** Waits for so many keys: a lone ESC is known to be one only when nothing follows it. */
  async heard(count: number): Promise<string[]> {
    if (this.presses.length < count) {
      await new Promise<void>((done) => {
        this.#waiting = { count, done };
      });
    }
    return this.keys;
  }

  [Symbol.dispose](): void {
    this.#end();
  }
}

const keyboards: Keyboard[] = [];
afterEach(() => {
  for (const keyboard of keyboards.splice(0)) keyboard[Symbol.dispose]();
});
const open = () => {
  const keyboard = new Keyboard();
  keyboards.push(keyboard);
  return keyboard;
};
/** The keys that these chunks are. */
const keys = (...chunks: (string | Uint8Array)[]) => open().type(...chunks);

describe('keys', () => {
  it('are what they type', () => {
    expect(open().type('a')).toEqual(['a']);
    const keyboard = open();
    keyboard.type('G', '/', ' ', '[', '+', 'é', '端', '🦊');
    for (const { key, text } of keyboard.presses) expect(text).toBe(key);
    expect(keyboard.keys).toEqual(['G', '/', ' ', '[', '+', 'é', '端', '🦊']);
  });

  it('that come together are heard one by one', () => {
    expect(keys('jjk')).toEqual(['j', 'j', 'k']);
    expect(keys('j\x1b[A\x1b[6~q\r')).toEqual(['j', 'up', 'pagedown', 'q', 'enter']);
    expect(keys('e\u0301')).toEqual(['e', '\u0301']);
  });

  test.each([
    ['\x1b[A', 'up'],
    ['\x1b[B', 'down'],
    ['\x1b[C', 'right'],
    ['\x1b[D', 'left'],
    ['\x1bOA', 'up'],
    ['\x1bOD', 'left'],
    ['\x1b[H', 'home'],
    ['\x1b[1~', 'home'],
    ['\x1bOH', 'home'],
    ['\x1b[F', 'end'],
    ['\x1b[4~', 'end'],
    ['\x1bOF', 'end'],
    ['\x1b[5~', 'pageup'],
    ['\x1b[6~', 'pagedown'],
    ['\x1b[3~', 'delete'],
    ['\r', 'enter'],
    ['\n', 'enter'],
    ['\t', 'tab'],
    ['\x1b[Z', 'shift+tab'],
    ['\x7f', 'backspace'],
    ['\b', 'backspace'],
    ['\x03', 'ctrl+c'],
    ['\x1a', 'ctrl+z'],
    ['\x02', 'ctrl+b'],
    ['\x06', 'ctrl+f'],
    ['\x15', 'ctrl+u'],
    ['\x04', 'ctrl+d'],
    ['\x0c', 'ctrl+l'],
    ['\x17', 'ctrl+w'],
  ])('%j is %s, and types nothing', (bytes, key) => {
    const keyboard = open();
    expect(keyboard.type(bytes)).toEqual([key]);
    expect(keyboard.presses[0]?.text).toBeNull();
  });

  test.each([
    ['xterm, VTE', '\x1bOP', '\x1b[15~', '\x1b[21~'],
    ['rxvt, old xterm', '\x1b[11~', '\x1b[15~', '\x1b[21~'],
    ['the Linux console', '\x1b[[A', '\x1b[[E', '\x1b[21~'],
  ])('F1, F5 and F10 are known as %s sends them', (_, f1, f5, f10) => {
    expect(keys(f1 + f5 + f10)).toEqual(['f1', 'f5', 'f10']);
  });

  test.each([
    ['Alt-/', '\x1b/', ['esc', '/']],
    ['Alt-Enter', '\x1b\r', ['esc', 'enter']],
    ['Esc and ↓', '\x1b\x1b[B', ['esc', 'down']],
    ['Esc and F1', '\x1b\x1bOP', ['esc', 'f1']],
    ['Esc, Esc and /', '\x1b\x1b/8', ['esc', 'esc', '/', '8']],
    ['Esc and é', '\x1bé', ['esc', 'é']],
  ])('behind Esc are heard too, as soon as they may come: %s', (_, bytes, expected) => {
    const keyboard = open();
    expect(keyboard.type(bytes)).toEqual(expected);
    for (const { key, text } of keyboard.presses) expect(text).toBe(/^[/8é]$/.test(key) ? key : null);
  });

  it('with Alt that have a sequence of their own are others than without', () => {
    expect(keys('\x1b[1;3A', '\x1b\x7f')).toEqual(['alt+up', 'alt+backspace']);
  });

  it('with Shift or Ctrl are others than without', () => {
    expect(keys('\x1b[1;2A\x1b[1;5C\x1b[5;5~')).toEqual(['shift+up', 'ctrl+right', 'ctrl+pageup']);
  });

  it('whose bytes come in pieces are put together', () => {
    expect(keys('\x1b', '[', 'A')).toEqual(['up']);
    expect(keys('\x1b[5', '~')).toEqual(['pageup']);
    expect(keys('\x1bO', 'P', 'j')).toEqual(['f1', 'j']);
    expect(keys('j\x1b[2', '1~k')).toEqual(['j', 'f10', 'k']);
  });

  test.each(['é', '端', '🦊'])('of %s, whose UTF-8 comes byte by byte, is one', (character) => {
    const bytes = [...Buffer.from(`a${character}b`)].map((byte) => Uint8Array.of(byte));
    expect(keys(...bytes.map((byte) => Buffer.from(byte)))).toEqual(['a', character, 'b']);
  });

  it('are not heard any more after the end', () => {
    const keyboard = open();
    keyboard[Symbol.dispose]();
    expect(keyboard.type('q')).toEqual([]);
    expect(keyboard.stdin.listenerCount('data')).toBe(0);
  });

  test.each([
    ['a report of the mouse', '\x1b[<0;10;5M'],
    ['what the terminal is, asked for by the program before', '\x1b[?62;22c'],
    ['its background, asked for by the program before', '\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\'],
    ['its title, asked for by the program before', '\x1b]lporttop\x1b\\'],
  ])('are not what the terminal reports: %s', (_, report) => {
    const typing = open();
    typing.type(report, 'j');
    expect(typing.presses.filter(({ text }) => text !== null).map(({ text }) => text)).toEqual(['j']);
  });
});

describe('the mouse', () => {
  /** What was heard of it, and which keys were. */
  const heard = (...chunks: string[]) => {
    const keyboard = open();
    keyboard.type(...chunks);
    const { clicks, keys } = keyboard;
    return { clicks, keys };
  };
  const left = (column: number, row: number) => ({ button: 'left', column, row });

  it('is heard where it presses and turns, counted from 0; not where it lets go', () => {
    const { clicks, keys } = heard('j\x1b[<0;10;5M\x1b[<0;10;5mk\x1b[<64;1;1M\x1b[<65;300;200M');
    expect(keys).toEqual(['j', 'k']);
    expect(clicks).toEqual([
      left(9, 4),
      { button: 'wheel-up', column: 0, row: 0 },
      { button: 'wheel-down', column: 299, row: 199 },
    ]);
  });

  test.each([
    ['the right button', '\x1b[<2;10;5M'],
    ['with Shift', '\x1b[<4;10;5M'],
    ['moving, which nobody asked for', '\x1b[<35;10;5M'],
    ['a report that is none', '\x1b[<0;10M'],
  ])('does nothing with %s', (_, report) => {
    expect(heard(report)).toEqual({ clicks: [], keys: [] });
  });

  it.each([
    [['\x1b[<0;1', '0;5Mj']],
    [['\x1b[<0;1;1M\x1b', '[<0;10;5Mj']],
    [['\x1b[<0;1;1m\x1b[', '<0;10;5Mj']],
  ])('is heard where its report comes in pieces: %j', (chunks) => {
    const { clicks, keys } = heard(...chunks);
    expect(clicks.at(-1)).toEqual(left(9, 4));
    expect(keys).toEqual(['j']);
  });

  it('does not keep an Esc that follows it to itself', async () => {
    const keyboard = open();
    keyboard.type('\x1b[<0;10;5M\x1b');
    expect(await keyboard.heard(1)).toEqual(['esc']);
  });

  it('does not press what is pasted', () => {
    expect(heard('\x1b[200~\x1b[<0;10;5M\x1b[201~')).toEqual({ clicks: [], keys: [] });
  });
});

describe('Esc', () => {
  it('alone is one, when nothing follows it', async () => {
    const keyboard = open();
    expect(keyboard.type('\x1b')).toEqual([]);
    expect(await keyboard.heard(1)).toEqual(['esc']);
    expect(keyboard.presses[0]?.text).toBeNull();
  });

  it('then a key, later, is both', async () => {
    const keyboard = open();
    keyboard.type('\x1b');
    await keyboard.heard(1);
    expect(keyboard.type('q')).toEqual(['esc', 'q']);
  });

  it('after keys in the same chunk is heard too', async () => {
    const keyboard = open();
    keyboard.type('ab\x1b');
    expect(await keyboard.heard(3)).toEqual(['a', 'b', 'esc']);
  });

  test.each([
    ['together', ['\x1b\x1b']],
    ['one right after the other', ['\x1b', '\x1b']],
  ])('twice, %s, is two', async (_, chunks) => {
    const keyboard = open();
    keyboard.type(...chunks);
    expect(await keyboard.heard(2)).toEqual(['esc', 'esc']);
  });

  test('three times together is three', async () => {
    const keyboard = open();
    keyboard.type('\x1b\x1b\x1b');
    await keyboard.heard(1);
    keyboard.type('j');
    expect(keyboard.keys).toEqual(['esc', 'esc', 'esc', 'j']);
  });
});

describe('what is pasted', () => {
  it('is no keys, and those after it are', () => {
    expect(keys('\x1b[200~q\x03\x1b[A\r\x1b[201~j')).toEqual(['j']);
  });

  it('is none either when it comes in pieces, even of its brackets', () => {
    expect(keys('\x1b[20', '0~qu', 'it\x1b[2', '01', '~', 'j')).toEqual(['j']);
  });

  it('ends where it ends, whatever it ended with', () => {
    expect(keys('\x1b[200~abc\x1b\x1b[201~j')).toEqual(['j']);
  });

  test.each([
    ['ESC [', '\x1b['],
    ['ESC O', '\x1bO'],
    ['ESC [ 1 ;', '\x1b[1;'],
  ])('leaves the keyboard alive when its last bytes are %s', (_, ending) => {
    expect(keys(`\x1b[200~abc${ending}\x1b[201~`, 'j', '\x03')).toEqual(['j', 'ctrl+c']);
  });
});

describe('typing', () => {
  const edit = (bytes: string): (Edit | null)[] => {
    const keyboard = open();
    keyboard.type(bytes);
    return keyboard.presses.map(editOf);
  };

  test.each<[string, Edit['type']]>([
    ['\x7f', 'backspace'],
    ['\b', 'backspace'],
    ['\x1b[3~', 'delete'],
    ['\x1b[D', 'left'],
    ['\x1b[C', 'right'],
    ['\x02', 'left'],
    ['\x06', 'right'],
    ['\x1b[H', 'home'],
    ['\x01', 'home'],
    ['\x1b[F', 'end'],
    ['\x05', 'end'],
    ['\x17', 'kill-word'],
    ['\x1b\x7f', 'kill-word'],
    ['\x15', 'kill-start'],
    ['\x0b', 'kill-end'],
  ])('%j edits as in readline: %s', (bytes, type) => {
    expect(edit(bytes)).toEqual([{ type }]);
  });

  it('inserts what is typed', () => {
    expect(edit('q é')).toEqual(['q', ' ', 'é'].map((text) => ({ type: 'insert', text })));
  });

  it('takes no other key', () => {
    expect(edit('\x1bOP\t\x1b[1;5C\x1b[Z')).toEqual([null, null, null, null]);
  });
});

const FOCI: readonly Focus[] = ['table', 'filter', 'sort', 'details', 'search', 'lookup', 'help', 'signal'];
const TABLE_AND_DETAILS: readonly Focus[] = ['table', 'details'];

/** The dialog of signals: of its list somewhere, and when it asks. */
function signalling(from: State): State[] {
  const opened = reduce(from, { type: 'signal' });
  const of = opened.signal?.meant as Meant;
  const recipients = of.pids.map((pid) => recipient('sshd', pid));
  const further = (state: State, ...actions: Action[]) => actions.reduce(reduce, state);
  const listed = further(
    opened,
    { type: 'signal-listed', of, recipients, ports: [] },
    { type: 'signal-shown', of },
  );
  const confirming = further(listed, { type: 'signal-next' });
  return [
    further(listed, { type: 'signal-move', by: 1 }, { type: 'signal-owner', by: 1 }),
    further(confirming, { type: 'signal-scroll', by: 1 }),
  ];
}

describe('bindings', () => {
  it('give a key one meaning for each that may have the keys', () => {
    const meanings = BINDINGS.flatMap(({ keys: all, where }) =>
      where.flatMap((focus) => all.map((key) => `${key} in ${focus}`)),
    );
    expect(meanings.filter((meaning, index) => meanings.indexOf(meaning) !== index)).toEqual([]);
  });

  it('each do something, somewhere', () => {
    for (const { keys: all, where, command } of BINDINGS) {
      expect(all.length).toBeGreaterThan(0);
      expect(where.length).toBeGreaterThan(0);
      for (const focus of where) for (const key of all) expect(commandFor(focus, key)).toBe(command);
    }
  });

  it('each change something, where there is something to change', () => {
    const sockets = [
      tcp('0.0.0.0:22', { owners: [held('sshd', 7), held('sshd', 8), held('sshd', 9)] }),
      tcp('0.0.0.0:80'),
      tcp('[::]:80', { inode: 81 }),
      udp('0.0.0.0:53'),
    ];
    const sampled: Action = { type: 'sampled', snapshot: snapshot(sockets), ownersKnown: true };
    const after = (...actions: Action[]) => actions.reduce(reduce, reduce(initialState(), sampled));
    const type = (text: string): Action[] => [
      { type: 'filter' },
      { type: 'filter-edit', edit: { type: 'insert', text } },
    ];
    const down: Action = { type: 'move', by: 1 };
    const states: State[] = [
      after(),
      after(down),
      after({ type: 'open' }, { type: 'owner-by', by: 1 }, down),
      after({ type: 'open' }, { type: 'focus-by', by: 1 }),
      after(
        { type: 'open' },
        { type: 'search' },
        { type: 'search-edit', edit: { type: 'insert', text: 'a' } },
      ),
      after({ type: 'open' }, { type: 'search' }, down),
      after({ type: 'help' }, down),
      after({ type: 'sort' }),
      after({ type: 'move', by: 2 }),
      after({ type: 'columns' }, down, down),
      after({ type: 'in-sight', inSight: { columns: [], right: 1 }, left: 1 }),
      after({ type: 'view', name: 'sockets' }),
      after({ type: 'view', name: 'sockets' }, { type: 'open' }),
      after({ type: 'view', name: 'processes' }),
      after({ type: 'view', name: 'services' }, down),
      after({ type: 'view', name: 'timeline' }),
      after(...type('a'), { type: 'filter-keep' }, ...type('b'), { type: 'filter-keep' }, ...type('c')),
      after(...type('a'), { type: 'filter-keep' }, { type: 'filter' }, { type: 'filter-recall', by: -1 }),
    ];
    states.push(...signalling(after()));
    for (const { keys: all, where, command } of BINDINGS) {
      if (['page', 'quit', 'suspend', 'refresh', 'copy'].includes(command.type)) continue;
      for (const focus of where) {
        const there = states.filter((state) => state.focus === focus);
        const changed = there.some((state) => !isDeepStrictEqual(reduce(state, command as Action), state));
        expect(changed, `${all} in ${focus}`).toBe(true);
      }
    }
  });

  it('know no other key', () => {
    for (const focus of FOCI) {
      for (const key of ['', 'undefined', 'constructor', '__proto__', 'alt+q', 'shift+up', 'Q', 'ctrl+q']) {
        expect(commandFor(focus, key)).toBeUndefined();
      }
    }
  });

  it('leave what is typed to a text field', () => {
    for (const focus of ['filter', 'search', 'lookup'] as const) {
      const taken = BINDINGS.filter(({ where }) => where.includes(focus)).flatMap(({ keys: all }) => all);
      const printable = taken.filter((key) => [...key].length === 1);
      // The views on either side: no service is called so.
      expect(printable).toEqual(focus === 'lookup' ? ['[', ']'] : []);
    }
  });

  it('are keys that a terminal sends', async () => {
    const bytes: Record<string, string> = {
      up: '\x1b[A',
      down: '\x1b[B',
      left: '\x1b[D',
      right: '\x1b[C',
      pageup: '\x1b[5~',
      pagedown: '\x1b[6~',
      home: '\x1b[H',
      end: '\x1b[F',
      enter: '\r',
      tab: '\t',
      'shift+tab': '\x1b[Z',
      esc: '\x1b',
      f1: '\x1bOP',
      f3: '\x1bOR',
      f4: '\x1bOS',
      f5: '\x1b[15~',
      f6: '\x1b[17~',
      f9: '\x1b[20~',
      f10: '\x1b[21~',
    };
    for (const key of new Set(BINDINGS.flatMap(({ keys: all }) => all))) {
      const control = /^ctrl\+(.)$/.exec(key)?.[1];
      const sent = control ? String.fromCharCode(control.charCodeAt(0) & 31) : (bytes[key] ?? key);
      const keyboard = open();
      keyboard.type(sent);
      expect(await keyboard.heard(1)).toEqual([key]);
    }
  });

  it('let every focus be left, and the program from everywhere', () => {
    for (const focus of FOCI) {
      expect(commandFor(focus, 'esc')).toEqual({ type: 'back' });
      expect(commandFor(focus, 'ctrl+c')).toEqual({ type: 'quit' });
      expect(commandFor(focus, 'ctrl+z')).toEqual({ type: 'suspend' });
      if (focus !== 'help') expect(commandFor(focus, 'f1')).toEqual({ type: 'help' });
    }
  });

  describe('have what the contract promises', () => {
    const scrolling: readonly Focus[] = ['table', 'details', 'help'];
    const promised: [keys: string[], where: readonly Focus[], Command][] = [
      [['up', 'k'], scrolling, { type: 'move', by: -1 }],
      [['down', 'j'], scrolling, { type: 'move', by: 1 }],
      [['pageup', 'ctrl+b'], scrolling, { type: 'page', pages: -1 }],
      [['pagedown', 'ctrl+f'], scrolling, { type: 'page', pages: 1 }],
      [['ctrl+u'], scrolling, { type: 'page', pages: -0.5 }],
      [['ctrl+d'], scrolling, { type: 'page', pages: 0.5 }],
      [['g', 'home'], scrolling, { type: 'edge', to: 'first' }],
      [['G', 'end'], scrolling, { type: 'edge', to: 'last' }],
      [['up'], ['lookup'], { type: 'move', by: -1 }],
      [['down'], ['lookup'], { type: 'move', by: 1 }],
      [['pageup'], ['lookup'], { type: 'page', pages: -1 }],
      [['pagedown'], ['lookup'], { type: 'page', pages: 1 }],
      [['enter'], ['table'], { type: 'open' }],
      [['enter'], ['filter'], { type: 'filter-keep' }],
      [['up'], ['filter'], { type: 'filter-recall', by: -1 }],
      [['esc'], FOCI, { type: 'back' }],
      [['tab', 'shift+tab'], TABLE_AND_DETAILS, { type: 'focus-by', by: 1 }],
      [['1'], TABLE_AND_DETAILS, { type: 'view', name: 'listening' }],
      [['2'], TABLE_AND_DETAILS, { type: 'view', name: 'sockets' }],
      [['3'], TABLE_AND_DETAILS, { type: 'view', name: 'processes' }],
      [['4'], TABLE_AND_DETAILS, { type: 'view', name: 'services' }],
      [['5'], TABLE_AND_DETAILS, { type: 'view', name: 'timeline' }],
      [['['], [...TABLE_AND_DETAILS, 'lookup'], { type: 'view-by', by: -1 }],
      [[']'], [...TABLE_AND_DETAILS, 'lookup'], { type: 'view-by', by: 1 }],
      [['/'], ['table'], { type: 'filter' }],
      [['/'], ['details'], { type: 'search' }],
      [['left'], ['details'], { type: 'tab-by', by: -1 }],
      [['right'], ['details'], { type: 'tab-by', by: 1 }],
      [['s'], ['table'], { type: 'sort' }],
      [['S'], ['table'], { type: 'sort-reverse' }],
      [['K', 'f9'], TABLE_AND_DETAILS, { type: 'signal' }],
      [['<'], ['table'], { type: 'sort-by', by: -1 }],
      [['>'], ['table'], { type: 'sort-by', by: 1 }],
      [['t'], ['table'], { type: 'toggle-protocol', protocol: 'tcp' }],
      [['u'], ['table'], { type: 'toggle-protocol', protocol: 'udp' }],
      [['x'], ['table'], { type: 'toggle-protocol', protocol: 'unix' }],
      [['T'], ['table'], { type: 'tree' }],
      [[' '], ['table'], { type: 'pin' }],
      [['F'], ['table'], { type: 'follow' }],
      [['e'], TABLE_AND_DETAILS, { type: 'reveal' }],
      [['p'], TABLE_AND_DETAILS, { type: 'pause' }],
      [['+'], TABLE_AND_DETAILS, { type: 'interval-by', by: 1 }],
      [['-'], TABLE_AND_DETAILS, { type: 'interval-by', by: -1 }],
      [['?', 'f1'], TABLE_AND_DETAILS, { type: 'help' }],
      [['q'], TABLE_AND_DETAILS, { type: 'quit' }],
      [['ctrl+c'], FOCI, { type: 'quit' }],
      [['ctrl+z'], FOCI, { type: 'suspend' }],
    ];

    test.each(promised)('%j', (all, where, command) => {
      for (const key of all) for (const focus of where) expect(commandFor(focus, key)).toEqual(command);
    });
  });
});

describe('the names of keys', () => {
  test.each([
    ['j', 'j'],
    ['G', 'G'],
    ['f', 'f'],
    ['/', '/'],
    ['ctrl+u', 'Ctrl-U'],
    ['f1', 'F1'],
    ['f10', 'F10'],
    ['shift+tab', 'Shift-Tab'],
    ['esc', 'Esc'],
    ['pagedown', 'PgDn'],
    ['up', '↑'],
  ])('%s is shown as %s', (key, name) => {
    expect(keyName(key)).toBe(name);
  });

  it('are different for different keys', () => {
    const all = [...new Set(BINDINGS.flatMap((binding) => binding.keys))];
    expect(new Set(all.map(keyName)).size).toBe(all.length);
  });

  it('that a hint shows in their stead are of keys that mean it', () => {
    const glyphs: Record<string, string> = { '↑': 'up', '↓': 'down', '←': 'left', '→': 'right' };
    for (const { shown, where, command, footer } of BINDINGS) {
      if (!shown) continue;
      expect(footer).toBeDefined();
      const named =
        shown === 'Enter' || shown === 'Esc' ? [shown.toLowerCase()] : [...shown.replaceAll(' ', '')];
      for (const focus of where) {
        const commands = named.map((glyph) => commandFor(focus, glyphs[glyph] ?? glyph));
        for (const each of commands) expect(each?.type).toBe(command.type);
        expect(commands).toContain(command);
      }
    }
  });
});
