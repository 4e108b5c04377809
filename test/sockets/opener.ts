/**
 * Opens sockets that Node has no word for, and reads the tables of sockets by both sources, as its parent
 * tells it. It runs in the network namespace that is to be read (test/helpers/namespace.ts), and ends with its
 * parent.
 */
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { openLibc } from '../../src/libc/libc.ts';
import type { SocketDetails } from '../../src/netlink/messages.ts';
import { openSockDiag } from '../../src/netlink/sock-diag.ts';
import { ProcFs } from '../../src/procfs/procfs.ts';
import { DiagReader } from '../../src/sockets/diag-source.ts';
import { HostSource } from '../../src/sockets/host-source.ts';
import { ProcReader } from '../../src/sockets/proc-source.ts';
import type { Family, Protocol, Timer } from '../../src/sockets/socket.ts';
import { type SocketTable, UNKNOWN, UNKNOWN_UID } from '../../src/sockets/socket-table.ts';
import type { Wanted } from '../../src/sockets/source.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { bytesOf } from './fixture.ts';

/** A socket, or a pair of them. Ports are the kernel's choice. */
export type Spec = {
  domain: 'ipv4' | 'ipv6' | 'unix';
  type: 'stream' | 'dgram' | 'seqpacket' | 'raw';
  /** IPPROTO_*; 0: what goes with the type. */
  number?: number;
  /** An address, or in hex a sun_path; what has none is not bound. */
  bind?: string;
  /** For a bound address of IPv6. */
  scope?: number;
  port?: number;
  device?: string;
  v6only?: boolean;
  reusePort?: boolean;
  /** Of each client (SO_KEEPALIVE). */
  keepAlive?: boolean;
  /** The backlog. */
  listen?: number;
  /** Connections to the socket itself, and what becomes of each. */
  clients?: (End | StuckEnd)[];
  /** To this address the clients connect. */
  via?: string;
  /** Only for a dgram: connects to an address, or to a sun_path. */
  connect?: string;
  pair?: true;
  /** At another number too. */
  duplicate?: true;
};

type End = 'unaccepted' | 'accepted' | 'halfClosed' | 'closed';

/** The client has shut its side, but its FIN waits behind what the other end does not read. Both are still held. */
type StuckEnd = 'finWait1' | 'closing' | 'lastAck';

export type Command =
  | { open: Spec[] }
  | { close: true }
  | { read: Wanted }
  | { inspect: { protocols: Protocol[] } };

/** What came of each spec: its port, or why it is not there. */
export type Opened = { port: number } | { problem: string };

export type Fact = {
  protocol: Protocol;
  family: Family;
  state: string;
  local: string;
  remote: string;
  recvQueue: number;
  sendQueue: number;
  uid: number | null;
  inode: number;
  type: number;
  v6only: boolean | null;
  device: number;
  cgroup: number;
  cookie: number;
  path: string | null;
  peer: number | null;
  timer: Timer | null;
};

/** Both in a moment in which nothing moved. */
export type Tables = { diag: Fact[]; proc: Fact[]; sources: SocketTable['sources'] };

export type Inspected = { row: Fact; details: SocketDetails | null }[];

type Call = (...args: (number | Uint8Array | Int32Array)[]) => number;
type Koffi = { load(path: null): { func(prototype: string): Call }; errno(): number };
const koffi = createRequire(import.meta.url)(`@koromix/koffi-linux-${process.arch}`) as Koffi;
const library = koffi.load(null);

function foreign(prototype: string): Call {
  const call = library.func(prototype);
  return (...args) => {
    const result = call(...args);
    if (result < 0) throw new Error(`${prototype}: errno ${koffi.errno()}`);
    return result;
  };
}
const socket = foreign('int socket(int domain, int type, int protocol)');
const bind = foreign('int bind(int fd, const void *address, uint32_t length)');
const connect = foreign('int connect(int fd, const void *address, uint32_t length)');
const listen = foreign('int listen(int fd, int backlog)');
const accept = foreign('int accept(int fd, void *address, void *length)');
const shutdown = foreign('int shutdown(int fd, int how)');
const close = foreign('int close(int fd)');
const setsockopt = foreign('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)');
const getsockname = foreign('int getsockname(int fd, void *address, void *length)');
const socketpair = foreign('int socketpair(int domain, int type, int protocol, void *fds)');
const dup = foreign('int dup(int fd)');
const write = foreign('int64_t write(int fd, const void *bytes, size_t length)');
/** -1 where a wait would be needed. */
const send = library.func('int64_t send(int fd, const void *bytes, size_t length, int flags)');
const [MSG_DONTWAIT, MSG_NOSIGNAL] = [0x40, 0x4000];

const DOMAINS = { unix: 1, ipv4: 2, ipv6: 10 };
const TYPES = { stream: 1, dgram: 2, raw: 3, seqpacket: 5 };
const [SOL_SOCKET, SO_KEEPALIVE, SO_REUSEPORT, SO_BINDTODEVICE] = [1, 9, 15, 25];
const [IPPROTO_IPV6, IPV6_V6ONLY] = [41, 26];
const YES = new Uint8Array(new Uint32Array([1]).buffer);
const NONBLOCK_CLOEXEC = 0o2004000;

let descriptors: number[] = [];

function keep(descriptor: number): number {
  descriptors.push(descriptor);
  return descriptor;
}

function addressOf(domain: Spec['domain'], address: string, port = 0, scope = 0): Buffer {
  if (domain === 'unix') {
    const path = Buffer.from(address, 'hex');
    const bytes = Buffer.alloc(2 + path.length);
    new Uint16Array(bytes.buffer, bytes.byteOffset, 1)[0] = DOMAINS.unix;
    path.copy(bytes, 2);
    return bytes;
  }
  const bytes = Buffer.alloc(domain === 'ipv4' ? 16 : 28);
  new Uint16Array(bytes.buffer, bytes.byteOffset, 1)[0] = DOMAINS[domain];
  bytes.writeUInt16BE(port, 2);
  bytes.set(bytesOf(address), domain === 'ipv4' ? 4 : 8);
  if (domain === 'ipv6') new Uint32Array(bytes.buffer, bytes.byteOffset + 24, 1)[0] = scope;
  return bytes;
}

function portOf(descriptor: number): number {
  const address = Buffer.alloc(128);
  getsockname(descriptor, address, new Uint8Array(new Uint32Array([128]).buffer));
  return address.readUInt16BE(2);
}

function open(spec: Spec): number {
  const { domain, type } = spec;
  const kind = TYPES[type] | NONBLOCK_CLOEXEC;
  if (spec.pair) {
    const both = new Uint32Array(2);
    socketpair(DOMAINS[domain], kind, 0, new Uint8Array(both.buffer));
    for (const descriptor of both) keep(descriptor);
    return 0;
  }
  const descriptor = keep(socket(DOMAINS[domain], kind, spec.number ?? 0));
  const set = (level: number, name: number, value: Uint8Array) =>
    setsockopt(descriptor, level, name, value, value.length);
  const no = new Uint8Array(4);
  if (spec.reusePort) set(SOL_SOCKET, SO_REUSEPORT, YES);
  if (domain === 'ipv6' && spec.v6only !== undefined) set(IPPROTO_IPV6, IPV6_V6ONLY, spec.v6only ? YES : no);
  if (spec.device) set(SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${spec.device}\0`));
  if (spec.bind !== undefined) {
    const address = addressOf(domain, spec.bind, spec.port, spec.scope);
    bind(descriptor, address, address.length);
  }
  if (spec.connect !== undefined) {
    const address = addressOf(domain, spec.connect, 9, spec.scope);
    connect(descriptor, address, address.length);
  }
  if (spec.listen !== undefined) listen(descriptor, spec.listen);
  if (spec.duplicate) keep(dup(descriptor));
  const port = domain === 'unix' || type === 'raw' ? 0 : portOf(descriptor);
  for (const end of spec.clients ?? []) converse(spec, descriptor, port, end);
  return port;
}

function converse(
  spec: Spec,
  listener: number,
  port: number,
  end: NonNullable<Spec['clients']>[number],
): void {
  const to = spec.via ?? (spec.bind as string);
  const domain = spec.domain === 'unix' ? 'unix' : to.includes(':') ? 'ipv6' : 'ipv4';
  const client = keep(socket(DOMAINS[domain], TYPES[spec.type], 0));
  if (spec.keepAlive) setsockopt(client, SOL_SOCKET, SO_KEEPALIVE, YES, YES.length);
  const address = addressOf(domain, to, port, spec.scope);
  connect(client, address, address.length);
  if (end === 'unaccepted') return;
  const accepted = keep(accept(listener, new Uint8Array(128), new Uint8Array(new Uint32Array([128]).buffer)));
  const said = Buffer.from('nobody reads this');
  if (end === 'accepted') write(client, said, said.length);
  if (end === 'halfClosed') shutdown(client, 1);
  if (end === 'finWait1' || end === 'closing' || end === 'lastAck') getStuck(client, accepted, end);
  if (end === 'closed') {
    descriptors = descriptors.filter((each) => each !== client && each !== accepted);
    close(client);
    close(accepted);
  }
}

function getStuck(client: number, accepted: number, end: StuckEnd): void {
  if (end === 'lastAck') shutdown(accepted, 1);
  sendAll(client);
  shutdown(client, 1);
  if (end === 'closing') shutdown(accepted, 1);
}

/** As much as the other end takes without reading, and the queue here. */
function sendAll(descriptor: number): void {
  const much = Buffer.alloc(1 << 20);
  const sent = () => send(descriptor, much, much.length, MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
  while (sent()) {}
}

const procfs = new ProcFs();
const libc = openLibc();
const diag = libc && new DiagReader(openSockDiag(libc));
const bySockDiag = new HostSource(diag, new ProcReader(procfs));
const byProc = new HostSource(null, new ProcReader(procfs));

function factsOf(table: SocketTable, row: number): Fact {
  const uid = table.uid[row] as number;
  const v6only = table.v6only[row] as number;
  return {
    protocol: table.protocolOf(row),
    family: table.familyOf(row),
    state: table.stateOf(row),
    local: `${table.localAddressOf(row)} ${table.localPort[row]}`,
    remote: `${table.remoteAddressOf(row)} ${table.remotePort[row]}`,
    recvQueue: table.recvQueue[row] as number,
    sendQueue: table.sendQueue[row] as number,
    uid: uid === UNKNOWN_UID ? null : uid,
    inode: table.inode[row] as number,
    type: table.type[row] as number,
    v6only: v6only === UNKNOWN ? null : v6only === 1,
    device: table.device[row] as number,
    cgroup: table.cgroup[row] as number,
    cookie: table.identity[row] as number,
    path: table.paths.get(row) ?? null,
    peer: table.peers.get(row) ?? null,
    timer: table.timerOf(row),
  };
}

function tableOf(source: HostSource, wanted: Wanted): SocketTable {
  return runAtOnce(source.read(wanted));
}

/** Whether nothing moved; but for timers, which always do. */
function isStill(before: readonly Fact[], after: readonly Fact[]): boolean {
  const still = (facts: readonly Fact[]) => facts.map((fact) => ({ ...fact, timer: fact.timer?.kind }));
  return isDeepStrictEqual(still(before), still(after));
}

function factsIn(table: SocketTable): Fact[] {
  return Array.from({ length: table.length }, (_, row) => factsOf(table, row));
}

/** In IPv6, a connection to a listener that is being made takes a moment, even here. */
async function readBoth(wanted: Wanted): Promise<Tables> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const table = tableOf(bySockDiag, wanted);
    const first = factsIn(table);
    const proc = factsIn(tableOf(byProc, wanted));
    if (isStill(first, factsIn(tableOf(bySockDiag, wanted)))) {
      return { diag: first, proc, sources: table.sources };
    }
    await delay(20);
  }
  throw new Error('the sockets did not keep still');
}

async function obey(command: Command): Promise<unknown> {
  if ('open' in command) {
    return command.open.map((spec): Opened => {
      try {
        return { port: open(spec) };
      } catch (error) {
        return { problem: (error as Error).message };
      }
    });
  }
  if ('read' in command) return await readBoth(command.read);
  if ('inspect' in command) {
    const { protocols } = command.inspect;
    const table = tableOf(bySockDiag, {
      protocols,
      families: ['ipv4', 'ipv6', 'unix'],
      scope: 'all',
      ports: null,
    });
    return factsIn(table).map((row, at) => ({ row, details: bySockDiag.inspect(table, at) }));
  }
  for (const descriptor of descriptors) close(descriptor);
  descriptors = [];
  return null;
}

process.on('message', async (command: Command) => {
  try {
    process.send?.({ answer: await obey(command) });
  } catch (error) {
    process.send?.({ problem: (error as Error).stack });
  }
});
process.on('disconnect', () => process.exit());
process.send?.({ answer: 'ready' });
