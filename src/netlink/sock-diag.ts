import { closeSync, readSync, writeSync } from 'node:fs';
import type { Libc } from '../libc/libc.ts';
import {
  AF_INET,
  AF_INET6,
  ALL_STATES,
  BOUND,
  decodeDetails,
  decodeInetRow,
  encodeInetDump,
  encodeInetLookup,
  IPPROTO_TCP,
  LISTEN,
  MessageBuffer,
  newInetRow,
  portBytecode,
  SockDiagError,
  type SocketDetails,
  type SocketId,
  setSequence,
  WITH_INFO_AND_MEMORY,
  walkAnswer,
} from './messages.ts';
import { insideNetns, type NetnsFile } from './netns.ts';

/** What a netlink socket is read and written through. Each throws an error with the kernel's `code`. */
export interface Descriptors {
  open(): number;
  write(descriptor: number, message: Uint8Array): void;
  /** One piece of an answer; EAGAIN where there is none. */
  read(descriptor: number, buffer: Uint8Array): number;
  close(descriptor: number): void;
}

/** Who gets the rows of a dump. */
export interface RowTaker {
  /** A dump begins: what an earlier, interrupted one gave is void. */
  begin(): void;
  row(message: MessageBuffer, start: number, end: number): void;
}

/** The kernel sends at most 32 KB at once (net/netlink/af_netlink.c, netlink_recvmsg). */
const BUFFER = 64 << 10;
const ATTEMPTS = 3;

const LISTEN_OR_BOUND = (1 << LISTEN) | (1 << BOUND);

/** sock_diag(7): asks the kernel for its sockets. */
export class SockDiag {
  readonly #descriptors: Descriptors;
  readonly #buffer = new MessageBuffer(BUFFER);
  /** Open, and with no answer under way. */
  #idle: number | null = null;
  #sequence = 0;

  constructor(descriptors: Descriptors) {
    this.#descriptors = descriptors;
  }

  /**
   * Every socket that the request wants, to `taker`; pauses after each piece of the answer. It is asked again
   * where the kernel says that its table changed on the way, and after three times kept as it is. Throws a
   * {@link SockDiagError}. Several may be under way at once.
   */
  *dump(request: MessageBuffer, taker: RowTaker): Generator<void, void, void> {
    const descriptor = this.#take();
    let whole = false;
    try {
      for (let attempt = 1; ; attempt++) {
        taker.begin();
        const interrupted = yield* this.#ask(descriptor, request, taker);
        if (!interrupted || attempt === ATTEMPTS) break;
      }
      whole = true;
    } finally {
      // An answer that nobody reads to its end stays in the socket, which refuses the next request: EBUSY.
      this.#giveBack(descriptor, whole);
    }
  }

  /** What is dear to ask of all sockets, of one; null when it is gone. Throws a {@link SockDiagError}. */
  inspect(family: 'ipv4' | 'ipv6', protocol: number, id: SocketId): SocketDetails | null {
    const request = {
      family: family === 'ipv4' ? AF_INET : AF_INET6,
      protocol,
      states: ALL_STATES,
      extensions: WITH_INFO_AND_MEMORY,
    };
    const connected = protocol === IPPROTO_TCP && id.remotePort !== 0;
    const found = this.#run(encodeInetLookup(request, id), id);
    if (found || connected) return found;
    // The kernel looks as it does for a packet: of sockets that share an address it finds any one.
    const states = protocol === IPPROTO_TCP ? LISTEN_OR_BOUND : ALL_STATES;
    const port = portBytecode([{ from: id.localPort, to: id.localPort }]);
    return this.#run(encodeInetDump({ ...request, states }, port), id);
  }

  close(): void {
    if (this.#idle !== null) this.#descriptors.close(this.#idle);
    this.#idle = null;
  }

  #run(request: MessageBuffer, id: SocketId): SocketDetails | null {
    let details: SocketDetails | null = null;
    const row = newInetRow();
    const taker: RowTaker = {
      begin: () => {
        details = null;
      },
      row: (message, start, end) => {
        decodeInetRow(message, start, end, row);
        if (row.cookie === id.cookie) details = decodeDetails(message, start, end);
      },
    };
    try {
      for (const _ of this.dump(request, taker));
    } catch (error) {
      if (!(error instanceof SockDiagError)) throw error;
      // ESTALE: another socket has the address now.
      if (error.code !== 'ENOENT' && error.code !== 'ESTALE') throw error;
    }
    return details;
  }

  *#ask(descriptor: number, request: MessageBuffer, taker: RowTaker): Generator<void, boolean, void> {
    this.#sequence = (this.#sequence + 1) >>> 0;
    const sequence = this.#sequence;
    setSequence(request, sequence);
    this.#attempt(() => this.#descriptors.write(descriptor, request.bytes.subarray(0, request.words[0])));
    const buffer = this.#buffer;
    const take = (start: number, end: number) => taker.row(buffer, start, end);
    for (let interrupted = false; ; ) {
      const length = this.#attempt(() => this.#descriptors.read(descriptor, buffer.bytes));
      if (length === 0) throw new SockDiagError('EBADMSG');
      const piece = walkAnswer(buffer, length, sequence, take);
      interrupted ||= piece.interrupted;
      if (piece.ended) return interrupted;
      yield;
    }
  }

  #take(): number {
    const descriptor = this.#idle ?? this.#attempt(() => this.#descriptors.open());
    this.#idle = null;
    return descriptor;
  }

  #giveBack(descriptor: number, whole: boolean): void {
    if (whole && this.#idle === null) this.#idle = descriptor;
    else this.#descriptors.close(descriptor);
  }

  #attempt<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw new SockDiagError((error as NodeJS.ErrnoException).code ?? 'EIO', { cause: error });
    }
  }
}

export const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
/** So that an answer that does not come is an error, and no wait without end. */
const SOCK_NONBLOCK = 0o4000;
const NETLINK_SOCK_DIAG = 4;

/** A netlink socket for sock_diag, in this process's network namespace. Throws a LibcError. */
export function openNetlink(libc: Libc): number {
  return libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
}

/** sock_diag of the running kernel, in this process's network namespace, or in another. */
export function openSockDiag(libc: Libc, netns: NetnsFile | null = null): SockDiag {
  const open = () => openNetlink(libc);
  return new SockDiag({
    // It stays in the namespace that it was made in, wherever its user goes (netlink(7), net/netlink/af_netlink.c).
    open: netns ? () => insideNetns(libc, netns, open) : open,
    write: (descriptor, message) => {
      writeSync(descriptor, message);
    },
    read: (descriptor, buffer) => readSync(descriptor, buffer, 0, buffer.length, null),
    close: closeSync,
  });
}
