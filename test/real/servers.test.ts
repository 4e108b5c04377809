import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Socket } from '../../src/sockets/socket.ts';
import { type Namespace, openNamespace } from '../helpers/namespace.ts';
import { PORTTOP } from '../helpers/porttop.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';
import { needs, needsNamespace, whereIs } from '../helpers/tools.ts';
import { nginxConfiguration } from './nginx.ts';

const problem = needs('nginx', 'redis-server', 'python3') ?? needsNamespace({ processes: true });

// In a namespace of their own: nobody else's sockets, and ports that nobody else has.
describe.skipIf(problem)(`real servers${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let namespace: Namespace;
  let folder: string;

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(`${tmpdir()}/porttop-real-`));
    mkdirSync(`${folder}/site`);
    writeFileSync(`${folder}/nginx.conf`, nginxConfiguration(folder, 8080));
    namespace = await openNamespace({ processes: true });
    const start = (command: string, args: string[]) => namespace.spawn(command, args, { stdio: 'ignore' });
    start(whereIs('nginx'), ['-p', folder, '-c', `${folder}/nginx.conf`]);
    start('redis-server', ['--bind', '127.0.0.1', '--port', '6379', '--save', '', '--dir', folder]);
    // By a shell: entering a mount namespace leads to its root.
    const serve = `cd ${folder}/site && USER=ada exec python3 -m http.server 8000 --bind 127.0.0.1`;
    start('sh', ['-c', serve]);
    await listening(8080, 6379, 8000);
  }, 30_000);

  afterAll(async () => {
    await namespace?.[Symbol.asyncDispose]();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** What is asked of the real thing, until it is so: a server tells nobody when it is ready. */
  async function listening(...ports: number[]): Promise<void> {
    for (const port of ports) {
      for (let attempt = 0; (await list(`tcp:${port}`)).length === 0; attempt++) {
        if (attempt > 100) throw new Error(`nothing listens on ${port}`);
      }
    }
  }

  async function list(...args: string[]): Promise<Socket[]> {
    const { stdout } = await namespace.run(process.execPath, [PORTTOP, 'list', '--json', ...args]);
    return JSON.parse(stdout).sockets;
  }

  async function screenOf(...args: string[]): Promise<Terminal> {
    const wrapped = namespace.wrap(process.execPath, [PORTTOP, '-d', '0.2', ...args]);
    const screen = openTerminal({ ...wrapped, columns: 140, rows: 40 });
    await screen.waitFor(/3 listening(?!.*finding owners)/);
    return screen;
  }

  it('names the master of nginx and all its workers as owners of one socket', async () => {
    const [socket, ...others] = await list('tcp:8080');
    expect(others).toEqual([]);
    expect(socket).toMatchObject({ state: 'LISTEN', local: { address: '127.0.0.1', service: 'http-alt' } });
    expect(socket?.owners.map(({ command }) => command)).toEqual(['nginx', 'nginx', 'nginx']);
    const { stdout } = await namespace.run('pgrep', ['nginx']);
    expect(socket?.owners.map(({ pid }) => pid)).toEqual(stdout.trim().split('\n').map(Number));
  });

  it('lists every server with its port, service and process on the screen, and arrows reach each', async () => {
    await using screen = await screenOf();
    expect(screen.text()).toMatch(/▌ +6379 +redis +tcp +127\.0\.0\.1 +loopback +redis-server +\d+/);
    screen.press('Down');
    await screen.waitFor(/▌ +8000 +irdmi +tcp +127\.0\.0\.1 +loopback +python3 +\d+/);
    screen.press('Down');
    await screen.waitFor(/▌ +8080 +http-alt +tcp +127\.0\.0\.1 +loopback +nginx ×3 +\d+/);
  });

  it('reveals the right folder, program, arguments and USER of the Python server', async () => {
    await using screen = await screenOf();
    screen.press('Down', 'Enter');
    await screen.waitFor(/cwd +\S+\/site/);
    const { stdout } = await namespace.run('sh', ['-c', 'readlink /proc/$(pgrep -f http.server)/exe']);
    expect(screen.text()).toMatch(new RegExp(` cwd +${folder}/site `));
    expect(screen.text()).toContain(stdout.trim());
    expect(screen.text()).toMatch(/python3 -m http\.server/);
    expect(screen.text()).toContain('USER=ada');
  });

  it('closes the row of a server that is killed, and shows one that starts, by itself', async () => {
    await using screen = await screenOf();
    await namespace.run('sh', ['-c', 'kill $(pgrep redis-server)']);
    await screen.waitFor(/^.- +6379 /m);
    await screen.waitFor(/ 2 listening/);
    namespace.spawn('redis-server', ['--bind', '127.0.0.1', '--port', '6380', '--save', ''], {
      stdio: 'ignore',
    });
    await screen.waitFor(/^.\+ +6380 .*redis-server/m);
    screen.press('q');
    expect(await screen.exit).toMatchObject({ code: 0 });
  });

  it('shows a connection with both of its ends', async () => {
    const { stdout } = await namespace.run('redis-cli', ['-p', '6380', 'client', 'list']);
    expect(stdout).toContain('cmd=client');
    const uses = await list('6380');
    expect(uses.map(({ state }) => state)).toContain('LISTEN');
  });
});
