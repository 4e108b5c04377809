import { isConnected } from '../query/columns.ts';
import type { Happening, TimelineFacts } from '../query/timeline-columns.ts';
import { KeptSockets } from '../sockets/closed-sockets.ts';
import type { Socket } from '../sockets/socket.ts';
import { SocketTable } from '../sockets/socket-table.ts';
import type { Row, RowSource } from './rows.ts';

/** What happened, to a socket as it was then. */
export type Occurrence = {
  /** In ms since the epoch. */
  at: number;
  happening: Happening;
  /** {@link TimelineFacts.many} */
  many: number;
  table: SocketTable;
  row: number;
  socket: Socket;
};

/** How much is remembered; what is older goes, of connections first. */
export const ROOM = 10_000;
/** So much more may gather before the oldest go, all at once. */
const SPARE = ROOM / 4;

/** Grows at its end alone: what is in it stays as it is. */
class Occurrences extends KeptSockets implements TimelineFacts {
  readonly #at: number[] = [];
  readonly #happenings: Happening[] = [];
  readonly #many: number[] = [];
  readonly #sequence: number[] = [];

  add({ at, happening, many, table, row, socket }: Occurrence, sequence: number): void {
    this.keep(table, row, socket, null);
    this.#at.push(at);
    this.#happenings.push(happening);
    this.#many.push(many);
    this.#sequence.push(sequence);
  }

  /** Some of the rows of another. */
  addFrom(from: Occurrences, row: number): void {
    const { table } = from;
    const [at, happening, many] = [from.at(row), from.happening(row), from.many(row)];
    this.add({ at, happening, many, table, row, socket: from.socket(row) }, from.sequence(row));
  }

  at(row: number): number {
    return this.#at[row] as number;
  }

  happening(row: number): Happening {
    return this.#happenings[row] as Happening;
  }

  many(row: number): number {
    return this.#many[row] as number;
  }

  sequence(row: number): number {
    return this.#sequence[row] as number;
  }

  /** -1: it is not there (any more). */
  rowOf(sequence: number): number {
    let [from, to] = [0, this.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.sequence(middle) < sequence) from = middle + 1;
      else to = middle;
    }
    return this.#sequence[from] === sequence ? from : -1;
  }
}

/** What happened since the start, as far as it is remembered: the first `length` rows of `facts`. */
export type Timeline = {
  facts: Occurrences;
  length: number;
  /** How many rows there have been. */
  told: number;
};

export function emptyTimeline(): Timeline {
  return { facts: new Occurrences(), length: 0, told: 0 };
}

/** How many rows there were that are not remembered any more. */
export function forgotten({ length, told }: Timeline): number {
  return told - length;
}

/** Whether a row is of a connection, or of several. */
export function isOfConnection(facts: TimelineFacts, row: number): boolean {
  return facts.many(row) > 0 || isConnected(facts, row);
}

/** The timeline once these have happened too. Of what is recorded a row is made here and now: it keeps nothing else. */
export function record(timeline: Timeline, occurrences: readonly Occurrence[]): Timeline {
  if (occurrences.length === 0) return timeline;
  let { facts, length, told } = timeline;
  // Another went on from here already.
  if (facts.length > length) facts = newest(facts, length, length);
  for (const occurrence of occurrences) facts.add(occurrence, told++);
  if (facts.length > ROOM + SPARE) facts = newest(facts, facts.length, ROOM);
  length = facts.length;
  return { facts, length, told };
}

/** So many of the first `length` rows: the oldest connections go first, and then the oldest of all. */
function newest(facts: Occurrences, length: number, room: number): Occurrences {
  let excess = length - room;
  const kept: number[] = [];
  for (let row = 0; row < length; row++) {
    if (excess > 0 && isOfConnection(facts, row)) excess--;
    else kept.push(row);
  }
  const remembered = new Occurrences();
  for (const row of kept.slice(excess)) remembered.addFrom(facts, row);
  return remembered;
}

const RECENTLY = 60_000;

/** What opened and closed in the last minute, connections left out. */
export function recent({ facts, length }: Timeline, now: number): { opened: number; closed: number } {
  const counts = { opened: 0, closed: 0 };
  for (let row = length - 1; row >= 0 && now - facts.at(row) < RECENTLY; row--) {
    const happening = facts.happening(row);
    if ((happening === 'opened' || happening === 'closed') && !isOfConnection(facts, row))
      counts[happening]++;
  }
  return counts;
}

const NOBODYS: Socket = {
  protocol: 'tcp',
  family: 'ipv4',
  type: null,
  state: 'CLOSE',
  local: null,
  remote: null,
  path: null,
  peer: null,
  doubtful: false,
  v6only: null,
  device: null,
  exposure: null,
  inode: 0,
  cookie: null,
  netns: null,
  netnsName: null,
  uid: null,
  user: null,
  recvQueue: null,
  sendQueue: null,
  acceptQueue: null,
  backlog: null,
  connections: null,
  timer: null,
  cgroup: null,
  unit: null,
  container: null,
  owners: [],
  ownerUnknown: null,
};

const NO_SOCKET = new SocketTable();
NO_SOCKET.add('tcp', 'ipv4');

/** What happened to connections that are not told of one by one; or to nobody knows what. */
export function summary(at: number, happening: Happening, many = 0): Occurrence {
  return { at, happening, many, table: NO_SOCKET, row: 0, socket: NOBODYS };
}

/** Of what is only counted there is nothing more to tell. */
export function isCounted(row: { socket: Socket | null } | undefined): boolean {
  return row?.socket === NOBODYS;
}

/** One line of the timeline. */
export type TimelineRow = Row & { facts: TimelineFacts; members: null };

/** Whether a row tells what happened, and not what is. */
export function isPast(row: { facts: unknown }): row is TimelineRow {
  return row.facts instanceof Occurrences;
}

const NONE: readonly string[] = [];

/** The rows of a timeline. */
export function timelineRows({ facts, length }: Timeline): RowSource<TimelineRow> {
  return {
    live: length,
    opened: new Map(),
    identity: (place) => facts.sequence(place),
    placeOf: (identity) => facts.rowOf(identity),
    factsOf: (row) => ({ facts, row }),
    make: (row) => ({
      identity: facts.sequence(row),
      facts,
      row,
      socket: facts.socket(row),
      process: null,
      mark: null,
      pinned: false,
      closedAt: null,
      fold: 'alone',
      members: null,
      pending: NONE,
    }),
  };
}
