import ipaddr from 'ipaddr.js';
import type { Holder, Ownership } from '../../src/sockets/owners.ts';
import { type Names, Snapshot } from '../../src/sockets/snapshot.ts';
import type { Family, Protocol, State } from '../../src/sockets/socket.ts';
import { SocketTable } from '../../src/sockets/socket-table.ts';

/** A process that holds a socket. What is not said is as if `/proc/PID/stat` had said nothing of it. */
export type Process = {
  pid: number;
  /** What a person calls it; comm is the same unless said. */
  name: string;
  command?: string;
  fd?: number;
  /** ISO 8601; three days before {@link NOON} unless said. */
  started?: string | null;
};

/** A socket as a literal: `tcp('127.0.0.1:80', { owners: [held('nginx', 812)] })`. */
export type SocketLiteral = {
  protocol: Protocol;
  local: string;
  remote?: string;
  state?: State;
  /** By default made of its protocol and ports; 0 in TIME_WAIT. */
  inode?: number;
  uid?: number;
  recvQueue?: number;
  sendQueue?: number;
  owners?: readonly Process[];
};

type More = Partial<Omit<SocketLiteral, 'protocol' | 'local'>>;

export const tcp = (local: string, more: More = {}): SocketLiteral => ({ protocol: 'tcp', local, ...more });
export const udp = (local: string, more: More = {}): SocketLiteral => ({ protocol: 'udp', local, ...more });
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
  /** Nobody has looked for owners yet. */
  unowned?: boolean;
  /** Processes whose descriptors may not be read. */
  unreadable?: Readonly<Record<number, string>>;
  hidden?: boolean;
};

export const NOON = Date.parse('2026-11-23T12:00:00.000Z');
const LONG_AGO = '2026-11-20T11:00:00.000Z';

/** The sockets of one moment, with names for their numbers. */
export function snapshot(sockets: readonly SocketLiteral[], circumstances: Circumstances = {}): Snapshot {
  const { at = 0, unowned = false, unreadable = {}, hidden = false } = circumstances;
  const table = tableOf(sockets);
  const ownership: Ownership = {
    looked: new Set(unowned ? [] : table.inode.subarray(0, table.length)),
    holders: unowned ? new Map() : holdersOf(sockets),
    unreadable: new Map(Object.entries(unreadable).map(([pid, code]) => [Number(pid), code])),
    hidden,
  };
  const time = new Date(NOON + at * 1000);
  return new Snapshot({ time, source: 'proc', table, ownership }, namesOf(sockets, circumstances));
}

export function tableOf(sockets: readonly SocketLiteral[]): SocketTable {
  const table = new SocketTable();
  for (const socket of sockets) {
    const [family, localAddress, localPort] = parseEnd(socket.local);
    const [, remoteAddress, remotePort] = parseEnd(
      socket.remote ?? (family === 'ipv6' ? '[::]:0' : '0.0.0.0:0'),
    );
    const { uid = 0, recvQueue = 0, sendQueue = 0 } = socket;
    const state = numberOf(socket.protocol, stateOf(socket));
    const ends = { localAddress, localPort, remoteAddress, remotePort };
    table.add(socket.protocol, family, { ...ends, state, uid, recvQueue, sendQueue, inode: inodeOf(socket) });
  }
  return table;
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
  return protocol === 'udp' ? 'UNCONN' : remote ? 'ESTABLISHED' : 'LISTEN';
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

function namesOf(sockets: readonly SocketLiteral[], { users, services, scopes }: Circumstances): Names {
  const processes = new Map(
    sockets.flatMap(({ owners = [] }) => owners).map((process) => [process.pid, process]),
  );
  return {
    service: (port, protocol) => services?.[`${port}/${protocol}`] ?? null,
    user: (uid) => users?.[uid] ?? null,
    process: (pid) => {
      const process = processes.get(pid);
      if (!process) return null;
      const { name, command = name, started = LONG_AGO } = process;
      return { name, command, startTime: started };
    },
    scope: (address) => scopes?.[address] ?? null,
  };
}
