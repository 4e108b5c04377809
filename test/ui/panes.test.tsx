import { describe, expect, it, test, vi } from 'vitest';
import { Services } from '../../src/services/services.ts';
import type { Focus } from '../../src/store/state.ts';
import { TABLES } from '../../src/store/views.ts';
import { BINDINGS, commandFor, keyName } from '../../src/ui/keys/bindings.ts';
import { held, tcp } from '../helpers/snapshots.ts';
import { KEY, openScreen, type Screen, type ScreenOptions, SIZES, service } from './screen.tsx';

const small = { columns: 80, rows: 24 };
const ssh = tcp('0.0.0.0:22', { owners: [held('sshd', 700)] });
const web = tcp('0.0.0.0:80', { owners: [held('nginx', 812)] });

const ways: Record<Focus, string[]> = {
  table: [],
  filter: ['/'],
  sort: ['s'],
  columns: ['c'],
  details: [KEY.enter],
  search: [KEY.enter, '/'],
  lookup: ['4'],
  help: ['?'],
  signal: ['K'],
};
async function openWith(focus: Focus, options: ScreenOptions = {}): Promise<Screen> {
  const screen = await openScreen({ sockets: [ssh, web], ...options });
  await screen.press(...ways[focus]);
  expect(screen.state.focus).toBe(focus);
  return screen;
}
const footer = (screen: Screen) => screen.lines.at(-1) as string;

describe('the footer', () => {
  it.each(Object.keys(ways) as Focus[])('names keys that work in the %s, and no others', async (focus) => {
    using screen = await openWith(focus, { size: { columns: 400, rows: 40 } });
    const hints = BINDINGS.filter(
      (binding) =>
        binding.footer && binding.where.includes(focus) && binding.applies?.(screen.state) !== false,
    );
    const said = hints.map(({ keys, shown, footer: word, command }) => {
      expect(commandFor(focus, keys[0] as string)).toBe(command);
      const does = typeof word === 'function' ? word(screen.state) : word;
      return ` ${shown ?? keyName(keys[0] as string)} ${does} `;
    });
    expect(said.length).toBeGreaterThan(1);
    expect(footer(screen).trimEnd()).toMatch(
      new RegExp(
        `${said
          .join('')
          .replace(/[[\]?/←→↑↓]/g, '\\$&')
          .trimEnd()}$`,
      ),
    );
  });

  it('says what Enter and p do now', async () => {
    using screen = await openScreen({
      sockets: [tcp('0.0.0.0:22', { owners: [held('sshd', 700)] }), tcp('[::]:2049')],
    });
    expect(footer(screen)).toContain('Enter details');
    await screen.press(KEY.down, 'p');
    expect(footer(screen)).toContain('Enter why no owner');
    expect(footer(screen)).toContain('p go on');
  });

  it('leaves out what has nothing to do: another pane, another owner, a way back from nowhere', async () => {
    using screen = await openWith('table');
    expect(footer(screen)).not.toMatch(/Tab pane|Esc back/);
    await screen.press('/', 'n', KEY.enter);
    expect(footer(screen)).toMatch(/Esc back/);
  });

  it.each(['table', 'details', 'help', 'filter', 'lookup'] as const)(
    'says how to get out of the %s and to the help, at 80 columns too',
    async (focus) => {
      using screen = await openWith(focus, { size: small });
      expect(footer(screen)).toMatch(/ (q quit|Esc leave) /);
      if (focus !== 'help') expect(footer(screen)).toMatch(/ (\?|F1) help /);
    },
  );

  it('has the column that is sorted by, while it is chosen', async () => {
    using screen = await openWith('sort', { size: { columns: 200, rows: 40 } });
    expect(footer(screen)).toMatch(
      /^ sort by {3}PORT {2}SERVICE {2}PROTO {2}ADDRESS .* COMMAND LINE {3}←→ column {2}Enter done/,
    );
    await screen.press(KEY.right);
    const inverse = /\x1b\[7m ([A-Z-]+) \x1b\[27m/.exec(screen.frame.split('\n').at(-1) ?? '')?.[1];
    expect(inverse).toBe('SERVICE');
  });

  test.each(['listening', 'sockets'] as const)(
    'says how to get help while a column of %s is chosen, at 80 columns too',
    async (view) => {
      using screen = await openWith('sort', { size: small, state: { view } });
      expect(footer(screen)).toMatch(/ ›.* Enter done {2}.*\? help /);
    },
  );

  test('always shows the column that is chosen, at 80 columns too', async () => {
    using screen = await openWith('sort', { size: small, state: { view: 'sockets' } });
    const titles = TABLES.sockets.columns.map(({ title }) => title);
    const chosen = new Set<string | undefined>();
    for (const _ of titles) {
      chosen.add(/\x1b\[7m ([A-Z -]+) \x1b\[27m/.exec(screen.frame.split('\n').at(-1) ?? '')?.[1]);
      await screen.press(KEY.right);
    }
    expect(chosen).toEqual(new Set(titles));
  });

  it('says what is wrong with a filter, and how to end it, at 80 columns too', async () => {
    using screen = await openWith('filter', { size: small });
    await screen.press('pid:abc', KEY.enter);
    expect(footer(screen)).toMatch(
      /^ \/pid:abc +expected a number after 'pid:' +Enter keep {2}Esc leave {2}F1 help /,
    );
  });

  it('has what is typed into the filter, and the cursor in it', async () => {
    using screen = await openWith('filter');
    await screen.press('n', 'g', 'x', KEY.left);
    expect(footer(screen)).toMatch(/^ \/ngx /);
    expect(screen.frame.split('\n').at(-1)).toContain('\x1b[7mx\x1b[27m');
  });

  it('says quietly what a filter still needs and where, and plainly once Enter was pressed', async () => {
    using screen = await openWith('filter');
    await screen.press('port:');
    expect(footer(screen)).toMatch(/^ \/port: {3}character 6: expected a number after 'port:' /);
    const style = () => /\x1b\[[\d;]*m(?=character 6)/.exec(screen.frame)?.[0];
    const quietly = style();
    await screen.press(KEY.enter);
    expect(screen.state.focus).toBe('filter');
    expect(footer(screen)).toContain("character 6: expected a number after 'port:'");
    expect(style()).not.toBe(quietly);
    await screen.press('80');
    expect(footer(screen)).not.toContain('expected');
    await screen.press(KEY.enter);
    expect(screen.state.focus).toBe('table');
    expect(screen.lines[1]).toContain('/port:80  1 shown');
  });

  test('has room for both at 80 columns: the cursor of a long filter, and what is wrong', async () => {
    using screen = await openWith('filter', { size: small });
    await screen.press(`${'a'.repeat(90)}END foo:1`);
    expect(footer(screen)).toMatch(/END foo:1 +expected a key .*… Enter keep {2}Esc leave {2}F1 help/);
    expect(footer(screen)).toMatch(/ F1 help /);
  });

  test('has what is wrong made safe', async () => {
    using screen = await openWith('filter');
    screen.store.dispatch({
      type: 'filter-edit',
      edit: { type: 'insert', text: '\x1b[31m\u202e user:\x07(' },
    });
    await vi.waitFor(() => expect(footer(screen)).toContain('expected a word or key:value'));
    expect(footer(screen)).toContain('\\e[31m\\u202e user:\\x07(');
  });

  test('has the end of a long filter, where the cursor is, and not its beginning alone', async () => {
    using screen = await openWith('filter', { size: small });
    await screen.press(`${'a'.repeat(90)}END`);
    expect(footer(screen)).toContain('END');
  });
});

describe('the help', () => {
  /** Every line of it, page by page. */
  async function readAll(screen: Screen): Promise<string> {
    const seen = new Set<string>();
    for (let page = 0; page < 8; page++) {
      for (const line of screen.lines) seen.add(line.trimEnd());
      await screen.press(KEY.pageDown);
    }
    return [...seen].join('\n');
  }

  it.each(SIZES)('names every key at $columns columns, and explains the marks', async (size) => {
    using screen = await openWith('help', { size });
    const all = (await readAll(screen)).replaceAll(/\s+/g, ' ');
    for (const { keys, help, where } of BINDINGS) {
      if (!help || !where.some((focus) => focus === 'table' || focus === 'details')) continue;
      expect(all).toContain(help.slice(0, 25));
      for (const key of keys) expect(all).toContain(` ${keyName(key)} `);
    }
    expect(all).toContain('▌');
    expect(all).toContain('came, or went');
  });

  it('is all there at 120 by 40, nothing to scroll', async () => {
    using screen = await openWith('help', { size: { columns: 120, rows: 40 } });
    expect(screen.text).toMatch(/▸ Moving/);
    expect(screen.text).toContain('there is nothing to tell');
    const before = screen.text;
    await screen.press('G');
    expect(screen.text).toBe(before);
  });

  it('says how much of it is below, where there is', async () => {
    using screen = await openWith('help', { size: small });
    expect(screen.lines[2]).toMatch(/^ Keys {2}lines 1 to 20 of \d+ {2}↓ \d+ more$/);
    await screen.press('G');
    expect(screen.lines[2]).toMatch(/^ Keys {2}lines \d+ to (\d+) of \1 *$/);
  });

  it.each(SIZES.slice(1))('is not cut at $columns columns', async (size) => {
    using screen = await openWith('help', { size });
    expect(await readAll(screen)).not.toContain('…');
  });

  test('is not cut at 80 columns either', async () => {
    using screen = await openWith('help', { size: small });
    expect(await readAll(screen)).not.toContain('…');
  });

  it('ends with its last line, and begins with its first', async () => {
    using screen = await openWith('help', { size: small });
    const first = screen.text;
    await screen.press('G');
    expect(screen.lines.at(-2)).toContain('there is nothing to tell');
    const last = screen.text;
    await screen.press('j', KEY.pageDown);
    expect(screen.text).toBe(last);
    await screen.press(KEY.home);
    expect(screen.text).toBe(first);
    await screen.press('k');
    expect(screen.text).toBe(first);
  });

  it('skips no line from page to page', async () => {
    using screen = await openWith('help', { size: small });
    const body = () => screen.lines.slice(3, -1).map((line) => line.trimEnd());
    const before = body();
    await screen.press('j');
    const oneDown = body();
    await screen.press('k', KEY.pageDown);
    const next = body();
    expect(oneDown.slice(0, -1)).toEqual(before.slice(1));
    await screen.press('k');
    expect(body()[0]).toBe(before.at(-1));
    expect(body()[1]).toBe(next[0]);
  });

  it('is left by each of the keys that say so, to where it was asked for', async () => {
    for (const key of ['?', KEY.f1, 'q', KEY.enter]) {
      using screen = await openWith('details');
      await screen.press('?');
      expect(screen.text).toContain('▸ Moving');
      await screen.press(key);
      expect(screen.state.focus).toBe('details');
      expect(screen.effects).toEqual([]);
    }
  });

  test('shows all that there is room for, when the terminal grows', async () => {
    using screen = await openWith('help', { size: small });
    await screen.press('G');
    await screen.resize({ columns: 120, rows: 130 });
    expect(screen.text).toContain('▸ Moving');
  });
});

describe('looking up services', () => {
  const many = Array.from({ length: 60 }, (_, index) =>
    service(`name${String(index).padStart(2, '0')}`, 1000 + index),
  );
  const services = new Services([
    service('ssh', 22, { description: 'SSH Remote Login Protocol' }),
    service('http', 80, { aliases: ['www', 'web'], description: 'WorldWideWeb HTTP' }),
    service('domain', 53),
    service('domain', 53, { protocol: 'udp' }),
    ...many,
  ]);
  const names = (screen: Screen) =>
    screen.lines.flatMap((line) => /^ {2}(\S+) +\d+\/\w+ /.exec(line)?.[1] ?? []);
  const lookUp = async (typed: string, options: ScreenOptions = {}) => {
    const screen = await openWith('lookup', { services, ...options });
    if (typed !== '') await screen.press(typed);
    return screen;
  };

  it.each(SIZES)('finds a number, at $columns columns: name, aliases, description, source', async (size) => {
    using screen = await lookUp('80', { size });
    const told = size.columns > 100 ? /www, web +WorldWideWeb HTTP/ : /WorldWideWeb HTTP \(www, web\)/;
    expect(screen.line('http ')).toMatch(new RegExp(`^ {2}http +80/tcp +${told.source} +/etc/services *$`));
    expect(names(screen)).toEqual(['http']);
    expect(screen.text).toContain('1 found');
  });

  it('finds a name, its beginning, an alias, and a number with a protocol', async () => {
    for (const [typed, found] of [
      ['ssh', ['ssh']],
      ['www', ['http']],
      ['dom', ['domain', 'domain']],
      ['53/udp', ['domain']],
      ['DOMAIN', ['domain', 'domain']],
    ] as const) {
      using screen = await lookUp(typed);
      expect(names(screen)).toEqual(found);
    }
  });

  it('begins with the services of the ports that are in use here, each once', async () => {
    const again = tcp('127.0.0.1:22', { inode: 9 });
    using screen = await lookUp('', { sockets: [ssh, again, web, tcp('0.0.0.0:9999')] });
    expect(names(screen)).toEqual(['ssh', 'http']);
    expect(screen.text).toContain('a number, number/protocol, a name or its beginning');
  });

  it('says that it has not read everything yet', async () => {
    using screen = await lookUp('80');
    expect(screen.text).toContain('reading the IANA registry…');
  });

  it('says of an unknown port what is known of it, and of an unknown name nothing', async () => {
    using screen = await lookUp('40000', { ephemeral: { first: 32768, last: 60999 } });
    expect(screen.text).toContain(
      '40000 is in the ephemeral range 32768–60999: the kernel hands such ports out',
    );
    await screen.press(KEY.ctrl('u'), 'nosuch');
    expect(screen.text).toContain('0 found');
    expect(screen.text).not.toContain('ephemeral');
    await screen.press(KEY.ctrl('u'), '99999');
    expect(screen.text).not.toContain('ephemeral');
  });

  it('edits what is typed, and q and ? are letters of it', async () => {
    using screen = await lookUp('q?1');
    expect(screen.line('look up')).toContain('look up  q?1');
    await screen.press(KEY.backspace, KEY.home, 'x');
    expect(screen.line('look up')).toContain('look up  xq?');
    expect(screen.effects).toEqual([]);
  });

  it('scrolls, and ends with the last', async () => {
    using screen = await lookUp('name', { size: small });
    expect(names(screen)[0]).toBe('name00');
    await screen.press(KEY.down);
    expect(names(screen)[0]).toBe('name01');
    for (let press = 0; press < 10; press++) await screen.press(KEY.pageDown);
    expect(names(screen).at(-1)).toBe('name59');
    expect(names(screen)).toHaveLength(18);
    await screen.press(KEY.down);
    expect(names(screen).at(-1)).toBe('name59');
    for (let press = 0; press < 10; press++) await screen.press(KEY.pageUp);
    expect(names(screen)[0]).toBe('name00');
  });

  test('skips none from page to page', async () => {
    using screen = await lookUp('name', { size: small });
    const last = Number(names(screen).at(-1)?.slice(4));
    await screen.press(KEY.pageDown);
    expect(Number(names(screen)[0]?.slice(4))).toBeLessThanOrEqual(last + 1);
  });

  test('shows something when there is less to show than was scrolled away', async () => {
    const sockets = many.map(({ port }) => tcp(`0.0.0.0:${port}`));
    using screen = await lookUp('', { size: small, sockets });
    await screen.press(KEY.pageDown);
    await screen.sample(sockets.slice(0, 3), { at: 10 });
    await screen.sample(sockets.slice(0, 3), { at: 20 });
    expect(names(screen)).toEqual(['name00', 'name01', 'name02']);
  });

  test('shows something when the terminal grows', async () => {
    using screen = await lookUp('name', { size: small });
    for (let press = 0; press < 10; press++) await screen.press(KEY.pageDown);
    await screen.resize({ columns: 120, rows: 80 });
    expect(names(screen)).toHaveLength(60);
  });

  it('is left by Esc, once what is typed is cleared', async () => {
    using screen = await lookUp('80');
    await screen.escape();
    expect(names(screen)).toEqual(['ssh', 'http']);
    await screen.escape();
    expect(screen.text).toContain('PORT▲');
  });
});

describe('a terminal that is too small', () => {
  it.each([
    [79, 24],
    [80, 23],
    [30, 10],
    [10, 3],
  ])('of %i×%i is told so', async (columns, rows) => {
    using screen = await openScreen({ size: { columns, rows }, sockets: [ssh] });
    expect(screen.lines).toHaveLength(rows);
    expect(screen.text).toMatch(columns < 20 ? /^porttop n…/ : /^porttop needs 80×24/);
    if (columns > 20) expect(screen.text).toContain(`this is ${columns}×${rows}`);
    expect(screen.text).not.toContain('sshd');
  });

  it('is left by q, and is used when it grows', async () => {
    using screen = await openScreen({ size: { columns: 40, rows: 10 }, sockets: [ssh] });
    await screen.press('q');
    expect(screen.effects).toEqual([{ type: 'quit' }]);
    await screen.resize(small);
    expect(screen.text).toContain('sshd');
    await screen.resize({ columns: 10, rows: 5 });
    expect(screen.lines).toHaveLength(5);
  });

  it('takes no other key: nobody would see what it does', async () => {
    using screen = await openScreen({ size: small, sockets: [ssh] });
    await screen.press('K');
    await screen.resize({ columns: 40, rows: 10 });
    const { state } = screen;
    await screen.press('9', 'y', '/', '2', KEY.down);
    expect(screen.state.signal).toEqual(state.signal);
    expect(screen.state.view).toBe('listening');
  });

  test('says first what it needs, in however few lines', async () => {
    using screen = await openScreen({ size: { columns: 40, rows: 2 } });
    expect(screen.text).toContain('porttop needs 80×24');
  });
});
