import { ipv4Text, ipv6Text } from './address.ts';
import { RowIndex } from './row-index.ts';
import type { Family, Protocol, SocketType, State, Timer, TimerKind } from './socket.ts';

export const PROTOCOLS: readonly Protocol[] = ['tcp', 'udp', 'udplite', 'raw', 'icmp', 'unix'];
export const FAMILIES: readonly Family[] = ['ipv4', 'ipv6', 'unix'];
const TCP = PROTOCOLS.indexOf('tcp');
const UNIX = PROTOCOLS.indexOf('unix');
const IPV6 = FAMILIES.indexOf('ipv6');

/**
 * By number, as include/net/tcp_states.h; 12 (NEW_SYN_RECV) is the kernel's own kind of SYN_RECV, and 13 asks
 * for sockets that are bound and no more, which come as CLOSE.
 */
const TCP_STATES: readonly (State | undefined)[] = [
  undefined,
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'SYN_RECV',
];
/** By number, as /proc/net/tcp and inet_diag have them; called as ss and netstat call them. */
const TIMERS: readonly (TimerKind | null)[] = [null, 'on', 'keepalive', 'timewait', 'persist'];

/** What a protocol is by nature; a ping socket is made as SOCK_DGRAM (icmp(7)). */
const TYPES: Record<Exclude<Protocol, 'unix'>, SocketType> = {
  tcp: 'stream',
  udp: 'dgram',
  udplite: 'dgram',
  raw: 'raw',
  icmp: 'dgram',
};
/** By SOCK_*; what is made as SOCK_RAW becomes SOCK_DGRAM (net/unix/af_unix.c, unix_create). */
const UNIX_TYPES: Partial<Record<number, SocketType>> = { 1: 'stream', 2: 'dgram', 5: 'seqpacket' };

export const ESTABLISHED = 1;
export const CLOSE = 7;
export const LISTEN = 10;

/** Where a row's facts come from: `sock_diag` tells more of a socket than /proc/net does. */
export type SourceName = 'sock_diag' | 'proc';

/** Which source each protocol was read from; what was not asked for is not there. */
export type Sources = Partial<Record<Protocol, SourceName>>;

/** For `v6only`, where nobody tells. */
export const UNKNOWN = 255;

/** For `doubtful`. */
export const DOUBTFUL = 1;
export const DISPROVED = 2;

/** For `uid`, where nobody tells: (uid_t) -1 is nobody's (include/linux/uidgid.h, INVALID_UID). */
export const UNKNOWN_UID = 0xffff_ffff;

/**
 * The sockets of one moment, a column a fact: 100,000 rows are a few typed arrays, and only the rows that
 * are shown become objects. A source adds rows and then seals the table; from then on it does not change.
 */
export class SocketTable {
  length = 0;
  protocol: Uint8Array;
  family: Uint8Array;
  /** As in include/net/tcp_states.h, for every protocol. */
  state: Uint8Array;
  /** SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET; told of unix sockets alone, else 0. */
  type: Uint8Array;
  /** DOUBTFUL: /proc/net/unix tells of it, in which it may be forged by another's name; DISPROVED: it is. Else 0. */
  doubtful: Uint8Array;
  /** 0, 1 or UNKNOWN. */
  v6only: Uint8Array;
  /** Of raw sockets the IP protocol, as the kernel has it. */
  localPort: Uint16Array;
  remotePort: Uint16Array;
  /** Four words a row, their bytes in memory in network order; IPv4 uses the first. */
  localAddress: Uint32Array;
  remoteAddress: Uint32Array;
  /** Bytes; of a listener the connections that wait to be accepted. */
  recvQueue: Uint32Array;
  /** Bytes; of a listener its backlog, where sock_diag tells. */
  sendQueue: Uint32Array;
  /** Or UNKNOWN_UID. */
  uid: Uint32Array;
  /** get_next_ino() of fs/inode.c hands out unsigned ints. */
  inode: Uint32Array;
  /** The index of the interface that it is bound to (SO_BINDTODEVICE); 0: none, or not told. */
  device: Uint32Array;
  /** The inode of the network namespace that it is in; 0: not known. */
  netns: Uint32Array;
  /** The id of its cgroup (v2): the inode of the cgroup's folder. 0: not told. */
  cgroup: Float64Array;
  /** Which timer of TCP runs, in how many ms it runs out, how often it did: empty where they are not wanted. */
  timer: Uint8Array;
  timerExpires: Uint32Array;
  retransmits: Uint8Array;
  /**
   * What stays the same while a socket lives, and differs from every other: the kernel's cookie where sock_diag
   * tells it (positive, whole); else a number below zero that is made of its ends.
   */
  identity: Float64Array;
  /**
   * Unix: the path, or @ and the abstract name; rows without one are unnamed. A NUL in an abstract name is one
   * where sock_diag tells; /proc/net/unix has @ for it.
   */
  readonly paths = new Map<number, string>();
  /** Unix: the inode of the socket at the other end, where sock_diag tells. */
  readonly peers = new Map<number, number>();
  /** Of the network namespace that was read first, as a rule our own. */
  readonly sources: Sources = {};
  /** Of each of the others: not all may be read in the same way. */
  readonly #sourcesElsewhere = new Map<number, Sources>();

  #index: RowIndex | null = null;

  /**
   * @param capacity the rows that there is room for before the columns have to grow
   * @param timers whether timers are kept: no two moments have the same
   */
  constructor(capacity = 0, { timers = false } = {}) {
    const rows = Math.max(256, Math.ceil(capacity));
    const timed = timers ? rows : 0;
    this.timer = new Uint8Array(timed);
    this.timerExpires = new Uint32Array(timed);
    this.retransmits = new Uint8Array(timed);
    this.protocol = new Uint8Array(rows);
    this.family = new Uint8Array(rows);
    this.state = new Uint8Array(rows);
    this.type = new Uint8Array(rows);
    this.doubtful = new Uint8Array(rows);
    this.v6only = new Uint8Array(rows);
    this.localPort = new Uint16Array(rows);
    this.remotePort = new Uint16Array(rows);
    this.localAddress = new Uint32Array(rows * 4);
    this.remoteAddress = new Uint32Array(rows * 4);
    this.recvQueue = new Uint32Array(rows);
    this.sendQueue = new Uint32Array(rows);
    this.uid = new Uint32Array(rows);
    this.inode = new Uint32Array(rows);
    this.device = new Uint32Array(rows);
    this.netns = new Uint32Array(rows);
    this.cgroup = new Float64Array(rows);
    this.identity = new Float64Array(rows);
  }

  /** A new row at the end, its columns 0: the source fills in what it knows. Growing replaces the columns. */
  add(protocol: Protocol, family: Family): number {
    const row = this.length;
    if (row === this.state.length) this.#grow();
    this.protocol[row] = PROTOCOLS.indexOf(protocol);
    this.family[row] = FAMILIES.indexOf(family);
    this.v6only[row] = UNKNOWN;
    this.length = row + 1;
    return row;
  }

  /** Adds a row as it is in another table, with the source that it is from. */
  copy(from: SocketTable, row: number): number {
    const copied = this.add(from.protocolOf(row), from.familyOf(row));
    const theirs = from.#columns();
    this.#columns().forEach(({ cells, width }, at) => {
      const their = (theirs[at] as Column).cells;
      for (let cell = 0; cell < width; cell++)
        cells[copied * width + cell] = their[row * width + cell] as number;
    });
    const path = from.paths.get(row);
    if (path !== undefined) this.paths.set(copied, path);
    const peer = from.peers.get(row);
    if (peer !== undefined) this.peers.set(copied, peer);
    const netns = from.netns[row] as number;
    const elsewhere = from.#sourcesElsewhere.get(netns);
    if (elsewhere) this.#sourcesElsewhere.set(netns, elsewhere);
    else this.sources[from.protocolOf(row)] = from.sourceOf(row);
    return copied;
  }

  /**
   * Ends the adding: gives rows without a cookie their identity, and takes out what is none, and what came twice,
   * since the kernel's table changes while it is read in pieces. In steps, for who has other things to do.
   */
  *seal(): Generator<void, void> {
    const index = new RowIndex(this.length);
    const twice: number[] = [];
    for (let row = 0; row < this.length; row++) {
      if (this.identity[row] === 0) this.identity[row] = this.#derivedIdentity(row);
      if (this.doubtful[row] === DISPROVED || !this.#place(index, row)) twice.push(row);
      if ((row & 8191) === 8191) yield;
    }
    this.#index = twice.length === 0 ? index : yield* this.#without(twice);
  }

  /** Forgets the rows from `length` on: the source that gave them failed on the way. */
  truncate(length: number): void {
    for (const { cells, width } of this.#columns()) cells.fill(0, length * width, this.length * width);
    for (let row = length; row < this.length; row++) {
      this.paths.delete(row);
      this.peers.delete(row);
    }
    this.length = length;
  }

  /** The row of a socket; -1 where it is not there. Only of a sealed table. */
  rowOf(identity: number): number {
    return this.#index?.find(this.identity, identity) ?? -1;
  }

  protocolOf(row: number): Protocol {
    return PROTOCOLS[this.protocol[row] as number] as Protocol;
  }

  familyOf(row: number): Family {
    return FAMILIES[this.family[row] as number] as Family;
  }

  sourceOf(row: number): SourceName {
    return this.sourcesIn(this.netns[row] as number)[this.protocolOf(row)] ?? 'proc';
  }

  /** Which sources a network namespace was read from. */
  sourcesIn(netns: number): Sources {
    return this.#sourcesElsewhere.get(netns) ?? this.sources;
  }

  /** To be filled in: the sources of one more network namespace, which is not the first. */
  sourcesOfAnother(netns: number): Sources {
    const sources = this.#sourcesElsewhere.get(netns) ?? {};
    this.#sourcesElsewhere.set(netns, sources);
    return sources;
  }

  /** What is not TCP has two states only, by TCP's numbers: connected (1) or not; unix sockets listen too. */
  stateOf(row: number): State {
    const state = this.state[row] as number;
    if (this.protocol[row] === TCP) {
      if (state === CLOSE && this.localPort[row] !== 0 && this.remotePort[row] === 0) return 'BOUND';
      return TCP_STATES[state] ?? 'CLOSE';
    }
    if (state === ESTABLISHED) return 'ESTABLISHED';
    return state === LISTEN ? 'LISTEN' : 'UNCONN';
  }

  typeOf(row: number): SocketType | null {
    const protocol = this.protocolOf(row);
    return protocol === 'unix' ? (UNIX_TYPES[this.type[row] as number] ?? null) : TYPES[protocol];
  }

  get keepsTimers(): boolean {
    return this.timer.length > 0;
  }

  /** The timer that runs; null: none does, or they are not kept. */
  timerOf(row: number): Timer | null {
    if (!this.keepsTimers) return null;
    const kind = TIMERS[this.timer[row] as number];
    if (!kind) return null;
    const [expiresInMs, retransmits] = [this.timerExpires[row] as number, this.retransmits[row] as number];
    return { kind, expiresInMs, retransmits };
  }

  /** A TCP or unix socket that accepts. */
  isListener(row: number): boolean {
    return this.state[row] === LISTEN;
  }

  /** Of unix sockets /proc/net does not. */
  tellsQueues(row: number): boolean {
    return this.protocol[row] !== UNIX || this.sourceOf(row) === 'sock_diag';
  }

  /** Whether others can reach it without its doing: it listens, or takes datagrams from anybody. */
  isOpen(row: number): boolean {
    if (this.state[row] === LISTEN) return true;
    return this.protocol[row] !== TCP && this.state[row] !== ESTABLISHED;
  }

  /** A TCP connection that is up. */
  isEstablished(row: number): boolean {
    return this.state[row] === ESTABLISHED && this.protocol[row] === TCP;
  }

  localAddressOf(row: number): string {
    return this.#addressText(this.localAddress, row);
  }

  remoteAddressOf(row: number): string {
    return this.#addressText(this.remoteAddress, row);
  }

  /** Whether every fact of every row is the same: then nothing happened between the two. */
  equals(other: SocketTable): boolean {
    if (this.length !== other.length) return false;
    const columns = this.#columns();
    const others = other.#columns();
    for (let at = 0; at < columns.length; at++) {
      if (!same(columns[at] as Column, others[at] as Column, this.length)) return false;
    }
    return sameEntries(this.paths, other.paths) && sameEntries(this.peers, other.peers);
  }

  /** The columns with what each row takes of them, the ones that change most first. */
  #columns(): readonly Column[] {
    const timed = this.keepsTimers ? 1 : 0;
    return [
      { cells: this.identity, width: 1 },
      { cells: this.recvQueue, width: 1 },
      { cells: this.sendQueue, width: 1 },
      { cells: this.state, width: 1 },
      { cells: this.inode, width: 1 },
      { cells: this.uid, width: 1 },
      { cells: this.protocol, width: 1 },
      { cells: this.family, width: 1 },
      { cells: this.type, width: 1 },
      { cells: this.doubtful, width: 1 },
      { cells: this.v6only, width: 1 },
      { cells: this.localPort, width: 1 },
      { cells: this.remotePort, width: 1 },
      { cells: this.localAddress, width: 4 },
      { cells: this.remoteAddress, width: 4 },
      { cells: this.device, width: 1 },
      { cells: this.netns, width: 1 },
      { cells: this.cgroup, width: 1 },
      { cells: this.timer, width: timed },
      { cells: this.timerExpires, width: timed },
      { cells: this.retransmits, width: timed },
    ];
  }

  #addressText(addresses: Uint32Array, row: number): string {
    return this.family[row] === IPV6
      ? ipv6Text(addresses.subarray(row * 4, row * 4 + 4))
      : ipv4Text(addresses[row * 4] as number);
  }

  /**
   * A TCP connection's two ends (so that it stays itself in TIME_WAIT, without an inode); else the port and the
   * inode, since listeners and UDP sockets may share an address (SO_REUSEPORT). In each network namespace there
   * may be the same. 52 bits, below zero.
   */
  #derivedIdentity(row: number): number {
    let high = 0x9e3779b9 ^ ((this.protocol[row] as number) * 4 + (this.family[row] as number));
    let low = 0x85ebca6b;
    const mix = (word: number) => {
      high = Math.imul(high ^ word, 0x27d4eb2f);
      high ^= high >>> 15;
      low = Math.imul(low ^ word, 0x165667b1) + high;
      low ^= low >>> 13;
    };
    mix(this.localPort[row] as number);
    mix(this.netns[row] as number);
    if (this.protocol[row] === TCP && !this.isListener(row) && this.stateOf(row) !== 'BOUND') {
      mix(this.remotePort[row] as number);
      for (let word = row * 4; word < row * 4 + 4; word++) {
        mix(this.localAddress[word] as number);
        mix(this.remoteAddress[word] as number);
      }
    } else {
      mix(this.inode[row] as number);
    }
    return -((high >>> 6) * 2 ** 26 + (low >>> 6) + 1);
  }

  /** Whether the row is a socket of its own: not one that is there already. */
  #place(index: RowIndex, row: number): boolean {
    for (;;) {
      const before = index.add(this.identity, row);
      if (before < 0) return true;
      const inode = this.inode[row] as number;
      const cookie = (this.identity[row] as number) > 0;
      const together = this.netns[row] === this.netns[before];
      if (together && (cookie || (inode !== 0 && inode === this.inode[before]))) return false;
      // Before Linux 5.3 every network namespace counted its cookies from 1 (cd48bdda4fb8, net/core/sock_diag.c).
      // Else the same ends, another inode or none: bound to other devices, say.
      this.identity[row] = cookie ? this.#derivedIdentity(row) : (this.identity[row] as number) - 1;
    }
  }

  /** Closes the gaps that these rows leave, which ascend, and finds the rest anew. */
  *#without(rows: readonly number[]): Generator<void, RowIndex> {
    let kept = rows[0] as number;
    for (let at = 0; at < rows.length; at++) {
      const from = (rows[at] as number) + 1;
      const to = rows[at + 1] ?? this.length;
      for (const { cells, width } of this.#columns())
        cells.copyWithin(kept * width, from * width, to * width);
      for (let row = from; row < to && this.paths.size + this.peers.size > 0; row++) {
        moveEntry(this.paths, row, row - from + kept);
        moveEntry(this.peers, row, row - from + kept);
      }
      kept += to - from;
      yield;
    }
    this.truncate(kept);
    const index = new RowIndex(kept);
    for (let row = 0; row < kept; row++) {
      index.add(this.identity, row);
      if ((row & 8191) === 8191) yield;
    }
    return index;
  }

  #grow(): void {
    // By four: what is not used yet is no memory, and what is there is copied less often.
    const larger = <T extends Cells>(column: T): T => {
      const grown = new (column.constructor as new (length: number) => T)(column.length * 4);
      grown.set(column);
      return grown;
    };
    this.protocol = larger(this.protocol);
    this.family = larger(this.family);
    this.state = larger(this.state);
    this.type = larger(this.type);
    this.doubtful = larger(this.doubtful);
    this.v6only = larger(this.v6only);
    this.localPort = larger(this.localPort);
    this.remotePort = larger(this.remotePort);
    this.localAddress = larger(this.localAddress);
    this.remoteAddress = larger(this.remoteAddress);
    this.recvQueue = larger(this.recvQueue);
    this.sendQueue = larger(this.sendQueue);
    this.uid = larger(this.uid);
    this.inode = larger(this.inode);
    this.device = larger(this.device);
    this.netns = larger(this.netns);
    this.cgroup = larger(this.cgroup);
    this.timer = larger(this.timer);
    this.timerExpires = larger(this.timerExpires);
    this.retransmits = larger(this.retransmits);
    this.identity = larger(this.identity);
  }
}

type Cells = Uint8Array | Uint16Array | Uint32Array | Float64Array;
type Column = { cells: Cells; width: number };

function same(a: Column, b: Column, rows: number): boolean {
  const bytes = ({ cells, width }: Column) =>
    Buffer.from(cells.buffer, cells.byteOffset, rows * width * cells.BYTES_PER_ELEMENT);
  return bytes(a).equals(bytes(b));
}

function sameEntries<T>(a: ReadonlyMap<number, T>, b: ReadonlyMap<number, T>): boolean {
  if (a.size !== b.size) return false;
  for (const [row, value] of a) if (b.get(row) !== value) return false;
  return true;
}

function moveEntry<T>(entries: Map<number, T>, from: number, to: number): void {
  const value = entries.get(from);
  entries.delete(from);
  if (value === undefined) entries.delete(to);
  else entries.set(to, value);
}
