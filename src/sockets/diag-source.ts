import {
  AF_INET,
  AF_INET6,
  ALL_STATES,
  decodeInetRow,
  decodeUnixRow,
  encodeInetDump,
  encodeTcpDump,
  encodeUnixDump,
  type InetRow,
  IPPROTO_RAW,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
  type MessageBuffer,
  newInetRow,
  newUnixRow,
  portBytecode,
  SockDiagError,
  type SocketDetails,
} from '../netlink/messages.ts';
import type { SockDiag } from '../netlink/sock-diag.ts';
import type { Family, Protocol } from './socket.ts';
import { CLOSE, LISTEN, type SocketTable, UNKNOWN_UID } from './socket-table.ts';
import { PortSet, type ProtocolReader, statesOf, type Wanted } from './source.ts';

const NUMBERS: Partial<Record<Protocol, number>> = {
  tcp: IPPROTO_TCP,
  udp: IPPROTO_UDP,
  udplite: IPPROTO_UDPLITE,
  raw: IPPROTO_RAW,
};
const FAMILIES = [
  { family: 'ipv4', number: AF_INET },
  { family: 'ipv6', number: AF_INET6 },
] as const;

const SYN_RECV = 3;

/** sock_diag(7): tells backlog, v6only, device, cgroup, peers, and filters in the kernel. It has no ICMP. */
export class DiagReader implements ProtocolReader {
  readonly name = 'sock_diag';
  readonly #diag: SockDiag;

  constructor(diag: SockDiag) {
    this.#diag = diag;
  }

  /** Throws a {@link SockDiagError}. */
  *read(protocol: Protocol, wanted: Wanted, table: SocketTable): Generator<void, void> {
    if (protocol === 'unix') {
      if (wanted.families.includes('unix') && wanted.ports === null) yield* this.#readUnix(wanted, table);
      return;
    }
    const number = NUMBERS[protocol];
    if (number === undefined) throw new SockDiagError('EPROTONOSUPPORT');
    if (wanted.ports?.length === 0) return;
    const states = statesOf(protocol, wanted);
    const bytecode = wanted.ports && portBytecode(wanted.ports, wanted.end);
    const ports = wanted.ports && !bytecode ? new PortSet(wanted.ports, wanted.end) : null;
    const into = { protocol, table, families: wanted.families, ports };
    const both = FAMILIES.every(({ family }) => wanted.families.includes(family));
    if (protocol === 'tcp' && both) {
      yield* this.#dump(encodeTcpDump(states, bytecode), into);
      return;
    }
    for (const { family, number: familyNumber } of FAMILIES) {
      if (!wanted.families.includes(family)) continue;
      const request = { family: familyNumber, protocol: number, states };
      yield* this.#dump(encodeInetDump(request, bytecode), { ...into, families: [family] });
    }
  }

  *#dump(request: MessageBuffer, { protocol, table, families, ports }: Into): Generator<void, void> {
    const before = table.length;
    const row = newInetRow();
    yield* this.#diag.dump(request, {
      begin: () => table.truncate(before),
      row: (message, start, end) => {
        decodeInetRow(message, start, end, row);
        const family = familyOf(row);
        if (family === null || !families.includes(family) || (ports && !ports.has(row))) return;
        addInetRow(table, protocol, family, row, message);
      },
    });
  }

  /** What is too dear to be read of every socket; null when it is gone, or was not read from here. */
  inspect(table: SocketTable, row: number): SocketDetails | null {
    const family = table.familyOf(row);
    const number = NUMBERS[table.protocolOf(row)];
    const cookie = table.identity[row] as number;
    if (family === 'unix' || number === undefined || cookie <= 0) return null;
    return this.#diag.inspect(family, number, {
      localPort: table.localPort[row] as number,
      remotePort: table.remotePort[row] as number,
      localAddress: table.localAddress.subarray(row * 4, row * 4 + 4),
      remoteAddress: table.remoteAddress.subarray(row * 4, row * 4 + 4),
      device: table.device[row] as number,
      cookie,
    });
  }

  *#readUnix(wanted: Wanted, table: SocketTable): Generator<void, void> {
    const before = table.length;
    const unix = newUnixRow();
    // As `ss -xl`: what is not connected may be there to be written to.
    const states = wanted.scope === 'listening' ? (1 << LISTEN) | (1 << CLOSE) : ALL_STATES;
    yield* this.#diag.dump(encodeUnixDump(states), {
      begin: () => table.truncate(before),
      row: (message, start, end) => {
        decodeUnixRow(message, start, end, unix);
        const row = table.add('unix', 'unix');
        table.type[row] = unix.type;
        table.state[row] = unix.state;
        table.recvQueue[row] = unix.recvQueue;
        table.sendQueue[row] = unix.sendQueue;
        table.uid[row] = unix.uid ?? UNKNOWN_UID;
        table.inode[row] = unix.inode;
        table.identity[row] = unix.cookie;
        if (unix.path !== null) table.paths.set(row, unix.path);
        if (unix.peer !== 0) table.peers.set(row, unix.peer);
      },
    });
  }
}

/** Where the rows of a dump go, and which of them. */
type Into = { protocol: Protocol; table: SocketTable; families: readonly Family[]; ports: PortSet | null };

export function familyOf({ family }: InetRow): Family | null {
  return family === AF_INET ? 'ipv4' : family === AF_INET6 ? 'ipv6' : null;
}

/** Adds what a message tells of an inet socket. */
export function addInetRow(
  table: SocketTable,
  protocol: Protocol,
  family: Family,
  facts: InetRow,
  { words }: MessageBuffer,
): void {
  const row = table.add(protocol, family);
  table.state[row] = facts.state;
  if (facts.v6only !== null) table.v6only[row] = facts.v6only ? 1 : 0;
  table.localPort[row] = facts.localPort;
  table.remotePort[row] = facts.remotePort;
  for (let word = 0; word < 4; word++) {
    table.localAddress[row * 4 + word] = words[facts.localAddress + word] as number;
    table.remoteAddress[row * 4 + word] = words[facts.remoteAddress + word] as number;
  }
  table.recvQueue[row] = facts.recvQueue;
  table.sendQueue[row] = facts.sendQueue;
  // Of a connection that is being made the kernel fills in 0 for want of a socket (inet_req_diag_fill).
  table.uid[row] = facts.state === SYN_RECV && facts.inode === 0 ? UNKNOWN_UID : facts.uid;
  table.inode[row] = facts.inode;
  table.device[row] = facts.device;
  table.cgroup[row] = facts.cgroup;
  table.identity[row] = facts.cookie;
  if (table.keepsTimers) {
    table.timer[row] = facts.timer;
    table.timerExpires[row] = facts.expires;
    table.retransmits[row] = facts.retransmits;
  }
}
