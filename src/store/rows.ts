import type { RowFacts, Snapshot } from '../sockets/snapshot.ts';
import type { Socket } from '../sockets/socket.ts';
import type { Lifecycle } from './lifecycle.ts';

/** One line of a table, whatever its rows are. */
export type TableRow<Facts> = {
  /** The columns whose facts are still being looked for. */
  pending: readonly string[];
  identity: number;
  /** Where its facts are: for the columns. */
  facts: Facts;
  row: number;
  mark: 'opened' | 'closed' | null;
  pinned: boolean;
  /** In ms since the epoch; 0: nobody knows when. */
  closedAt: number | null;
};

/** One line of a table of sockets. */
export type Row = TableRow<RowFacts> & { socket: Socket; process: null };

/** Where the rows of a table are made: in places, of which those from `live` on are of what is gone. */
export type RowSource<Row> = {
  live: number;
  /** What is new. */
  opened: ReadonlyMap<number, number>;
  identity(place: number): number;
  /** -1: it is in none. */
  placeOf(identity: number): number;
  make(place: number): Row;
};

/** Rows in their order, of which only those that are asked for become objects. */
export class Rows<Row> {
  readonly #source: RowSource<Row>;
  readonly #places: Uint32Array;
  readonly #made = new Map<number, Row>();
  #found: { identity: number; index: number } | null = null;

  constructor(source: RowSource<Row>, places: Uint32Array) {
    this.#source = source;
    this.#places = places;
  }

  get length(): number {
    return this.#places.length;
  }

  at(index: number): Row | null {
    const place = this.#places[index];
    if (place === undefined) return null;
    let row = this.#made.get(index);
    if (!row) {
      row = this.#source.make(place);
      this.#made.set(index, row);
    }
    return row;
  }

  /** Some that follow each other. */
  slice(from: number, to: number): Row[] {
    const rows: Row[] = [];
    for (let index = Math.max(0, from); index < Math.min(to, this.length); index++) {
      rows.push(this.at(index) as Row);
    }
    return rows;
  }

  /** All of them, each an object: for few. */
  *[Symbol.iterator](): Generator<Row> {
    yield* this.slice(0, this.length);
  }

  /** Where a row stands; -1: it is not shown. */
  indexOf(identity: number | null): number {
    if (identity === null) return -1;
    if (this.#found?.identity !== identity) {
      const place = this.#source.placeOf(identity);
      this.#found = { identity, index: place < 0 ? -1 : this.#places.indexOf(place) };
    }
    return this.#found.index;
  }

  /** How many of them are marked. */
  marks(): { opened: number; closed: number } {
    let [opened, closed] = [0, 0];
    const { live, opened: identities } = this.#source;
    for (let index = 0; index < this.length; index++) {
      const place = this.#places[index] as number;
      if (place >= live) closed++;
      else if (identities.size > 0 && identities.has(this.#source.identity(place))) opened++;
    }
    return { opened, closed };
  }
}

/** There are none. */
export const NO_ROWS: Rows<never> = new Rows<never>(
  {
    live: 0,
    opened: new Map(),
    identity: () => 0,
    placeOf: () => -1,
    make: () => {
      throw new RangeError('there is no row');
    },
  },
  new Uint32Array(),
);

/** The columns that tell of the owner. */
const OF_OWNER: readonly string[] = ['command', 'pid'];
const NONE: readonly string[] = [];

/** The sockets of a snapshot, and behind them those that closed. */
export function socketRows(
  snapshot: Snapshot,
  lifecycle: Lifecycle,
  pinned: ReadonlyMap<number, unknown>,
): RowSource<Row> {
  const { opened, closed } = lifecycle;
  return {
    live: snapshot.length,
    opened,
    identity: (place) =>
      place < snapshot.length
        ? snapshot.identity(place)
        : (closed.table.identity[place - snapshot.length] as number),
    placeOf(identity) {
      const row = snapshot.table.rowOf(identity);
      if (row >= 0) return row;
      const gone = closed.rowOf(identity);
      return gone < 0 ? -1 : snapshot.length + gone;
    },
    make(place) {
      const row = makeRow(snapshot, lifecycle, place);
      return { ...row, pinned: pinned.has(row.identity) };
    },
  };
}

/** The same places, those of what is pinned before all others. */
export function pinnedFirst(
  places: Uint32Array,
  { identity }: Pick<RowSource<unknown>, 'identity'>,
  pinned: ReadonlyMap<number, unknown>,
): Uint32Array {
  if (pinned.size === 0) return places;
  const isPinned = (place: number) => pinned.has(identity(place));
  const first = places.filter(isPinned);
  const ordered = new Uint32Array(places.length);
  ordered.set(first);
  ordered.set(
    places.filter((place) => !isPinned(place)),
    first.length,
  );
  return ordered;
}

function makeRow(snapshot: Snapshot, { opened, closed }: Lifecycle, place: number): Omit<Row, 'pinned'> {
  if (place >= snapshot.length) {
    const row = place - snapshot.length;
    return {
      identity: closed.table.identity[row] as number,
      facts: closed,
      row,
      socket: closed.socket(row),
      process: null,
      mark: 'closed',
      closedAt: closed.at(row),
      pending: NONE,
    };
  }
  const identity = snapshot.identity(place);
  return {
    identity,
    facts: snapshot,
    row: place,
    socket: snapshot.socket(place),
    process: null,
    mark: opened.has(identity) ? 'opened' : null,
    closedAt: null,
    pending: snapshot.isPending(place) ? OF_OWNER : NONE,
  };
}
