import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Socket } from '../../src/sockets/socket.ts';
import { openPorttop } from '../e2e/porttop.ts';
import { outcomeOf, PORTTOP } from '../helpers/porttop.ts';
import { needs, whereIs } from '../helpers/tools.ts';

const PORT = 8080;
const NAME = `porttop-test-${process.pid}`;

const isRoot = process.geteuid?.() === 0;
const ONLY_ROOT = 'only root may start one as it is done here';
const problem = isRoot ? needs('podman', 'runc', 'busybox') : ONLY_ROOT;

/** A folder with nothing in it but busybox, as the root of a container. */
function rootWithBusybox(): string {
  const folder = realpathSync(mkdtempSync(`${tmpdir()}/porttop-container-`));
  mkdirSync(`${folder}/bin`);
  copyFileSync(whereIs('busybox'), `${folder}/bin/busybox`);
  return folder;
}

describe.skipIf(problem)(`a container of Podman's${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let folder: string;
  let id: string;
  let pid: number;
  let monitor: number;

  // No limits may be raised, no image pulled, and no network is there: its own, with nothing in it.
  beforeAll(() => {
    folder = rootWithBusybox();
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

const STATE = '/run/containerd';
const HOSTS_CONTAINERD = `${STATE}/containerd.sock`;
const containerdProblem = !isRoot
  ? ONLY_ROOT
  : existsSync(STATE) && !existsSync(HOSTS_CONTAINERD)
    ? `${STATE} is somebody's who may come back`
    : needs('containerd', 'ctr', 'runc', 'busybox');

/** containerd, as the host has it, or one that keeps what it knows of its tasks where the host's would. */
class Containerd implements AsyncDisposable {
  /** Of ours, for everything that is done here. */
  readonly namespace = `porttop-test-${process.pid}`;
  readonly #folder: string;
  readonly #address: string;
  readonly #own: ChildProcess | null;
  readonly #started: string[] = [];

  private constructor(folder: string, address: string, own: ChildProcess | null) {
    this.#folder = folder;
    this.#address = address;
    this.#own = own;
  }

  static async open(): Promise<Containerd> {
    const folder = rootWithBusybox();
    if (existsSync(HOSTS_CONTAINERD)) return new Containerd(folder, HOSTS_CONTAINERD, null);
    const address = `${folder}/sock`;
    writeFileSync(
      `${folder}/config.toml`,
      [
        'version = 2',
        `root = "${folder}/containerd"`,
        `state = "${STATE}"`,
        // Pods, and what it reaches the network with.
        'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
        `[grpc]\naddress = "${address}"`,
        `[ttrpc]\naddress = "${address}.ttrpc"`,
      ].join('\n'),
    );
    const own = spawn('containerd', ['--config', `${folder}/config.toml`], { stdio: 'ignore' });
    const containerd = new Containerd(folder, address, own);
    for (let attempt = 0; containerd.#ctr('version').status !== 0; attempt++) {
      if (attempt === 200) throw new Error('containerd does not answer');
      await delay(20);
    }
    return containerd;
  }

  /** Starts httpd in a container with these annotations; its pid. */
  run(id: string, port: number, annotations: Readonly<Record<string, string>> = {}): number {
    const { status, stderr } = this.#ctr(
      ...['run', '--detach', '--rootfs'],
      ...Object.entries(annotations).flatMap(([key, value]) => ['--annotation', `${key}=${value}`]),
      ...[this.#folder, id, '/bin/busybox', 'httpd', '-f', '-p', `${port}`],
    );
    if (status !== 0) throw new Error(`ctr: ${stderr}`);
    this.#started.push(id);
    const [, pid] = new RegExp(`^${id} +(\\d+)`, 'm').exec(this.#ctr('task', 'ls').stdout) ?? [];
    return Number(pid);
  }

  #ctr(...args: string[]) {
    return spawnSync('ctr', ['--address', this.#address, '--namespace', this.namespace, ...args], {
      encoding: 'utf8',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.#started) {
      this.#ctr('task', 'rm', '--force', id);
      this.#ctr('container', 'rm', id);
    }
    this.#ctr('namespace', 'rm', this.namespace);
    if (this.#own?.exitCode === null) {
      const closed = once(this.#own, 'close');
      this.#own.kill();
      await closed;
      rmSync(STATE, { recursive: true, force: true });
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

describe.skipIf(containerdProblem)(
  `containers of containerd's${containerdProblem ? ` (skipped: ${containerdProblem})` : ''}`,
  () => {
    const [plain, named, pod] = [1, 2, 3].map((number) =>
      (process.pid * 10 + number).toString(16).padStart(64, '0'),
    ) as [string, string, string];
    let containerd: Containerd;
    let pids: Readonly<Record<string, number>>;

    beforeAll(async () => {
      containerd = await Containerd.open();
      pids = {
        [plain]: containerd.run(plain, 8090),
        // As nerdctl and Kubernetes have them annotated.
        harbour: containerd.run(named, 8091, { 'nerdctl/name': 'harbour' }),
        'web-0/nginx': containerd.run(pod, 8092, {
          'io.kubernetes.cri.sandbox-name': 'web-0',
          'io.kubernetes.cri.container-name': 'nginx',
        }),
      };
    }, 60_000);
    afterAll(async () => {
      await containerd?.[Symbol.asyncDispose]();
    });

    it('are named as nerdctl and Kubernetes name them, others by their ids', async () => {
      for (const [name, pid] of Object.entries(pids)) {
        const { stdout } = await outcomeOf(process.execPath, [PORTTOP, 'show', `${pid}`, 'cgroup', '--json']);
        expect(JSON.parse(stdout).fields.cgroup.value).toMatchObject({ container: name });
      }
    });

    it('have their listeners named so', async () => {
      const listed = async () => {
        const args = ['list', '-N', 'all', '-tl', '--json', '8090-8092'];
        const { sockets } = JSON.parse((await outcomeOf(process.execPath, [PORTTOP, ...args])).stdout) as {
          sockets: Socket[];
        };
        return sockets.filter(({ owners }) => owners.some(({ pid }) => Object.values(pids).includes(pid)));
      };
      // They may take a moment until they listen.
      let sockets = await listed();
      while (sockets.length < 3) sockets = await listed();
      const held = sockets.map(({ container, owners }) => [container, owners[0]?.pid]);
      expect(Object.fromEntries(held)).toEqual(pids);
    });
  },
);
