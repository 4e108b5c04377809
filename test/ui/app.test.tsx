import { describe, expect, it, test } from 'vitest';
import { Services } from '../../src/services/services.ts';
import { selection } from '../../src/store/shown.ts';
import type { Sample } from '../../src/store/state.ts';
import { connection, held, NOON, tcp, udp } from '../helpers/snapshots.ts';
import { KEY, openScreen, processOf, type Screen, service } from './screen.tsx';

const many = Array.from({ length: 60 }, (_, index) =>
  tcp(`0.0.0.0:${1000 + index}`, {
    owners: [held(`server${index}`, 100 + index), held('child', 300 + index)],
  }),
);
const dns = udp('0.0.0.0:5353', { owners: [held('avahi', 655)] });
const client = connection('10.0.0.1:1000', '10.0.0.2:40000', { owners: [held('server0', 100)] });

const named = { services: { '1000/tcp': 'cadlock2' }, users: { 0: 'root' } };

/** 24 lines, of which the table has 20. */
const open = (keys: readonly string[] = [], sockets = [...many, dns, client]) =>
  openScreen({
    size: { columns: 80, rows: 24 },
    sockets,
    circumstances: named,
    services: new Services([service('cadlock2', 1000)]),
  }).then(async (screen) => {
    await screen.press(...keys);
    return screen;
  });
const port = (screen: Screen) => selection(screen.state)?.row.socket?.local?.port;

describe('the keys of the contract', () => {
  test.each<[string, string[], number]>([
    ['↓', [KEY.down], 1001],
    ['j', ['j', 'j'], 1002],
    ['↑', ['j', 'j', KEY.up], 1001],
    ['k', ['j', 'j', 'k'], 1001],
    ['PgDn', [KEY.pageDown], 1020],
    ['Ctrl-F', [KEY.ctrl('f')], 1020],
    ['PgUp', ['G', KEY.pageUp], 1040],
    ['Ctrl-B', ['G', KEY.ctrl('b')], 1040],
    ['Ctrl-D', [KEY.ctrl('d')], 1010],
    ['Ctrl-U', ['G', KEY.ctrl('u')], 1050],
    ['G', ['G'], 5353],
    ['End', [KEY.end], 5353],
    ['g', ['G', 'g'], 1000],
    ['Home', ['G', KEY.home], 1000],
  ])('%s moves the selection', async (_, keys, selected) => {
    using screen = await open(keys);
    expect(port(screen)).toBe(selected);
    expect(screen.line(/^▌/)).toContain(` ${selected} `);
  });

  it('Enter opens the details and goes there, Tab and Shift-Tab go between, Esc closes', async () => {
    using screen = await open([KEY.enter]);
    expect(screen.state.focus).toBe('details');
    await screen.press(KEY.tab);
    expect(screen.state.focus).toBe('table');
    await screen.press(KEY.shiftTab);
    expect(screen.state.focus).toBe('details');
    await screen.escape();
    expect(screen.text).not.toContain('┌─');
  });

  it('1 to 5, [ and ] show the views', async () => {
    using screen = await open();
    const shown = () => /\x1b\[7m \d (\w+) \x1b\[27m/.exec(screen.frame)?.[1];
    const seen: (string | undefined)[] = [];
    for (const key of ['2', '1', ...']]]]]', ...'[[[[[', '3', '4', ']', '5']) {
      await screen.press(key);
      seen.push(shown());
    }
    const onwards = ['Sockets', 'Processes', 'Services', 'Timeline', 'Listening'];
    const back = ['Timeline', 'Services', 'Processes', 'Sockets', 'Listening'];
    expect(seen).toEqual([
      'Sockets',
      'Listening',
      ...onwards,
      ...back,
      'Processes',
      'Services',
      'Timeline',
      'Timeline',
    ]);
  });

  it('/ filters while it is typed, by the beginning; Enter keeps it, exactly; Esc clears it', async () => {
    using screen = await open(['/', '1', '0', '1']);
    expect(screen.lines[1]).toContain('/101  11 shown');
    await screen.press(KEY.enter);
    // The pid of one, and no more.
    expect(screen.lines[1]).toContain('/101  1 shown');
    expect(port(screen)).toBe(1001);
    await screen.escape();
    expect(screen.lines[1]).not.toContain('/101');
    await screen.press('/', KEY.up);
    expect(screen.lines.at(-1)).toMatch(/^ \/101 /);
  });

  it('s chooses the column, S reverses, < and > take the one beside', async () => {
    using screen = await open(['s', KEY.right, KEY.right, KEY.enter]);
    const sorted = () => /([A-Z]+)[▲▼]/.exec(screen.text)?.[0];
    expect(sorted()).toBe('PROTO▲');
    await screen.press('S');
    expect(sorted()).toBe('PROTO▼');
    expect(port(screen)).toBe(1000);
    await screen.press('>');
    expect(sorted()).toBe('ADDRESS▲');
    await screen.press('<', '<', '<');
    expect(sorted()).toBe('PORT▲');
  });

  it('t and u show and hide TCP and UDP', async () => {
    using screen = await open(['u', 'G']);
    expect(port(screen)).toBe(1059);
    await screen.press('t');
    expect(screen.text).toContain('nothing matches');
    await screen.press('u');
    expect(port(screen)).toBe(5353);
  });

  it('n shows numbers for names, and names again', async () => {
    using screen = await openScreen({
      size: { columns: 200, rows: 24 },
      sockets: many,
      circumstances: { services: { '1000/tcp': 'cadlock2' }, users: { 0: 'root' } },
    });
    expect(screen.line(' 1000 ')).toMatch(/cadlock2 .* root /);
    await screen.press('n');
    expect(screen.line(' 1000 ')).not.toMatch(/cadlock2|root/);
    expect(screen.line(' 1000 ')).toContain('server0');
    await screen.press('n');
    expect(screen.line(' 1000 ')).toMatch(/cadlock2 .* root /);
  });

  it('e reveals, p pauses, + and - change the interval', async () => {
    using screen = await open([KEY.enter, KEY.right, KEY.right, KEY.right]);
    const environ = [{ name: 'SECRET', value: 'hush' }];
    await screen.dispatch(processOf(100, { environ }, {}, { tab: 'environment' }));
    await screen.press('G', 'e');
    expect(screen.line('SECRET')).toContain('hush');
    await screen.press('p', '+', '+');
    expect(screen.lines[0]).toMatch(/paused {2}by \/proc\/net {2}every 3s/);
    await screen.press('p', '-', '-', '-');
    expect(screen.lines[0]).toMatch(/ every 0\.5s/);
    expect(screen.lines[0]).not.toContain('paused');
  });

  it('? and F1 show the help, from the table and from where text is typed', async () => {
    for (const keys of [['?'], [KEY.f1], ['/', KEY.f1], ['4', KEY.f1], ['s', '?'], [KEY.enter, '?']]) {
      using screen = await open(keys);
      expect(screen.lines[2]).toMatch(/^ Keys {2}lines 1 to \d+ of \d+ {2}↓ \d+ more$/);
    }
  });

  it('q asks to quit, and is a letter where text is typed; Ctrl-C and Ctrl-Z are heard everywhere', async () => {
    for (const [keys, quits] of [
      [[], true],
      [[KEY.enter], true],
      [['/'], false],
      [['4'], false],
      [['?'], false],
    ] as const) {
      using screen = await open(keys);
      await screen.press('q');
      expect(screen.effects).toEqual(quits ? [{ type: 'quit' }] : []);
      screen.effects.length = 0;
      await screen.press(KEY.ctrl('z'), KEY.ctrl('c'));
      expect(screen.effects).toEqual([{ type: 'suspend' }, { type: 'quit' }]);
    }
  });

  it('r and Ctrl-L ask for a look now', async () => {
    using screen = await open(['r', KEY.ctrl('l')]);
    expect(screen.effects).toEqual([{ type: 'refresh' }, { type: 'refresh' }]);
  });
});

describe('keys that come together', () => {
  it('are each heard, one after the other', async () => {
    using screen = await open(['/1013\rjj']);
    expect(screen.lines[1]).toContain('/1013  1 shown');
    expect(screen.state.focus).toBe('table');
    await screen.press('2/40000\r');
    expect(screen.state.view).toBe('sockets');
    expect(screen.lines[1]).toContain('/40000  1 shown');
  });

  it('move as far as they say', async () => {
    using screen = await open(['jjjj\x1b[B\x1b[Bk']);
    expect(port(screen)).toBe(1005);
  });
});

describe('what is pasted', () => {
  const paste = (text: string) => `\x1b[200~${text}\x1b[201~`;

  it('is typed where text is typed, on one line', async () => {
    using screen = await open(['/', paste('server5\n\n100')]);
    expect(screen.state.filterLine.text).toBe('server5 100');
    await screen.escape();
    await screen.press('4', paste('cadlock2'));
    expect(screen.text).toContain('1 found');
  });

  it('does nothing elsewhere', async () => {
    using screen = await open();
    const { state } = screen;
    await screen.press(paste('qjjG\r/x\x03'));
    expect(screen.state).toBe(state);
    expect(screen.effects).toEqual([]);
  });

  it('is shown, not done', async () => {
    using screen = await open(['/', paste('\x1b[35mx\x07')]);
    expect(screen.lines.at(-1)).toMatch(/^ \/\\e\[35mx\\x07 /);
    expect(screen.frame).not.toContain('\x1b[35m');
  });
});

describe('a frame', () => {
  const few = many.slice(0, 5);
  /** How many frames these bring. */
  async function frames(screen: Screen, change: () => Promise<void>): Promise<number> {
    const before = screen.frames.length;
    await change();
    return screen.frames.length - before;
  }

  it('is not drawn for a sample that looks the same, and is for one that differs', async () => {
    using screen = await open([], few);
    expect(await frames(screen, () => screen.sample(few, { at: 1, ...named }))).toBe(0);
    expect(await frames(screen, () => screen.sample(few.slice(1), { at: 2, ...named }))).toBe(1);
    expect(screen.text).toMatch(/^▌?- +1000 /m);
  });

  it('is not drawn for a host that was only looked at, unless what it counts differs', async () => {
    using screen = await open([], few);
    const looked = (connected: number) =>
      ({ type: 'looked', now: NOON + 1000, connected, freshness: null }) as const;
    await screen.dispatch(looked(7));
    expect(screen.lines[0]).toContain('7 connected');
    expect(await frames(screen, () => screen.dispatch(looked(7)))).toBe(0);
    expect(await frames(screen, () => screen.dispatch(looked(8)))).toBe(1);
    expect(screen.lines[0]).toContain('8 connected');
  });

  it('is not drawn for a change out of sight, and shows it when it comes into sight', async () => {
    using screen = await open();
    const changed = many.map((socket, at) => (at === 55 ? { ...socket, owners: [held('late', 9)] } : socket));
    const rest = [dns, client];
    expect(await frames(screen, () => screen.sample([...changed, ...rest], { at: 1, ...named }))).toBe(0);
    await screen.press('G');
    expect(screen.line(' 1055 ')).toContain('late');
  });

  it('is drawn for what the details say, and not for what they do not', async () => {
    using screen = await open([KEY.enter], few);
    await screen.dispatch(processOf(100));
    expect(await frames(screen, () => screen.dispatch(processOf(100)))).toBe(0);
    expect(await frames(screen, () => screen.dispatch(processOf(100, { cwd: '/srv' })))).toBe(1);
    expect(screen.text).toContain('/srv');
  });

  it('shows rows that were out of sight when the terminal becomes larger', async () => {
    using screen = await open();
    const changed = many.map((socket, at) => (at === 30 ? { ...socket, owners: [held('late', 9)] } : socket));
    await screen.sample([...changed, dns, client], { at: 1, ...named });
    await screen.resize({ columns: 80, rows: 60 });
    expect(screen.line(' 1030 ')).toContain('late');
  });
});

describe('a registry that is read after the first frame', () => {
  const sockets = [tcp('0.0.0.0:22', { owners: [held('sshd', 700)] })];

  it('is told of in the services beside the details, though no row changes', async () => {
    const services = new Services([]);
    using screen = await openScreen({ size: { columns: 120, rows: 40 }, sockets, services });
    await screen.press(KEY.enter);
    expect(screen.text).toContain('not read yet');
    await services.loadRegistry();
    await screen.dispatch({ type: 'renamed', snapshot: (screen.state.sample as Sample).snapshot.renamed() });
    expect(screen.text).not.toContain('not read yet');
    expect(screen.text).toContain('ssh, 22/tcp');
  });

  it('is told of in the view of services', async () => {
    const services = new Services([]);
    using screen = await openScreen({ sockets, services });
    await screen.press('4');
    expect(screen.text).toContain('reading the IANA registry');
    await services.loadRegistry();
    await screen.dispatch({ type: 'renamed', snapshot: (screen.state.sample as Sample).snapshot.renamed() });
    expect(screen.text).not.toContain('reading the IANA registry');
    expect(screen.line(/^ +ssh /)).toContain('22/tcp');
  });
});

describe('the services of the ports in use', () => {
  it('follow the sockets of the host, also those that the table behind does not show', async () => {
    const services = new Services([service('http', 80), service('ssh', 22)]);
    const [ssh, web] = [tcp('0.0.0.0:22'), tcp('0.0.0.0:80')];
    using screen = await openScreen({ sockets: [ssh], services });
    await screen.press('/', 'nothing', KEY.enter, '4');
    expect(screen.text).not.toContain('80/tcp');
    await screen.sample([ssh, web], { at: 1 });
    expect(screen.text).toContain('80/tcp');
  });
});
