import { describe, expect, it } from 'vitest';
import { columnsNamed } from '../../src/query/columns.ts';
import { connection, held, type SocketLiteral, tcp, udp } from '../helpers/snapshots.ts';
import { expectSound, KEY, nameOf, openScreen, type Screen, SIZES } from './screen.tsx';

const owners = [held('nginx', 812, { args: 'nginx: master process' })];
const web = tcp('0.0.0.0:80', { inode: 1, recvQueue: 61, sendQueue: 511, owners });
const web6 = tcp('[::]:80', { inode: 2, sendQueue: 511, owners });
const full = tcp('127.0.0.1:5432', {
  inode: 3,
  recvQueue: 245,
  sendQueue: 244,
  owners: [held('postgres', 900)],
});
const dns = udp('127.0.0.53:53', { owners: [held('systemd-resolve', 500)] });
const sockets: readonly SocketLiteral[] = [web, web6, full, dns];
const circumstances = { source: 'sock_diag', cgroups: { 'pid 812': '/system.slice/nginx.service' } } as const;

const open = (columns: number, more: object = {}) =>
  openScreen({ size: { columns, rows: 40 }, sockets, circumstances, ...more });
const titles = (screen: Screen) =>
  screen
    .line(/ OWNER/)
    .trim()
    .replaceAll(/[▲▼]| ›/g, ' ')
    .trim()
    .split(/ {2,}/);

describe('the listening view', () => {
  it('has what matters most at 80 columns, and more by itself where there is room', async () => {
    using narrow = await open(80);
    expect(titles(narrow)).toEqual(
      expect.arrayContaining(['PORT', 'SERVICE', 'PROTO', 'ADDRESS', 'OWNER', 'PID', 'QUEUE']),
    );
    expect(narrow.line(' 5432 ')).toContain(' 245/244!');
    using wide = await open(200);
    expect(titles(wide)).toEqual(
      expect.arrayContaining(['CONN', 'QUEUE', 'UP', 'CONNECTIONS', 'UNIT OR CONTAINER', 'COMMAND LINE']),
    );
    expect(wide.line(' 80 ')).toMatch(/nginx\.service +nginx: master process/);
  });

  it('draws how full a queue is, and marks one that takes no more', async () => {
    using screen = await open(140);
    expect(screen.line(' 80 ')).toMatch(/▓░░░ +61\/511/);
    expect(screen.line(' 5432 ')).toContain('▓▓▓▓ 245/244!');
    const red = screen.frame.split('\n').find((line) => line.includes('245/244!'));
    expect(red).toMatch(/\x1b\[31m[^\x1b]*▓▓▓▓ 245\/244!/);
  });

  it('draws the gauges of all rows or of none', async () => {
    for (let columns = 80; columns < 160; columns++) {
      using screen = await open(columns);
      const drawn = [' 80 ', ' 5432 '].map((port) => /[▓░]/.test(screen.line(port)));
      expect(drawn[0], `${columns} columns`).toBe(drawn[1]);
    }
  });

  it('marks a full queue at the edge where its column has no room', async () => {
    const columns = columnsNamed(['port', 'queue', 'local', 'command', 'pid', 'user', 'within', 'args']);
    using screen = await open(80, { state: { columns } });
    expect(screen.line(' 5432 ')).toMatch(/^ {2,}5432 /);
    await screen.press(KEY.right);
    expect(titles(screen)).not.toContain('QUEUE');
    expect(screen.line(' 5432 ')).toMatch(/^ ! +5432 /);
    expect(screen.line(' 80 ')).toMatch(/^▌? *▸ +80 /);
    using wide = await open(140);
    expect(wide.line(' 5432 ')).toMatch(/^ {2,}5432 /);
  });

  it.each([80, 120])(
    'moves nothing when a queue fills and a socket closes, at %i columns',
    async (columns) => {
      const calm = [web, web6, { ...full, recvQueue: 0 }, dns];
      using screen = await open(columns, { sockets: calm });
      const heading = screen.line(/ OWNER/);
      await screen.sample([web, full], { ...circumstances, at: 1 });
      expect(screen.line(' 5432 ')).toContain('245/244!');
      expect(screen.text).toMatch(/^[▌ ]- +53 /m);
      expect(screen.line(/ OWNER/)).toBe(heading);
    },
  );

  it('has the sockets of a port in one row, and opens it', async () => {
    using screen = await open(140);
    await screen.press(KEY.down);
    expect(screen.line(' 80 ')).toMatch(/^▌ ▸ {3}80 .* tcp +0\.0\.0\.0 {2}:: /);
    await screen.press('z');
    expect(screen.line(/ tcp +0\.0\.0\.0 /)).toMatch(/^▌ ▾/);
    expect(screen.line(/ tcp6 +:: /)).toMatch(/^ {2}└/);
  });
});

describe('the view of all sockets', () => {
  const client = connection('192.168.100.200:54321', '203.0.113.200:443', {
    recvQueue: 60_000,
    owners: [held('python3', 7983)],
  });
  const all = (columns: number) =>
    open(columns, { sockets: [...sockets, client], state: { view: 'sockets' } });

  it('has what netstat has at 80 columns, and the queues as soon as there is room', async () => {
    using narrow = await all(80);
    expect(titles(narrow)).toEqual(['PROTO', 'STATE', 'LOCAL', 'REMOTE', 'OWNER', 'PID']);
    using wider = await all(100);
    expect(titles(wider)).toEqual(expect.arrayContaining(['RECV-Q', 'SEND-Q']));
  });

  it('keeps the port of an end that is too long', async () => {
    using screen = await all(80);
    expect(screen.line(' python3 ')).toMatch(/ 192\.\S*…:54321 +203\.\S*…?:443 /);
  });

  it('marks what waits in a queue that has no room, and only then', async () => {
    using narrow = await all(80);
    expect(narrow.line(' python3 ')).toMatch(/^[▌ ]! /);
    expect(narrow.line(':5432 ')).toMatch(/^[▌ ]! /);
    expect(narrow.line('127.0.0.53:53 ')).toMatch(/^[▌ ] {2}/);
    using wide = await all(140);
    expect(wide.line(' python3 ')).toMatch(/^[▌ ] {2}.* 60000 /);
  });
});

describe('the columns', () => {
  it('beside the screen are told of at once, with the keys for them', async () => {
    using narrow = await open(80);
    expect(narrow.lines.at(-1)).toContain('←→ more columns');
    using wide = await open(300);
    expect(wide.lines.at(-1)).not.toContain('more columns');
  });

  it.each(SIZES)(`are chosen in a pane that is sound at $columns columns`, async (size) => {
    using screen = await openScreen({ size, sockets, circumstances });
    await screen.press('c');
    expectSound(screen.frame, size);
    expect(screen.line('[x] PORT'), nameOf(size)).toContain('the port of this end');
    expect(screen.text).toContain('the rows are sorted by it: it stays');
    await screen.press(KEY.down, ' ');
    expect(screen.line('SERVICE')).toContain('[ ] SERVICE');
    expect(screen.line(/ OWNER[▲▼]? /)).not.toContain('SERVICE');
    await screen.escape();
    expect(screen.line(/ OWNER[▲▼]? /)).toContain('SERVICE');
  });
});

describe('how many are connected', () => {
  const connections = { 1: 3, 2: 1, 3: 7 };
  const looked = (now: number, connected: number) => ({ type: 'looked', now, connected }) as const;

  it('is drawn of the last minute: of the host, and of the selected listener', async () => {
    using screen = await open(160, { circumstances: { ...circumstances, connections } });
    const { now } = screen.state;
    await screen.press(KEY.down);
    await screen.sample(sockets, { ...circumstances, connections, at: 1 });
    await screen.dispatch(looked(now + 1000, 4));
    expect(screen.lines[0]).toContain('4 connected  ▁▁▁▁▁▁▁▁▁▁▁▁');
    expect(screen.line('1 Listening')).toContain(':80 ▁▁▁▁▁▁▁▁▁▁▁▁');
    const steady = screen.frames.length;
    await screen.dispatch(looked(now + 6000, 4), looked(now + 11_000, 4));
    expect(screen.frames.length).toBe(steady);
    await screen.dispatch(looked(now + 16_000, 8));
    expect(screen.lines[0]).toMatch(/8 connected {2} *▁▁▁█ /);
    await screen.sample(sockets, { ...circumstances, connections: { 1: 9, 2: 9 }, at: 21 });
    expect(screen.line('1 Listening')).toMatch(/:80 +▁.*█/);
  });

  it('is quiet, and says how old, where it is counted seldom', async () => {
    using screen = await open(160, { circumstances: { ...circumstances, connections } });
    await screen.dispatch(looked(screen.state.now, 4));
    const heading = screen.line(/ OWNER/);
    await screen.press(KEY.down);
    const now = screen.line('1 Listening');
    expect(screen.frame.split('\n').find((line) => line.includes('5432 '))).not.toMatch(
      /\x1b\[2m[^\x1b]* 7 /,
    );
    await screen.dispatch({ ...looked(screen.state.now, 4), counted: 60_000 });
    expect(screen.line('1 Listening')).toBe(`${now} <1m ago`);
    expect(screen.line(/ OWNER/)).toBe(heading);
    expect(screen.frame.split('\n').find((line) => line.includes('5432 '))).toMatch(/\x1b\[2m[^\x1b]* 7 /);
  });
});
