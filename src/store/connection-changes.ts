import { isConnected } from '../query/columns.ts';
import type { Snapshot } from '../sockets/snapshot.ts';
import type { Socket } from '../sockets/socket.ts';
import type { SocketTable } from '../sockets/socket-table.ts';
import { ANNOUNCED_WITHIN, asDestroyed, NOBODY } from './changes.ts';
import { forMissing } from './compare.ts';
import { type Occurrence, summary } from './timeline.ts';

/** Of how many connections at most one thing is told one by one; the others are counted. */
export const LISTED = 20;

type What = 'opened' | 'closed';

/** What happened to connections since it was asked last: the first of them, and how many more there were. */
class Lot {
  readonly happening: What;
  readonly occurrences: Occurrence[] = [];
  #more = 0;
  #at = 0;

  constructor(happening: What) {
    this.happening = happening;
  }

  /** `make` only where it is told by itself: a socket's object is dear. */
  add(at: number, make: () => Omit<Occurrence, 'at' | 'happening' | 'many'>): void {
    if (this.occurrences.length === LISTED) this.count(at);
    else this.occurrences.push({ at, happening: this.happening, many: 0, ...make() });
  }

  /** One that is only counted. */
  count(at: number): void {
    this.#at = at;
    this.#more++;
  }

  take(): Occurrence[] {
    const more = this.#more === 0 ? [] : [summary(this.#at, this.happening, this.#more)];
    const all = [...this.occurrences.splice(0), ...more];
    this.#more = 0;
    return all;
  }
}

/**
 * What happens to connections: from looks, where these were for them, and from the kernel's announcements. As
 * SocketChanges, but it remembers nothing of each: there may be a hundred thousand.
 */
export class ConnectionChanges {
  #last: Snapshot | null = null;
  /** Told as closed, though not yet announced: when each was last there. */
  readonly #unannounced = new Map<number, number>();
  /** Opened, and their owners still looked for. */
  #waiting: { identity: number; at: number }[] = [];
  readonly #opened = new Lot('opened');
  readonly #closed = new Lot('closed');

  /** Everything there is at one moment; told by {@link take}, once owners were looked for. */
  look(snapshot: Snapshot): void {
    const before = this.#last;
    this.#last = snapshot;
    // The same sockets, of which more is known.
    if (!before || snapshot.table === before.table) return;
    const at = snapshot.time.getTime();
    forMissing(before, snapshot, (row) => this.#close(before, row, at), isUp);
    forMissing(snapshot, before, (row) => this.#await(snapshot, row, at), isUp);
    this.#forget(snapshot);
  }

  /** Sockets that the kernel announced as destroyed. `counts`: those that are told of. */
  destroyed(gone: Snapshot, counts: (gone: Snapshot, row: number) => boolean): void {
    const last = this.#last;
    const at = gone.time.getTime();
    for (let row = 0; row < gone.length; row++) {
      if (!isConnected(gone, row) || !counts(gone, row)) continue;
      const identity = gone.identity(row);
      if (this.#unannounced.delete(identity)) continue;
      const seen = last && isTold(last.table, gone.table, row) ? last.table.rowOf(identity) : -1;
      if (last && seen >= 0) this.#close(last, seen, at);
      else this.#closed.add(at, () => ({ table: gone.table, row, socket: asDestroyed(gone.socket(row)) }));
    }
  }

  /** What has happened; of those that came, the ones whose owners have been looked for. */
  take(snapshot: Snapshot): Occurrence[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { identity, at } of waiting) {
      const row = snapshot.table.rowOf(identity);
      if (row < 0) continue;
      if (snapshot.isPending(row)) this.#waiting.push({ identity, at });
      else this.#opened.add(at, () => ({ table: snapshot.table, row, socket: snapshot.socket(row) }));
    }
    return [...this.#opened.take(), ...this.#closed.take()];
  }

  #await(snapshot: Snapshot, row: number, at: number): void {
    const identity = snapshot.identity(row);
    // By /proc/net it is known by its ends, which another had before.
    this.#unannounced.delete(identity);
    if (this.#waiting.length < LISTED) this.#waiting.push({ identity, at });
    else this.#opened.count(at);
  }

  #close(before: Snapshot, row: number, at: number): void {
    const identity = before.identity(row);
    if (this.#unannounced.has(identity)) return;
    this.#unannounced.set(identity, at);
    const waiting = this.#waiting.findIndex((each) => each.identity === identity);
    if (waiting >= 0) {
      const [{ at: since } = { at }] = this.#waiting.splice(waiting, 1);
      this.#opened.add(since, () => ({ table: before.table, row, socket: asSeen(before, row) }));
    }
    this.#closed.add(at, () => ({ table: before.table, row, socket: asSeen(before, row) }));
  }

  #forget(snapshot: Snapshot): void {
    const now = snapshot.time.getTime();
    for (const [identity, at] of this.#unannounced) {
      if (snapshot.table.rowOf(identity) >= 0) this.#unannounced.set(identity, now);
      else if (Math.abs(now - at) > ANNOUNCED_WITHIN) this.#unannounced.delete(identity);
    }
  }
}

/** A connection that some process can hold: what the kernel keeps of it after that does not count. */
function isUp(snapshot: Snapshot, row: number): boolean {
  return isConnected(snapshot, row) && !snapshot.isRemnant(row);
}

/** If its owner was still looked for, or only now is none found any more, it is too late. */
function asSeen(snapshot: Snapshot, row: number): Socket {
  const socket = snapshot.socket(row);
  const found = socket.owners.length > 0;
  const late = !found && (snapshot.isPending(row) || socket.ownerUnknown === 'no-process');
  return late ? { ...socket, ...NOBODY } : socket;
}

/** By another source it is known by another identity. */
function isTold(last: SocketTable, gone: SocketTable, row: number): boolean {
  return last.sources[gone.protocolOf(row)] === 'sock_diag';
}
