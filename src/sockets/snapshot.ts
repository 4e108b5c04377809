import { containerOf, unitOf } from '../procfs/cgroup.ts';
import { exposureOf, isLinkLocal, isUnspecified } from './address.ts';
import type { Connections } from './connections.ts';
import type { Holder, Ownership } from './owners.ts';
import {
  type Endpoint,
  type Owner,
  type OwnerUnknown,
  type Peer,
  type Protocol,
  SOCKET_MODE,
  type Socket,
  type State,
  type Timer,
} from './socket.ts';
import { DOUBTFUL, type SocketTable, UNKNOWN, UNKNOWN_UID } from './socket-table.ts';
import type { Wanted } from './source.ts';

/** What a snapshot asks of the rooms beside it, to give numbers their names. null: not known. */
export interface Names {
  service(port: number, protocol: Protocol): string | null;
  user(uid: number): string | null;
  process(pid: number): { command: string; name: string; startTime: string | null } | null;
  /** The interface of a link-local address of a network namespace, where only one has it. */
  scope(address: string, netns: number): string | null;
  /** An interface of a network namespace by its index. */
  device(index: number, netns: number): string;
  /** A network namespace by its inode, as `ip netns` names it. */
  netns(inode: number): string | null;
  /**
   * The cgroup with this id, then those of the process, what tells most first; nothing for what is not known. 0:
   * no id, or no process.
   */
  cgroups(id: number, pid: number): readonly string[];
  /** What its engine calls the container of an id, in this cgroup. */
  container(id: string, cgroup: string): string | null;
  /** The arguments of a process, as ps writes them. */
  commandLine(pid: number): string | null;
  /** What DNS calls an address. */
  host(address: string): string | null;
}

export type Facts = {
  time: Date;
  table: SocketTable;
  /** What was asked for: a socket that was not may be there all the same. */
  wanted: Wanted;
  ownership: Ownership;
  /** The connections of each listener, counted at some time before; null: nobody has. */
  connections?: Connections | null;
  /** The identities of sockets that closed while their owners were looked for. */
  closed?: ReadonlySet<number> | undefined;
};

/** What a process that holds a socket is called. */
export type ProcessName = { pid: number; command: string | null; name: string | null };

/**
 * What is asked of a row for sorting and filtering, without making it an object: of a hundred thousand rows
 * only those in sight become one.
 */
export interface RowFacts {
  readonly table: SocketTable;
  /** The name of the local port. */
  service(row: number): string | null;
  /** The name of the port at the other end. */
  remoteService(row: number): string | null;
  /** The owner's name; the number, where nobody knows it; null where the kernel does not tell. */
  user(row: number): string | null;
  uid(row: number): number | null;
  /** The lowest pid that holds it; 0: none is known. */
  pid(row: number): number;
  /** The processes that hold it, by pid; without names those that ended before they were read. */
  processes(row: number): readonly ProcessName[];
  /** Why no process is known, once everybody was asked; null: one is. */
  ownerUnknown(row: number): OwnerUnknown | null;
  /** Of the first owner, ISO 8601. */
  started(row: number): string | null;
  connections(row: number): number | null;
  /** Of a listener: how many connections are in each state; null: nobody counted. */
  connectionStates(row: number): readonly { state: State; count: number }[] | null;
  /** Of the first owner, as ps writes it. */
  commandLine(row: number): string | null;
  /** What `ip netns` calls its network namespace. */
  netnsName(row: number): string | null;
  /** Every descriptor that leads to it, by pid, then number. */
  holders(row: number): readonly Holder[];
  /** The interface that it is bound to (SO_BINDTODEVICE). */
  device(row: number): string | null;
  /** The other end of a unix socket. */
  peer(row: number): Peer | null;
  /** The process at the other end of a unix socket. */
  peerProcess(row: number): ProcessName | null;
  /** Of TCP; null where none runs, or they were not asked for. */
  timer(row: number): Timer | null;
  cgroup(row: number): string | null;
  /** Of systemd. */
  unit(row: number): string | null;
  /** The name of a container, or its whole id. */
  container(row: number): string | null;
  /** What DNS calls the address of an end. */
  host(row: number, end: 'local' | 'remote'): string | null;
  socket(row: number): Socket;
}

const NO_ENDS = { local: null, remote: null };
const NO_PROCESSES: readonly ProcessName[] = [];
const NO_HOLDERS: readonly Holder[] = [];

/** The sockets at one moment and who held them. Rows become objects when they are asked for, once. */
export class Snapshot implements RowFacts {
  readonly #facts: Facts;
  readonly #names: Names;
  readonly #sockets = new Map<number, Socket>();
  readonly #processes = new Map<number, readonly ProcessName[]>();
  readonly #places = new Map<string, Place>();
  #unixRows: ReadonlyMap<number, number> | null = null;

  constructor(facts: Facts, names: Names) {
    this.#facts = facts;
    this.#names = names;
  }

  get time(): Date {
    return this.#facts.time;
  }

  get table(): SocketTable {
    return this.#facts.table;
  }

  get wanted(): Wanted {
    return this.#facts.wanted;
  }

  get ownership(): Ownership {
    return this.#facts.ownership;
  }

  get length(): number {
    return this.table.length;
  }

  /** The connections of each listener; null: they were not counted. */
  get counted(): Connections | null {
    return this.#facts.connections ?? null;
  }

  /** The same facts, once more is known of their names. */
  renamed(): Snapshot {
    return new Snapshot(this.#facts, this.#names);
  }

  /** The same sockets, once more is known of their owners; `closed`: identities that are gone since. */
  attributed(ownership: Ownership, closed?: ReadonlySet<number>): Snapshot {
    return new Snapshot({ ...this.#facts, ownership, closed }, this.#names);
  }

  identity(row: number): number {
    return this.table.identity[row] as number;
  }

  service(row: number): string | null {
    return this.#names.service(this.table.localPort[row] as number, this.table.protocolOf(row));
  }

  remoteService(row: number): string | null {
    const port = this.table.remotePort[row] as number;
    return port === 0 ? null : this.#names.service(port, this.table.protocolOf(row));
  }

  /**
   * The kernel prints uid 0 for a socket that belongs to no file (any more, or yet), whoever's it was:
   * TIME_WAIT, orphans, and before 6.16 connections that nobody accepted (net/ipv4/tcp_ipv4.c, sock_i_uid).
   * A SYN_RECV row of /proc/net has its listener's uid.
   */
  uid(row: number): number | null {
    const { table } = this;
    const uid = table.uid[row] as number;
    if (uid === UNKNOWN_UID) return null;
    return uid === 0 && table.inode[row] === 0 && table.stateOf(row) !== 'SYN_RECV' ? null : uid;
  }

  user(row: number): string | null {
    const uid = this.uid(row);
    return uid === null ? null : (this.#names.user(uid) ?? String(uid));
  }

  pid(row: number): number {
    const inode = this.table.inode[row] as number;
    return inode === 0 ? 0 : this.ownership.firstPid(inode);
  }

  processes(row: number): readonly ProcessName[] {
    const inode = this.table.inode[row] as number;
    if (inode === 0) return NO_PROCESSES;
    const pids = this.ownership.pids(inode);
    if (pids.length === 1) return this.#alone(pids[0] as number);
    return pids.map((pid) => this.#alone(pid)[0] as ProcessName);
  }

  /** One process by itself: most sockets have one, and the same holds thousands of them. */
  #alone(pid: number): readonly ProcessName[] {
    let alone = this.#processes.get(pid);
    if (!alone) {
      const facts = this.#names.process(pid);
      alone = [{ pid, command: facts?.command ?? null, name: facts?.name ?? null }];
      this.#processes.set(pid, alone);
    }
    return alone;
  }

  started(row: number): string | null {
    const pid = this.pid(row);
    return pid === 0 ? null : (this.#names.process(pid)?.startTime ?? null);
  }

  connections(row: number): number | null {
    return this.table.isListener(row) ? (this.#facts.connections?.of(this.identity(row)) ?? null) : null;
  }

  connectionStates(row: number): { state: State; count: number }[] | null {
    return this.table.isListener(row) ? (this.counted?.statesOf(this.identity(row)) ?? null) : null;
  }

  commandLine(row: number): string | null {
    const pid = this.pid(row);
    return pid === 0 ? null : this.#names.commandLine(pid);
  }

  netnsName(row: number): string | null {
    const netns = this.table.netns[row] as number;
    return netns === 0 ? null : this.#names.netns(netns);
  }

  holders(row: number): readonly Holder[] {
    const inode = this.table.inode[row] as number;
    return inode === 0 ? NO_HOLDERS : this.ownership.holders(inode);
  }

  device(row: number): string | null {
    const index = this.table.device[row] as number;
    return index === 0 ? null : this.#names.device(index, this.table.netns[row] as number);
  }

  peer(row: number): Peer | null {
    const { table } = this;
    const inode = table.peers.get(row);
    if (inode === undefined) return null;
    this.#unixRows ??= unixRowsOf(table);
    const there = this.#unixRows.get(inode);
    return { inode, path: there === undefined ? null : (table.paths.get(there) ?? null) };
  }

  peerProcess(row: number): ProcessName | null {
    const inode = this.table.peers.get(row);
    const pid = inode === undefined ? 0 : this.ownership.firstPid(inode);
    return pid === 0 ? null : (this.#alone(pid)[0] as ProcessName);
  }

  timer(row: number): Timer | null {
    return this.table.timerOf(row);
  }

  cgroup(row: number): string | null {
    return this.#cgroups(row)[0] ?? null;
  }

  unit(row: number): string | null {
    return this.#place(row).unit;
  }

  container(row: number): string | null {
    return this.#place(row).container;
  }

  /** Many sockets are in few cgroups. */
  #place(row: number): Place {
    const cgroups = this.#cgroups(row);
    const key = cgroups.join('\0');
    let place = this.#places.get(key);
    if (!place) {
      place = placeIn(cgroups, this.#names);
      this.#places.set(key, place);
    }
    return place;
  }

  #cgroups(row: number): readonly string[] {
    return this.#names.cgroups(this.table.cgroup[row] as number, this.pid(row));
  }

  host(row: number, end: 'local' | 'remote'): string | null {
    const { table } = this;
    if (table.familyOf(row) === 'unix') return null;
    return this.#names.host(end === 'local' ? table.localAddressOf(row) : table.remoteAddressOf(row));
  }

  ownerUnknown(row: number): OwnerUnknown | null {
    if (this.pid(row) !== 0) return null;
    if (this.#facts.closed?.has(this.identity(row))) return 'gone';
    if (this.table.inode[row] === 0) {
      const state = this.table.stateOf(row);
      if (state === 'TIME_WAIT') return 'time-wait';
      return state === 'SYN_RECV' || state === 'ESTABLISHED' || state === 'CLOSE_WAIT'
        ? 'unaccepted'
        : 'orphaned';
    }
    return this.ownership.hidden || this.ownership.unreadable.size > 0 ? 'permission' : 'no-process';
  }

  /** Nobody can hold it any more: what the kernel keeps of a connection that was closed. */
  isRemnant(row: number): boolean {
    if (this.table.inode[row] !== 0) return false;
    const why = this.ownerUnknown(row);
    return why === 'time-wait' || why === 'orphaned';
  }

  /** Its owner is still being looked for. */
  isPending(row: number): boolean {
    const inode = this.table.inode[row] as number;
    return inode !== 0 && !this.ownership.looked(inode) && this.ownership.firstPid(inode) === 0;
  }

  /** Every descriptor that leads to it, by pid, then number. */
  owners(row: number): Owner[] {
    return this.holders(row).map(({ pid, fd }) => {
      const process = this.#names.process(pid);
      return {
        pid,
        fd,
        mode: SOCKET_MODE,
        command: process?.command ?? null,
        name: process?.name ?? null,
        startTime: process?.startTime ?? null,
      };
    });
  }

  socket(row: number): Socket {
    let socket = this.#sockets.get(row);
    if (!socket) {
      socket = this.#make(row);
      this.#sockets.set(row, socket);
    }
    return socket;
  }

  #make(row: number): Socket {
    const { table } = this;
    const protocol = table.protocolOf(row);
    const family = table.familyOf(row);
    const state = table.stateOf(row);
    const inode = table.inode[row] as number;
    const identity = this.identity(row);
    const listener = table.isListener(row);
    const told = table.sourceOf(row) === 'sock_diag';
    const queued = table.tellsQueues(row) ? (table.recvQueue[row] as number) : null;
    const netns = table.netns[row] as number;
    const device = this.device(row);
    const cgroups = this.wanted.cgroups ?? false;
    const { local, remote } = family === 'unix' ? NO_ENDS : this.#ends(row, device);
    const uid = this.uid(row);
    const owners = this.owners(row);
    return {
      protocol,
      family,
      type: table.typeOf(row),
      state,
      local,
      remote,
      path: table.paths.get(row) ?? null,
      peer: this.peer(row),
      doubtful: table.doubtful[row] === DOUBTFUL,
      v6only: table.v6only[row] === UNKNOWN ? null : table.v6only[row] === 1,
      device,
      exposure: local && table.isOpen(row) && state !== 'BOUND' ? exposureOf(local.address) : null,
      inode,
      cookie: identity > 0 ? String(identity) : null,
      netns: netns || null,
      netnsName: this.netnsName(row),
      uid,
      user: uid === null ? null : this.#names.user(uid),
      recvQueue: listener ? null : queued,
      sendQueue: listener || queued === null ? null : (table.sendQueue[row] as number),
      acceptQueue: listener ? queued : null,
      backlog: listener && told ? (table.sendQueue[row] as number) : null,
      connections: this.connections(row),
      timer: this.timer(row),
      cgroup: cgroups ? this.cgroup(row) : null,
      unit: cgroups ? this.unit(row) : null,
      container: cgroups ? this.container(row) : null,
      owners,
      ownerUnknown: this.ownerUnknown(row),
    };
  }

  #ends(row: number, device: string | null): { local: Endpoint; remote: Endpoint | null } {
    const { table } = this;
    const protocol = table.protocolOf(row);
    const localAddress = table.localAddressOf(row);
    const remoteAddress = table.remoteAddressOf(row);
    const remotePort = table.remotePort[row] as number;
    const netns = table.netns[row] as number;
    const scopeOf = (address: string) =>
      isLinkLocal(address) ? (device ?? this.#names.scope(localAddress, netns)) : null;
    const connected = remotePort !== 0 || !isUnspecified(remoteAddress);
    const endpoint = (address: string, port: number): Endpoint => ({
      address,
      port,
      service: this.#names.service(port, protocol),
      scope: scopeOf(address),
      host: this.#names.host(address),
    });
    return {
      local: endpoint(localAddress, table.localPort[row] as number),
      remote: connected ? endpoint(remoteAddress, remotePort) : null,
    };
  }
}

/** The unix sockets by their inodes. */
function unixRowsOf(table: SocketTable): Map<number, number> {
  const rows = new Map<number, number>();
  for (let row = 0; row < table.length; row++)
    if (table.familyOf(row) === 'unix') rows.set(table.inode[row] as number, row);
  return rows;
}

/** What cgroups tell of where a socket is. */
type Place = { unit: string | null; container: string | null };

function placeIn(cgroups: readonly string[], names: Names): Place {
  const place: Place = { unit: null, container: null };
  for (const path of cgroups) {
    place.unit ??= unitOf(path);
    if (place.container !== null) continue;
    const id = containerOf(path);
    place.container = id === null ? null : (names.container(id, path) ?? id);
  }
  return place;
}
