import { afterEach, describe, expect, it, test, vi } from 'vitest';
import { Services } from '../../src/services/services.ts';
import { selection } from '../../src/store/shown.ts';
import { held, tcp, unix } from '../helpers/snapshots.ts';
import { KEY, openScreen, processOf, type Screen, type ScreenOptions, SIZES, service } from './screen.tsx';

const ssh = tcp('0.0.0.0:22', { owners: [held('sshd', 700)] });
const web = tcp('0.0.0.0:80', { owners: [held('nginx', 812, { fd: 6 }), held('nginx', 813, { fd: 6 })] });
const tls = tcp('0.0.0.0:443', { owners: [held('nginx', 812, { fd: 7 })] });
const users = { 0: 'root', 33: 'www-data' };

afterEach(() => {
  vi.restoreAllMocks();
});

/** Opened on port 80, with what was read of its process. */
async function openDetails(
  readings?: Parameters<typeof processOf>[1],
  options: ScreenOptions = {},
): Promise<Screen> {
  const screen = await openScreen({ sockets: [ssh, web, tls], users, ...options });
  await screen.press('j', KEY.enter);
  await screen.dispatch(processOf(812, readings));
  return screen;
}

/** Opened at the page of the environment, with these variables. */
async function openEnvironment(
  environ: NonNullable<Parameters<typeof processOf>[1]>['environ'] & object,
  size = SIZES[1],
): Promise<Screen> {
  const screen = await openDetails({}, size ? { size } : {});
  await screen.press(KEY.right, KEY.right, KEY.right);
  await screen.dispatch(processOf(812, { environ }, {}, { tab: 'environment' }));
  return screen;
}

/** The value of a field, after its mark where it has one; nothing where it is not shown. */
function field(screen: Screen, label: string): string {
  for (const line of screen.lines) {
    const value = new RegExp(`│[ ▸─] ${label}  +(.*?) *(?:│|  /proc/)`).exec(line)?.[1];
    if (value !== undefined) return value;
  }
  return '';
}
/** What the services pane says, its lines joined. */
const servicesPane = (screen: Screen) =>
  screen.lines
    .flatMap((line) => /││ (.*?) *│$/.exec(line)?.[1] ?? [])
    .join(' ')
    .trim();
const cursor = (screen: Screen) => screen.lines.findIndex((line) => line.includes('│▸'));
const variables = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `V${index}`, value: String(index) }));

describe('the details', () => {
  it('tell what the process is, each fact with its label', async () => {
    using screen = await openDetails({ cwd: '/srv/www' });
    expect(field(screen, 'socket')).toBe('tcp 0.0.0.0:80, LISTEN, 0 waiting to be accepted');
    expect(field(screen, 'owners')).toBe('nginx 812 fd 6, nginx 813 fd 6');
    expect(field(screen, 'cmdline')).toBe("'nginx: master process'");
    expect(field(screen, 'cwd')).toBe('/srv/www');
    expect(field(screen, 'exe')).toBe('/usr/sbin/nginx');
    expect(field(screen, 'user')).toBe('root (uid 0)');
    expect(field(screen, 'environ')).toBe('USER=root, as its owner');
    expect(field(screen, 'parents')).toBe('systemd 1');
    expect(screen.text).toContain('└ nginx 812');
    expect(field(screen, 'sockets')).toBe('tcp 0.0.0.0:443 LISTEN');
    expect(field(screen, 'started')).toMatch(/, 3d ago$/);
  });

  it('mark a warning where colour does not', async () => {
    using screen = await openDetails(
      { environ: [{ name: 'USER', value: 'ada' }], exe: { path: '/usr/sbin/nginx', state: 'replaced' } },
      { colour: false },
    );
    expect(field(screen, 'environ')).toMatch(/^! USER=ada, but it runs as root/);
    expect(field(screen, 'exe')).toBe('! /usr/sbin/nginx (replaced on disk since it started)');
    expect(field(screen, 'cwd')).toBe('/');
  });

  it('say why a field cannot be read, and show the rest', async () => {
    const denied = {
      code: 'EACCES',
      message: 'permission denied',
      hint: 'run as root, or as its owner root',
    };
    using screen = await openDetails({ environ: denied, cwd: denied });
    expect(field(screen, 'cwd')).toBe('? permission denied: run as root, or as its owner root');
    expect(field(screen, 'environ')).toBe('? permission denied: run as root, or as its owner root');
    expect(field(screen, 'exe')).toBe('/usr/sbin/nginx');
    expect(screen.text).not.toContain('variables');
  });

  it('say that the process has ended, and keep what was known of it', async () => {
    using screen = await openDetails();
    await screen.dispatch({ type: 'process', process: { pid: 812, gone: true } });
    expect(field(screen, 'process')).toBe('! pid 812 has ended; what follows was read before');
    expect(field(screen, 'exe')).toBe('/usr/sbin/nginx');
    await screen.dispatch({ type: 'process', process: { pid: 812, gone: true } });
    expect(field(screen, 'exe')).toBe('/usr/sbin/nginx');
    await screen.press(KEY.left);
    expect(field(screen, 'kernel')).toBe('? it was not read before');
  });

  it('say that the process has ended, of which nothing was known', async () => {
    using screen = await openScreen({ sockets: [web] });
    await screen.press(KEY.enter);
    await screen.dispatch({ type: 'process', process: { pid: 812, gone: true } });
    expect(field(screen, 'process')).toBe('! pid 812 has ended');
  });

  it('speak of a socket that is closed as of one that was', async () => {
    using screen = await openDetails();
    await screen.sample([], { at: 1 });
    expect(field(screen, 'socket')).toMatch(/^! closed; it was tcp \S+, LISTEN$/);
    expect(field(screen, 'owner')).toBe('');
  });

  it('explain a missing owner, at length', async () => {
    using screen = await openScreen({
      sockets: [tcp('0.0.0.0:2049')],
      circumstances: { unreadable: { 7: 'EACCES', 8: 'EACCES' } },
      size: { columns: 240, rows: 40 },
    });
    await screen.press(KEY.enter);
    expect(field(screen, 'owner')).toMatch(/^\? the descriptors of 2 processes may not be read by you: run/);
    expect(screen.line('┌─')).toContain('tcp 2049');
  });

  it('say of what may be no socket why', async () => {
    const forged = unix('/run/x', { inode: 7, state: 'LISTEN', doubtful: true });
    using screen = await openScreen({ sockets: [forged], size: SIZES[2] });
    await screen.press('x', KEY.enter);
    expect(screen.text).toMatch(/ \? \/run\/x /);
    expect(screen.text).toMatch(
      /doubtful +! it may be no socket, but made up in the name of another +\/proc/,
    );
  });

  it('say nothing of owners that nobody has looked for yet', async () => {
    using screen = await openScreen({ sockets: [ssh], circumstances: { unowned: true } });
    await screen.press(KEY.enter);
    expect(field(screen, 'socket')).not.toBe('');
    expect(field(screen, 'owner')).toBe('');
  });

  it('mask secrets until e is pressed, and mask them again', async () => {
    const environ = [
      { name: 'API_TOKEN', value: 'hush' },
      { name: 'DATABASE_URL', value: 'postgres://app:hush@db/x' },
      { name: 'HOME', value: '/root' },
    ];
    using screen = await openEnvironment(environ);
    expect(field(screen, 'API_TOKEN')).toBe('? ****');
    expect(field(screen, 'DATABASE_URL')).toBe('postgres://app:****@db/x');
    expect(field(screen, 'HOME')).toBe('/root');
    expect(screen.text).not.toContain('hush');
    await screen.press('e');
    expect(field(screen, 'API_TOKEN')).toBe('hush');
    expect(screen.text).toContain('app:hush@db');
    await screen.press('e');
    expect(screen.text).not.toContain('hush');
  });

  it('say how many connections of a listener are in each state, and how many were up', async () => {
    using screen = await openDetails({ cwd: '/srv/www' });
    expect(screen.line('connections')).toContain('? counting…');
    const inode = selection(screen.state)?.row.socket?.inode ?? 0;
    await screen.sample([ssh, web, tls], { users, connections: { [inode]: 41 }, at: 1 });
    expect(field(screen, 'connections')).toMatch(/^41 established {2}▁+$/);
  });

  it('show a variable without a value by its name, and a long name in several lines', async () => {
    const name = 'N'.repeat(40);
    using screen = await openEnvironment([
      { name: 'a title', value: null },
      { name: 'A', value: '' },
      { name, value: 'long' },
    ]);
    expect(field(screen, 'a title')).toBe('? (no value)');
    expect(screen.line('│  A ')).toMatch(/│ {2}A +│/);
    expect(screen.line(' long ')).toMatch(/│ {2}N{26} {2,}long /);
    expect(screen.lines[screen.lines.indexOf(screen.line(' long ')) + 1]).toMatch(/│ {2}N{14} +│/);
  });

  it('say once why an environment may not be read', async () => {
    const hint = 'run as root, or as its owner root';
    const environ = { code: 'EACCES', message: 'permission denied', hint };
    using screen = await openEnvironment(environ as never);
    expect(screen.text.split(hint)).toHaveLength(2);
  });

  test('do not make a variable of an environment that is empty', async () => {
    using screen = await openEnvironment([]);
    expect(field(screen, 'environ')).toBe('? USER not set');
  });

  it('say how many variables there are beyond those that are shown', async () => {
    using screen = await openEnvironment(variables(1003));
    await screen.press('G');
    expect(field(screen, 'V999')).toBe('999');
    expect(field(screen, '…')).toBe('? and 3 more');
  });

  it('are of one of several owners, which o and O choose', async () => {
    using screen = await openDetails({}, { size: { columns: 240, rows: 40 } });
    expect(screen.line('┌─')).toContain(' nginx 812 (owner 1 of 2, o O) ');
    await screen.press('o');
    expect(screen.line('┌─')).toContain(' nginx 813 (owner 2 of 2, o O) ');
    await screen.press('o', 'O');
    expect(screen.line('┌─')).toContain(' nginx 812 (owner 1 of 2, o O) ');
    await screen.resize({ columns: 80, rows: 24 });
    expect(screen.line('┌─')).toContain(' nginx 812 1/2 o O ');
  });

  it('follow the table while it has the keys', async () => {
    using screen = await openDetails();
    await screen.press(KEY.tab, 'j');
    expect(screen.line('┌─')).toContain(' nginx 812 ');
    expect(screen.line(/^▌/)).toContain('443');
    expect(cursor(screen)).toBe(-1);
    await screen.press(KEY.shiftTab);
    expect(cursor(screen)).toBeGreaterThan(0);
  });

  it('are closed by Esc', async () => {
    using screen = await openDetails();
    await screen.escape();
    expect(screen.text).not.toContain('┌─');
    expect(screen.state.focus).toBe('table');
  });
});

describe('the cursor in the details', () => {
  it('goes to each line and no further, and the source of its line is on the lower edge', async () => {
    using screen = await openDetails({}, { size: { columns: 80, rows: 24 } });
    expect(screen.line('└─')).toMatch(/^└─ \/proc\/net\/tcp {2}\(\d+ more lines\) ─/);
    for (let line = 0; line < 20; line++) await screen.press(KEY.down);
    const last = screen.state.detailsLine;
    expect(screen.line('│▸')).toContain('tcp 0.0.0.0:443 LISTEN');
    expect(screen.line('└─')).toMatch(/^└─ \/proc\/812\/fd ─/);
    await screen.press(KEY.down);
    expect(screen.state.detailsLine).toBe(last);
    await screen.press(KEY.home);
    expect(screen.line('│▸')).toContain('socket');
    await screen.press(KEY.up);
    expect(screen.state.detailsLine).toBe(0);
    await screen.press('G', 'g', KEY.pageDown, KEY.pageUp);
    expect(screen.line('│▸')).toContain('socket');
  });

  it('is always in sight', async () => {
    using screen = await openEnvironment(variables(100), { columns: 80, rows: 24 });
    for (const key of [KEY.pageDown, KEY.pageDown, 'G', 'k', KEY.pageUp, KEY.ctrl('u'), 'g', KEY.end]) {
      await screen.press(key);
      expect(screen.lines.filter((line) => line.startsWith('│▸'))).toHaveLength(1);
    }
  });

  const fewer = processOf(812, { environ: variables(5) }, {}, { tab: 'environment' });

  it('is on the last line when lines go away', async () => {
    using screen = await openEnvironment(variables(50));
    await screen.press('G');
    await screen.dispatch(fewer);
    expect(screen.line('│▸')).toContain('V4');
  });

  test('then goes up by the first key that says so', async () => {
    using screen = await openEnvironment(variables(50));
    await screen.press('G');
    await screen.dispatch(fewer);
    const before = cursor(screen);
    await screen.press('k');
    expect(cursor(screen)).toBe(before - 1);
  });

  test('hears keys that come together with the Enter that opens them', async () => {
    using screen = await openScreen({ sockets: [web] });
    await screen.press('\rj');
    expect(screen.state).toMatchObject({ detailsOpen: true, detailsLine: 1 });
  });
});

describe('the pages of the details', () => {
  const tabs = (screen: Screen) => /\[(\w+)\]/.exec(screen.line('┌─'))?.[1];

  it('are turned by ← and →, round and round, each from its top', async () => {
    using screen = await openDetails({}, { size: { columns: 200, rows: 40 } });
    const seen = [];
    for (let turn = 0; turn < 7; turn++) {
      seen.push(tabs(screen));
      await screen.press('j', KEY.right);
      expect(screen.state.detailsLine).toBe(0);
    }
    expect(seen).toEqual(['overview', 'sockets', 'files', 'environment', 'memory', 'limits', 'kernel']);
    expect(tabs(screen)).toBe('overview');
    await screen.press(KEY.left);
    expect(tabs(screen)).toBe('kernel');
    await screen.resize({ columns: 80, rows: 24 });
    expect(screen.line('┌─')).toMatch(
      / overview {2}sockets {2}files {2}env {2}memory {2}limits \[kernel\]─┐$/,
    );
  });

  it('say that they are being read, and never tell what another page knows', async () => {
    using screen = await openDetails();
    await screen.press(KEY.right);
    expect(field(screen, 'sockets')).toBe('? reading…');
    expect(field(screen, 'cwd')).toBe('');
  });

  it('tell all sockets of the process, and what is not known of others', async () => {
    using screen = await openDetails();
    const { socket } = selection(screen.state)?.row ?? {};
    if (!socket) throw new Error('no socket is selected');
    const connected = {
      ...socket,
      state: 'ESTABLISHED',
      acceptQueue: null,
      backlog: null,
      recvQueue: 7,
    } as const;
    const sockets = { sockets: [socket, connected], more: 3, untold: 1 };
    await screen.press(KEY.right);
    await screen.dispatch(processOf(812, { fd: [] }, {}, { tab: 'sockets', sockets }));
    expect(field(screen, 'fd 6,6')).toBe('tcp 0.0.0.0:80 LISTEN, 0 waiting to be accepted');
    expect(screen.text).toContain('tcp 0.0.0.0:80 ESTABLISHED, 7 B not read yet');
    expect(screen.text).toContain('? and 3 more');
    expect(screen.text).toContain('1 more is of another kind (netlink, packet) or network namespace');
    const denied = { code: 'EACCES', message: 'permission denied', hint: 'run as root' };
    await screen.dispatch(processOf(812, { fd: denied }, {}, { tab: 'sockets', sockets: null }));
    expect(field(screen, 'sockets')).toBe('? permission denied: run as root');
  });

  it('have in the overview the children that share the socket', async () => {
    using screen = await openDetails();
    await screen.dispatch(processOf(812, {}, {}, { children: [813, 814] }));
    expect(field(screen, 'children')).toBe('2 of its children: 813, 814 share this socket');
  });

  it('are searched with /: only lines that have the text are shown, until Esc', async () => {
    using screen = await openEnvironment(variables(40));
    await screen.press('/', 'v', '3');
    expect(screen.lines.at(-1)).toContain('/v3');
    expect(screen.lines.filter((line) => /│[▸ ] V/.test(line))).toHaveLength(11);
    await screen.press('9');
    expect(screen.line('│▸')).toContain('V39');
    await screen.press(KEY.enter);
    expect(screen.line('└─')).toContain(' /v39 ');
    expect(screen.state.focus).toBe('details');
    await screen.press('/', '!');
    expect(screen.text).toContain('nothing here has “v39!”: Esc shows all again');
    await screen.escape();
    expect(screen.state.focus).toBe('details');
    expect(field(screen, 'V0')).toBe('0');
    await screen.press('/', 'v', KEY.enter);
    await screen.escape();
    expect(screen.state).toMatchObject({ detailsOpen: true, detailsSearch: { text: '' } });
    await screen.escape();
    expect(screen.state.detailsOpen).toBe(false);
  });

  it('say of one more line that it is one', async () => {
    using screen = await openEnvironment(variables(14), { columns: 80, rows: 24 });
    const below = () => /\((\d+ more lines?)\)/.exec(screen.line('└─'))?.[1];
    while (below() !== '1 more line') {
      expect(below()).toMatch(/^\d+ more lines$/);
      await screen.press('j');
    }
  });
});

describe('where the facts are from', () => {
  it('stands beside each where there is room', async () => {
    using screen = await openDetails({}, { size: { columns: 200, rows: 60 } });
    expect(screen.line('│  exe ')).toMatch(/ \/proc\/812\/exe +│/);
    expect(screen.line('│  user ')).toMatch(/ \/proc\/812\/status +│/);
  });
});

describe('the services pane', () => {
  const services = new Services([
    service('http', 80, { aliases: ['www'], description: 'WorldWideWeb HTTP' }),
    service('https', 443, { description: 'http protocol over TLS/SSL' }),
    service('https', 443, { protocol: 'udp', description: 'HTTP/3' }),
    service('https', 443, { protocol: 'sctp' }),
    service('https', 443, { protocol: 'dccp' }),
  ]);

  it('stands beside the details where there is room, and tells of the selected port', async () => {
    using screen = await openDetails({}, { services });
    expect(screen.line('┌─')).toContain('┌─ port 80/tcp ─');
    expect(servicesPane(screen)).toBe('http, 80/tcp WorldWideWeb HTTP alias www /etc/services');
  });

  it('is a line of the details where there is none', async () => {
    using screen = await openDetails({}, { services, size: { columns: 80, rows: 24 } });
    expect(field(screen, 'service')).toBe('http, 80/tcp · WorldWideWeb HTTP · alias www · /etc/services');
    expect(screen.text).not.toContain('┌─ port');
  });

  it('says what an unknown port is', async () => {
    const high = tcp('0.0.0.0:40000', { owners: [held('node', 900)] });
    using screen = await openScreen({ sockets: [high], services, ephemeral: { first: 32768, last: 60999 } });
    await screen.press(KEY.enter);
    expect(servicesPane(screen)).toContain('40000/tcp is in the ephemeral range 32768–60999');
  });

  test.each(SIZES.slice(1))('is the same at $columns columns when the selection comes back', async (size) => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => {});
    using screen = await openScreen({ size, sockets: [ssh, web, tls], services });
    await screen.press(KEY.enter, KEY.tab, 'j', 'j');
    const before = screen.lines;
    for (let turn = 0; turn < 3; turn++) {
      await screen.press('k', 'j', 'k', 'k', 'j', 'j');
      expect(screen.lines).toEqual(before);
    }
    expect(complaints).not.toHaveBeenCalled();
  });
});
