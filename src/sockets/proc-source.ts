import { ALL_STATES } from '../netlink/messages.ts';
import { type NetTcpRow, newNetTcpRow, parseNetTcp } from '../procfs/net-tcp.ts';
import { newNetUnixRow, parseNetUnix } from '../procfs/net-unix.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import { USER_HZ } from '../procfs/stat.ts';
import type { Family, Protocol } from './socket.ts';
import { DISPROVED, DOUBTFUL, ESTABLISHED, LISTEN, type SocketTable, UNKNOWN_UID } from './socket-table.ts';
import { PortSet, type ProtocolReader, statesOf, type Wanted } from './source.ts';

const FILES: readonly { family: Family; suffix: string }[] = [
  { family: 'ipv4', suffix: '' },
  { family: 'ipv6', suffix: '6' },
];

/** /proc/net: what always works, for any /proc tree. It cannot tell v6only, device, backlog, or peers. */
export class ProcReader implements ProtocolReader {
  readonly name = 'proc';
  readonly #procfs: ProcFs;
  readonly #net: string;

  /** `net`: the network files of the namespace that is to be read. */
  constructor(procfs: ProcFs, net = procfs.net) {
    this.#procfs = procfs;
    this.#net = net;
  }

  /** Throws a {@link ProcError}: one that is `gone` where the kernel has no such protocol. */
  *read(protocol: Protocol, wanted: Wanted, table: SocketTable): Generator<void, void> {
    if (protocol === 'unix') {
      if (wanted.families.includes('unix') && wanted.ports === null) yield* this.#readUnix(wanted, table);
      return;
    }
    const icmp = protocol === 'icmp' ? yield* this.#icmpFamilies() : null;
    const ports = wanted.ports && new PortSet(wanted.ports, wanted.end);
    const states = statesOf(protocol, wanted);
    const every = states === ALL_STATES;
    const listeners = protocol === 'tcp' && wanted.scope === 'listening';
    let failure: ProcError | null = null;
    let read = 0;
    for (const { family, suffix } of FILES) {
      if (!wanted.families.includes(family)) continue;
      let enough = false;
      const take = (facts: NetTcpRow) => {
        enough ||= listeners && facts.state !== LISTEN;
        if (enough || !(every || (states >> facts.state) & 1) || (ports && !ports.has(facts))) return;
        if (icmp && icmp.get(facts.inode) !== family) return;
        write(table, table.add(protocol, family), facts);
      };
      const missing = yield* this.#readFile(`${protocol}${suffix}`, take, () => enough);
      if (missing === null) read++;
      // No file for IPv6 where the kernel runs without it: that is no error.
      else if (family === 'ipv4') failure = missing;
    }
    if (read === 0 && failure) throw failure;
  }

  /** Returns why there is no such file; throws when it is there and cannot be read. */
  *#readFile(
    file: string,
    take: (facts: NetTcpRow) => void,
    enough: () => boolean,
  ): Generator<void, ProcError | null> {
    const row = newNetTcpRow();
    try {
      yield* this.#procfs.pieces(`${this.#net}/${file}`, (bytes) => {
        const used = parseNetTcp(bytes, row, take);
        // Listeners come first (Documentation/networking/proc_net_tcp.rst), and the rest is long.
        return enough() ? -1 : used;
      });
      return null;
    } catch (error) {
      if (error instanceof ProcError && error.gone) return error;
      throw error;
    }
  }

  /**
   * Which family each ICMP socket is of, by inode: sockets whose identifiers share a bucket stand in the files
   * of both (net/ipv4/ping.c, ping_get_next asks for no family). An IPv4 one has no IPv6 address.
   */
  *#icmpFamilies(): Generator<void, Map<number, Family>> {
    const families = new Map<number, Family>();
    const whole = () => false;
    yield* this.#readFile('icmp', ({ inode }) => families.set(inode, 'ipv4'), whole);
    const take = ({ inode, localAddress }: NetTcpRow) => {
      const hasAddress = localAddress.some((word) => word !== 0);
      if (hasAddress || !families.has(inode)) families.set(inode, 'ipv6');
    };
    yield* this.#readFile('icmp6', take, whole);
    return families;
  }

  /**
   * A row that may be forged is believed only where nothing contradicts it: an inode is one socket's, so that what
   * claims that of another is none. What is left of them stays doubtful.
   */
  *#readUnix(wanted: Wanted, table: SocketTable): Generator<void, void> {
    const row = newNetUnixRow();
    const before = table.length;
    const certain = new Set<number>();
    let last = -1;
    yield* this.#procfs.pieces(`${this.#net}/unix`, (bytes) =>
      parseNetUnix(bytes, row, (facts, again) => {
        if (!again) {
          // Without an inode it is nobody's yet; sock_diag leaves it out too.
          const wants = facts.inode !== 0 && (wanted.scope !== 'listening' || facts.state !== ESTABLISHED);
          last = wants ? table.add('unix', 'unix') : -1;
          if (!facts.doubtful) certain.add(facts.inode);
        }
        if (last < 0) return;
        table.type[last] = facts.type;
        table.doubtful[last] = facts.doubtful ? DOUBTFUL : 0;
        table.state[last] = facts.state;
        table.uid[last] = UNKNOWN_UID;
        table.inode[last] = facts.inode;
        if (facts.path !== null) table.paths.set(last, facts.path);
      }),
    );
    for (let other = 0; other < before; other++) certain.add(table.inode[other] as number);
    for (let doubted = before; doubted < table.length; doubted++) {
      if (table.doubtful[doubted] === DOUBTFUL && certain.has(table.inode[doubted] as number))
        table.doubtful[doubted] = DISPROVED;
    }
  }
}

function write(table: SocketTable, row: number, facts: NetTcpRow): void {
  table.state[row] = facts.state;
  table.localPort[row] = facts.localPort;
  table.remotePort[row] = facts.remotePort;
  for (let word = 0; word < 4; word++) {
    table.localAddress[row * 4 + word] = facts.localAddress[word] as number;
    table.remoteAddress[row * 4 + word] = facts.remoteAddress[word] as number;
  }
  table.recvQueue[row] = facts.recvQueue;
  table.sendQueue[row] = facts.sendQueue;
  table.uid[row] = facts.uid;
  table.inode[row] = facts.inode;
  if (table.keepsTimers) {
    table.timer[row] = facts.timer;
    table.timerExpires[row] = (facts.timerTicks * 1000) / USER_HZ;
    // As inet_diag counts them (net/ipv4/inet_diag.c, inet_sk_diag_fill): of probes, those that were not answered.
    const tried = facts.timer === RETRANSMISSION ? facts.retransmits : facts.probes;
    table.retransmits[row] = Math.min(tried, 255);
  }
}

const RETRANSMISSION = 1;
