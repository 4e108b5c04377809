import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageBuffer } from '../../src/netlink/messages.ts';

/**
 * Answers of Linux 6.18 (x86-64) to requests of sequence 7, in a network namespace with a few sockets of each
 * kind; `ss` is what `ss -OHntuaeim` and `ss -OHxae` said of them in the same moment.
 * `destroyed` are five announcements, one after the other: of the ends of a connection on 127.0.0.1, of a listener
 * on ::1, of a UDP socket that was connected, and of one that was not.
 */
export const CAPTURED = fileURLToPath(new URL('../fixtures/netlink', import.meta.url));
export const SEQUENCE = 7;

export type Answer =
  | 'tcp4'
  | 'tcp6'
  | 'udp4'
  | 'udp6'
  | 'unix'
  | 'no-raw'
  | 'refused'
  | 'inspected'
  | 'gone'
  | 'destroyed';

export function captured(name: Answer): Buffer {
  return readFileSync(`${CAPTURED}/${name}`);
}

/** As if it had just been read. */
export function received(bytes: Uint8Array): MessageBuffer {
  const message = new MessageBuffer(bytes.length);
  message.bytes.set(bytes);
  return message;
}

export type Message = { type: number; flags?: number; sequence?: number; payload?: Uint8Array };

export const ROW = 20;
export const DONE = 3;
export const ERROR = 2;
export const MULTI = 2;
export const INTERRUPTED = 0x10;

/** Messages as the kernel would write them. */
export function piece(...messages: Message[]): Buffer {
  return Buffer.concat(
    messages.map(({ type, flags = MULTI, sequence = SEQUENCE, payload = new Uint8Array() }) => {
      const { bytes, halves, words } = new MessageBuffer(16 + payload.length);
      words[0] = 16 + payload.length;
      halves[2] = type;
      halves[3] = flags;
      words[2] = sequence;
      bytes.set(payload, 16);
      return bytes;
    }),
  );
}

/** The end of a dump, or a refusal, with an errno; 0: all went well. */
export function ending(type: number, errno = 0, more: Partial<Message> = {}): Message {
  return { type, payload: new Uint8Array(new Int32Array([-errno]).buffer), ...more };
}

/** An inet_diag_msg of a socket on a port, with nothing else to it. */
export function rowOnPort(port: number, cookie = port): Uint8Array {
  const { bytes, words } = new MessageBuffer(72);
  bytes[0] = 2;
  bytes[1] = 10;
  bytes.writeUInt16BE(port, 4);
  words[11] = cookie;
  return bytes;
}
