import { exposureOf, isLinkLocal, isUnspecified } from './address.ts';
import type { Ownership } from './owners.ts';
import type { Endpoint, Owner, OwnerUnknown, Protocol, Socket, State } from './socket.ts';
import type { SocketTable } from './socket-table.ts';
import type { SourceName } from './source.ts';

/** What a snapshot asks of the rooms beside it, to give numbers their names. null: not known. */
export interface Names {
  service(port: number, protocol: Protocol): string | null;
  user(uid: number): string | null;
  process(pid: number): { command: string; name: string; startTime: string | null } | null;
  /** The interface of a link-local address of this host, where only one has it. */
  scope(address: string): string | null;
}

export type Facts = {
  time: Date;
  source: SourceName;
  table: SocketTable;
  ownership: Ownership;
  /** The identities of sockets that closed while their owners were looked for. */
  closed?: ReadonlySet<string> | undefined;
};

/** The sockets at one moment and who held them. Rows become objects when they are asked for, once. */
export class Snapshot {
  readonly #facts: Facts;
  readonly #names: Names;
  readonly #sockets: (Socket | undefined)[] = [];
  #rows: Map<string, number> | null = null;

  constructor(facts: Facts, names: Names) {
    this.#facts = facts;
    this.#names = names;
  }

  get time(): Date {
    return this.#facts.time;
  }

  get source(): SourceName {
    return this.#facts.source;
  }

  get table(): SocketTable {
    return this.#facts.table;
  }

  get ownership(): Ownership {
    return this.#facts.ownership;
  }

  /** The same facts, once more is known of their names. */
  renamed(): Snapshot {
    return new Snapshot(this.#facts, this.#names);
  }

  /** The same sockets, once more is known of their owners; `closed`: identities that are gone since. */
  attributed(ownership: Ownership, closed?: ReadonlySet<string>): Snapshot {
    return new Snapshot({ ...this.#facts, ownership, closed }, this.#names);
  }

  get length(): number {
    return this.table.length;
  }

  /**
   * What stays the same while a socket lives, and differs from every other: a TCP connection's two ends
   * (so that it stays itself in TIME_WAIT, without an inode); else the inode, since listeners and UDP
   * sockets may share an address (SO_REUSEPORT).
   */
  identity(row: number): string {
    const { table } = this;
    const kind = `${table.protocolOf(row)}${table.family[row] === 0 ? 4 : 6}`;
    if (table.protocol[row] !== 0 || table.isListener(row)) {
      return `${kind} ${table.localPort[row]} #${table.inode[row]}`;
    }
    return `${kind} ${wordsOf(table.localAddress, row)}:${table.localPort[row]} ${wordsOf(table.remoteAddress, row)}:${table.remotePort[row]}`;
  }

  /**
   * The row of each socket, by identity. /proc/net is read in pieces while the kernel's table changes, so one
   * socket can come twice: the second is left out. Rows of the same ends with another inode, or with none, are
   * sockets of their own (bound to other devices, say).
   */
  get rows(): ReadonlyMap<string, number> {
    if (this.#rows === null) {
      this.#rows = new Map();
      for (let row = 0; row < this.length; row++) {
        const identity = this.identity(row);
        const inode = this.table.inode[row] as number;
        const before = this.#rows.get(identity);
        if (before === undefined) this.#rows.set(identity, row);
        else if (inode === 0) this.#rows.set(this.#another(identity), row);
        else if (inode !== this.table.inode[before]) this.#rows.set(`${identity} #${inode}`, row);
      }
    }
    return this.#rows;
  }

  /** For sockets that nothing tells apart: the second, the third. */
  #another(identity: string): string {
    let ordinal = 2;
    while (this.#rows?.has(`${identity} ~${ordinal}`)) ordinal++;
    return `${identity} ~${ordinal}`;
  }

  socket(row: number): Socket {
    const made = this.#sockets[row];
    if (made) return made;
    const socket = this.#make(row);
    this.#sockets[row] = socket;
    return socket;
  }

  #make(row: number): Socket {
    const { table } = this;
    const protocol = table.protocolOf(row);
    const family = table.familyOf(row);
    const state = table.stateOf(row);
    const inode = table.inode[row] as number;
    const listener = state === 'LISTEN';
    const localAddress = table.localAddressOf(row);
    const remoteAddress = table.remoteAddressOf(row);
    const remotePort = table.remotePort[row] as number;
    const scope = family === 'ipv6' ? this.#names.scope(localAddress) : null;
    const connected = remotePort !== 0 || !isUnspecified(remoteAddress);
    const uid = uidOf(table.uid[row] as number, inode, state);
    const owners = this.#owners(inode);
    return {
      protocol,
      family,
      state,
      local: this.#endpoint(localAddress, table.localPort[row] as number, protocol, scope),
      remote: connected
        ? this.#endpoint(remoteAddress, remotePort, protocol, isLinkLocal(remoteAddress) ? scope : null)
        : null,
      path: null,
      v6only: null,
      device: null,
      exposure: listener || state === 'UNCONN' ? exposureOf(localAddress) : null,
      inode,
      cookie: null,
      netns: null,
      uid,
      user: uid === null ? null : this.#names.user(uid),
      recvQueue: listener ? null : (table.recvQueue[row] as number),
      sendQueue: listener ? null : (table.sendQueue[row] as number),
      acceptQueue: listener ? (table.recvQueue[row] as number) : null,
      backlog: null,
      unit: null,
      container: null,
      owners,
      ownerUnknown: owners.length > 0 ? null : this.#whyUnknown(row, inode, state),
    };
  }

  #endpoint(address: string, port: number, protocol: Protocol, scope: string | null): Endpoint {
    return { address, port, service: this.#names.service(port, protocol), scope };
  }

  #owners(inode: number): Owner[] {
    const holders = inode === 0 ? undefined : this.ownership.holders.get(inode);
    if (!holders) return [];
    return holders.map(({ pid, fd }) => {
      const process = this.#names.process(pid);
      return {
        pid,
        fd,
        mode: 'u',
        command: process?.command ?? null,
        name: process?.name ?? null,
        startTime: process?.startTime ?? null,
      };
    });
  }

  #whyUnknown(row: number, inode: number, state: State): OwnerUnknown {
    if (inode === 0) {
      if (state === 'TIME_WAIT') return 'time-wait';
      return state === 'SYN_RECV' || state === 'ESTABLISHED' || state === 'CLOSE_WAIT'
        ? 'unaccepted'
        : 'orphaned';
    }
    if (this.#facts.closed?.has(this.identity(row))) return 'gone';
    return this.ownership.hidden || this.ownership.unreadable.size > 0 ? 'permission' : 'no-process';
  }
}

function wordsOf(addresses: Uint32Array, row: number): string {
  const at = row * 4;
  return `${addresses[at]}.${addresses[at + 1]}.${addresses[at + 2]}.${addresses[at + 3]}`;
}

/**
 * The kernel prints uid 0 for a socket that belongs to no file (any more, or yet), whoever's it was:
 * TIME_WAIT, orphans, and before 6.16 connections that nobody accepted (net/ipv4/tcp_ipv4.c, sock_i_uid).
 * A SYN_RECV row has its listener's uid.
 */
function uidOf(uid: number, inode: number, state: State): number | null {
  return inode === 0 && uid === 0 && state !== 'SYN_RECV' ? null : uid;
}
