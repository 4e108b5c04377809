import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { safe } from '../../src/text/safe.ts';
import { allOf } from '../helpers/all-of.ts';
import { PORTTOP } from '../helpers/porttop.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';
import { needs, needsNamespace } from '../helpers/tools.ts';
import { Opener } from '../sockets/opener-process.ts';
import { ELSEWHERE_PORT, HostileHost, INTERFACE, inLine, type Resident } from './host.ts';
import { cellsOfCsv, harmlessly, wrongIn, wrongOnScreen } from './scan.ts';
import { NAMES } from './zoo.ts';

const problem =
  process.geteuid?.() === 0
    ? (needs('getent', 'setpriv') ?? needsNamespace({ mounts: true, hostname: 'zoo' }))
    : 'only root can have a host made so';

const COLUMNS = 'port,addr,user,unit,container,within,cgroup,device,netns,command';
const WITH_HOST = `${COLUMNS},host`;

describe.skipIf(problem)(`a host whose names others chose${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let host: HostileHost;

  beforeAll(async () => {
    host = await HostileHost.open();
  }, 60_000);
  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
  });

  const run = (...args: string[]) => host.namespace.run(process.execPath, [PORTTOP, ...args]);
  const userOf = ({ bytes }: Resident) => inLine(bytes, ':').toString('utf8');
  /** Of whom the name stands in /etc/hosts. */
  const inHosts = (_: Resident, at: number) => at % 3 === 0;

  /** Runs it, and what it printed, once that is known to be harmless. */
  const harmless = async (...args: string[]) => harmlessly(await run(...args));

  it('has every user named in tables, a row each', async () => {
    const [list = '', ps = ''] = await allOf(
      [['list', '-tl', '-r', '--columns', WITH_HOST], ['ps']],
      (args) => harmless(...args),
    );
    expect(list.trimEnd().split('\n')).toHaveLength(1 + host.residents.length);
    for (const resident of host.residents) {
      const user = safe(userOf(resident));
      expect(list).toMatch(new RegExp(`^ *${resident.port} .* ${escapeRegExp(user)} `, 'm'));
      expect(ps).toMatch(new RegExp(` ${resident.pid} +[\\d.]+ +[\\d.]+ .* cat$`, 'm'));
    }
    expect(await harmless('list', '-tl', '-n', '--columns', COLUMNS)).toContain(' 70000 ');
  });

  it('has no formula, row or cell of theirs in CSV', async () => {
    const listings = [
      ['list', '-tl', '-r', '--csv', '--columns', WITH_HOST],
      ['list', '-N', 'all', '--csv', '--columns', COLUMNS, `${ELSEWHERE_PORT}`],
      ['ps', '--csv'],
    ];
    await allOf(listings, async (args) => {
      const lines = cellsOfCsv(await harmless(...args));
      const [head = []] = lines;
      expect(lines.filter((line) => line.length !== head.length)).toEqual([]);
      expect(lines.flat().filter((cell) => /^[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(cell))).toEqual([]);
    });
  });

  it('has every name whole in JSON: of users, addresses, the host', async () => {
    const told = JSON.parse(await harmless('list', '-tl', '-r', '--json'));
    expect(told.host.name).toBe(String(NAMES['sets the title']));
    expect(told.sockets).toHaveLength(host.residents.length);
    for (const [at, resident] of host.residents.entries()) {
      const socket = told.sockets.find(
        ({ local }: { local: { port: number } }) => local.port === resident.port,
      );
      expect(socket).toMatchObject({
        uid: resident.uid,
        user: userOf(resident),
        owners: [{ pid: resident.pid, command: 'cat' }],
      });
      // What DNS tells, the resolver of Node escapes in its own way: `\027`.
      const { host: name } = socket.local;
      if (!inHosts(resident, at)) expect(name).toMatch(/\.evil$/);
      else expect(name).toBe(inLine(resident.bytes, ' ', '#', '\r').toString('utf8').trim());
    }
  });

  it('has units and containers called so', async ({ skip }) => {
    if (!host.hasCgroups) skip('no cgroup can be made here');
    const { sockets } = JSON.parse(await harmless('list', '-tl', '--json'));
    for (const [at, resident] of host.residents.entries()) {
      const [socket] = sockets.filter(
        ({ local }: { local: { port: number } }) => local.port === resident.port,
      );
      const name = inLine(resident.bytes).toString('utf8');
      expect(socket.cgroup).toContain(name);
      if (at % 2 === 1) expect(socket.container).toBe(String(resident.bytes));
      else expect(socket.unit).toBe(`${name}.service`);
    }
    const first = String((host.residents[0] as Resident).pid);
    expect(await harmless('show', first, 'cgroup')).toContain('\\e[2J\\e[Hgone.service');
  });

  it('has its interface called so', async () => {
    const opener = await Opener.start(host.namespace);
    const bound = { domain: 'ipv4', type: 'dgram', bind: '127.0.0.1', device: INTERFACE } as const;
    await opener.open(bound);
    const { sockets } = JSON.parse(await harmless('list', '-u', '--json', '--filter', 'device:31m'));
    expect(sockets).toMatchObject([{ device: INTERFACE }]);
    const table = await harmless('list', '-u', '--columns', 'port,device', '--filter', 'device:31m');
    expect(table).toMatch(/ \\e\[31m\\u202e$/m);
    opener.end();
  });

  it('has network namespaces called so, each read, and by its name', async () => {
    const { sockets } = JSON.parse(await harmless('list', '-N', 'all', '--json', `${ELSEWHERE_PORT}`));
    const names = sockets.map(({ netnsName }: { netnsName: string }) => netnsName);
    expect(names.sort()).toEqual(host.elsewhere.map(String).sort());
    const table = await harmless('list', '-N', 'all', `${ELSEWHERE_PORT}`);
    expect(table.trimEnd().split('\n')).toHaveLength(1 + host.elsewhere.length);
    await allOf(host.elsewhere, async (name) => {
      expect(table).toContain(safe(String(name)));
      expect(await harmless('list', '-N', String(name), '-tl')).toContain(`:${ELSEWHERE_PORT} `);
    });
  });

  it('has them told, harmless, to who mistypes one', async () => {
    const { code, stdout, stderr } = await run('list', '-N', 'nowhere');
    expect([code, stdout]).toEqual([2, '']);
    expect(wrongIn(Buffer.from(stderr))).toBeNull();
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    for (const name of host.elsewhere) expect(stderr).toContain(safe(String(name)));
  });

  it('does nothing in what is told of a process', async () => {
    await allOf(host.residents.slice(0, 6), async (resident) => {
      const pid = String(resident.pid);
      const user = safe(userOf(resident));
      expect(await harmless('show', pid)).toContain(user);
      expect(await harmless('show', pid, 'status')).toContain(user);
    });
    const [one, other] = host.residents.slice(4) as [Resident, Resident];
    const told = JSON.parse(await harmless('ps', '--json', String(one.pid), String(other.pid)));
    expect(told.processes).toMatchObject([{ user: userOf(one) }, { user: userOf(other) }]);
  });

  it('does nothing in what is watched', async () => {
    const watch = host.namespace.spawn(process.execPath, [PORTTOP, 'watch', '-d', '0.1'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const closed = once(watch, 'close');
    let told = Buffer.alloc(0);
    watch.stdout?.on('data', (piece) => {
      told = Buffer.concat([told, piece]);
      if (told.includes('"opened"')) watch.kill();
    });
    const { uid, bytes } = host.residents[1] as Resident;
    const listening = `
      require('node:net').createServer().listen(0, '127.0.0.1');
      setTimeout(() => process.exit(), 300);`;
    // What is there when it starts is not told: so until it has started.
    while (watch.exitCode === null && watch.signalCode === null) {
      const as = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
      await host.namespace.run('setpriv', [...as, process.execPath, '-e', listening]);
    }
    await closed;
    expect(wrongIn(told)).toBeNull();
    const [event] = told.toString().split('\n');
    expect(JSON.parse(event as string).socket.user).toBe(String(bytes));
  });

  describe('on the screen', () => {
    async function open(args: string[], size = { columns: 190, rows: 50 }): Promise<Terminal> {
      const wrapped = host.namespace.wrap(process.execPath, [PORTTOP, '-d', '0.2', ...args]);
      const terminal = openTerminal({ ...size, ...wrapped });
      await terminal.waitFor(
        (screen) => /\d+ listening/.test(screen[0] ?? '') && !/finding owners/.test(screen[0] ?? ''),
      );
      return terminal;
    }

    function check(terminal: Terminal): void {
      const written = terminal.writes.map(({ text }) => text).join('');
      expect(wrongOnScreen(written)).toBeNull();
      expect(terminal.title).toBe('');
      expect(terminal.bells).toBe(0);
      expect(terminal.hasWrapped).toBe(false);
    }

    it('does nothing in any column, nor in the details, nor in the question before a signal', async () => {
      await using terminal = await open(['-r', '--columns', 'port,user,within,host,command']);
      for (const { port, pid, bytes } of host.residents.slice(0, 6)) {
        const user = safe(inLine(bytes, ':').toString('utf8'));
        terminal.type(`/${port}\r`);
        await terminal.waitFor(
          (screen) =>
            screen.some((line) => new RegExp(`^▌[+ ] +${port} `).test(line)) &&
            screen.some((line) => line.includes(user.slice(0, 4))),
        );
        terminal.press('Enter');
        await terminal.waitFor(new RegExp(`┌─ .*${pid}`));
        await terminal.waitFor((screen) => screen.some((line) => /│.* owner +.*cat/.test(line)));
        terminal.press('K');
        await terminal.waitFor(/SIGTERM/);
        terminal.press('Esc', 'Esc', 'Esc');
        await terminal.waitFor((screen) => !/┌─/.test(screen.join('\n')));
      }
      terminal.press('3');
      await terminal.waitFor('%CPU');
      check(terminal);
    });

    it('does nothing in the names of namespaces', async () => {
      await using terminal = await open(['-N', 'all', `${ELSEWHERE_PORT}`, '--columns', 'netns,port,pid']);
      for (const name of host.elsewhere)
        await terminal.waitFor((screen) => screen.join('\n').includes(safe(String(name)).slice(0, 12)));
      check(terminal);
    });
  });
});

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

describe('settings that others wrote', () => {
  const folder = mkdtempSync(join(tmpdir(), 'porttop-settings-'));
  mkdirSync(join(folder, 'porttop'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const name = String(NAMES['sets the title']);

  it.each([
    ['a value', `theme = ${JSON.stringify(`${name}\u202e\u009b`)}`],
    ['a key', `${JSON.stringify(`${name}\u202e\u009b`)} = 1`],
    ['a column', `[listening]\ncolumns = ["port", ${JSON.stringify(`${name}\n\u202e\u009b`)}]`],
    ['an order', `[listening]\nsort = ${JSON.stringify(`port:${name}\u200b`)}`],
    ['a table', `listening = ${JSON.stringify(name)}`],
    ['no TOML', `${name}\u202e\u009b31m`],
    ['no UTF-8', Buffer.from('interval = "\xff\x9b\x1b[31m"', 'latin1')],
  ])('do nothing to the terminal in what is said of them: %s', async (_, content) => {
    writeFileSync(join(folder, 'porttop/config.toml'), content);
    await using terminal = openTerminal({
      command: process.execPath,
      args: [PORTTOP],
      columns: 200,
      env: { XDG_CONFIG_HOME: folder },
    });
    expect((await terminal.exit).code).toBe(2);
    expect(terminal.text()).toMatch(/^porttop: .*config\.toml:\d+:\d+: /);
    expect(wrongOnScreen(terminal.writes.map(({ text }) => text).join(''))).toBeNull();
    expect([terminal.title, terminal.bells]).toEqual(['', 0]);
  });
});
