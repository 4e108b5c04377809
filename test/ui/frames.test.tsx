import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { Services } from '../../src/services/services.ts';
import type { Action } from '../../src/store/state.ts';
import type { Size } from '../../src/ui/layout.ts';
import { processes, running } from '../helpers/processes.ts';
import { connection, held, type SocketLiteral, tcp, udp } from '../helpers/snapshots.ts';
import {
  expectSound,
  KEY,
  nameOf,
  openScreen,
  plain,
  processOf,
  type Screen,
  type ScreenOptions,
  SIZES,
  service,
  statusOf,
} from './screen.tsx';

const sockets: readonly SocketLiteral[] = [
  tcp('0.0.0.0:22', { owners: [held('sshd', 700)] }),
  tcp('0.0.0.0:80', { uid: 33, owners: [held('nginx', 812), held('nginx', 813)] }),
  tcp('[2001:db8:1111:2222:3333:4444:5555:6666]:443', { owners: [held('nginx', 812, { fd: 7 })] }),
  udp('127.0.0.53:53', { uid: 101, owners: [held('systemd-resolve', 500)] }),
  tcp('[::]:2049'),
  connection('10.0.0.1:80', '10.0.0.2:40000', { uid: 33, sendQueue: 4096, owners: [held('nginx', 813)] }),
  connection('[fe80::1]:22', '[fe80::2]:51234', { state: 'TIME_WAIT' }),
];
const circumstances = {
  users: { 0: 'root', 33: 'www-data', 101: 'systemd-resolve' },
  services: { '22/tcp': 'ssh', '80/tcp': 'http', '53/udp': 'domain' },
  scopes: { 'fe80::1': 'eth0' },
};
const services = new Services([
  service('ssh', 22, { description: 'SSH Remote Login Protocol' }),
  service('http', 80, { aliases: ['www'], description: 'WorldWideWeb HTTP' }),
]);

const busy = [
  running('systemd', 1, { ppid: 0 }),
  running('nginx', 812, { uid: 33, ports: [80, 443], cpuPercent: 12.5, rssBytes: 2 ** 34 }),
  running('nginx', 813, {
    ppid: 812,
    uid: 33,
    ports: [80],
    cmdline: ['nginx:', '\x1b[31mworker\u202e', '한글'.repeat(60)],
  }),
  running('systemd-resolve', 500, { uid: 101, ports: Array.from({ length: 30 }, (_, at) => 5000 + at) }),
  running('sudo', 4_194_303, { ports: null, state: 'Z', stat: 'ZN+', cmdline: [], cpuPercent: null }),
];

/** What a person may come to, and the keys that lead there. */
const places: Record<string, string[]> = {
  'the table': [],
  'all sockets': ['2'],
  'the filter': ['/', 'nginx'],
  'nothing that matches': ['/', 'nothing of the kind', KEY.enter],
  'the choice of a column': ['s', KEY.right],
  'the details': ['j', KEY.enter],
  'the end of the details': ['j', KEY.enter, 'G'],
  'a page of the details that is being read': ['j', KEY.enter, KEY.left],
  'a search in the details': ['j', KEY.enter, '/', 'n'],
  'a search in the details without a match': ['j', KEY.enter, '/', 'nothing of the kind'],
  'the table beside the details': ['j', KEY.enter, KEY.tab],
  'the processes': ['3'],
  'the tree of processes': ['3', 'T'],
  'the details of a process': ['3', 'j', KEY.enter],
  'the services': ['4'],
  'a service': ['4', 'ss'],
  'an unknown service': ['4', '40000'],
  'the help': ['?'],
  'the end of the help': ['?', 'G'],
};

async function goTo(screen: Screen, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await screen.press(key);
    if (key === '3')
      await screen.dispatch({
        type: 'processes',
        processes: processes(busy, { users: circumstances.users }),
      });
    if (key === KEY.enter && screen.state.detailsOpen) await screen.dispatch(processOf(812));
  }
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(SIZES)('at $columns×$rows', (size) => {
  const options: ScreenOptions = {
    size,
    sockets,
    circumstances,
    services,
    ephemeral: { first: 32768, last: 60999 },
  };

  it('every screen fills the terminal exactly, and a line is never wider', async () => {
    // React says on the console what is wrong with a tree, and draws it nevertheless.
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => {});
    for (const [place, keys] of Object.entries(places)) {
      using screen = await openScreen(options);
      await goTo(screen, keys);
      expect(screen.text.trim(), place).not.toBe('');
      for (const frame of new Set(screen.frames)) expectSound(frame, size);
    }
    expect(complaints.mock.calls).toEqual([]);
  });

  it('a second snapshot of a steady host gives the very same frame', async () => {
    for (const place of [
      'the table',
      'all sockets',
      'the details',
      'the end of the details',
      'the processes',
      'the services',
    ]) {
      using screen = await openScreen(options);
      await goTo(screen, places[place] ?? []);
      const before = screen.frame;
      await screen.sample(sockets, { ...circumstances, at: 1 });
      await screen.sample(sockets, { ...circumstances, at: 2 });
      const { processes: first } = screen.state;
      if (first)
        await screen.dispatch({
          type: 'processes',
          processes: processes(busy, { at: 2, users: circumstances.users, before: first }),
        });
      expect(screen.frame, place).toBe(before);
    }
  });

  it('has no colour in mono, only weight and inverse; what it says is the same', async () => {
    for (const place of ['the details', 'the filter']) {
      using coloured = await openScreen(options);
      using mono = await openScreen({ ...options, colour: false });
      for (const screen of [coloured, mono]) {
        await goTo(screen, places[place] ?? []);
        await screen.sample(sockets.slice(1), { ...circumstances, at: 1 });
      }
      expect(codes(mono.frame).filter((code) => ![0, 1, 2, 4, 7, 22, 24, 27].includes(code))).toEqual([]);
      expect(codes(coloured.frame).some((code) => code >= 30 && code <= 37)).toBe(true);
      expect(plain(mono.frame)).toBe(plain(coloured.frame));
    }
  });
});

/** The numbers of all SGR sequences of a frame. */
function codes(frame: string): number[] {
  return [...frame.matchAll(/\x1b\[([\d;]*)m/g)].flatMap(([, numbers]) =>
    (numbers ?? '').split(';').map(Number),
  );
}
/** What the theme paints with; an attacker's would be others. */
const PAINTED = [0, 1, 2, 4, 7, 22, 24, 27, 31, 32, 33, 36, 39];

describe('a resize', () => {
  it('gives the frame that the size always gives, back and forth', async () => {
    using screen = await openScreen({
      sockets,
      circumstances,
      services,
      size: SIZES[0] as (typeof SIZES)[0],
    });
    await goTo(screen, ['j', KEY.enter]);
    const seen = new Map<string, string>();
    for (const size of [...SIZES, ...SIZES.toReversed(), ...SIZES]) {
      await screen.resize(size);
      expectSound(screen.frame, size);
      expect(screen.frame).toBe(seen.get(nameOf(size)) ?? screen.frame);
      seen.set(nameOf(size), screen.frame);
    }
    expect(seen.size).toBe(3);
  });
});

/** What comes from outside, and is shown somewhere. */
const FIELDS = [
  'name',
  'user',
  'serv',
  'scope',
  'arg',
  'exe',
  'cwd',
  'root',
  'USER',
  'var',
  'val',
  'bare',
  'alias',
  'descr',
  'file',
  'parent',
  'error',
  'hint',
  'fail',
  'filt',
  'look',
] as const;

/** A host where everything that comes from outside is this. */
function hostile(from: (field: (typeof FIELDS)[number]) => string): {
  options: ScreenOptions;
  actions: Action[];
} {
  const owners = [held(from('name'), 812), held(`${from('name')}2`, 813)];
  const named = [
    tcp('[fe80::1]:80', { uid: 33, owners }),
    udp('[fe80::1]:53', { uid: 33, owners }),
    connection('[fe80::1]:80', '[fe80::2]:40000', { uid: 33, owners }),
  ];
  const denied = { code: 'EACCES', message: from('error'), hint: from('hint') };
  const environ = [
    { name: 'USER', value: from('USER') },
    { name: from('var'), value: from('val') },
    { name: from('bare'), value: null },
  ];
  const unreadable = {
    cmdline: denied,
    exe: denied,
    cwd: denied,
    root: denied,
    environ: denied,
    status: denied,
  };
  return {
    options: {
      sockets: named,
      circumstances: {
        users: { 33: from('user') },
        services: { '80/tcp': from('serv'), '53/udp': from('serv'), '40000/tcp': from('serv') },
        scopes: { 'fe80::1': from('scope') },
      },
      users: { 0: from('user'), 33: from('user') },
      services: new Services(
        [
          service(from('serv'), 80, {
            aliases: [from('alias'), `${from('alias')}2`],
            description: from('descr'),
            source: from('file'),
          }),
        ],
        from('file'),
      ),
    },
    actions: [
      processOf(
        812,
        {
          cmdline: [from('arg'), from('arg')],
          exe: { path: from('exe'), state: 'replaced' },
          cwd: from('cwd'),
          root: from('root'),
          environ,
          status: statusOf(33),
        },
        { name: from('name'), ancestors: [{ pid: 1, name: from('parent') }] },
      ),
      processOf(812, unreadable),
      { type: 'tab-by', by: 3 },
      processOf(812, { environ }, {}, { tab: 'environment' }),
      { type: 'tab-by', by: -3 },
      { type: 'failed', why: from('fail') },
      { type: 'filter' },
      { type: 'filter-edit', edit: { type: 'insert', text: from('filt') } },
      { type: 'filter-keep' },
      { type: 'view', name: 'services' },
      { type: 'lookup-edit', edit: { type: 'insert', text: from('look') } },
    ],
  };
}

/** Everywhere where it is shown, as a person reads it; no frame does anything to the terminal. */
async function everywhere(from: Parameters<typeof hostile>[0], size: Size): Promise<string> {
  const { options, actions } = hostile(from);
  using screen = await openScreen({ ...options, size });
  await screen.press('2', '1', KEY.enter);
  for (const action of actions) {
    await screen.dispatch(action);
    if (screen.state.focus === 'details') await screen.press('G', 'e', 'e', 'g');
  }
  await screen.press(KEY.ctrl('u'), '80');
  const frames = new Set(screen.frames);
  for (const frame of frames) {
    expectSound(frame, size);
    expect(codes(frame).filter((code) => !PAINTED.includes(code))).toEqual([]);
  }
  return [...frames].map(plain).join('\n');
}

describe('hostile text', () => {
  // Lines of one text are one to React: a bug of its own, which details.test.tsx shows.
  beforeEach(() => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
  });

  test('reaches the screen raw from nowhere, and can be seen everywhere', async () => {
    const seen = await everywhere((field) => `${field}\x1b[35m`, { columns: 200, rows: 60 });
    for (const field of FIELDS) expect(seen).toContain(`${field}\\e[35m`);
  });

  const hiding = 'abc\u202egpj.exe\u2066x\u2069a\u200bb\u200d\ufeffc\u00adD\u{e0041}';
  test.each([
    [
      'escape sequences',
      '\x1b[35;45;5mred\x1b[0m\x1b[2J\x1b]0;owned\x07\x1bPx\x1b\\',
      '\\e[35;45;5mred\\e[0m\\e[2J\\e]0;owned\\x07\\ePx\\e\\',
    ],
    [
      'controls',
      'a\nb\r\tc\bd\0e\x7f\x9b31m\x9dx\x9c\x85',
      'a\\nb\\r\\tc\\x08d\\x00e\\x7f\\x9b31m\\x9dx\\x9c\\x85',
    ],
    [
      'bidi and what hides',
      hiding,
      'abc\\u202egpj.exe\\u2066x\\u2069a\\u200bb\\u200d\\ufeffc\\xadD\\u{e0041}',
    ],
    ['separators and half of a pair', 'a\u2028b\u2029c\ud83dd', 'a\\u2028b\\u2029c\\ud83dd'],
  ])('that holds %s never reaches the screen raw, but can be seen', async (_, text, visible) => {
    expect(await everywhere(() => text, { columns: 120, rows: 40 })).toContain(visible);
  });

  const pieces = ['端', '🦊', 'e\u0301', '\u0300\u0301\u0302', '\x1b[', ' ', 'ﾊﾝ', '👩‍👩‍👧', '🇩🇪', 'ก็็็'];
  test.each([
    ['nothing', ''],
    ['blanks alone', ' '.repeat(300)],
    ['a word without an end', 'x'.repeat(2000)],
    ['wide characters, marks, pairs', pieces.join('').repeat(9)],
  ])('breaks no frame: %s', async (_, text) => {
    await everywhere(() => text, { columns: 80, rows: 24 });
  });

  test('of any kind breaks no frame of any size', async () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.array(fc.constantFrom(...pieces), { maxLength: 80 }).map((parts) => parts.join('')),
    );
    const property = fc.asyncProperty(texts, fc.constantFrom(...SIZES), async (text, size) => {
      await everywhere(() => text, size);
    });
    await fc.assert(property, { numRuns: 3 });
  });
});
