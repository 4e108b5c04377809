import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NO_OWNERSHIP, type Ownership } from '../../src/sockets/owners.ts';
import { type Names, type RowFacts, Snapshot } from '../../src/sockets/snapshot.ts';
import type { Endpoint, Protocol, Socket } from '../../src/sockets/socket.ts';
import { PROTOCOLS, SocketTable, UNKNOWN_UID } from '../../src/sockets/socket-table.ts';
import type { Wanted } from '../../src/sockets/source.ts';
import { runAtOnce } from '../../src/store/slices.ts';

/**
 * /proc/net of a network namespace full of sockets (Linux 6.18, x86-64), captured while the zoo of
 * test/differential ran in it; `ss` is what `ss -OHntuae` said of them in the same moment.
 */
export const NET = fileURLToPath(new URL('../fixtures/net', import.meta.url));

/** The 4 or 16 bytes of an address, without asking what is under test: IPv4 in decimal, IPv6 in full or with `::`. */
export function bytesOf(address: string): number[] {
  if (!address.includes(':')) return address.split('.').map(Number);
  const [head = '', tail] = address.split('::');
  const groups = (part: string) =>
    part.split(':').flatMap((group) => {
      if (group === '') return [];
      if (group.includes('.')) return group.split('.').map(Number);
      const value = Number.parseInt(group, 16);
      return [value >> 8, value & 255];
    });
  const [before, after] = [groups(head), groups(tail ?? '')];
  return [...before, ...Array<number>(16 - before.length - after.length).fill(0), ...after];
}

/** The four words of an address as a source gives them: its bytes in memory are in network order. */
export function wordsOf(address: string): Uint32Array {
  const words = new Uint32Array(4);
  new Uint8Array(words.buffer).set(bytesOf(address));
  return words;
}

/** include/net/tcp_states.h. */
export const STATE = {
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  FIN_WAIT1: 4,
  FIN_WAIT2: 5,
  TIME_WAIT: 6,
  CLOSE: 7,
  CLOSE_WAIT: 8,
  LAST_ACK: 9,
  LISTEN: 10,
  CLOSING: 11,
  NEW_SYN_RECV: 12,
} as const;

export type Row = {
  protocol?: Protocol;
  local?: string;
  remote?: string;
  localPort?: number;
  remotePort?: number;
  state?: keyof typeof STATE;
  recvQueue?: number;
  sendQueue?: number;
  uid?: number;
  inode?: number;
  /** The inode of its network namespace. */
  netns?: number;
  /** The kernel's cookie, as sock_diag tells it; /proc/net does not. */
  cookie?: number;
};

/** Adds a row, as a source does; what is not said is a listener's on 127.0.0.1:80. */
export function addRow(table: SocketTable, facts: Row): number {
  const { protocol = 'tcp', local = '127.0.0.1', state = protocol === 'tcp' ? 'LISTEN' : 'CLOSE' } = facts;
  const family = local.includes(':') ? 'ipv6' : 'ipv4';
  const { remote = family === 'ipv6' ? '::' : '0.0.0.0' } = facts;
  const row = table.add(protocol, family);
  table.localAddress.set(wordsOf(local), row * 4);
  table.remoteAddress.set(wordsOf(remote), row * 4);
  table.localPort[row] = facts.localPort ?? 80;
  table.remotePort[row] = facts.remotePort ?? 0;
  table.state[row] = STATE[state];
  table.sendQueue[row] = facts.sendQueue ?? 0;
  table.recvQueue[row] = facts.recvQueue ?? 0;
  table.uid[row] = facts.uid ?? 0;
  table.inode[row] = facts.inode ?? 1000;
  table.netns[row] = facts.netns ?? 0;
  table.identity[row] = facts.cookie ?? 0;
  return row;
}

/** A sealed table. */
export function tableOf(...rows: Row[]): SocketTable {
  const table = new SocketTable();
  for (const row of rows) addRow(table, row);
  for (const row of table.protocol.subarray(0, table.length))
    table.sources[PROTOCOLS[row] as Protocol] ??= 'proc';
  runAtOnce(table.seal());
  return table;
}

/** Nobody knows any name. */
export const NAMELESS: Names = {
  service: () => null,
  user: () => null,
  process: () => null,
  scope: () => null,
  device: String,
  netns: () => null,
  cgroups: () => [],
  container: () => null,
  commandLine: () => null,
  host: () => null,
};

/** Everything. */
export const ALL: Wanted = {
  protocols: ['tcp', 'udp', 'udplite', 'raw', 'icmp', 'unix'],
  families: ['ipv4', 'ipv6', 'unix'],
  scope: 'all',
  ports: null,
};

/** Every descriptor of every process was read, and led nowhere. */
export const NOBODY: Ownership = { ...NO_OWNERSHIP, looked: () => true };

export const NOON = new Date('2026-11-23T12:00:00.000Z');

export function snapshotOf(
  rows: Row[],
  { names = {}, ownership = NOBODY }: { names?: Partial<Names>; ownership?: Ownership } = {},
): Snapshot {
  const facts = { time: NOON, table: tableOf(...rows), wanted: ALL, ownership };
  return new Snapshot(facts, { ...NAMELESS, ...names });
}

/** `127.0.0.1:80`, `[::1]:80` as an end of a socket. */
export function end(text: string, service: string | null = null, scope: string | null = null): Endpoint {
  const at = text.lastIndexOf(':');
  const address = text.slice(0, at).replace(/^\[|\]$/g, '');
  return { address, port: Number(text.slice(at + 1)), service, scope, host: null };
}

/** A socket; what is not said is a listener's on 127.0.0.1:80 that nobody holds. */
export function socketOf(facts: Partial<Socket> = {}): Socket {
  const local = facts.local ?? end('127.0.0.1:80');
  return {
    protocol: 'tcp',
    family: local.address.includes(':') ? 'ipv6' : 'ipv4',
    type: 'stream',
    state: 'LISTEN',
    local,
    remote: null,
    path: null,
    peer: null,
    doubtful: false,
    v6only: null,
    device: null,
    exposure: null,
    inode: 1000,
    cookie: null,
    netns: null,
    netnsName: null,
    uid: 0,
    user: 'root',
    recvQueue: null,
    sendQueue: null,
    acceptQueue: 0,
    backlog: null,
    connections: null,
    timer: null,
    cgroup: null,
    unit: null,
    container: null,
    owners: [],
    ownerUnknown: 'no-process',
    ...facts,
  };
}

/** Rows that say of themselves what these sockets do; all of them told by sock_diag if one has a backlog. */
export function factsOf(facts: readonly Partial<Socket>[]): RowFacts {
  const sockets = facts.map(socketOf);
  const table = new SocketTable(sockets.length);
  const told = sockets.some(({ backlog }) => backlog !== null);
  for (const socket of sockets) {
    const { protocol, family, state, local, remote, path } = socket;
    const row = table.add(protocol, family);
    table.sources[protocol] = told ? 'sock_diag' : 'proc';
    table.state[row] = STATE[state === 'UNCONN' || state === 'BOUND' ? 'CLOSE' : state];
    table.inode[row] = socket.inode;
    table.netns[row] = socket.netns ?? 0;
    table.uid[row] = socket.uid ?? UNKNOWN_UID;
    table.recvQueue[row] = socket.acceptQueue ?? socket.recvQueue ?? 0;
    table.sendQueue[row] = socket.backlog ?? socket.sendQueue ?? 0;
    for (const [end, addresses, ports] of [
      [local, table.localAddress, table.localPort],
      [remote, table.remoteAddress, table.remotePort],
    ] as const) {
      if (end === null) continue;
      addresses.set(wordsOf(end.address), row * 4);
      ports[row] = end.port;
    }
    if (path !== null) table.paths.set(row, path);
  }
  const of = (row: number) => sockets[row] as Socket;
  return {
    table,
    socket: of,
    service: (row) => of(row).local?.service ?? null,
    remoteService: (row) => of(row).remote?.service ?? null,
    uid: (row) => of(row).uid,
    user: (row) => of(row).user ?? (of(row).uid === null ? null : String(of(row).uid)),
    pid: (row) => of(row).owners[0]?.pid ?? 0,
    processes: (row) => of(row).owners.filter(({ pid }, at, owners) => pid !== owners[at - 1]?.pid),
    ownerUnknown: (row) => of(row).ownerUnknown,
    started: (row) => of(row).owners[0]?.startTime ?? null,
    connections: (row) => of(row).connections,
    connectionStates: (row) => {
      const count = of(row).connections;
      return count === null ? null : [{ state: 'ESTABLISHED', count }];
    },
    commandLine: (row) => of(row).owners[0]?.command ?? null,
    netnsName: (row) => of(row).netnsName,
    holders: (row) => of(row).owners,
    device: (row) => of(row).device,
    peer: (row) => of(row).peer,
    peerProcess: () => null,
    timer: (row) => of(row).timer,
    cgroup: (row) => of(row).cgroup,
    unit: (row) => of(row).unit,
    container: (row) => of(row).container,
    host: (row, end) => of(row)[end]?.host ?? null,
  };
}

/** One descriptor of a process that holds a socket. */
export function owner(pid: number, command: string | null = null, fd = 3): Socket['owners'][number] {
  return { pid, fd, mode: 'u', command, name: command, startTime: null };
}

/** What a file of a made-up tree is: its bytes, or where it links to. */
export type Tree = Record<string, string | Buffer | { link: string }>;

/** A tree in a folder of its own. A path that ends in `/` is an empty folder. */
export class TemporaryTree {
  readonly root = mkdtempSync(join(tmpdir(), 'porttop-'));

  constructor(tree: Tree = {}) {
    this.add(tree);
  }

  add(tree: Tree): void {
    for (const [path, content] of Object.entries(tree)) {
      const whole = join(this.root, path);
      mkdirSync(path.endsWith('/') ? whole : dirname(whole), { recursive: true });
      if (path.endsWith('/')) continue;
      if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(whole, content);
      else symlinkSync(content.link, whole);
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Whether an address is in one of these subnets, as Node sees it. */
export function within(address: string, ...subnets: string[]): boolean {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [net = '', prefix] = subnet.split('/');
    list.addSubnet(net, Number(prefix), net.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}
