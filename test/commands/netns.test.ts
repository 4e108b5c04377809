import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openNamespaces } from '../../src/commands/netns.ts';
import { openLibc } from '../../src/libc/libc.ts';
import { ProcFs } from '../../src/procfs/procfs.ts';
import { NamespacesSource } from '../../src/sockets/namespaces-source.ts';
import type { Socket } from '../../src/sockets/socket.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { parseSs, SS_ARGUMENTS } from '../differential/ss.ts';
import { openPorttop } from '../e2e/porttop.ts';
import { type Namespace, openNamespace } from '../helpers/namespace.ts';
import { type Outcome, outcomeOf, PORTTOP } from '../helpers/porttop.ts';
import { openTerminal } from '../helpers/terminal.ts';
import { needsNamespace } from '../helpers/tools.ts';
import { ALL } from '../sockets/fixture.ts';

const AS_NOBODY = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
/** Nothing else listens on it, as far as one can help it. */
const PORT = '47115';

const list = (...args: string[]) => outcomeOf(process.execPath, [PORTTOP, 'list', ...args]);
const listAsNobody = (...args: string[]) =>
  outcomeOf('setpriv', [...AS_NOBODY, process.execPath, PORTTOP, 'list', ...args]);

function socketsIn({ stdout, stderr }: Outcome): Socket[] {
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout).sockets;
}

/** A namespace that `ip netns` made. */
class Named implements Disposable {
  readonly name: string;

  constructor(name: string) {
    this.name = `porttop-${process.pid}-${name}`;
    execFileSync('ip', ['netns', 'add', this.name]);
    execFileSync('ip', ['-n', this.name, 'link', 'set', 'lo', 'up']);
  }

  get inode(): number {
    return Number(execFileSync('stat', ['-L', '-c', '%i', `/run/netns/${this.name}`], { encoding: 'utf8' }));
  }

  serve(address = '127.0.0.1'): Promise<Server> {
    return serve(address, 'ip', 'netns', 'exec', this.name);
  }

  [Symbol.dispose](): void {
    execFileSync('ip', ['netns', 'del', this.name]);
  }
}

type Server = AsyncDisposable & { pid: number };

/** A process that listens on an address, over UDP too, and is connected to itself, wherever the command starts it. */
async function serve(address: string, command: string, ...inside: string[]): Promise<Server> {
  const listening = `
    const { connect, createServer } = require('node:net');
    const datagrams = require('node:dgram').createSocket('udp4');
    createServer(() => {}).listen(${PORT}, '${address}', () => datagrams.bind(${PORT}, () =>
      connect(${PORT}, '${address}', () => console.log('up'))));
    process.stdin.on('end', () => process.exit()).resume();`;
  const child = spawn(command, [...inside, process.execPath, '-e', listening], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(createInterface(child.stdout), 'line');
  return {
    pid: child.pid as number,
    async [Symbol.asyncDispose]() {
      const closed = once(child, 'close');
      child.stdin.end();
      await closed;
    },
  };
}

const problem =
  process.geteuid?.() !== 0 ? 'only root may name one' : openLibc() ? needsNamespace() : 'no foreign calls';

describe.skipIf(problem)(`porttop list --netns${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let blue: Named;
  let green: Named;
  let blueServer: Server;
  let greenServer: Server;

  beforeAll(async () => {
    blue = new Named('blue');
    green = new Named('green');
    [blueServer, greenServer] = await Promise.all([blue.serve(), green.serve()]);
  });
  afterAll(async () => {
    await Promise.all([blueServer, greenServer].map((server) => server?.[Symbol.asyncDispose]()));
    for (const namespace of [blue, green]) namespace?.[Symbol.dispose]();
  });

  it('shows what has the same address in two namespaces twice, told apart', async () => {
    const outcome = await list('-N', 'all', '--json', '-tl', PORT);
    const [one, other] = [blue, green].map(({ name }) =>
      socketsIn(outcome).filter(({ netnsName }) => netnsName === name),
    );
    expect(one).toMatchObject([{ local: { address: '127.0.0.1' }, netns: blue.inode, backlog: 511 }]);
    expect(other).toMatchObject([{ local: { address: '127.0.0.1' }, netns: green.inode }]);
    expect(one?.[0]?.cookie).not.toBe(other?.[0]?.cookie);
    // A socket's inode is the same wherever it is: its owner is found from here.
    expect(one?.[0]?.owners.map(({ pid }) => pid)).toEqual([blueServer.pid]);
    expect(other?.[0]?.owners.map(({ pid }) => pid)).toEqual([greenServer.pid]);
  });

  it('shows nothing of them unless asked', async () => {
    const sockets = socketsIn(await list('--json', '-a'));
    const own = Number(/\d+/.exec(readlinkSync('/proc/self/ns/net'))?.[0]);
    expect(new Set(sockets.map(({ netns }) => netns))).toEqual(new Set([own]));
  });

  it('names each in a column, and numbers one without a name', async () => {
    await using server = await serve(
      '127.0.0.1',
      'unshare',
      '--net',
      'sh',
      '-c',
      'ip link set lo up && exec "$@"',
      'sh',
    );
    const { stdout, status } = await list('-N', 'all', '-tl', PORT);
    const [heading, ...lines] = stdout.trimEnd().split('\n');
    expect(heading).toMatch(/^NETNS +PROTO +STATE/);
    const [number] = /\d+/.exec(readlinkSync(`/proc/${server.pid}/ns/net`)) ?? [];
    for (const shown of [blue.name, green.name, `${number} `])
      expect(lines.filter((line) => line.startsWith(shown))).toHaveLength(1);
    expect(status).toBe(0);
  });

  it('names interfaces as they are called in there', async ({ skip }) => {
    using lan = new Named('lan');
    const ip = (...args: string[]) => execFileSync('ip', ['-n', lan.name, ...args]);
    try {
      ip('link', 'add', 'porttop0', 'type', 'veth', 'peer', 'name', 'porttop1');
    } catch {
      skip('no veth devices');
    }
    ip('addr', 'add', 'fe80::1/64', 'dev', 'porttop0', 'nodad');
    for (const device of ['porttop0', 'porttop1']) ip('link', 'set', device, 'up');
    await using _server = await lan.serve('fe80::1%porttop0');
    const sockets = socketsIn(await list('-N', lan.name, '-tl', '--json'));
    expect(sockets).toMatchObject([{ local: { address: 'fe80::1', scope: 'porttop0' }, device: 'porttop0' }]);
  });

  it('of a name says what ss -N says', async () => {
    const ours = socketsIn(await list('-N', blue.name, '-a', '--json'));
    const { stdout } = await outcomeOf('ss', ['-N', blue.name, ...SS_ARGUMENTS]);
    expect(facts(ours)).toEqual(facts(parseSs(stdout)));
    expect(ours.length).toBeGreaterThanOrEqual(4);
  });

  it('of a pid says what ss says in there', async () => {
    const pid = String(greenServer.pid);
    const ours = socketsIn(await list('-N', pid, '-a', '--json'));
    const { stdout } = await outcomeOf('nsenter', ['-t', pid, '-n', 'ss', ...SS_ARGUMENTS]);
    expect(facts(ours)).toEqual(facts(parseSs(stdout)));
    expect(new Set(ours.map(({ netns }) => netns))).toEqual(new Set([green.inode]));
  });

  it('says the same from /proc/PID/net', () => {
    const read = (libc: ReturnType<typeof openLibc>) => {
      const table = runAtOnce(openNamespaces(blue.name, new ProcFs(), libc).read({ ...ALL, scope: 'all' }));
      const rows = Array.from({ length: table.length }, (_, row) => row);
      const told = rows.map((row) => `${table.protocol[row]} ${table.inode[row]} ${table.netns[row]}`);
      return { told: told.sort(), source: table.sources.tcp };
    };
    const [diag, proc] = [read(openLibc()), read(null)];
    expect([diag.source, proc.source]).toEqual(['sock_diag', 'proc']);
    expect(diag.told.filter((row) => !row.startsWith('5'))).toEqual(
      proc.told.filter((row) => !row.startsWith('5')),
    );
  });

  it('reads a named namespace in which no process is', async () => {
    using empty = new Named('empty');
    expect(await list('-N', empty.name)).toEqual({
      status: 0,
      stdout: '',
      stderr: 'porttop: nothing matches\n',
    });
  });

  it('does without a namespace that ends meanwhile, and holds nothing of it', async () => {
    const fleeting = new Named('fleeting');
    const server = await fleeting.serve();
    const source = openNamespaces(fleeting.name, new ProcFs(), openLibc());
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    expect(runAtOnce(source.read(ALL)).length).toBeGreaterThan(0);
    expect(open()).toBe(before);
    await server[Symbol.asyncDispose]();
    fleeting[Symbol.dispose]();
    expect(runAtOnce(source.read(ALL)).length).toBe(0);
    expect(source.missed.unread).toEqual([]);
  });

  it('knows the details of a connection in there', () => {
    const source = openNamespaces(blue.name, new ProcFs(), openLibc());
    const table = runAtOnce(source.read({ ...ALL, protocols: ['tcp'] }));
    const connected = Array.from({ length: table.length }, (_, row) => row).filter((row) =>
      table.isEstablished(row),
    );
    expect(connected.length).toBeGreaterThanOrEqual(2);
    for (const row of connected) expect(source.inspect(table, row)?.tcpInfo).not.toBeNull();
  });

  it.each([
    [
      'a name',
      'porttop-nowhere',
      /^porttop: 'porttop-nowhere' is the name of no network namespace: there are .+\n$/,
    ],
    [
      'a pid',
      '4194304',
      /^porttop: there is no process 4194304, nor a network namespace of that name: .+\n$/,
    ],
  ])('is wrong usage for %s that there is not, and tells which there are', async (_, asked, message) => {
    const { status, stdout, stderr } = await list('-N', asked);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    for (const { name } of [blue, green]) expect(stderr).toContain(name);
  });

  it('counts those of all others for the screen, without its own', () => {
    const others = new NamespacesSource(new ProcFs(), openLibc(), 'others');
    const table = runAtOnce(others.read({ ...ALL, protocols: ['tcp'], scope: 'listening' }));
    const own = Number(/\d+/.exec(readlinkSync('/proc/self/ns/net'))?.[0]);
    const read = new Set(table.netns.subarray(0, table.length));
    expect(read.has(own)).toBe(false);
    for (const { inode } of [blue, green]) expect(read.has(inode)).toBe(true);
  });

  it('shows them on the screen, each with its namespace and its owner, and their details', async () => {
    await using screen = await openPorttop({ args: ['-N', blue.name], columns: 120, rows: 24 });
    const row = new RegExp(`${blue.name.slice(0, 9)}.* ${PORT} .* ${blueServer.pid} `);
    await screen.waitFor(row);
    screen.press('2');
    await screen.waitFor(/^[▌ ] {3}porttop-.* tcp .*127\.0\.0\.1:\d+ +127/m);
    screen.press('g', 'Enter');
    await screen.waitFor(/round trip/);
  });

  describe('for an ordinary user', () => {
    it('shows every socket, says which namespaces it could not read, and what would help', async () => {
      const outcome = await listAsNobody('-N', 'all', '--json', '-tl', PORT);
      expect(socketsIn(outcome).filter(({ netns }) => netns === null).length).toBeGreaterThanOrEqual(2);
      expect(outcome.stderr).toMatch(
        /^porttop: \d+ network namespaces? could not be read: .+; run as root\n$/,
      );
      expect(outcome.stderr).toContain(blue.name);
      expect(outcome.status).toBe(3);
    });

    it('is an error where the only one that is wanted may not be read', async () => {
      expect(await listAsNobody('-N', blue.name)).toEqual({
        status: 2,
        stdout: '',
        stderr: `porttop: cannot read /run/netns/${blue.name}: not allowed (run as root)\n`,
      });
    });

    it('shows the sockets of another user’s process’s namespace', async () => {
      const outcome = await listAsNobody('-N', String(blueServer.pid), '--json', '-tl');
      expect(socketsIn(outcome)).toMatchObject([
        { local: { port: Number(PORT) }, netns: null, netnsName: null },
      ]);
    });
  });
});

const processesProblem = problem ?? needsNamespace({ processes: true });

describe.skipIf(processesProblem)(
  `the screen, of a host's namespaces${processesProblem ? ` (skipped: ${processesProblem})` : ''}`,
  () => {
    /** Of its own, with its own /proc and /run: nobody else's namespaces are counted. */
    let host: Namespace;
    const listening = (ports: readonly number[]) => `
      const { createServer } = require('node:net');
      const up = ${JSON.stringify(ports)}.map((port) =>
        new Promise((resolve) => createServer().listen(port, '127.0.0.1', resolve)));
      Promise.all(up).then(() => console.log('up'));`;

    async function serveIn(ports: readonly number[], ...inside: string[]): Promise<ChildProcess> {
      const [command = '', ...args] = [...inside, process.execPath, '-e', listening(ports)];
      const child = host.spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(createInterface(child.stdout as Readable), 'line');
      return child;
    }

    const open = (...args: string[]) => {
      const wrapped = host.wrap(process.execPath, [PORTTOP, '-d', '0.1', ...args]);
      return openTerminal({ ...wrapped, columns: 140, rows: 40 });
    };

    beforeAll(async () => {
      host = await openNamespace({ processes: true });
      const made = await host.run('sh', [
        '-e',
        '-c',
        'mount -t tmpfs tmpfs /run; ip netns add red; ip -n red link set lo up',
      ]);
      if (made.code !== 0) throw new Error(made.stderr);
      await serveIn([7001]);
      await serveIn([7002, 7003], 'ip', 'netns', 'exec', 'red');
      await serveIn([7004], 'unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh');
    });
    afterAll(async () => {
      await host?.[Symbol.asyncDispose]();
    });

    it('counts in its header what listens in the others, and lists only its own', async () => {
      await using screen = open();
      await screen.waitFor(/ 1 listening .*3 in other netns/);
      expect(screen.text()).toContain(' 7001 ');
      expect(screen.text()).not.toMatch(/ 700[234] /);
      const { stdout } = await host.run(process.execPath, [PORTTOP, 'list', '-N', 'all', '-tl', '--json']);
      expect(JSON.parse(stdout).sockets).toHaveLength(4);
    });

    it('counts none where it shows all of them', async () => {
      await using screen = open('-N', 'all');
      await screen.waitFor(/ 4 listening /);
      await screen.waitFor((lines) =>
        [7001, 7002, 7003, 7004].every((port) => lines.some((line) => line.includes(` ${port} `))),
      );
      expect(screen.text()).not.toContain('in other netns');
    });

    it('tells of a socket in another one, which it is asked about in there, and who holds it', async () => {
      await using screen = open('-N', 'all', ':7003');
      await screen.waitFor(/^▌ +red .*:7003 .* node /m);
      screen.press('Enter');
      await screen.waitFor(/│▸ socket +tcp 127\.0\.0\.1:7003, LISTEN, 0 of 511 .*sock_diag/);
      await screen.waitFor(/│ +owner +node \d+ fd \d+/);
      // Which the kernel tells only in there.
      await screen.waitFor(/│ +buffers .*skmeminfo/);
    });

    // A thousand times as long after a count as that took: on a busy machine half a minute.
    it('counts anew when one is left', { timeout: 100_000 }, async () => {
      const inHost = (script: string) => host.run('sh', ['-e', '-c', script]);
      const leave = 'ip netns pids blue | xargs -r kill';
      expect(await inHost('ip netns add blue; ip -n blue link set lo up')).toMatchObject({ code: 0 });
      onTestFinished(async () => void (await inHost(`${leave}; ip netns del blue`)));
      const server = await serveIn([7005, 7006], 'ip', 'netns', 'exec', 'blue');
      await using screen = open();
      await screen.waitFor(/ 5 in other netns/);
      // `ip netns exec` becomes what it runs; nsenter waits for it, outside.
      const left = once(server, 'close');
      await inHost(leave);
      await left;
      await screen.waitFor(/ 3 in other netns/, { timeout: 90_000 });
    });
  },
);

type Told = Pick<Socket, 'protocol' | 'inode'> & {
  state: string;
  local: End | null;
  remote: End | null;
  owners: readonly { pid: number; fd: number }[];
};
type End = { address: string; port: number };

/** What porttop and ss both tell. */
function facts(sockets: readonly Told[]): string[] {
  const end = (of: End | null) => (of ? `${of.address} ${of.port}` : '-');
  return sockets
    .map(({ protocol, state, local, remote, inode, owners }) => {
      const held = owners.map(({ pid, fd }) => `${pid}/${fd}`).join();
      return [protocol, state, end(local), end(remote), inode, held].join(' ');
    })
    .sort();
}
