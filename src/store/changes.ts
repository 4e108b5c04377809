import { type Holder, NO_OWNERSHIP, type Ownership } from '../sockets/owners.ts';
import type { RowFacts, Snapshot } from '../sockets/snapshot.ts';
import type { Owner, Socket } from '../sockets/socket.ts';
import type { SocketTable } from '../sockets/socket-table.ts';
import type { Wanted } from '../sockets/source.ts';
import { asksTheSame } from '../sockets/source.ts';
import { forMissing } from './compare.ts';

/** Something that happened to a socket; `time` is of the look, or the announcement, that showed it. */
export type SocketEvent = {
  time: Date;
  event: 'opened' | 'closed' | 'owner';
  socket: Socket;
  /** Where it stands in columns. */
  table: SocketTable;
  row: number;
};

/** Which sockets are watched. */
export type Watched = {
  scope: Wanted['scope'];
  matches(rows: RowFacts, row: number): boolean;
  /** Only sockets that one of these processes holds, or held until now; null: whoever's. */
  pids: ReadonlySet<number> | null;
  /** Whether a socket is told of, by who holds it, or held it until now; `now` in ms since the epoch. */
  passes?(rows: RowFacts, row: number, now: number): boolean;
};

/** Who holds a socket, or why nobody is known to, as it was told last. */
type Attribution = Pick<Socket, 'owners' | 'ownerUnknown'>;

/** A socket whose owner is still being looked for. `since`: when it came; null: it was there from the start. */
type Waiting = { since: Date | null; looks: number };

export const NOBODY: Attribution = { owners: [], ownerUnknown: 'gone' };

/** How long the announcement of a socket that is gone from the table may take, in ms. */
export const ANNOUNCED_WITHIN = 10_000;

/**
 * What happens to sockets, from looks at all of them and from the kernel's announcements of destroyed ones.
 *
 * A socket is closed when no process can hold it any more. What the kernel keeps of a connection for a while
 * after that (FIN_WAIT, LAST_ACK, TIME_WAIT) is not told of: TIME_WAIT has the cookie of the connection that it
 * is left from, but only where somebody had asked for it; else one of its own (net/ipv4/inet_timewait_sock.c,
 * inet_twsk_alloc). The whole socket is announced as destroyed once in either case.
 */
export class SocketChanges {
  readonly #watched: Watched;
  #last: Snapshot | null = null;
  /** The sockets that are there, by identity. */
  readonly #known = new Map<number, Attribution>();
  readonly #waiting = new Map<number, Waiting>();
  /** Closed and told, though not yet announced: when each was last seen or told. */
  readonly #unannounced = new Map<number, number>();

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Whether {@link attribute} has something to tell even if no owner changed. */
  get waiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Everything there is at one moment. Returns what went; what came is told with its owners, by {@link attribute}. */
  look(snapshot: Snapshot): SocketEvent[] {
    const before = this.#last;
    this.#last = snapshot;
    if (!before) {
      this.#begin(snapshot);
      return [];
    }
    const { time } = snapshot;
    const events: SocketEvent[] = [];
    const counts = (of: Snapshot, row: number) => this.#counts(of, row);
    forMissing(
      before,
      snapshot,
      (row) => {
        const identity = before.identity(row);
        if (this.#close(before, row, time, events)) this.#unannounced.set(identity, time.getTime());
      },
      counts,
    );
    forMissing(snapshot, before, (row) => this.#await(snapshot, row, time), counts);
    if (!asksTheSame(snapshot.wanted, before.wanted)) this.#lookElsewhere(snapshot);
    this.#forget(snapshot);
    return events;
  }

  /**
   * The last look once more, after owners were looked for. Returns the sockets that came, and those that have other
   * owners now. One whose owner is still looked for waits, but not longer than for one more look.
   *
   * @param renamed whether a process is called otherwise by now
   */
  attribute(snapshot: Snapshot, renamed = false): SocketEvent[] {
    this.#last = snapshot;
    const events: SocketEvent[] = [];
    for (let row = 0; row < snapshot.length; row++) {
      if (this.#watched.scope === 'listening' && !snapshot.table.isOpen(row)) continue;
      const identity = snapshot.identity(row);
      const known = this.#known.get(identity);
      if (known) {
        const changed = !snapshot.isPending(row) && this.#changesOwners(snapshot, row, known, renamed);
        if (changed) {
          const owner = { time: snapshot.time, event: 'owner', socket: snapshot.socket(row) } as const;
          this.#tell(events, owner, snapshot, row, known.owners);
        }
        continue;
      }
      const waiting = this.#waiting.get(identity);
      if (!waiting || (snapshot.isPending(row) && (waiting.since === null || waiting.looks++ === 0)))
        continue;
      this.#waiting.delete(identity);
      this.#known.set(identity, attributionOf(snapshot, row));
      if (!waiting.since) continue;
      this.#tell(
        events,
        { time: waiting.since, event: 'opened', socket: snapshot.socket(row) },
        snapshot,
        row,
      );
    }
    return events;
  }

  /** Sockets that the kernel announced as destroyed since the last look. */
  destroyed(gone: Snapshot): SocketEvent[] {
    const last = this.#last;
    if (!last) return [];
    const events: SocketEvent[] = [];
    for (let row = 0; row < gone.length; row++) {
      const identity = gone.identity(row);
      // By another source it is known by another identity.
      if (last.table.sources[gone.table.protocolOf(row)] !== 'sock_diag') continue;
      if (this.#unannounced.delete(identity)) continue;
      const seen = last.table.rowOf(identity);
      if (seen >= 0 && this.#close(last, seen, gone.time, events)) continue;
      if (!this.#counted(gone, row)) continue;
      const socket = asDestroyed(gone.socket(row));
      this.#tell(events, { time: gone.time, event: 'closed', socket }, gone, row);
    }
    return events;
  }

  /** What is there already is not told of. */
  #begin(snapshot: Snapshot): void {
    for (let row = 0; row < snapshot.length; row++) {
      const identity = snapshot.identity(row);
      if (this.#counts(snapshot, row)) this.#await(snapshot, row, null);
      else if (snapshot.ownerUnknown(row) === 'orphaned') this.#unannounced.set(identity, 0);
    }
  }

  /** After a wider look or a narrower one: what is seen for the first time was there before, what is seen no more is not waited for. */
  #lookElsewhere(snapshot: Snapshot): void {
    const { table } = snapshot;
    for (const sockets of [this.#waiting, this.#known])
      for (const identity of sockets.keys()) if (table.rowOf(identity) < 0) sockets.delete(identity);
    for (let row = 0; row < snapshot.length; row++) {
      const identity = snapshot.identity(row);
      const isNew = !this.#known.has(identity) && !this.#waiting.has(identity);
      if (isNew && this.#counts(snapshot, row)) this.#await(snapshot, row, null);
    }
  }

  #await(snapshot: Snapshot, row: number, since: Date | null): void {
    this.#waiting.set(snapshot.identity(row), { since, looks: 0 });
    // For whoever asks a directory service about those that have no name yet.
    snapshot.user(row);
  }

  #counts(snapshot: Snapshot, row: number): boolean {
    const { scope, matches } = this.#watched;
    if (scope === 'listening' && !snapshot.table.isOpen(row)) return false;
    return !snapshot.isRemnant(row) && matches(snapshot, row);
  }

  /** Whether a destroyed socket counted while it lived: a TCP socket without a remote end listened, or was bound. */
  #counted(gone: Snapshot, row: number): boolean {
    const { scope, matches } = this.#watched;
    const { table } = gone;
    return (scope === 'all' || table.isOpen(row) || table.stateOf(row) === 'BOUND') && matches(gone, row);
  }

  /** Whether others hold it than did; what is known of them is remembered either way. */
  #changesOwners(snapshot: Snapshot, row: number, known: Attribution, renamed: boolean): boolean {
    const holders = snapshot.ownership.holders(snapshot.table.inode[row] as number);
    const same = isSame(known.owners, holders);
    if (same && !renamed && known.ownerUnknown === snapshot.ownerUnknown(row)) return false;
    this.#known.set(snapshot.identity(row), attributionOf(snapshot, row));
    return !same;
  }

  /** Tells that a socket closed, as it was last seen; false: it was told before, or is none of those that count. */
  #close(snapshot: Snapshot, row: number, time: Date, events: SocketEvent[]): boolean {
    const identity = snapshot.identity(row);
    const waiting = this.#waiting.get(identity);
    if (waiting) {
      // If nobody was found by now, it is too late.
      const owners = snapshot.owners(row);
      const attribution = owners.length > 0 ? { owners, ownerUnknown: null } : NOBODY;
      const socket = { ...snapshot.socket(row), ...attribution };
      if (waiting.since) this.#tell(events, { time: waiting.since, event: 'opened', socket }, snapshot, row);
      this.#waiting.delete(identity);
      this.#known.set(identity, attribution);
    }
    const known = this.#known.get(identity);
    if (!known) return false;
    this.#known.delete(identity);
    const socket = { ...snapshot.socket(row), ...known };
    this.#tell(events, { time, event: 'closed', socket }, snapshot, row);
    return true;
  }

  /** `before`: who held it until now. */
  #tell(
    events: SocketEvent[],
    event: Pick<SocketEvent, 'time' | 'event' | 'socket'>,
    snapshot: Snapshot,
    row: number,
    before?: readonly Owner[],
  ): void {
    const { pids, passes } = this.#watched;
    const counts = (owners: readonly Owner[]) =>
      (pids === null || owners.some(({ pid }) => pids.has(pid))) &&
      (passes?.(snapshot.attributed(heldBy(owners, snapshot.ownership)), row, event.time.getTime()) ?? true);
    if (counts(event.socket.owners) || (before && counts(before)))
      events.push({ ...event, table: snapshot.table, row });
  }

  /** What is announced late was told long ago, and what is never announced need not be remembered. */
  #forget(snapshot: Snapshot): void {
    const now = snapshot.time.getTime();
    for (const [identity, at] of this.#unannounced) {
      if (snapshot.table.rowOf(identity) >= 0) this.#unannounced.set(identity, now);
      else if (Math.abs(now - at) > ANNOUNCED_WITHIN) this.#unannounced.delete(identity);
    }
  }
}

function attributionOf(snapshot: Snapshot, row: number): Attribution {
  return { owners: snapshot.owners(row), ownerUnknown: snapshot.ownerUnknown(row) };
}

function isSame(owners: readonly Owner[], holders: readonly Holder[]): boolean {
  return (
    owners.length === holders.length &&
    owners.every(({ pid, fd }, at) => pid === holders[at]?.pid && fd === holders[at]?.fd)
  );
}

/** As if these held every socket. */
function heldBy(owners: readonly Owner[], { unreadable, hidden }: Ownership): Ownership {
  const pids = [...new Set(owners.map(({ pid }) => pid))];
  return {
    ...NO_OWNERSHIP,
    holders: () => owners,
    pids: () => pids,
    firstPid: () => pids[0] ?? 0,
    looked: () => true,
    unreadable,
    hidden,
  };
}

/** Of one that no look has shown nothing is known of its state, and the kernel says CLOSE. */
export function asDestroyed(socket: Socket): Socket {
  return { ...socket, ...NOBODY, state: socket.protocol === 'tcp' ? 'CLOSE' : socket.state };
}
