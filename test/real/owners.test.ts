import { type ChildProcess, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Socket } from '../../src/sockets/socket.ts';
import { parseSs, SS_ARGUMENTS, type SsSocket } from '../differential/ss.ts';
import { type Namespace, openNamespace } from '../helpers/namespace.ts';
import { PORTTOP } from '../helpers/porttop.ts';
import { needs, needsNamespace, whereIs } from '../helpers/tools.ts';
import { nginxConfiguration } from './nginx.ts';

const isRoot = process.geteuid?.() === 0;
const NOBODY = 65534;
const AS_NOBODY = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'];

/** A server that runs. */
type Running = {
  /** Who holds the listener, by the server's own word. */
  listening: number[];
  /** Connects where nobody has, and asks which process serves the connection; null: it does not say. */
  serving(): Promise<number | null>;
};

type Server = {
  title: string;
  tools: string[];
  /** Why it cannot run here, though it is installed. */
  problem?: string | null;
  port: number;
  /** The name of its processes, or a part of it. */
  command: string;
  start(where: { folder: string; namespace: Namespace; port: number }): Promise<Running>;
};

const SERVERS: Server[] = [
  {
    title: 'nginx, whose master and workers share the listener',
    tools: ['nginx', 'pgrep'],
    port: 8080,
    command: 'nginx',
    async start({ folder, namespace, port }) {
      writeFileSync(`${folder}/nginx.conf`, nginxConfiguration(folder, port));
      const arguments_ = ['-p', folder, '-c', `${folder}/nginx.conf`];
      const nginx = namespace.spawn(whereIs('nginx'), arguments_, { stdio: ['ignore', 'ignore', 'pipe'] });
      const workers = await linesOf(nginx.stderr, /start worker process (\d+)/, 2);
      return {
        listening: [pidIn(`${folder}/nginx.pid`), ...workers.map(Number)],
        serving: async () =>
          Number(await answerOf(namespace, port, /^(\d+)$/, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')),
      };
    },
  },
  {
    title: 'postgres, whose backends serve and do not listen',
    tools: ['postgres', 'initdb', 'psql'],
    problem: isRoot
      ? null
      : 'postgres refuses root, and there is no other user in a namespace of an ordinary user',
    port: 5432,
    command: 'postgres',
    async start({ folder, namespace, port }) {
      const data = `${folder}/data`;
      const asNobody = (program: string, ...args: string[]) => [
        ...AS_NOBODY,
        programOfPostgres(program),
        ...args,
      ];
      spawnSync('chown', [`${NOBODY}:${NOBODY}`, folder]);
      const initdb = asNobody(
        'initdb',
        '-D',
        data,
        '-U',
        'tester',
        '-A',
        'trust',
        '-E',
        'UTF8',
        '--locale=C',
        '--no-sync',
      );
      const made = spawnSync('setpriv', initdb, { cwd: '/', encoding: 'utf8' });
      if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
      const options = ['-D', data, '-h', '127.0.0.1', '-p', `${port}`, '-k', '', '-F'];
      const server = namespace.spawn('setpriv', asNobody('postgres', ...options), {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      await lineOf(server.stderr, /ready to accept connections/);
      return {
        listening: [pidIn(`${data}/postmaster.pid`)],
        async serving() {
          const address = ['-h', '127.0.0.1', '-p', `${port}`];
          const client = namespace.spawn(
            programOfPostgres('psql'),
            [...address, '-U', 'tester', '-Atq', 'postgres'],
            {
              stdio: ['pipe', 'pipe', 'inherit'],
            },
          );
          client.stdin?.write('select pg_backend_pid();\n');
          return Number(await lineOf(client.stdout, /^\d+$/));
        },
      };
    },
  },
  {
    title: 'sshd',
    tools: ['sshd', 'ssh-keygen'],
    port: 2222,
    command: 'sshd',
    async start({ folder, namespace, port }) {
      spawnSync(whereIs('ssh-keygen'), ['-q', '-t', 'ed25519', '-N', '', '-f', `${folder}/key`]);
      const configuration = `
        ListenAddress 127.0.0.1:${port}
        HostKey ${folder}/key
        PidFile ${folder}/sshd.pid
        UsePAM no`;
      writeFileSync(`${folder}/sshd_config`, configuration);
      // It asks for a folder of the system's; in the namespace that can be another.
      const script = 'mount -t tmpfs none /run && mkdir -m 755 /run/sshd && exec "$@"';
      const sshd = [whereIs('sshd'), '-D', '-e', '-f', `${folder}/sshd_config`];
      const server = namespace.spawn('sh', ['-c', script, 'sh', ...sshd], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      await lineOf(server.stderr, /Server listening/);
      // It writes its pid after that, and before it answers anybody.
      await answerOf(namespace, port, /^SSH-2\.0/);
      return { listening: [pidIn(`${folder}/sshd.pid`)], serving: async () => null };
    },
  },
  cluster('SCHED_RR', 7001, 'a node cluster whose primary listens for all'),
  cluster('SCHED_NONE', 7002, 'a node cluster whose workers share the listener'),
];

/** Each connection is told who serves it. */
const CLUSTER = `
const cluster = require('node:cluster');
const [policy, port] = process.argv.slice(2);
cluster.schedulingPolicy = cluster[policy];
if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()].map((worker) => worker.process.pid);
  let listening = 0;
  cluster.on('listening', () => {
    if (++listening === workers.length) console.log(JSON.stringify({ primary: process.pid, workers }));
  });
} else {
  require('node:net')
    .createServer((connection) => connection.write(process.pid + '\\n'))
    .listen(Number(port), '127.0.0.1');
}`;

function cluster(policy: 'SCHED_RR' | 'SCHED_NONE', port: number, title: string): Server {
  return {
    title,
    tools: ['pgrep'],
    port,
    command: 'node',
    async start({ folder, namespace }) {
      writeFileSync(`${folder}/cluster.cjs`, CLUSTER);
      const node = namespace.spawn(process.execPath, [`${folder}/cluster.cjs`, policy, `${port}`], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const { primary, workers } = JSON.parse(await lineOf(node.stdout, /^\{/));
      expect(await childrenOf(primary, namespace)).toEqual(workers.toSorted(ascending));
      return {
        listening: policy === 'SCHED_RR' ? [primary] : [primary, ...workers],
        serving: async () => Number(await answerOf(namespace, port, /^\d+$/)),
      };
    },
  };
}

const noNamespace = needs('ss') ?? needsNamespace({ processes: true });

// In a namespace of their own: nobody else's sockets, ports that nobody else has, and none outlives it.
describe.each(SERVERS)('the owners of $title', (server) => {
  const { port, command } = server;
  const problem = noNamespace ?? needs(...server.tools) ?? server.problem;

  describe.skipIf(problem)(problem ? `(skipped: ${problem})` : 'are', () => {
    let namespace: Namespace;
    let folder: string;
    let running: Running;

    beforeAll(async () => {
      folder = realpathSync(mkdtempSync(`${tmpdir()}/porttop-real-`));
      namespace = await openNamespace({ processes: true });
      running = await server.start({ folder, namespace, port });
    }, 60_000);
    afterAll(async () => {
      await namespace?.[Symbol.asyncDispose]();
      if (folder) rmSync(folder, { recursive: true, force: true });
    });

    async function porttop(...args: string[]): Promise<string> {
      return (await namespace.run(process.execPath, [PORTTOP, 'list', ...args])).stdout;
    }
    async function list(...args: string[]): Promise<Socket[]> {
      return JSON.parse(await porttop('--json', ...args)).sockets;
    }
    async function ss(): Promise<SsSocket[]> {
      return parseSs((await namespace.run('ss', SS_ARGUMENTS)).stdout);
    }

    it('those that the server names, and ss -p', async () => {
      const [listener, ...others] = await list('-l', `:${port}`);
      expect(others).toEqual([]);
      expect(listener).toMatchObject({ state: 'LISTEN', local: { address: '127.0.0.1', port } });
      expect(pidsOf(listener)).toEqual(running.listening.toSorted(ascending));
      const ofSs = (await ss()).filter(({ state, local }) => state === 'LISTEN' && local.port === port);
      expect(ofSs.map(placesOf)).toEqual([placesOf(listener)]);
      const [, row = ''] = (await porttop('-l', `:${port}`)).split('\n');
      expect(row.split(/ {2,}/)).toContain(running.listening.toSorted(ascending).join(','));
    });

    it('found by --pid and by --command, and no other process is', async () => {
      const inodes = async (...args: string[]) => (await list('-l', ...args)).map(({ inode }) => inode);
      const [inode] = await inodes(`:${port}`);
      expect(await inodes('--command', command)).toContain(inode);
      expect(await inodes('--command', `not-${command}`)).toEqual([]);
      for (const pid of running.listening) expect(await inodes('--pid', `${pid}`)).toEqual([inode]);
      const [parent = 0] = running.listening;
      for (const pid of await childrenOf(parent, namespace))
        expect(await inodes('--pid', `${pid}`)).toEqual(running.listening.includes(pid) ? [inode] : []);
    });

    it('of a connection whoever serves it', async () => {
      const pid = await running.serving();
      const connections = (await list(`:${port}`)).filter(({ state }) => state === 'ESTABLISHED');
      const served = connections.filter(({ local }) => local?.port === port);
      expect(connections).toHaveLength(2);
      expect(served).toHaveLength(1);
      if (pid !== null) expect(pidsOf(served[0])).toEqual([pid]);
      const ofSs = (await ss()).filter(({ state }) => state === 'ESTABLISHED');
      expect(connections.map(placesOf).sort()).toEqual(ofSs.map(placesOf).sort());
    });
  });
});

/** Which socket, and every process and descriptor that has it. */
function placesOf(socket: Socket | SsSocket | undefined): string {
  return `${socket?.inode}: ${socket?.owners.map(({ pid, fd }) => `${pid}/${fd}`).join(' ')}`;
}

function pidsOf(socket: Socket | undefined): number[] {
  return [...new Set(socket?.owners.map(({ pid }) => pid))];
}

const ascending = (a: number, b: number) => a - b;

async function childrenOf(pid: number, namespace: Namespace): Promise<number[]> {
  const { stdout } = await namespace.run('pgrep', ['--parent', `${pid}`]);
  return stdout.split('\n').filter(Boolean).map(Number);
}

/** What comes first of a line like this from a port, after a question; whoever asked stays connected. */
function answerOf(namespace: Namespace, port: number, like: RegExp, question = ''): Promise<string> {
  const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; printf %s "$0" >&3; exec cat <&3`;
  const client = namespace.spawn('bash', ['-c', script, question], { stdio: ['ignore', 'pipe', 'inherit'] });
  return lineOf(client.stdout, like);
}

/** The first line of a file that a server has written. */
function pidIn(path: string): number {
  return Number.parseInt(readFileSync(path, 'latin1'), 10);
}

async function lineOf(stream: ChildProcess['stdout'], like: RegExp): Promise<string> {
  return (await linesOf(stream, like, 1))[0] as string;
}

/** The first lines like this that a process writes, or what is in their first brackets; it may go on writing. */
async function linesOf(stream: ChildProcess['stdout'], like: RegExp, count: number): Promise<string[]> {
  if (!stream) throw new Error('it writes nowhere');
  const found: string[] = [];
  const others: string[] = [];
  for await (const line of createInterface(stream)) {
    const match = like.exec(line);
    if (match) found.push(match[1] ?? line);
    else others.push(line);
    if (found.length < count) continue;
    stream.resume();
    return found;
  }
  throw new Error(`it ended before it wrote ${like}: ${others.join('\n')}`);
}

/** Debian has only some of them on the PATH; those beside the server are of its version. */
function programOfPostgres(name: string): string {
  return realpathSync(whereIs('postgres')).replace(/postgres$/, name);
}
