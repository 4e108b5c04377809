import { ipv4Text, ipv6Text } from './address.ts';
import type { Family, Protocol, State } from './socket.ts';

export const PROTOCOLS: readonly Protocol[] = ['tcp', 'udp'];
export const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

/** By number, as include/net/tcp_states.h; 12 (NEW_SYN_RECV) is the kernel's own kind of SYN_RECV. */
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
export const LISTEN = 10;
const ESTABLISHED = 1;

/** What a source tells of one socket. Words: four, network order in memory; IPv4 uses the first. */
export type SocketFacts = {
  localAddress: Uint32Array;
  localPort: number;
  remoteAddress: Uint32Array;
  remotePort: number;
  state: number;
  sendQueue: number;
  recvQueue: number;
  uid: number;
  inode: number;
};

/**
 * The sockets of one moment, a column a fact: 100,000 rows are a few typed arrays, and only the rows that
 * are shown become objects.
 */
export class SocketTable {
  length = 0;
  protocol = new Uint8Array(256);
  family = new Uint8Array(256);
  state = new Uint8Array(256);
  localPort = new Uint16Array(256);
  remotePort = new Uint16Array(256);
  localAddress = new Uint32Array(1024);
  remoteAddress = new Uint32Array(1024);
  sendQueue = new Uint32Array(256);
  recvQueue = new Uint32Array(256);
  uid = new Uint32Array(256);
  /** get_next_ino() of fs/inode.c hands out unsigned ints. */
  inode = new Uint32Array(256);

  add(protocol: Protocol, family: Family, facts: SocketFacts): void {
    const row = this.length;
    if (row === this.state.length) this.#grow();
    this.protocol[row] = PROTOCOLS.indexOf(protocol);
    this.family[row] = FAMILIES.indexOf(family);
    this.state[row] = facts.state;
    this.localPort[row] = facts.localPort;
    this.remotePort[row] = facts.remotePort;
    this.localAddress.set(facts.localAddress, row * 4);
    this.remoteAddress.set(facts.remoteAddress, row * 4);
    this.sendQueue[row] = facts.sendQueue;
    this.recvQueue[row] = facts.recvQueue;
    this.uid[row] = facts.uid;
    this.inode[row] = facts.inode;
    this.length = row + 1;
  }

  protocolOf(row: number): Protocol {
    return PROTOCOLS[this.protocol[row] as number] as Protocol;
  }

  familyOf(row: number): Family {
    return FAMILIES[this.family[row] as number] as Family;
  }

  /** UDP has two states only, by TCP's numbers: connected (1) or not (7). */
  stateOf(row: number): State {
    const state = this.state[row] as number;
    if (this.protocolOf(row) === 'udp') return state === ESTABLISHED ? 'ESTABLISHED' : 'UNCONN';
    return TCP_STATES[state] ?? 'CLOSE';
  }

  isListener(row: number): boolean {
    return this.state[row] === LISTEN && this.protocol[row] === 0;
  }

  /** A TCP connection that is up. */
  isEstablished(row: number): boolean {
    return this.state[row] === ESTABLISHED && this.protocol[row] === 0;
  }

  localAddressOf(row: number): string {
    return this.#addressText(this.localAddress, row);
  }

  remoteAddressOf(row: number): string {
    return this.#addressText(this.remoteAddress, row);
  }

  #addressText(addresses: Uint32Array, row: number): string {
    return this.family[row] === 0
      ? ipv4Text(addresses[row * 4] as number)
      : ipv6Text(addresses.subarray(row * 4, row * 4 + 4));
  }

  #grow(): void {
    const twice = <T extends Uint8Array | Uint16Array | Uint32Array>(column: T): T => {
      const larger = new (column.constructor as new (length: number) => T)(column.length * 2);
      larger.set(column);
      return larger;
    };
    this.protocol = twice(this.protocol);
    this.family = twice(this.family);
    this.state = twice(this.state);
    this.localPort = twice(this.localPort);
    this.remotePort = twice(this.remotePort);
    this.localAddress = twice(this.localAddress);
    this.remoteAddress = twice(this.remoteAddress);
    this.sendQueue = twice(this.sendQueue);
    this.recvQueue = twice(this.recvQueue);
    this.uid = twice(this.uid);
    this.inode = twice(this.inode);
  }
}
