import { describe, expect, it, test } from 'vitest';
import { type ProcessLiteral, processes, running } from '../helpers/processes.ts';
import { held, NOON, tcp } from '../helpers/snapshots.ts';
import { KEY, openScreen, processOf, type Screen } from './screen.tsx';

const users = { 0: 'root', 33: 'www-data' };
const web = tcp('0.0.0.0:80', { owners: [held('nginx', 812), held('nginx', 813)] });
const tls = tcp('0.0.0.0:443', { owners: [held('nginx', 812, { fd: 7 })] });

const started = new Date(NOON);
started.setHours(9, 41);
const init = running('systemd', 1, { ppid: 0, cmdline: ['/sbin/init'] });
const nginx = running('nginx', 812, {
  uid: 33,
  cpuPercent: 12.5,
  memoryPercent: 1.5,
  rssBytes: 47_104 * 1024,
  startedAt: started.getTime(),
  cpuTimeSeconds: 187,
  ports: [80, 443],
  cmdline: ['nginx: master'],
});
const worker = running('nginx', 813, { ppid: 812, uid: 33, ports: [80], cmdline: ['nginx: worker'] });
const sudo = running('sudo', 900, { ports: null });
const all = [init, nginx, worker, sudo];

const look = (there: readonly ProcessLiteral[], at = 0, screen?: Screen) =>
  ({
    type: 'processes',
    processes: processes(there, { at, users, before: screen?.state.processes ?? null }),
  }) as const;

async function open(size = { columns: 120, rows: 40 }): Promise<Screen> {
  const screen = await openScreen({ size, sockets: [web, tls], users, circumstances: { users } });
  await screen.press('3');
  expect(screen.text).toContain('reading…');
  await screen.dispatch(look(all));
  return screen;
}
const pids = (screen: Screen) => screen.lines.flatMap((line) => /^[▌ ][+ -] +(\d+) /.exec(line)?.[1] ?? []);

describe('the processes', () => {
  it('are told of with their user, share, size, state, start, time, ports and arguments', async () => {
    using screen = await open();
    expect(screen.line('COMMAND').trim().split(/ +/)).toEqual([
      'PID',
      'USER',
      '%CPU▼',
      '%MEM',
      'RSS',
      'STAT',
      'START',
      'TIME',
      'PORTS',
      'COMMAND',
    ]);
    expect(screen.line(' 812 ').replaceAll(/ +/g, ' ').trim()).toBe(
      '▌ 812 www-data 12.5 1.5 47104 Ss 09:41 3:07 80,443 nginx: master',
    );
    expect(screen.line(' 900 ')).toMatch(/ \? +\/usr\/bin\/sudo/);
    expect(screen.line('/sbin/init')).toMatch(/ – +\/sbin\/init/);
    expect(pids(screen)).toEqual(['812', '1', '813', '900']);
  });

  it('keep what tells most at 80 columns', async () => {
    using screen = await open({ columns: 80, rows: 24 });
    const java = running('java', 950, { cmdline: ['java', '-jar', '/opt/app/lib/server-1.2.3.jar'] });
    await screen.dispatch(look([...all, java], 1, screen));
    const titles = screen.line('COMMAND').trim().split(/ +/);
    expect(titles).toEqual([
      'PID',
      'USER',
      '%CPU▼',
      '%MEM',
      'STAT',
      'START',
      'TIME',
      'PORTS',
      'COMMAND',
      '›',
    ]);
    await screen.press('T');
    expect(screen.line('COMMAND')).toMatch(/PID .*PORTS +COMMAND/);
    expect(screen.line(' 813 ')).toContain(' \\_ nginx: worker');
  });

  it('are a tree with T, and t, u and x do nothing', async () => {
    using screen = await open();
    const before = screen.frame;
    await screen.press('t', 'u', 'x');
    expect(screen.frame).toBe(before);
    await screen.press('T');
    expect(pids(screen)).toEqual(['1', '812', '813', '900']);
    expect(screen.line(' 813 ')).toContain(' |   \\_ nginx: worker');
    await screen.press('T');
    expect(screen.frame).toBe(before);
  });

  it('are filtered with /, which says how many are left', async () => {
    using screen = await open();
    await screen.press('/', ...'user:www-data port:443', KEY.enter);
    expect(screen.lines[1]).toContain('/user:www-data port:443  1 shown');
    expect(pids(screen)).toEqual(['812']);
    await screen.press('/', KEY.ctrl('u'), ...'cpu:x');
    expect(screen.lines.at(-1)).toContain('expected a number such as 0.5');
  });

  it('are marked when they come and go, and the selected one stays selected', async () => {
    using screen = await open();
    await screen.press('j', 'j');
    expect(screen.line(/^▌/)).toContain(' 813 ');
    const node = running('node', 901, { cpuPercent: 90 });
    await screen.dispatch(look([init, { ...worker, cpuPercent: 99 }, sudo, node], 1, screen));
    expect(pids(screen)).toEqual(['813', '901', '812', '1', '900']);
    expect(screen.line(/^▌/)).toContain(' 813 ');
    expect(screen.line(' 901 ')).toMatch(/^ \+/);
    expect(screen.line(' 812 ')).toMatch(/^ -/);
    expect(screen.lines[0]).toMatch(/\+1 {2}-1/);
  });

  it('show their ports as not known yet while owners are looked for', async () => {
    using screen = await openScreen({ sockets: [web], circumstances: { unowned: true } });
    await screen.press('3');
    await screen.dispatch(look([init]));
    expect(screen.line('/sbin/init')).toMatch(/ … +\/sbin\/init/);
  });

  it('show uids with n, and the column to sort by with s', async () => {
    using screen = await open();
    await screen.press('n');
    expect(screen.line(' 812 ')).toMatch(/ 812 +33 /);
    await screen.press('n', 's', KEY.right);
    expect(screen.lines.at(-1)).toContain('sort by');
    expect(screen.line('COMMAND')).toContain('%MEM▼');
  });
});

describe('the details of a process', () => {
  it('tell what it is and which sockets it has, without a socket of their own', async () => {
    using screen = await open();
    await screen.press(KEY.enter);
    await screen.dispatch(processOf(812));
    expect(screen.text).toContain('┌─ nginx 812 ─');
    expect(screen.line('cmdline')).toContain("'nginx: master process'");
    expect(screen.text).not.toMatch(/│[▸ ] (socket|owner|service) /);
    // As wide as the screen: no port is selected that a pane beside could tell of.
    expect(screen.line('┌─ nginx 812')).toMatch(/┐$/);
    await screen.escape();
    expect(screen.text).not.toContain('┌─');
  });

  test('name its sockets, all that are in the sample', async () => {
    using screen = await open();
    await screen.press(KEY.enter);
    await screen.dispatch(processOf(812));
    const at = screen.lines.findIndex((line) => /│[▸ ] sockets /.test(line));
    expect(screen.lines[at]).toContain('tcp 0.0.0.0:80 LISTEN');
    expect(screen.lines[at + 1]).toContain('tcp 0.0.0.0:443 LISTEN');
  });
});
