import type { Holder } from './owners.ts';
import type { ProcessName, RowFacts } from './snapshot.ts';
import type { OwnerUnknown, Peer, Socket, Timer } from './socket.ts';
import { SocketTable } from './socket-table.ts';

/** Sockets as they were at some time: they tell what was known of them then. */
export class KeptSockets implements RowFacts {
  readonly table = new SocketTable();
  readonly #sockets: Socket[] = [];
  readonly #commandLines: (string | null)[] = [];

  get length(): number {
    return this.#sockets.length;
  }

  /** Returns the row that it has here. */
  keep(table: SocketTable, row: number, socket: Socket, commandLine: string | null): number {
    this.#sockets.push(socket);
    this.#commandLines.push(commandLine);
    return this.table.copy(table, row);
  }

  socket(row: number): Socket {
    return this.#sockets[row] as Socket;
  }

  service(row: number): string | null {
    return this.socket(row).local?.service ?? null;
  }

  remoteService(row: number): string | null {
    return this.socket(row).remote?.service ?? null;
  }

  uid(row: number): number | null {
    return this.socket(row).uid;
  }

  user(row: number): string | null {
    const { user, uid } = this.socket(row);
    return user ?? (uid === null ? null : String(uid));
  }

  pid(row: number): number {
    return this.socket(row).owners[0]?.pid ?? 0;
  }

  processes(row: number): readonly ProcessName[] {
    const { owners } = this.socket(row);
    return owners.filter(({ pid }, index) => pid !== owners[index - 1]?.pid);
  }

  ownerUnknown(row: number): OwnerUnknown | null {
    return this.socket(row).ownerUnknown;
  }

  started(row: number): string | null {
    return this.socket(row).owners[0]?.startTime ?? null;
  }

  netnsName(row: number): string | null {
    return this.socket(row).netnsName;
  }

  holders(row: number): readonly Holder[] {
    return this.socket(row).owners;
  }

  device(row: number): string | null {
    return this.socket(row).device;
  }

  peer(row: number): Peer | null {
    return this.socket(row).peer;
  }

  /** Nobody knows any more. */
  peerProcess(): ProcessName | null {
    return null;
  }

  timer(row: number): Timer | null {
    return this.socket(row).timer;
  }

  cgroup(row: number): string | null {
    return this.socket(row).cgroup;
  }

  unit(row: number): string | null {
    return this.socket(row).unit;
  }

  container(row: number): string | null {
    return this.socket(row).container;
  }

  host(row: number, end: 'local' | 'remote'): string | null {
    return this.socket(row)[end]?.host ?? null;
  }

  connections(row: number): number | null {
    return this.socket(row).connections;
  }

  /** Not kept. */
  connectionStates(): null {
    return null;
  }

  commandLine(row: number): string | null {
    return this.#commandLines[row] ?? null;
  }
}

/** Sockets that are no more, as they were last seen: a few rows beside those of a snapshot. */
export class ClosedSockets extends KeptSockets {
  /** When each was found closed, in ms since the epoch. */
  readonly #times: number[] = [];
  readonly #rows = new Map<number, number>();

  add(from: RowFacts, row: number, at: number): void {
    const kept = this.keep(from.table, row, from.socket(row), from.commandLine(row));
    this.#times.push(at);
    this.#rows.set(this.table.identity[kept] as number, kept);
  }

  at(row: number): number {
    return this.#times[row] as number;
  }

  /** -1: it is not among them. */
  rowOf(identity: number): number {
    return this.#rows.get(identity) ?? -1;
  }
}
