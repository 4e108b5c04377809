import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openLibc } from '../../src/libc/libc.ts';
import { type Namespace, namespaceProblem, openNamespace, type Result } from '../helpers/namespace.ts';
import type { Spec } from '../sockets/opener.ts';
import { Opener } from '../sockets/opener-process.ts';
import type { Listing } from './listings.ts';
import type { ZooReport } from './zoo.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/porttop.js', import.meta.url));
const ZOO = fileURLToPath(new URL('zoo.ts', import.meta.url));
const LISTINGS = fileURLToPath(new URL('listings.ts', import.meta.url));

/** What else is in the zoo, that Node has no word for. */
const ODD: Record<string, Spec> = {
  duplicated: { domain: 'ipv4', type: 'stream', bind: '127.0.0.1', listen: 7, duplicate: true },
  onDevice: { domain: 'ipv4', type: 'stream', bind: '127.0.0.1', device: 'lo', listen: 16 },
  mapped: { domain: 'ipv6', type: 'stream', bind: '::ffff:127.0.0.1', v6only: false, listen: 16 },
  bound: { domain: 'ipv4', type: 'stream', bind: '127.0.0.1' },
  mptcp: { domain: 'ipv4', type: 'stream', number: 262, bind: '127.0.0.1', listen: 5 },
  stuck: {
    domain: 'ipv4',
    type: 'stream',
    bind: '127.0.0.1',
    listen: 16,
    clients: ['finWait1', 'closing', 'lastAck'],
  },
  connections6: {
    domain: 'ipv6',
    type: 'stream',
    bind: '::1',
    listen: 16,
    clients: ['accepted', 'halfClosed', 'closed', 'unaccepted'],
  },
  udpOnDevice: { domain: 'ipv4', type: 'dgram', bind: '0.0.0.0', device: 'lo' },
  udpMapped: { domain: 'ipv6', type: 'dgram', v6only: false, connect: '::ffff:127.0.0.1' },
  raw: { domain: 'ipv4', type: 'raw', number: 89 },
  rawConnected: { domain: 'ipv4', type: 'raw', number: 89, connect: '127.0.0.1' },
  raw6: { domain: 'ipv6', type: 'raw', number: 58, bind: '::1' },
  ping: { domain: 'ipv4', type: 'dgram', number: 1, bind: '127.0.0.1', port: 7 },
  unixStream: {
    domain: 'unix',
    type: 'stream',
    bind: hex('\0with connections'),
    listen: 5,
    clients: ['accepted', 'halfClosed', 'unaccepted'],
  },
  unixSeqpacket: { domain: 'unix', type: 'seqpacket', bind: hex('\0a\0b @ c'), listen: 3 },
  unixDgram: { domain: 'unix', type: 'dgram', bind: hex('\0dgram') },
  unixDgramConnected: { domain: 'unix', type: 'dgram', connect: hex('\0dgram') },
  unixAlone: { domain: 'unix', type: 'stream' },
  unixPair: { domain: 'unix', type: 'seqpacket', pair: true },
};

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}

export type Command = { command: string; args: readonly string[] };

/** What was said in a moment in which nothing moved: by each command, by `list` for each of its lists of arguments. */
export type Moment = { commands: Result[]; listings: Listing[]; built: Result };

/** A zoo of sockets in a namespace of its own, with the other tools beside it. */
export class Bed {
  readonly zoo: ZooReport;
  readonly #namespace: Namespace;
  readonly #opener: Opener | null;

  private constructor(namespace: Namespace, zoo: ZooReport, opener: Opener | null) {
    this.#namespace = namespace;
    this.zoo = zoo;
    this.#opener = opener;
  }

  static async open(): Promise<Bed> {
    // Where that may be, of processes too: then the other tools have no others to go through.
    const processes = namespaceProblem({ processes: true }) === null;
    const namespace = await openNamespace({ processes });
    const zoo = await openZoo(namespace);
    const opener = openLibc() && (await openOdd(namespace, zoo));
    return new Bed(namespace, zoo, opener);
  }

  /** All of it is asked in one go, and again if anything moved meanwhile. `built`: the arguments of the built program. */
  async moment(
    commands: readonly Command[],
    listings: readonly (readonly string[])[],
    built: readonly string[],
  ): Promise<Moment> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const before = await this.#tables();
      const asked = Promise.all([
        this.#list(listings),
        this.#run({ command: process.execPath, args: [PROGRAM, ...built] }),
      ]);
      const said: Result[] = [];
      for (const command of commands) said.push(await this.#run(command));
      const [listed, printed] = await asked;
      if ((await this.#tables()) === before) return { commands: said, listings: listed, built: printed };
    }
    throw new Error('the sockets did not keep still');
  }

  /** The kernel's own tables, without what time alone changes. */
  async #tables(): Promise<string> {
    const names = ['tcp', 'tcp6', 'udp', 'udp6', 'raw', 'raw6', 'unix'];
    const args = names.map((name) => `/proc/net/${name}`);
    const { stdout } = await this.#run({ command: 'cat', args });
    // Of an internet socket: its place in the table, timers, retransmissions.
    const timeless = (line: string) => {
      const [place = '', local, remote, state, queues, , , uid, , inode] = line.trim().split(/ +/);
      return /^\d+:$/.test(place) ? [local, remote, state, queues, uid, inode].join(' ') : line;
    };
    return stdout.split('\n').map(timeless).sort().join('\n');
  }

  #run({ command, args }: Command): Promise<Result> {
    return this.#namespace.run(command, args);
  }

  async #list(listings: readonly (readonly string[])[]): Promise<Listing[]> {
    const args = [LISTINGS, ...listings.map((each) => JSON.stringify(each))];
    const { stdout, stderr } = await this.#run({ command: process.execPath, args });
    if (stderr) throw new Error(stderr);
    return JSON.parse(stdout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#opener?.end();
    await this.#namespace[Symbol.asyncDispose]();
  }
}

async function openZoo(namespace: Namespace): Promise<ZooReport> {
  // Its stdin ends with this process, and it with its stdin.
  const zoo = namespace.spawn(process.execPath, [ZOO], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (zoo.stdout) for await (const line of createInterface(zoo.stdout)) return JSON.parse(line);
  throw new Error('the zoo did not open');
}

/** Adds to the report what it opens. */
async function openOdd(namespace: Namespace, { ports, missing }: ZooReport): Promise<Opener> {
  await namespace.run('sh', ['-c', 'echo 0 2147483647 > /proc/sys/net/ipv4/ping_group_range']);
  const opener = await Opener.start(namespace);
  const opened = await opener.open(...Object.values(ODD));
  for (const [at, kind] of Object.keys(ODD).entries()) {
    const result = opened[at];
    if (result && 'port' in result) ports[kind] = result.port;
    else missing[kind] = result?.problem ?? 'not opened';
  }
  return opener;
}
