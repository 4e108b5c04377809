import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Socket } from '../../src/sockets/socket.ts';
import { openPorttop } from '../e2e/porttop.ts';
import { outcomeOf, PORTTOP } from '../helpers/porttop.ts';
import { needs, whereIs } from '../helpers/tools.ts';

const PORT = 8080;
const NAME = `porttop-test-${process.pid}`;

const problem =
  process.geteuid?.() === 0
    ? needs('podman', 'runc', 'busybox')
    : 'only root may start one as it is done here';

describe.skipIf(problem)(`a container of Podman's${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let folder: string;
  let id: string;
  let pid: number;
  let monitor: number;

  // No limits may be raised, no image pulled, and no network is there: its own, with nothing in it.
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(`${tmpdir()}/porttop-podman-`));
    mkdirSync(`${folder}/bin`);
    copyFileSync(whereIs('busybox'), `${folder}/bin/busybox`);
    const started = spawnSync(
      'podman',
      [
        ...[
          '--runtime',
          'runc',
          '--cgroup-manager=cgroupfs',
          'run',
          '-d',
          '--name',
          NAME,
          '--network',
          'none',
        ],
        ...['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024', '--rootfs', folder],
        ...['/bin/busybox', 'httpd', '-f', '-p', `${PORT}`],
      ],
      { encoding: 'utf8' },
    );
    if (started.status !== 0) throw new Error(`podman: ${started.stderr}`);
    id = started.stdout.trim();
    [pid, monitor] = inspect('{{.State.Pid}} {{.State.ConmonPid}}').split(' ').map(Number) as [
      number,
      number,
    ];
  }, 60_000);

  afterAll(() => {
    spawnSync('podman', ['rm', '--force', '--time', '0', NAME]);
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  function inspect(format: string): string {
    return execFileSync('podman', ['inspect', '-f', format, NAME], { encoding: 'utf8' }).trim();
  }

  const run = (...args: string[]) => outcomeOf(process.execPath, [PORTTOP, ...args]);

  /** What httpd listens on: it may take a moment until it does. */
  async function listener(...args: string[]): Promise<Socket> {
    for (let attempt = 0; attempt < 50; attempt++) {
      const { stdout, stderr } = await run('list', '-N', 'all', '--json', '-tl', ...args, `${PORT}`);
      if (stdout === '') throw new Error(stderr);
      const { sockets } = JSON.parse(stdout) as { sockets: Socket[] };
      const found = sockets.find(({ owners }) => owners.some((owner) => owner.pid === pid));
      if (found) return found;
    }
    throw new Error('httpd does not listen');
  }

  it('has its sockets, with their owner, its name, and its network namespace', async () => {
    const socket = await listener();
    expect(socket).toMatchObject({
      container: NAME,
      local: { port: PORT },
      owners: [{ pid, command: 'busybox' }],
    });
    const namespace = execFileSync('readlink', [`/proc/${pid}/ns/net`], { encoding: 'utf8' });
    expect(namespace.trim()).toBe(`net:[${socket.netns}]`);
    expect(socket.cgroup).toContain(id);
  });

  it('is named in every format', async () => {
    const shown = ['-N', 'all', '-tl', `${PORT}`, '--columns', 'netns,port,command,container'];
    for (const args of [[], ['--csv']]) {
      const { stdout } = await run('list', ...shown, ...args);
      expect(stdout.split('\n').find((line) => line.includes(NAME))).toMatch(/^\d+[ ,].*8080.*busybox/);
    }
    const { stdout } = await run('list', ...shown.slice(0, 4), '--ndjson');
    expect(stdout.split('\n').some((line) => line.includes(`"container":"${NAME}"`))).toBe(true);
    expect((await run('list', ...shown.slice(0, 4), '--filter', `container:${NAME}`)).stdout).toContain(
      'busybox',
    );
  });

  it('is read by the pid of its process, too', async () => {
    const { stdout } = await run('list', '-N', `${pid}`, '--json', '-tl');
    expect((JSON.parse(stdout) as { sockets: Socket[] }).sockets).toMatchObject([
      { container: NAME, local: { port: PORT } },
    ]);
  });

  it('is what its process is shown to be in, and who watches over it is not', async () => {
    const { stdout } = await run('show', `${pid}`, 'cgroup');
    expect(stdout).toMatch(new RegExp(`container +${NAME}$`, 'm'));
    expect((await run('show', `${monitor}`, 'cgroup', '--json')).stdout).not.toContain(NAME);
  });

  it('is on the screen', async () => {
    const args = ['-N', 'all', '--columns', 'netns,port,command,container', '--filter', `port:${PORT}`];
    await using screen = await openPorttop({
      args,
      ready: new RegExp(`\\d{10} +${PORT} +busybox +${NAME.slice(0, 12)}`),
    });
    screen.press('q');
    expect(await screen.exit).toMatchObject({ code: 0 });
  });

  it('is known by its id where its name may not be read', async () => {
    const { stdout } = await outcomeOf('setpriv', [
      ...['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, PORTTOP],
      ...['list', '-N', 'all', '--json', '-tl', `${PORT}`],
    ]);
    const containers = (JSON.parse(stdout) as { sockets: Socket[] }).sockets.map(
      ({ container }) => container,
    );
    for (const container of containers) expect([null, id]).toContain(container);
  });
});
