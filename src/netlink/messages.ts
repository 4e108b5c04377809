/**
 * The messages of sock_diag(7), in and out (include/uapi/linux: netlink.h, inet_diag.h, unix_diag.h). All of a
 * message is in the byte order of this machine but for ports and addresses.
 */
import { endianness } from 'node:os';
import { errorCode } from '../libc/libc.ts';

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;

export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_UDPLITE = 136;
export const IPPROTO_RAW = 255;

const HEADER = 16;
const ATTRIBUTE_HEADER = 4;
const TCPDIAG_GETSOCK = 18;
const SOCK_DIAG_BY_FAMILY = 20;

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLMSG_OVERRUN = 4;
const NLM_F_REQUEST = 1;
const NLM_F_MULTI = 2;
const NLM_F_DUMP_INTR = 0x10;
const NLM_F_DUMP = 0x300;

const INET_REQUEST = 56;
const TCP_REQUEST = 60;
const INET_ROW = 72;
const UNIX_REQUEST = 24;
const UNIX_ROW = 16;

const INET_DIAG_REQ_BYTECODE = 1;
const INET_DIAG_INFO = 2;
const INET_DIAG_SKMEMINFO = 7;
const INET_DIAG_PROTOCOL = 10;
const INET_DIAG_SKV6ONLY = 11;
const INET_DIAG_CGROUP_ID = 21;
/** For `extensions`: tcp_info, and what the socket's buffers hold. */
export const WITH_INFO_AND_MEMORY = (1 << (INET_DIAG_INFO - 1)) | (1 << (INET_DIAG_SKMEMINFO - 1));

const UNIX_DIAG_NAME = 0;
const UNIX_DIAG_PEER = 2;
const UNIX_DIAG_RQLEN = 4;
const UNIX_DIAG_UID = 7;
const UDIAG_SHOW_NAME_PEER_RQLEN_UID = 0x01 | 0x04 | 0x10 | 0x40;

export const LISTEN = 10;
/** Bound, and no more: asked for by this number since Linux 6.8, told as CLOSE. */
export const BOUND = 13;
/** 1 to 12 of include/net/tcp_states.h, and {@link BOUND}, a bit for each. */
export const ALL_STATES = 0x3ffe;

/** What sock_diag refused, or could not: the kernel's own code; EBADMSG: its answer made no sense. */
export class SockDiagError extends Error {
  override readonly name = 'SockDiagError';
  /** ENOENT, EPERM, … */
  readonly code: string;

  constructor(code: string, options?: ErrorOptions) {
    super(`sock_diag: ${code}`, options);
    this.code = code;
  }
}

/** Memory for messages, seen as bytes, halves and words: netlink aligns all there is in it to four bytes. */
export class MessageBuffer {
  readonly bytes: Buffer;
  readonly halves: Uint16Array;
  readonly words: Uint32Array;

  constructor(length: number) {
    const memory = new ArrayBuffer(aligned(length));
    this.bytes = Buffer.from(memory);
    this.halves = new Uint16Array(memory);
    this.words = new Uint32Array(memory);
  }
}

/** A port, or several that follow on each other. */
export type PortRange = { from: number; to: number };

/** What an inet socket is found by: all of it as its row had it. */
export type SocketId = {
  localPort: number;
  remotePort: number;
  /** Four words, their bytes in memory in network order. */
  localAddress: Uint32Array;
  remoteAddress: Uint32Array;
  device: number;
  cookie: number;
};

export type InetRequest = {
  family: number;
  protocol: number;
  /** A bit for each state, 1 << state. */
  states: number;
  extensions?: number;
};

/** A request for every socket that is in one of the states and that the bytecode accepts. */
export function encodeInetDump(request: InetRequest, bytecode?: Uint8Array | null): MessageBuffer {
  const filter = bytecode ? ATTRIBUTE_HEADER + bytecode.length : 0;
  const message = newInetRequest(request, NLM_F_REQUEST | NLM_F_DUMP, filter);
  if (bytecode) addBytecode(message, HEADER + INET_REQUEST, bytecode);
  return message;
}

/**
 * The same for TCP of both families, in one pass through the kernel's table instead of two: the older form of the
 * request, in which it does not look at the family (net/ipv4/inet_diag.c, inet_diag_dump_compat).
 */
export function encodeTcpDump(states: number, bytecode?: Uint8Array | null): MessageBuffer {
  const filter = bytecode ? ATTRIBUTE_HEADER + bytecode.length : 0;
  const message = newMessage(TCPDIAG_GETSOCK, NLM_F_REQUEST | NLM_F_DUMP, TCP_REQUEST + filter);
  message.words[17] = states;
  if (bytecode) addBytecode(message, HEADER + TCP_REQUEST, bytecode);
  return message;
}

function addBytecode(message: MessageBuffer, at: number, bytecode: Uint8Array): void {
  message.halves[at / 2] = ATTRIBUTE_HEADER + bytecode.length;
  message.halves[at / 2 + 1] = INET_DIAG_REQ_BYTECODE;
  message.bytes.set(bytecode, at + ATTRIBUTE_HEADER);
}

/** A request for one socket. */
export function encodeInetLookup(request: InetRequest, id: SocketId): MessageBuffer {
  const message = newInetRequest(request, NLM_F_REQUEST, 0);
  const { bytes, words } = message;
  bytes.writeUInt16BE(id.localPort, 24);
  bytes.writeUInt16BE(id.remotePort, 26);
  words.set(id.localAddress, 7);
  words.set(id.remoteAddress, 11);
  words[15] = id.device;
  words[16] = id.cookie;
  words[17] = Math.floor(id.cookie / 2 ** 32);
  return message;
}

/** A request for the unix sockets that are in one of the states. */
export function encodeUnixDump(states: number): MessageBuffer {
  const message = newMessage(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, UNIX_REQUEST);
  message.bytes[HEADER] = AF_UNIX;
  message.words[5] = states;
  message.words[7] = UDIAG_SHOW_NAME_PEER_RQLEN_UID;
  return message;
}

/** Gives a request the number that its answers will bear. */
export function setSequence({ words }: MessageBuffer, sequence: number): void {
  words[2] = sequence;
}

function newInetRequest(request: InetRequest, flags: number, more: number): MessageBuffer {
  const message = newMessage(SOCK_DIAG_BY_FAMILY, flags, INET_REQUEST + more);
  message.bytes[HEADER] = request.family;
  message.bytes[HEADER + 1] = request.protocol;
  message.bytes[HEADER + 2] = request.extensions ?? 0;
  message.words[5] = request.states;
  return message;
}

function newMessage(type: number, flags: number, payload: number): MessageBuffer {
  const message = new MessageBuffer(HEADER + payload);
  message.words[0] = HEADER + payload;
  message.halves[2] = type;
  message.halves[3] = flags;
  return message;
}

const BC_JMP = 1;
const BC_S_GE = 2;
const BC_S_LE = 3;
const BC_D_GE = 4;
const BC_D_LE = 5;
/** A port stands in the `no` of the operation that follows. */
const BC_COMPARISON = 8;
const BC_OP = 4;

/** The kernel checks each jump against all before it: more would keep it busy. */
const MOST_RANGES = 128;

/**
 * The filter, for the kernel to run, that accepts sockets with one of these ports at either end, or at the local one;
 * null where there are none, or too many. Each operation is `{u8 code, u8 yes, u16 no}`, and goes on at `yes` or `no` bytes
 * from where it is: what gets just to the end is accepted, and what gets past it is not (net/ipv4/inet_diag.c,
 * inet_diag_bc_audit and inet_diag_bc_run).
 */
export function portBytecode(ranges: readonly PortRange[], end?: 'local'): Uint8Array | null {
  if (ranges.length === 0 || ranges.length > MOST_RANGES) return null;
  const clauses = ranges.flatMap(({ from, to }) => {
    const local = { from, to, atLeast: BC_S_GE, atMost: BC_S_LE };
    return end === 'local' ? [local] : [local, { from, to, atLeast: BC_D_GE, atMost: BC_D_LE }];
  });
  // Between two clauses a jump to the end, for what the first has accepted.
  const length = clauses.length * (2 * BC_COMPARISON + BC_OP) - BC_OP;
  const { bytes, halves } = new MessageBuffer(length);
  let at = 0;
  const put = (code: number, yes: number, no: number) => {
    bytes[at] = code;
    bytes[at + 1] = yes;
    halves[at / 2 + 1] = no;
    at += BC_OP;
  };
  for (const { from, to, atLeast, atMost } of clauses) {
    // The next clause; of the last, four bytes past the end.
    put(atLeast, BC_COMPARISON, 2 * BC_COMPARISON + BC_OP);
    put(0, 0, from);
    put(atMost, BC_COMPARISON, BC_COMPARISON + BC_OP);
    put(0, 0, to);
    if (at < length) put(BC_JMP, BC_OP, length - at);
  }
  return bytes;
}

/**
 * Walks the `length` bytes of a piece of an answer, and calls `take` with where the payload of each row begins
 * and ends. Messages of another sequence are passed over: they answer what nobody waits for any more.
 * `interrupted`: the kernel's table changed meanwhile in a way that may have cost rows.
 * Throws nothing but a {@link SockDiagError}, and what `take` throws.
 */
export function walkAnswer(
  { halves, words }: MessageBuffer,
  length: number,
  sequence: number,
  take: (start: number, end: number) => void,
): { ended: boolean; interrupted: boolean } {
  let interrupted = false;
  for (let at = 0; at < length; ) {
    if (at + HEADER > length) throw new SockDiagError('EBADMSG');
    const size = words[at / 4] as number;
    if (size < HEADER || size > length - at) throw new SockDiagError('EBADMSG');
    if (words[at / 4 + 2] === sequence >>> 0) {
      const type = halves[at / 2 + 2];
      const flags = halves[at / 2 + 3] as number;
      if ((flags & NLM_F_DUMP_INTR) !== 0) interrupted = true;
      if (type === SOCK_DIAG_BY_FAMILY || type === TCPDIAG_GETSOCK) {
        take(at + HEADER, at + size);
        // The answer to a request for one socket.
        if ((flags & NLM_F_MULTI) === 0) return { ended: true, interrupted };
      } else if (type === NLMSG_DONE || type === NLMSG_ERROR) {
        if (size < HEADER + 4 && type === NLMSG_ERROR) throw new SockDiagError('EBADMSG');
        // A dump of a protocol that has none begins well, and ends with its error here.
        const errno = size < HEADER + 4 ? 0 : -((words[at / 4 + 4] as number) | 0);
        if (errno !== 0) throw new SockDiagError(errorCode(errno));
        return { ended: true, interrupted };
      } else if (type === NLMSG_OVERRUN) {
        throw new SockDiagError('ENOBUFS');
      }
    }
    at += aligned(size);
  }
  return { ended: false, interrupted };
}

/** One inet socket, reused from row to row: copy what you keep. */
export type InetRow = {
  family: number;
  /** As in include/net/tcp_states.h. */
  state: number;
  /** Which timer runs, as /proc/net/tcp numbers them; 0: none. */
  timer: number;
  /** How often what it waits for was tried already. */
  retransmits: number;
  /** In how many milliseconds it runs out. */
  expires: number;
  localPort: number;
  remotePort: number;
  /** The word of the buffer with which the address begins; its bytes are in network order. */
  localAddress: number;
  remoteAddress: number;
  /** sk_bound_dev_if. */
  device: number;
  cookie: number;
  recvQueue: number;
  sendQueue: number;
  uid: number;
  inode: number;
  /** null: not told. */
  v6only: boolean | null;
  /** 0: not told. */
  cgroup: number;
};

export function newInetRow(): InetRow {
  return {
    family: 0,
    state: 0,
    timer: 0,
    retransmits: 0,
    expires: 0,
    localPort: 0,
    remotePort: 0,
    localAddress: 0,
    remoteAddress: 0,
    device: 0,
    cookie: 0,
    recvQueue: 0,
    sendQueue: 0,
    uid: 0,
    inode: 0,
    v6only: null,
    cgroup: 0,
  };
}

/** Reads an inet_diag_msg with its attributes into `row`. */
export function decodeInetRow(message: MessageBuffer, start: number, end: number, row: InetRow): void {
  if (end - start < INET_ROW) throw new SockDiagError('EBADMSG');
  const { bytes, words } = message;
  const word = start / 4;
  row.family = bytes[start] as number;
  row.state = bytes[start + 1] as number;
  row.timer = bytes[start + 2] as number;
  row.retransmits = bytes[start + 3] as number;
  row.expires = words[word + 13] as number;
  row.localPort = ((bytes[start + 4] as number) << 8) | (bytes[start + 5] as number);
  row.remotePort = ((bytes[start + 6] as number) << 8) | (bytes[start + 7] as number);
  row.localAddress = word + 2;
  row.remoteAddress = word + 6;
  row.device = words[word + 10] as number;
  row.cookie = (words[word + 11] as number) + (words[word + 12] as number) * 2 ** 32;
  row.recvQueue = words[word + 14] as number;
  row.sendQueue = words[word + 15] as number;
  row.uid = words[word + 16] as number;
  row.inode = words[word + 17] as number;
  row.v6only = null;
  row.cgroup = 0;
  eachAttribute(message, start + INET_ROW, end, (type, from, to) => {
    if (type === INET_DIAG_SKV6ONLY && to > from) row.v6only = bytes[from] !== 0;
    else if (type === INET_DIAG_CGROUP_ID && to - from >= 8) row.cgroup = long(words, from);
  });
}

/** The IPPROTO_* of an inet_diag_msg that answers no request and therefore tells; 0: it does not. */
export function decodeProtocol(message: MessageBuffer, start: number, end: number): number {
  let protocol = 0;
  eachAttribute(message, start + INET_ROW, end, (type, from, to) => {
    if (type === INET_DIAG_PROTOCOL && to > from) protocol = message.bytes[from] as number;
  });
  return protocol;
}

/** One unix socket, reused from row to row: copy what you keep. */
export type UnixRow = {
  type: number;
  state: number;
  inode: number;
  cookie: number;
  /** Its path, or @ and its abstract name, which may have NUL in it; null where it has none. */
  path: string | null;
  /** The inode of the socket at the other end; 0: none, or closed. */
  peer: number;
  recvQueue: number;
  sendQueue: number;
  /** null: not told (before Linux 5.3). */
  uid: number | null;
};

export function newUnixRow(): UnixRow {
  return {
    type: 0,
    state: 0,
    inode: 0,
    cookie: 0,
    path: null,
    peer: 0,
    recvQueue: 0,
    sendQueue: 0,
    uid: null,
  };
}

/** Reads a unix_diag_msg with its attributes into `row`. */
export function decodeUnixRow(message: MessageBuffer, start: number, end: number, row: UnixRow): void {
  if (end - start < UNIX_ROW) throw new SockDiagError('EBADMSG');
  const { bytes, words } = message;
  const word = start / 4;
  row.type = bytes[start + 1] as number;
  row.state = bytes[start + 2] as number;
  row.inode = words[word + 1] as number;
  row.cookie = (words[word + 2] as number) + (words[word + 3] as number) * 2 ** 32;
  row.path = null;
  row.peer = 0;
  row.recvQueue = 0;
  row.sendQueue = 0;
  row.uid = null;
  eachAttribute(message, start + UNIX_ROW, end, (type, from, to) => {
    if (type === UNIX_DIAG_NAME) {
      row.path = unixPath(bytes.subarray(from, to));
    } else if (type === UNIX_DIAG_PEER && to - from >= 4) {
      row.peer = words[from / 4] as number;
    } else if (type === UNIX_DIAG_RQLEN && to - from >= 8) {
      row.recvQueue = words[from / 4] as number;
      row.sendQueue = words[from / 4 + 1] as number;
    } else if (type === UNIX_DIAG_UID && to - from >= 4) {
      row.uid = words[from / 4] as number;
    }
  });
}

/** A sun_path as text; abstract names begin with NUL, for which ss and /proc/net/unix have @. */
function unixPath(name: Buffer): string | null {
  if (name.length === 0) return null;
  if (name[0] === 0) return `@${name.toString('utf8', 1)}`;
  const end = name.indexOf(0);
  return name.toString('utf8', 0, end < 0 ? name.length : end);
}

/** What TCP knows of a connection; null: this kernel does not tell. */
export type TcpInfo = {
  /** Round trips, in microseconds. */
  rtt: number | null;
  rttVariance: number | null;
  minRtt: number | null;
  /** Segments. */
  congestionWindow: number | null;
  unacked: number | null;
  /** Segments, over the connection's life. */
  retransmitted: number | null;
  /** Bytes. */
  sendMss: number | null;
  bytesAcked: number | null;
  bytesReceived: number | null;
  bytesSent: number | null;
};

/** What a socket's buffers hold and may hold, in bytes; null: this kernel does not tell. */
export type SocketMemory = {
  received: number | null;
  receiveBuffer: number | null;
  sent: number | null;
  sendBuffer: number | null;
  forward: number | null;
  queued: number | null;
  options: number | null;
  backlog: number | null;
  /** Packets that were dropped for want of room. */
  drops: number | null;
};

export type SocketDetails = { tcpInfo: TcpInfo | null; memory: SocketMemory | null };

/** Reads the two large attributes of an inet_diag_msg, where they were asked for. */
export function decodeDetails(message: MessageBuffer, start: number, end: number): SocketDetails {
  if (end - start < INET_ROW) throw new SockDiagError('EBADMSG');
  const details: SocketDetails = { tcpInfo: null, memory: null };
  // Of a listener the fields of tcp_info mean other things (net/ipv4/tcp.c, tcp_get_info).
  const listens = message.bytes[start + 1] === LISTEN;
  eachAttribute(message, start + INET_ROW, end, (type, from, to) => {
    if (type === INET_DIAG_INFO && !listens) details.tcpInfo = decodeTcpInfo(message, from, to);
    else if (type === INET_DIAG_SKMEMINFO) details.memory = decodeMemory(message, from, to);
  });
  return details;
}

/** struct tcp_info grows at its end from kernel to kernel (include/uapi/linux/tcp.h). */
function decodeTcpInfo({ words }: MessageBuffer, from: number, to: number): TcpInfo {
  const word = (offset: number) => (from + offset + 4 <= to ? (words[(from + offset) / 4] as number) : null);
  const both = (offset: number) => (from + offset + 8 <= to ? long(words, from + offset) : null);
  const minRtt = word(148);
  return {
    rtt: word(68),
    rttVariance: word(72),
    // As long as nothing was measured, ~0U (include/linux/win_minmax.h).
    minRtt: minRtt === 0xffff_ffff ? null : minRtt,
    congestionWindow: word(80),
    unacked: word(24),
    retransmitted: word(100),
    sendMss: word(16),
    bytesAcked: both(120),
    bytesReceived: both(128),
    bytesSent: both(200),
  };
}

/** In the order of SK_MEMINFO_* in include/uapi/linux/sock_diag.h. */
function decodeMemory({ words }: MessageBuffer, from: number, to: number): SocketMemory {
  const word = (at: number) => (from + at * 4 + 4 <= to ? (words[from / 4 + at] as number) : null);
  return {
    received: word(0),
    receiveBuffer: word(1),
    sent: word(2),
    sendBuffer: word(3),
    forward: word(4),
    queued: word(5),
    options: word(6),
    backlog: word(7),
    drops: word(8),
  };
}

function eachAttribute(
  { halves }: MessageBuffer,
  start: number,
  end: number,
  take: (type: number, from: number, to: number) => void,
): void {
  for (let at = start; at < end; ) {
    if (end - at < ATTRIBUTE_HEADER) throw new SockDiagError('EBADMSG');
    const size = halves[at / 2] as number;
    if (size < ATTRIBUTE_HEADER || size > end - at) throw new SockDiagError('EBADMSG');
    take(halves[at / 2 + 1] as number, at + ATTRIBUTE_HEADER, at + size);
    at += aligned(size);
  }
}

const LOW = endianness() === 'LE' ? 0 : 1;

/** Eight bytes at a multiple of four; exact below 2^53, above which no counter of ours gets. */
function long(words: Uint32Array, at: number): number {
  return (words[at / 4 + LOW] as number) + (words[at / 4 + 1 - LOW] as number) * 2 ** 32;
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}
