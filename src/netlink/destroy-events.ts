import { closeSync, readSync } from 'node:fs';
import type { Libc } from '../libc/libc.ts';
import { MessageBuffer, SockDiagError, walkAnswer } from './messages.ts';
import { AF_NETLINK, openNetlink } from './sock-diag.ts';

/** What destroy events are read through. Throws errors with the kernel's `code`. */
export interface EventDescriptor {
  /** One message; EAGAIN where there is none. */
  read(buffer: Uint8Array): number;
  close(): void;
}

/** An inet_diag_msg with tcp_info is 380 bytes long. */
const BUFFER = 4 << 10;
/** What a socket has room for by itself (net.core.rmem_default). */
const USUAL_ROOM = 160;
/** The kernel numbers no event: it answers nobody (net/core/sock_diag.c, sock_diag_broadcast_destroy_work). */
const SEQUENCE = 0;

/**
 * The sockets that the kernel destroys, as it announces them: each as an inet_diag_msg, in state CLOSE whatever
 * it was before, and without its inode and user. Its cookie is what it was known by, if anybody had asked.
 */
export class DestroyEvents {
  readonly #descriptor: EventDescriptor;
  readonly #buffer = new MessageBuffer(BUFFER);
  /** About how many may wait. */
  readonly room: number;
  #overruns = 0;

  constructor(descriptor: EventDescriptor, room = USUAL_ROOM) {
    this.#descriptor = descriptor;
    this.room = room;
  }

  /** How many times the kernel had more than there was room for, and dropped it. */
  get overruns(): number {
    return this.#overruns;
  }

  /**
   * Gives `take` where the payload of each that has come begins and ends, without waiting for more. Returns how
   * many there were. Throws a {@link SockDiagError}.
   */
  drain(take: (message: MessageBuffer, start: number, end: number) => void): number {
    const buffer = this.#buffer;
    let count = 0;
    // Of an error that is no error the stack costs more than the rest.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      for (let length = this.#read(); length > 0; length = this.#read()) {
        walkAnswer(buffer, length, SEQUENCE, (start, end) => take(buffer, start, end));
        count++;
      }
    } finally {
      Error.stackTraceLimit = limit;
    }
    return count;
  }

  close(): void {
    this.#descriptor.close();
  }

  /** 0: there is none. */
  #read(): number {
    for (;;) {
      try {
        return this.#descriptor.read(this.#buffer.bytes);
      } catch (error) {
        const { code = 'EIO' } = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN') return 0;
        if (code !== 'ENOBUFS') throw new SockDiagError(code, { cause: error });
        // Said once for all that was dropped since; what had room before is still there.
        this.#overruns++;
      }
    }
  }
}

/** SKNLGRP_INET_TCP_DESTROY, …UDP…, …INET6_TCP…, …INET6_UDP… of include/uapi/linux/sock_diag.h, as bits. */
const DESTROY_GROUPS = 15;

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
/** For so many events; the kernel takes memory only for those that wait. */
const ROOM = 8 << 20;
const ROOM_EVENTS = 6000;

/**
 * Announcements of every TCP and UDP socket of this network namespace that is destroyed from now on, to whomever
 * it belonged; nobody needs to be root for them. null where the kernel refuses.
 */
export function openDestroyEvents(libc: Libc): DestroyEvents | null {
  let descriptor: number;
  try {
    descriptor = openNetlink(libc);
  } catch {
    return null;
  }
  try {
    // struct sockaddr_nl of include/uapi/linux/netlink.h.
    const { bytes, halves, words } = new MessageBuffer(12);
    halves[0] = AF_NETLINK;
    words[2] = DESTROY_GROUPS;
    libc.bind(descriptor, bytes);
  } catch {
    closeSync(descriptor);
    return null;
  }
  const descriptorOf = {
    read: (buffer: Uint8Array) => readSync(descriptor, buffer, 0, buffer.length, null),
    close: () => closeSync(descriptor),
  };
  return new DestroyEvents(descriptorOf, makeRoom(libc, descriptor));
}

/** As much as this user may: beyond net.core.rmem_max only with CAP_NET_ADMIN. Returns how many events that is. */
function makeRoom(libc: Libc, descriptor: number): number {
  const room = new Uint8Array(new Uint32Array([ROOM]).buffer);
  for (const option of [SO_RCVBUFFORCE, SO_RCVBUF]) {
    try {
      libc.setSocketOption(descriptor, SOL_SOCKET, option, room);
      // The other option cuts what is asked for to what is allowed, and does not say so.
      return option === SO_RCVBUFFORCE ? ROOM_EVENTS : USUAL_ROOM;
    } catch {
      // The other, or as it is.
    }
  }
  return USUAL_ROOM;
}
