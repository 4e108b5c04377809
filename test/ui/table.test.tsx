import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { connection, held, NOON, type SocketLiteral, tcp, udp } from '../helpers/snapshots.ts';
import { fakeHost, settled, spend, stopTheClock } from '../store/fake-host.ts';
import { KEY, nameOf, openScreen, plain, type Screen, SIZES } from './screen.tsx';

const ssh = tcp('0.0.0.0:22', { owners: [held('sshd', 700)] });
const web = tcp('0.0.0.0:80', { uid: 33, owners: [held('nginx', 812), held('nginx', 813)] });
const dns = udp('127.0.0.53:53', { uid: 101, owners: [held('systemd-resolve', 500)] });
const nfs = tcp('[::]:2049');
const client = connection('10.0.0.1:80', '10.0.0.2:40000', { uid: 33, owners: [held('nginx', 813)] });
const users = { 0: 'root', 33: 'www-data' };
const services = { '80/tcp': 'http', '53/udp': 'domain' };
const circumstances = { users, services };

const wide = { columns: 200, rows: 40 };
const heading = (screen: Screen) => screen.line(/ OWNER[▲▼]? /);
/** The lines of the table that have a row. */
const rows = (screen: Screen) => screen.lines.filter((line) => / (tcp|udp)6? /.test(line));
/** What stands in a column, by the place of its title. */
function cell(screen: Screen, line: string, title: string): string {
  const at = heading(screen).indexOf(title);
  return line.slice(at).split('  ')[0] as string;
}

describe('the header', () => {
  it.each(SIZES)(
    'tells what listens, what is connected and what has no owner, at $columns columns',
    async (size) => {
      using screen = await openScreen({ size, sockets: [ssh, web, dns, nfs, client] });
      expect(screen.lines[0]).toMatch(/^ porttop {2}web-3 {2}3 listening {2}1 connected {2}1 unowned/);
      expect(screen.lines[0]).toMatch(/ every 1s *$/);
    },
  );

  it('says what would name the owners, to whom it would help', async () => {
    using user = await openScreen({ sockets: [nfs], uid: 1000 });
    expect(user.lines[0]).toContain('1 unowned: run as root to name them');
    using root = await openScreen({ sockets: [nfs], uid: 0 });
    expect(root.lines[0]).toMatch(/1 unowned {2,}by \/proc\/net {2}every/);
  });

  it('counts no socket that the kernel alone has', async () => {
    const waiting = connection('10.0.0.1:80', '10.0.0.2:4', { state: 'TIME_WAIT' });
    using screen = await openScreen({ sockets: [ssh, waiting] });
    expect(screen.lines[0]).not.toContain('unowned');
    expect(screen.lines[0]).toContain('0 connected');
  });

  it('says that it still reads, and that it still looks for owners', async () => {
    using screen = await openScreen();
    expect(screen.lines[0]).toContain('reading…');
    await screen.sample([ssh], { unowned: true });
    expect(screen.lines[0]).toContain('1 listening  0 connected  finding owners…');
    await screen.dispatch({ type: 'looked', now: NOON, asked: 34 });
    expect(screen.lines[0]).toContain('finding owners… 34%');
    await screen.sample([ssh]);
    expect(screen.lines[0]).not.toContain('finding');
  });

  it('says how many rows came and went, that it is paused, and how often it looks', async () => {
    using screen = await openScreen({ sockets: [ssh, web] });
    await screen.sample([ssh, nfs, dns], { at: 1 });
    await screen.press('p', '+');
    expect(screen.lines[0]).toMatch(/ \+2 {2}-1 {2}paused {2}by \/proc\/net {2}every 2s$/);
    await screen.press('p', '-', '-');
    expect(screen.lines[0]).toMatch(/ \+2 {2}-1 {2}by \/proc\/net {2}every 0.5s$/);
  });
});

describe('what stands in the header', () => {
  it.each([80, 100, 120])(
    'stays when something opens, and while it is paused, at %i columns',
    async (columns) => {
      using screen = await openScreen({ size: { columns, rows: 30 }, sockets: [ssh, web] });
      await screen.dispatch({ type: 'looked', now: screen.state.now, connected: 312 });
      const places = () =>
        ['listening', 'connected', 'web-3', '▁'].map((what) => screen.lines[0]?.indexOf(what));
      const before = places();
      await screen.sample([ssh, web, dns], { at: 1 });
      await screen.dispatch({ type: 'looked', now: screen.state.now, connected: 312 });
      expect(screen.lines[0]).toContain('+1');
      expect(places()).toEqual(before);
      await screen.press('p');
      expect(screen.lines[0]).toContain('paused');
      expect(places()).toEqual(before);
    },
  );
});

describe('the line of views', () => {
  it('tells what narrows the rows, and how many are left', async () => {
    using screen = await openScreen({
      sockets: [ssh, web, dns],
      state: {
        targets: [
          { protocol: 'tcp', address: '0.0.0.0', scope: null, ports: [{ from: 20, to: 99 }] },
          { protocol: null, address: null, scope: null, ports: [{ from: 53, to: 53 }] },
        ],
      },
    });
    expect(screen.lines[1]).toMatch(/tcp@0\.0\.0\.0:20-99 {2}:53 {2}3 shown/);
    await screen.press('u', '/', 'ngi', KEY.enter);
    expect(screen.lines[1]).toMatch(/\/ngi {2}no udp {2}1 shown/);
  });

  it.each([80, 120])(
    'has room for a filter of several words at %i columns, and its count',
    async (columns) => {
      using screen = await openScreen({ size: { columns, rows: 24 }, sockets: [ssh, web, dns] });
      await screen.press('/', 'port:22,80 user:root', KEY.enter);
      expect(screen.lines[1]).toMatch(/^ 1 Listening .* {2}\/port:22,80 user:root {2}\d shown/);
      await screen.press('n');
      expect(screen.lines[1]).toContain('numbers (n)');
      // The others are still there to be clicked on.
      await screen.press(`\x1b[<0;${(screen.lines[1]?.indexOf(' 3 ') ?? 0) + 2};2M`);
      expect(screen.state.view).toBe('processes');
    },
  );

  it('says where the selection is, when not every row is in sight', async () => {
    const many = Array.from({ length: 50 }, (_, at) => tcp(`0.0.0.0:${1000 + at}`));
    using screen = await openScreen({ size: { columns: 80, rows: 24 }, sockets: many });
    expect(screen.lines[1]).toMatch(/ 1\/50$/);
    await screen.press('G');
    expect(screen.lines[1]).toMatch(/ 50\/50$/);
    using short = await openScreen({ size: { columns: 80, rows: 24 }, sockets: [ssh, web] });
    expect(short.lines[1]).not.toMatch(/\/2/);
  });

  it('says why nothing could be read', async () => {
    using screen = await openScreen({ sockets: [ssh, web] });
    await screen.dispatch({ type: 'failed', why: 'cannot read /proc/self/net/tcp: not allowed' });
    expect(screen.lines.at(-1)).toContain('trying again: cannot read /proc/self/net/tcp: not allowed');
    expect(screen.lines[1]).toMatch(/rows of \d\d:\d\d:\d\d$/);
    // They stay, and are not as they are while they are true.
    expect(rows(screen)).toHaveLength(2);
    const second = () => screen.frame.split('\n').find((line) => line.includes('nginx'));
    expect(second()).toMatch(/^ {4}\x1b\[2m[^\x1b]*\x1b\[22m$/);
    await screen.sample([ssh, web], { at: 1 });
    expect(second()).not.toMatch(/^ {4}\x1b\[2m[^\x1b]*\x1b\[22m$/);
    expect(screen.text).not.toMatch(/cannot read|rows of/);
  });

  it('says why nothing could be read from the start', async () => {
    using screen = await openScreen();
    await screen.dispatch(
      { type: 'failed', why: 'cannot read /proc/self/net/tcp: not allowed' },
      { type: 'pause' },
    );
    expect(screen.lines[0]).toContain('not read');
    expect(screen.text).toContain('   nothing could be read yet');
    expect(screen.lines[1]).not.toContain('rows of');
    expect(screen.lines.at(-1)).toContain('paused, r tries again: cannot read');
  });
});

describe('the table', () => {
  it('has a line for each row, a fact under each title', async () => {
    using screen = await openScreen({ size: wide, sockets: [ssh, web, dns, nfs], circumstances });
    const line = screen.line('nginx');
    const facts = ['SERVICE', 'PROTO', 'ADDRESS', 'REACH', 'OWNER', 'USER'].map((title) =>
      cell(screen, line, title),
    );
    expect(facts).toEqual(['http', 'tcp', '0.0.0.0', 'all', 'nginx ×2', 'www-data']);
    expect(line).toMatch(/^ +80 .* 812 /);
    expect(rows(screen).map((row) => Number(row.slice(1, 9)))).toEqual([22, 53, 80, 2049]);
  });

  it('says in one place by what it is sorted, and which way', async () => {
    using screen = await openScreen({ size: wide, sockets: [ssh] });
    expect(heading(screen)).toContain('PORT▲');
    await screen.press('S');
    expect(heading(screen)).toContain('PORT▼');
    await screen.press('>');
    expect(heading(screen)).toContain('SERVICE▲');
    expect(heading(screen)).not.toContain('PORT▼');
  });

  it('puts numbers right and words left, each under its title', async () => {
    using screen = await openScreen({ size: wide, sockets: [ssh, web, nfs], circumstances });
    const end = (title: string) => heading(screen).indexOf(title) + title.length;
    expect(screen.line('nginx').slice(0, end('PID'))).toMatch(/ 812$/);
    expect(screen.line('sshd').slice(0, end('PID'))).toMatch(/ 700$/);
    expect(screen.line('kernel or namespace').slice(0, end('PID'))).toMatch(/ –$/);
  });

  it.each(SIZES)('marks the selected row at $columns columns, and follows the keys', async (size) => {
    using screen = await openScreen({ size, sockets: [ssh, web, nfs] });
    const selected = () => screen.lines.filter((line) => line.startsWith('▌')).map((line) => line.trim());
    expect(selected()).toEqual([expect.stringContaining('sshd')]);
    await screen.press('j');
    expect(selected()).toEqual([expect.stringContaining('nginx')]);
    await screen.press(KEY.up);
    expect(selected()).toEqual([expect.stringContaining('sshd')]);
  });

  it('shows the selected row with what no colour takes away: the marker, and inverse', async () => {
    using screen = await openScreen({ colour: false, sockets: [ssh, web] });
    const line = screen.frame.split('\n').find((each) => each.includes('sshd'));
    expect(line).toContain('\x1b[7m');
    expect(screen.frame.split('\n').find((each) => each.includes('nginx'))).not.toContain('\x1b[7m');
  });

  it('marks what came and what went, until their time is over', async () => {
    using screen = await openScreen({ sockets: [ssh, web] });
    await screen.sample([ssh, nfs], { at: 1 });
    expect(screen.line('nginx')).toMatch(/^ - +80 /);
    expect(screen.line('2049')).toMatch(/^ \+ +2049 /);
    expect(screen.line('sshd')).toMatch(/^▌ +22 /);
    await screen.press('j');
    expect(screen.line('nginx')).toMatch(/^▌- +80 /);
    await screen.sample([ssh, nfs], { at: 7 });
    expect(screen.line('2049')).toMatch(/^▌ +2049 /);
    expect(screen.text).not.toContain('nginx');
  });

  it('shows other rows when the selection leaves those in sight', async () => {
    const many = Array.from({ length: 100 }, (_, index) => tcp(`0.0.0.0:${1000 + index}`));
    using screen = await openScreen({ size: { columns: 80, rows: 24 }, sockets: many });
    const ports = () => rows(screen).map((row) => Number(row.slice(1, 9)));
    const first = ports();
    expect(first[0]).toBe(1000);
    expect(first).toHaveLength(20);
    await screen.press('G');
    expect(ports().at(-1)).toBe(1099);
    expect(ports()).toHaveLength(20);
    await screen.press('g', KEY.pageDown);
    expect(screen.lines.find((line) => line.startsWith('▌'))).toMatch(/^▌ +1020 /);
    await screen.press(KEY.ctrl('u'));
    expect(screen.lines.find((line) => line.startsWith('▌'))).toMatch(/^▌ +1010 /);
    await screen.press(KEY.end);
    for (let press = 0; press < 5; press++) await screen.press('k');
    expect(ports().at(-1)).toBe(1099);
  });

  it('keeps its columns where they are, whatever is in sight', async () => {
    const many = Array.from({ length: 100 }, (_, index) =>
      tcp(`0.0.0.0:${1000 + index}`, { owners: [held('x'.repeat(1 + (index % 15)), 100 + index)] }),
    );
    using screen = await openScreen({ sockets: many });
    const before = heading(screen);
    await screen.press('G');
    expect(heading(screen)).toBe(before);
    await screen.press('/', 'xxxxxxxxxxxxxxx', KEY.enter);
    expect(heading(screen)).toBe(before);
    await screen.sample(many, { at: 9 });
    expect(heading(screen)).toBe(before);
    // There is room for "closed 0s" before something closes.
    await screen.sample(many.slice(0, 2), { at: 10 });
    expect(screen.text).toContain('closed 0s');
    expect(heading(screen)).toBe(before);
    await screen.sample(many.slice(0, 2), { at: 20 });
    expect(heading(screen)).toBe(before);
  });

  it('says that it reads, that there is nothing, that nothing matches, and what then helps', async () => {
    using screen = await openScreen();
    expect(screen.text).toContain('   reading…');
    await screen.sample([]);
    expect(screen.text).toContain('   no socket listens');
    await screen.press('2');
    expect(screen.text).toMatch(/ {3}no socket *\n/);
    await screen.press('1');
    await screen.sample([ssh], { at: 1 });
    await screen.press('/', 'zzz', KEY.enter);
    expect(screen.text).toMatch(
      /nothing matches *\n {5}\/zzz +Esc clears the filter *\n {5}only what listens +2 shows conn/,
    );
    await screen.escape();
    expect(rows(screen)).toHaveLength(1);
    await screen.press('t');
    expect(screen.text).toMatch(/nothing matches *\n {5}no tcp +t shows them *\n/);
  });

  it('says of all that narrows it how to take it away, and in what order', async () => {
    const state = {
      targets: [{ protocol: null, address: null, scope: null, ports: [{ from: 1, to: 9 }] }],
      pids: new Set([7]),
    };
    using screen = await openScreen({ sockets: [ssh], state });
    await screen.press('/', 'zzz', KEY.enter, 'u', '2');
    const shows = (...lines: string[]) =>
      expect(screen.text).toMatch(
        new RegExp(`nothing matches *\n${lines.map((line) => ` +${line} *\n`).join('')} *\n`),
      );
    await screen.press('1');
    shows(
      '/zzz +Esc clears the filter',
      ':1-9 +Esc Esc shows every port',
      'pid 7 +Esc Esc shows every process',
      'no udp +u shows them',
      'only what listens +2 shows connections too',
    );
    await screen.escape();
    shows(
      ':1-9 +Esc shows every port',
      'pid 7 +Esc shows every process',
      'no udp +u shows them',
      'only what listens +2 shows connections too',
    );
    await screen.escape();
    expect(screen.text).not.toContain('nothing matches');
    expect(screen.line(/^▌/)).toContain(' 22 ');
  });
});

describe('a missing owner', () => {
  it('says why, in words', async () => {
    const sockets = [
      nfs,
      connection('10.0.0.1:80', '10.0.0.2:4', { state: 'TIME_WAIT' }),
      connection('10.0.0.1:80', '10.0.0.2:5', { inode: 0 }),
      connection('10.0.0.1:80', '10.0.0.2:6', { state: 'LAST_ACK', inode: 0 }),
    ];
    using screen = await openScreen({ size: wide, sockets, state: { view: 'sockets' } });
    for (const words of [
      '? kernel or namespace',
      '– closed, waiting',
      '– not yet accepted',
      '– closed by its owner',
    ]) {
      expect(screen.text).toContain(words);
    }
    using forbidden = await openScreen({ sockets: [nfs], circumstances: { unreadable: { 7: 'EACCES' } } });
    expect(forbidden.text).toContain('? not allowed');
  });

  it('is not known yet before anybody has looked: … stands for name and pid', async () => {
    const waiting = connection('10.0.0.1:80', '10.0.0.2:4', { state: 'TIME_WAIT' });
    using screen = await openScreen({
      size: wide,
      sockets: [web, waiting],
      circumstances: { unowned: true },
      state: { view: 'sockets' },
    });
    const line = screen.line('LISTEN');
    expect(cell(screen, line, 'OWNER')).toBe('…');
    expect(line.slice(0, heading(screen).indexOf('PID') + 3)).toMatch(/ …$/);
    expect(screen.text).not.toMatch(/\? (kernel|not allowed)/);
    expect(screen.text).toContain('– closed, waiting');
    await screen.sample([web, waiting]);
    expect(cell(screen, screen.line('LISTEN'), 'OWNER')).toBe('nginx ×2');
  });

  describe('of a socket that is new', () => {
    beforeEach(stopTheClock);
    afterEach(() => {
      vi.useRealTimers();
      vi.restoreAllMocks();
    });

    test('is not told before the walk that looks for it is over', async () => {
      const host = fakeHost();
      host.users.answer(33, 'www-data');
      host.has(ssh);
      using screen = await openScreen({ store: host.store });
      const running = host.sampler.run();
      await settled();
      expect(screen.text).toContain('sshd');
      host.has(ssh, web);
      // Long enough for a slice to be over, and for a frame to be drawn.
      host.procfs.onWalk = () => spend(50);
      host.sampler.hurry();
      await settled();
      host.sampler.stop();
      await running;
      const told = screen.frames
        .map(plain)
        .flatMap((frame) => frame.split('\n').filter((line) => / 80 /.test(line)));
      expect(told.at(-1)).toContain('nginx');
      expect(told.filter((line) => line.includes('?'))).toEqual([]);
    });
  });
});

describe('at the right edge', () => {
  const long: SocketLiteral[] = [
    ssh,
    tcp('[2001:db8:1111:2222:3333:4444:5555:6666]:443', { owners: [held('nginx', 812)] }),
    tcp('0.0.0.0:5432', { owners: [held('postgres-with-a-long-name', 4_194_304)] }),
  ];

  it.each([80, 100])('every pid is whole at %i columns, selected or not', async (columns) => {
    using screen = await openScreen({ size: { columns, rows: 24 }, sockets: long });
    for (const _ of [1, 2]) {
      expect(screen.line('5432')).toMatch(/ 4194304( |$)/);
      expect(screen.line(' 443 ')).toMatch(/ 812( |$)/);
      expect(heading(screen)).toMatch(/ PID( |$)/);
      await screen.press('G');
    }
  });

  test.each(['listening', 'sockets'] as const)(
    'a row of the view %s is the same whether it is selected or not',
    async (view) => {
      for (const columns of [80, 81, 90, 100, 111, 112, 120, 140]) {
        using screen = await openScreen({ size: { columns, rows: 24 }, sockets: long, state: { view } });
        const text = () => screen.line('postgres').slice(3).trimEnd();
        const before = text();
        await screen.press('G');
        expect(text(), nameOf(screen.size)).toBe(before);
      }
    },
  );
});

describe('wide characters', () => {
  it.each(SIZES)('push no column away at $columns columns', async (size) => {
    const { default: stringWidth } = await import('string-width');
    const names = ['plain', '端口监听服务', 'ﾊﾝｶｸ', '🦊fox', 'e\u0301e\u0301', '한국어서버'];
    const sockets = names.map((name, index) =>
      tcp(`127.0.0.1:${1000 + index}`, { owners: [held(name, 5000 + index)] }),
    );
    using screen = await openScreen({ size, sockets });
    const ends = names.map((_, index) => {
      const line = screen.line(String(5000 + index));
      return stringWidth(line.slice(0, line.indexOf(String(5000 + index))));
    });
    expect(new Set(ends).size).toBe(1);
  });
});
