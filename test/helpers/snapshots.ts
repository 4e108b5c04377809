import ipaddr from 'ipaddr.js';
import { Connections } from '../../src/sockets/connections.ts';
import type { Holder, Ownership } from '../../src/sockets/owners.ts';
import { type Names, Snapshot } from '../../src/sockets/snapshot.ts';
import type { Family, Protocol, State } from '../../src/sockets/socket.ts';
import { DOUBTFUL, SocketTable, type SourceName, UNKNOWN_UID } from '../../src/sockets/socket-table.ts';
import type { Wanted } from '../../src/sockets/source.ts';
import { runAtOnce } from '../../src/store/slices.ts';

/** A process that holds a socket. What is not said is as if `/proc/PID/stat` had said nothing of it. */
export type Process = {
  pid: number;
  /** What a person calls it; comm is the same unless said. */
  name: string;
  command?: string;
  fd?: number;
  /** As ps writes them; what the kernel calls it unless said. */
  args?: string;
  /** ISO 8601; three days before {@link NOON} unless said. */
  started?: string | null;
  /** It ended before anybody could read it. */
  ended?: boolean;
};

/** A socket as a literal: `tcp('127.0.0.1:80', { owners: [held('nginx', 812)] })`. */
export type SocketLiteral = {
  protocol: Protocol;
  /** Of a unix socket its path; '' where it has none. */
  local: string;
  remote?: string;
  state?: State;
  /** By default made of its protocol and ports; 0 in TIME_WAIT. */
  inode?: number;
  uid?: number;
  recvQueue?: number;
  sendQueue?: number;
  /** As sock_diag tells it. */
  cookie?: number;
  /** The inode of its network namespace. */
  netns?: number;
  /** The index of the interface that it is bound to, and the id of its cgroup. */
  device?: number;
  cgroup?: number;
  /** Of a unix socket: SOCK_STREAM unless said, and the inode at its other end. */
  type?: number;
  peer?: number;
  /** Of a unix socket: that it may be forged. */
  doubtful?: true;
  /** A timer of TCP: its number, in how many ms it runs out, how often it did. */
  timer?: readonly [kind: number, expires: number, retransmits?: number];
  owners?: readonly Process[];
};

type More = Partial<Omit<SocketLiteral, 'protocol' | 'local'>>;

export const tcp = (local: string, more: More = {}): SocketLiteral => ({ protocol: 'tcp', local, ...more });
export const udp = (local: string, more: More = {}): SocketLiteral => ({ protocol: 'udp', local, ...more });
/** Its inode has to be said. */
export const unix = (path: string, more: More & { inode: number }): SocketLiteral => ({
  protocol: 'unix',
  local: path,
  ...more,
});
export const connection = (local: string, remote: string, more: More = {}): SocketLiteral =>
  tcp(local, { remote, state: 'ESTABLISHED', ...more });
export const held = (name: string, pid: number, more: Partial<Process> = {}): Process => ({
  name,
  pid,
  ...more,
});

export type Circumstances = {
  /** Seconds after {@link NOON}. */
  at?: number;
  users?: Readonly<Record<number, string>>;
  /** `80/tcp` → its name. */
  services?: Readonly<Record<string, string>>;
  /** Address → interface. */
  scopes?: Readonly<Record<string, string>>;
  /** Network namespace → what `ip netns` calls it. */
  netns?: Readonly<Record<number, string>>;
  /** Cgroup by its id, or by `pid 812`. */
  cgroups?: Readonly<Record<number | `pid ${number}`, string>>;
  /** Address → its name. */
  /** By their ids. */
  containers?: Record<string, string>;
  hosts?: Readonly<Record<string, string>>;
  /** Nobody has looked for owners yet. */
  unowned?: boolean;
  /** Processes whose descriptors may not be read. */
  unreadable?: Readonly<Record<number, string>>;
  hidden?: boolean;
  /** What was asked of the source. */
  wanted?: Wanted;
  /** Who told of the sockets; /proc unless said. */
  source?: SourceName;
  /** By the inode of the listener; nobody counted them unless said. */
  connections?: Readonly<Record<number, number>>;
};

export const EVERYTHING: Wanted = {
  protocols: ['tcp', 'udp'],
  families: ['ipv4', 'ipv6'],
  scope: 'all',
  ports: null,
};

export const NOON = Date.parse('2026-11-23T12:00:00.000Z');
const LONG_AGO = '2026-11-20T11:00:00.000Z';

/** The sockets of one moment, with names for their numbers. */
export function snapshot(sockets: readonly SocketLiteral[], circumstances: Circumstances = {}): Snapshot {
  const { at = 0, unowned = false, unreadable = {}, hidden = false, wanted = EVERYTHING } = circumstances;
  const table = tableOf(sockets, circumstances.source, wanted.protocols);
  const looked = new Set(unowned ? [] : table.inode.subarray(0, table.length));
  const holders = unowned ? new Map<number, Holder[]>() : holdersOf(sockets);
  const ownership: Ownership = {
    holders: (inode) => holders.get(inode) ?? [],
    pids: (inode) => [...new Set((holders.get(inode) ?? []).map(({ pid }) => pid))],
    firstPid: (inode) => holders.get(inode)?.[0]?.pid ?? 0,
    inodesOf: (pid) =>
      [...holders].filter(([, found]) => found.some((holder) => holder.pid === pid)).map(([inode]) => inode),
    looked: (inode) => looked.has(inode),
    unreadable: new Map(Object.entries(unreadable).map(([pid, code]) => [Number(pid), code])),
    hidden,
  };
  const time = new Date(NOON + at * 1000);
  const connections = circumstances.connections
    ? connectionsOf(table, circumstances.connections, time)
    : null;
  return new Snapshot({ time, table, wanted, ownership, connections }, namesOf(sockets, circumstances));
}

function connectionsOf(table: SocketTable, byInode: Readonly<Record<number, number>>, at: Date): Connections {
  const counts = new Map<number, number>();
  for (let row = 0; row < table.length; row++) {
    const count = byInode[table.inode[row] as number];
    if (count !== undefined) counts.set(table.identity[row] as number, count);
  }
  const states = new Map(
    [...counts].map(([identity, count]) => [identity, new Map<State, number>([['ESTABLISHED', count]])]),
  );
  return new Connections(at.getTime(), counts, states);
}

/** As a source tells them that was asked for these protocols, and for those of the sockets. */
export function tableOf(
  sockets: readonly SocketLiteral[],
  source: SourceName = 'proc',
  protocols: readonly Protocol[] = EVERYTHING.protocols,
): SocketTable {
  const table = new SocketTable(0, { timers: sockets.some(({ timer }) => timer !== undefined) });
  for (const protocol of protocols) table.sources[protocol] = source;
  for (const socket of sockets) {
    table.sources[socket.protocol] = source;
    if (socket.protocol === 'unix') {
      addUnix(table, socket);
      continue;
    }
    const [family, localAddress, localPort] = parseEnd(socket.local);
    const [, remoteAddress, remotePort] = parseEnd(
      socket.remote ?? (family === 'ipv6' ? '[::]:0' : '0.0.0.0:0'),
    );
    const row = table.add(socket.protocol, family);
    table.state[row] = numberOf(socket.protocol, stateOf(socket));
    table.localAddress.set(localAddress, row * 4);
    table.localPort[row] = localPort;
    table.remoteAddress.set(remoteAddress, row * 4);
    table.remotePort[row] = remotePort;
    table.uid[row] = socket.uid ?? 0;
    table.recvQueue[row] = socket.recvQueue ?? 0;
    table.sendQueue[row] = socket.sendQueue ?? 0;
    table.inode[row] = inodeOf(socket);
    table.netns[row] = socket.netns ?? 0;
    table.device[row] = socket.device ?? 0;
    table.cgroup[row] = socket.cgroup ?? 0;
    table.identity[row] = socket.cookie ?? 0;
    if (socket.timer) {
      [table.timer[row] = 0, table.timerExpires[row] = 0, table.retransmits[row] = 0] = socket.timer;
    }
  }
  runAtOnce(table.seal());
  return table;
}

function addUnix(table: SocketTable, socket: SocketLiteral): void {
  const row = table.add('unix', 'unix');
  table.state[row] = numberOf('unix', stateOf(socket));
  table.uid[row] = UNKNOWN_UID;
  table.recvQueue[row] = socket.recvQueue ?? 0;
  table.sendQueue[row] = socket.sendQueue ?? 0;
  table.type[row] = socket.type ?? 1;
  table.inode[row] = inodeOf(socket);
  table.netns[row] = socket.netns ?? 0;
  table.identity[row] = socket.cookie ?? 0;
  if (socket.doubtful) table.doubtful[row] = DOUBTFUL;
  if (socket.peer !== undefined) table.peers.set(row, socket.peer);
  if (socket.local !== '') table.paths.set(row, socket.local);
}

export function inodeOf(socket: SocketLiteral): number {
  if (socket.inode !== undefined) return socket.inode;
  if (stateOf(socket) === 'TIME_WAIT') return 0;
  const [, , port] = parseEnd(socket.local);
  const [, , remotePort] = parseEnd(socket.remote ?? '0.0.0.0:0');
  return (socket.protocol === 'udp' ? 4_290_000_000 : 0) + remotePort * 65_536 + port;
}

function stateOf({ protocol, remote, state }: SocketLiteral): State {
  if (state) return state;
  if (protocol === 'unix') return 'LISTEN';
  return protocol !== 'tcp' ? 'UNCONN' : remote ? 'ESTABLISHED' : 'LISTEN';
}

/** include/net/tcp_states.h; UDP has two of them. */
const NUMBERS: Record<State, number> = {
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
  BOUND: 7,
  UNCONN: 7,
};

function numberOf(protocol: Protocol, state: State): number {
  if (protocol === 'udp' && state !== 'UNCONN' && state !== 'ESTABLISHED') {
    throw new TypeError(`no UDP socket is ${state}`);
  }
  return NUMBERS[state];
}

/** `127.0.0.1:80` or `[::1]:80`: its family, its words as a source gives them, its port. */
function parseEnd(end: string): [Family, Uint32Array, number] {
  const colon = end.lastIndexOf(':');
  const address = ipaddr.parse(end.slice(0, colon).replace(/^\[|\]$/g, ''));
  const words = new Uint32Array(4);
  new Uint8Array(words.buffer).set(address.toByteArray());
  return [address.kind() as Family, words, Number(end.slice(colon + 1))];
}

function holdersOf(sockets: readonly SocketLiteral[]): Map<number, Holder[]> {
  const holders = new Map<number, Holder[]>();
  for (const socket of sockets) {
    const found = (socket.owners ?? []).map(({ pid, fd = 3 }) => ({ pid, fd }));
    if (found.length > 0)
      holders.set(
        inodeOf(socket),
        found.sort((a, b) => a.pid - b.pid || a.fd - b.fd),
      );
  }
  return holders;
}

function namesOf(
  sockets: readonly SocketLiteral[],
  { users, services, scopes, netns, cgroups, containers, hosts }: Circumstances,
): Names {
  const processes = new Map(
    sockets.flatMap(({ owners = [] }) => owners).map((process) => [process.pid, process]),
  );
  return {
    service: (port, protocol) => services?.[`${port}/${protocol}`] ?? null,
    user: (uid) => users?.[uid] ?? null,
    process: (pid) => {
      const process = processes.get(pid);
      if (!process || process.ended) return null;
      const { name, command = name, started = LONG_AGO } = process;
      return { name, command, startTime: started };
    },
    scope: (address) => scopes?.[address] ?? null,
    device: (index) => `#${index}`,
    netns: (inode) => netns?.[inode] ?? null,
    cgroups: (id, pid) => [cgroups?.[id], cgroups?.[`pid ${pid}`]].filter((path) => path !== undefined),
    container: (id) => containers?.[id] ?? null,
    commandLine: (pid) => {
      const process = processes.get(pid);
      return !process || process.ended ? null : (process.args ?? process.command ?? process.name);
    },
    host: (address) => hosts?.[address] ?? null,
  };
}

/** What a source gives of these sockets when it is asked so, as a person would say it. */
export function asked(
  sockets: readonly SocketLiteral[],
  { protocols, families, scope, ports, end }: Wanted,
): SocketLiteral[] {
  return sockets.filter((socket) => {
    const { protocol, local, remote } = socket;
    const passive = ['LISTEN', 'UNCONN'].includes(stateOf(socket));
    if (!protocols.includes(protocol)) return false;
    if (scope === 'listening' && !passive && protocol !== 'udp') return false;
    if (scope === 'established' && stateOf(socket) !== 'ESTABLISHED') return false;
    if (scope === 'connected' && ['LISTEN', 'BOUND', 'CLOSE'].includes(stateOf(socket))) return false;
    if (protocol === 'unix') return true;
    const among = (end: string | undefined) => {
      const port = Number(end?.split(':').at(-1) ?? -1);
      return ports?.some(({ from, to }) => from <= port && port <= to) ?? true;
    };
    return (
      families.includes(local.startsWith('[') ? 'ipv6' : 'ipv4') &&
      (among(local) || (end !== 'local' && among(remote)))
    );
  });
}
