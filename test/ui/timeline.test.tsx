import { describe, expect, it, test } from 'vitest';
import { Services } from '../../src/services/services.ts';
import { connection, held, tcp, udp } from '../helpers/snapshots.ts';
import { expectSound, KEY, openScreen, processOf, type Screen, SIZES, service } from './screen.tsx';

const ssh = tcp('0.0.0.0:22', { owners: [held('sshd', 700)] });
const web = tcp('127.0.0.1:80', { owners: [held('nginx', 812, { started: '2026-11-23T11:00:00.000Z' })] });
const dns = udp('127.0.0.1:53', { owners: [held('named', 600)], uid: 33 });
const peer = connection('127.0.0.1:80', '10.0.0.2:40000', { owners: [held('nginx', 812)] });

const services = new Services([service('http', 80)]);
const circumstances = { users: { 0: 'root', 33: 'bind' }, services: { '80/tcp': 'http' } };

/** ssh was there; then the others came, and http went. */
async function open(size = { columns: 120, rows: 40 }): Promise<Screen> {
  const screen = await openScreen({ size, sockets: [ssh], circumstances, services });
  await screen.sample([ssh, web, dns, peer], { at: 1, ...circumstances });
  await screen.sample([ssh, dns], { at: 2, ...circumstances });
  await screen.press('5');
  return screen;
}
/** When, what and where, of each row. */
const rows = (screen: Screen) =>
  screen.lines.flatMap(
    (line) => /^[▌ ] {3}(\d\d:\d\d:\d\d .*)$/.exec(line)?.[1]?.replaceAll(/ +/g, ' ').trim() ?? [],
  );
const clock = (second: number) => {
  const time = new Date(Date.parse('2026-11-23T12:00:00.000Z') + second * 1000);
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((n) => String(n).padStart(2, '0'))
    .join(':');
};

describe('the timeline', () => {
  it('tells when what happened, to what, and who had it: the newest first', async () => {
    using screen = await open();
    expect(screen.lines[1]).toContain('5 Timeline');
    expect(rows(screen)).toEqual([
      `${clock(2)} <10s closed 80 http tcp 127.0.0.1 nginx 812 root`,
      `${clock(1)} <10s opened 53 – udp 127.0.0.1 named 600 bind`,
      `${clock(1)} <10s opened 80 http tcp 127.0.0.1 nginx 812 root`,
    ]);
    expect(screen.lines[0]).toMatch(/ \+2 {2}-1 {2}/);
  });

  it('has connections with a, and says so', async () => {
    using screen = await open();
    await screen.press('a');
    expect(screen.lines[1]).toMatch(/ with connections/);
    expect(rows(screen)[0]).toContain(' closed 80 http tcp 127.0.0.1 10.0.0.2:40000 nginx 812 root');
    await screen.press('a');
    expect(rows(screen)).toHaveLength(3);
  });

  it.each(SIZES)('is sound at $columns columns, and says when, what, which port and who', async (size) => {
    using screen = await open(size);
    await screen.press('a');
    expectSound(screen.frame, size);
    for (const row of rows(screen).slice(0, 3))
      expect(row).toMatch(/^[\d:]{8}.* (opened|closed) .*\d.* (nginx|named)/);
    expect(screen.line('WHEN')).toContain('REMOTE');
  });

  it('offers no key that does nothing there', async () => {
    using screen = await open({ columns: 200, rows: 40 });
    expect(screen.lines.at(-1)).toContain('a connections');
    expect(screen.lines.at(-1)).not.toMatch(/columns|pin|follow/);
  });

  it('is filtered and sorted as every table', async () => {
    using screen = await open();
    await screen.press('/', ...'event:opened', KEY.enter);
    expect(rows(screen)).toHaveLength(2);
    await screen.press('/', KEY.ctrl('u'), ...'event:x');
    expect(screen.lines.at(-1)).toContain('expected opened, closed, owner, missed');
    await screen.escape();
    await screen.press('S');
    expect(screen.line('WHEN')).toContain('WHEN▲');
  });

  it('says that nothing has happened yet', async () => {
    using screen = await openScreen({ sockets: [ssh] });
    await screen.press('5');
    expect(screen.text).toContain('nothing has opened, closed or changed its owner yet');
  });

  it('keeps the selected row selected when something happens', async () => {
    using screen = await open();
    await screen.press('j');
    expect(screen.line(/^▌/)).toContain(' 53 ');
    await screen.sample([ssh], { at: 3, ...circumstances });
    expect(screen.line(/^▌/)).toMatch(/opened +53 /);
  });

  it('is drawn again only when it looks different', async () => {
    using screen = await open();
    const { length } = screen.frames;
    await screen.sample([ssh, dns], { at: 3, ...circumstances });
    await screen.dispatch({ type: 'looked', now: screen.state.now + 1000 });
    expect(screen.frames).toHaveLength(length);
  });
});

describe('the details of what happened', () => {
  it('say when it was, what is known of the port, and the process if it still lives', async () => {
    using screen = await open();
    await screen.press(KEY.enter);
    await screen.dispatch(processOf(812));
    expect(screen.line(/│[▸ ] event /)).toContain(`closed at ${clock(2)}, <10s ago`);
    expect(screen.line(/│[▸ ] socket /)).toContain('tcp 127.0.0.1:80, LISTEN');
    expect(screen.line(/│[▸ ] owner /)).toContain('nginx 812 fd 3');
    expect(screen.line(/│[▸ ] cmdline /)).toContain('nginx: master process');
    expect(screen.text).toContain('port 80/tcp');
  });

  it('say that the process has ended', async () => {
    using screen = await open();
    await screen.press(KEY.enter);
    await screen.dispatch({ type: 'process', process: { pid: 812, gone: true } });
    expect(screen.line(/│[▸ ] process /)).toContain('! pid 812 has ended');
  });
});

describe('pins', () => {
  test('are marked, and a closed one says since when', async () => {
    using screen = await openScreen({ sockets: [ssh, web], circumstances });
    await screen.press('j', ' ');
    expect(screen.line(' 80 ')).toMatch(/^▌· +80 /);
    await screen.sample([ssh], { at: 1 });
    await screen.sample([ssh], { at: 5 });
    expect(screen.line(' 80 ')).toMatch(/^▌- +80 .* closed 4s .*$/);
    await screen.dispatch({ type: 'looked', now: screen.state.now + 180_000 });
    expect(screen.line(' 80 ')).toMatch(/ closed 3m /);
    await screen.press(' ');
    expect(screen.text).not.toMatch(/^.. +80 /m);
  });

  test('that are followed say what became of them', async () => {
    using screen = await openScreen({ sockets: [ssh, web], circumstances });
    await screen.press('j', 'F');
    expect(screen.lines[1]).toMatch(/ following :80 *$/);
    await screen.sample([ssh], { at: 1 });
    expect(screen.lines[1]).toContain('following :80 (closed)');
    await screen.sample([ssh, { ...web, inode: 99, owners: [held('nginx', 900)] }], { at: 2 });
    expect(screen.lines[1]).toContain('following :80 (pid 812 → 900)');
    expect(screen.line(/^▌/)).toContain(' 900 ');
    await screen.press('F');
    expect(screen.lines[1]).not.toContain('following');
  });

  test('in the view of sockets say it where their state was', async () => {
    using screen = await openScreen({ sockets: [ssh, web], circumstances, state: { view: 'sockets' } });
    await screen.sample([ssh], { at: 1 });
    await screen.sample([ssh], { at: 3 });
    expect(screen.line(':80 ')).toMatch(/^ - {2}tcp +closed 2s +127\.0\.0\.1:80/);
  });
});
