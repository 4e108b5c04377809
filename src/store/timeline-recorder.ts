import type { DestroyEvents } from '../netlink/destroy-events.ts';
import { SockDiagError } from '../netlink/messages.ts';
import { isConnected } from '../query/columns.ts';
import { matchesTarget, type Target } from '../query/target.ts';
import { readDestroyed } from '../sockets/destroyed-sockets.ts';
import { NO_OWNERSHIP } from '../sockets/owners.ts';
import { type Names, type RowFacts, Snapshot } from '../sockets/snapshot.ts';
import { SocketChanges, type SocketEvent } from './changes.ts';
import { ConnectionChanges } from './connection-changes.ts';
import { type Occurrence, summary } from './timeline.ts';

/** The least time between two hearings, in ms. */
const SHORTEST_PATIENCE = 50;
/** Where the kernel has room for longer than that, a hearing with each look is enough. */
const LONGEST_PATIENCE = 10_000;

/** Announcements that may wait to be told: while the screen is paused nobody takes them. */
const WAITING = 20_000;

/** How often it is said that announcements were missed, in ms. */
const MISSED_EVERY = 60_000;

/** What has been found out since, when it is recorded. */
export type Found = {
  snapshot: Snapshot;
  /** Every process was asked for its sockets at least once. */
  ownersKnown: boolean;
  /** The answers of the owner index, and whether a process is called otherwise by now. */
  version: number;
  renamed: boolean;
  targets: readonly Target[];
};

/**
 * What happens on the host, for the timeline: to listeners and bound sockets as `porttop watch` tells it, and to
 * connections as far as looks are for them or the kernel announces their end.
 */
export class TimelineRecorder {
  readonly #names: Names;
  readonly #open: () => DestroyEvents | null;
  readonly #changes = new SocketChanges({
    scope: 'listening',
    matches: (rows, row) => !isConnected(rows, row),
    pids: null,
  });
  readonly #connections = new ConnectionChanges();
  #announcements: DestroyEvents | null = null;
  #began = false;
  #last: Snapshot | null = null;
  #version = -1;
  #told: SocketEvent[] = [];
  #heard: Snapshot[] = [];
  #missed = false;
  #missedAt = -Infinity;
  #patience = Infinity;
  #heardAt = performance.now();

  /** `open`: what the kernel announces, or null where it does not. Asked for once, after the first look. */
  constructor(names: Names, open: () => DestroyEvents | null) {
    this.#names = names;
    this.#open = open;
  }

  /** In how many ms to {@link hear} again at the latest. */
  get patience(): number {
    return this.#patience;
  }

  /** Takes what the kernel has announced, before there is no room for more; it is told by {@link record}. */
  hear(): void {
    const announcements = this.#announcements;
    if (!announcements || !this.#last) return;
    const { overruns } = announcements;
    try {
      const table = readDestroyed(announcements);
      this.#patience = this.#patienceAfter(table.length, announcements.overruns > overruns);
      if (announcements.overruns > overruns) this.#missed = true;
      if (table.length === 0) return;
      if (this.#heard.reduce((sum, { length }) => sum + length, 0) > WAITING) {
        this.#missed = true;
        return;
      }
      const { wanted } = this.#last;
      this.#heard.push(
        new Snapshot({ time: new Date(), table, wanted, ownership: NO_OWNERSHIP }, this.#names),
      );
    } catch (error) {
      if (!(error instanceof SockDiagError)) throw error;
      this.close();
      this.#missed = true;
    }
  }

  /** Until half of the kernel's room is taken, if as many come as did since the last time. */
  #patienceAfter(heard: number, overran: boolean): number {
    const now = performance.now();
    const passed = now - this.#heardAt;
    this.#heardAt = now;
    if (overran) return SHORTEST_PATIENCE;
    const room = (this.#announcements?.room ?? 0) / 2;
    const patience = heard === 0 ? Infinity : (passed * room) / heard;
    return patience > LONGEST_PATIENCE ? Infinity : Math.max(SHORTEST_PATIENCE, patience);
  }

  /** Everything there is at one moment: at once, while it is known who held what is not there any more. */
  look(snapshot: Snapshot): void {
    if (snapshot.table !== this.#last?.table) this.#told.push(...this.#changes.look(snapshot));
    this.#connections.look(snapshot);
    this.#last = snapshot;
  }

  /** What has happened since the last time, the oldest first. */
  record({ snapshot, ownersKnown, version, renamed, targets }: Found): Occurrence[] {
    if (!this.#began) this.#announcements = this.#open();
    this.#began = true;
    this.look(snapshot);
    const occurrences = this.#told.splice(0).map(occurrenceOf);
    const tell = (events: readonly SocketEvent[]) => occurrences.push(...events.map(occurrenceOf));
    // Until then a process that is found to hold a socket too has not come to it: it was there.
    const asked = this.#changes.waiting || version !== this.#version || renamed;
    if (ownersKnown && asked) {
      this.#version = version;
      tell(this.#changes.attribute(snapshot, renamed));
    }
    this.hear();
    const counts = (rows: RowFacts, row: number) =>
      targets.length === 0 || targets.some((target) => matchesTarget(rows, row, target));
    for (const gone of this.#heard.splice(0)) {
      if (ownersKnown) tell(this.#changes.destroyed(gone));
      this.#connections.destroyed(gone, counts);
    }
    occurrences.push(...this.#connections.take(snapshot));
    if (this.#missed) occurrences.push(...this.#tellMissed(Date.now()));
    this.#missed = false;
    return occurrences.sort((a, b) => a.at - b.at);
  }

  /** Where it goes on and on it is said now and then. */
  #tellMissed(now: number): Occurrence[] {
    if (now - this.#missedAt < MISSED_EVERY) return [];
    this.#missedAt = now;
    return [summary(now, 'missed')];
  }

  close(): void {
    this.#announcements?.close();
    this.#announcements = null;
    this.#patience = Infinity;
  }
}

function occurrenceOf({ time, event, socket, table, row }: SocketEvent): Occurrence {
  return { at: time.getTime(), happening: event, many: 0, table, row, socket };
}
