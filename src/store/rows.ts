import type { Place } from '../query/together.ts';
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
  /** In ms since the epoch, 0: nobody knows when; of several that are one row, when the last of them was. */
  closedAt: number | null;
  /** How it stands among several that can be one row. */
  fold: Fold;
  /** All that it stands for, itself the first; null: itself alone. */
  members: readonly Place<Facts>[] | null;
};

/** Alone; for all of several; or, where these are shown, as the first, the last, or another of them. */
export type Fold = 'alone' | 'folded' | 'first' | 'inner' | 'last';

/** One line of a table of sockets. */
export type Row = TableRow<RowFacts> & { socket: Socket; process: null };

/** The inodes of all that a row stands for. */
export function inodesOf({ members, socket }: Row): number[] {
  return members ? members.map(({ facts, row }) => facts.table.inode[row] as number) : [socket.inode];
}

/** Where the rows of a table are made: in places, of which those from `live` on are of what is gone. */
export type RowSource<Row> = {
  live: number;
  /** What is new. */
  opened: ReadonlyMap<number, number>;
  identity(place: number): number;
  /** -1: it is in none. */
  placeOf(identity: number): number;
  make(place: number): Row;
  /** Where the facts of it are, for who asks every row. */
  factsOf(place: number): FactsOf<Row>;
  /** One row for several, the first of which it is known by; without it there are none such. */
  together?(places: Uint32Array): Row;
};

type FactsOf<Row> = Row extends TableRow<infer Facts> ? Place<Facts> : never;

/** Which places are one row: `starts` of each row among the places, and the end; `folds` of each. */
export type Grouped = { starts: Uint32Array; folds: Uint8Array };

/** As {@link Grouped} has them. */
export const FOLDS: readonly Fold[] = ['alone', 'folded', 'first', 'inner', 'last'];

/** Rows in their order, of which only those that are asked for become objects. */
export class Rows<Row> {
  readonly #source: RowSource<Row>;
  readonly #places: Uint32Array;
  readonly #grouped: Grouped | null;
  readonly #made = new Map<number, Row>();
  #found: { identity: number; index: number } | null = null;

  constructor(source: RowSource<Row>, places: Uint32Array, grouped: Grouped | null = null) {
    this.#source = source;
    this.#places = places;
    this.#grouped = grouped;
  }

  get length(): number {
    return this.#grouped ? this.#grouped.folds.length : this.#places.length;
  }

  /** How many there would be if each stood for itself. */
  get unfolded(): number {
    return this.#places.length;
  }

  at(index: number): Row | null {
    const place = this.#places[this.#startOf(index)];
    if (place === undefined) return null;
    let row = this.#made.get(index);
    if (!row) {
      row = this.#make(index, place);
      this.#made.set(index, row);
    }
    return row;
  }

  #startOf(index: number): number {
    return this.#grouped ? (this.#grouped.starts[index] ?? this.#places.length) : index;
  }

  #make(index: number, place: number): Row {
    const several = this.#placesOf(index);
    if (several.length > 1 && this.#source.together) return this.#source.together(several);
    const row = this.#source.make(place);
    const fold = FOLDS[this.#grouped?.folds[index] ?? 0];
    return fold === 'alone' ? row : { ...row, fold };
  }

  #placesOf(index: number): Uint32Array {
    return this.#places.subarray(this.#startOf(index), this.#startOf(index + 1));
  }

  /** All that can be one row with this, whether they are or not, by their identities; itself alone, if nothing can. */
  groupOf(index: number): number[] {
    if (index < 0 || index >= this.length) return [];
    const foldOf = (at: number) => FOLDS[this.#grouped?.folds[at] ?? 0] as Fold;
    let [from, to] = [index, index + 1];
    while (foldOf(from) === 'inner' || foldOf(from) === 'last') from--;
    if (foldOf(from) === 'first') while (foldOf(to - 1) !== 'last') to++;
    const places = this.#places.subarray(this.#startOf(from), this.#startOf(to));
    return Array.from(places, (place) => this.#source.identity(place));
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
      this.#found = { identity, index: place < 0 ? -1 : this.#rowAt(this.#places.indexOf(place)) };
    }
    return this.#found.index;
  }

  /**
   * The row of what is rated lowest, the first of those; `preferred`, if none is lower. -1: what is rated at all is
   * Infinity, or there is no row.
   */
  lowest(rate: (facts: FactsOf<Row>) => number, preferred: number): number {
    let [best, lowest] = [-1, Infinity];
    for (let at = 0; at < this.#places.length; at++) {
      const rating = rate(this.#source.factsOf(this.#places[at] as number));
      if (rating > lowest || rating === Infinity) continue;
      const row = this.#rowAt(at);
      if (rating === lowest && row !== preferred) continue;
      [best, lowest] = [row, rating];
    }
    return best;
  }

  /** The row that a place among the places stands in. */
  #rowAt(at: number): number {
    if (!this.#grouped || at < 0) return at;
    const { starts } = this.#grouped;
    let [low, high] = [0, this.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((starts[middle] as number) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** How many are marked, each for itself. */
  marks(): { opened: number; closed: number } {
    let [opened, closed] = [0, 0];
    const { live, opened: identities } = this.#source;
    for (const place of this.#places) {
      if (place >= live) closed++;
      else if (identities.size > 0 && identities.has(this.#source.identity(place))) opened++;
    }
    return { opened, closed };
  }
}

function noRow(): never {
  throw new RangeError('there is no row');
}

/** There are none. */
export const NO_ROWS: Rows<never> = new Rows<never>(
  {
    live: 0,
    opened: new Map(),
    identity: () => 0,
    placeOf: () => -1,
    make: noRow,
    factsOf: noRow,
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
  const make = (place: number): Row => {
    const row = makeRow(snapshot, lifecycle, place);
    return { ...row, pinned: pinned.has(row.identity) };
  };
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
    make,
    factsOf: (place) =>
      place < snapshot.length
        ? { facts: snapshot, row: place }
        : { facts: closed, row: place - snapshot.length },
    together: (places) => oneRowOf(Array.from(places.subarray(0, MOST), make)),
  };
}

/** Of very many that are one row, what it tells is told of so many. */
const MOST = 256;

/** The owners of all are its own: what is done to the row is done to all. */
function oneRowOf(rows: readonly Row[]): Row {
  const [first] = rows as [Row];
  const mark = (['opened', 'closed'] as const).find((each) => rows.some((row) => row.mark === each)) ?? null;
  const closed = rows.map(({ closedAt }) => closedAt);
  const descriptors = new Map(
    rows.flatMap(({ socket }) => socket.owners).map((owner) => [`${owner.pid} ${owner.fd}`, owner]),
  );
  const owners = [...descriptors.values()].sort((a, b) => a.pid - b.pid || a.fd - b.fd);
  return {
    ...first,
    socket: { ...first.socket, owners },
    mark,
    pinned: rows.some(({ pinned }) => pinned),
    closedAt: closed.includes(null) ? null : Math.max(...(closed as number[])),
    pending: rows.every(({ pending }) => pending === OF_OWNER) ? OF_OWNER : NONE,
    fold: 'folded',
    members: rows.map(({ facts, row }) => ({ facts, row })),
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
      fold: 'alone',
      members: null,
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
    fold: 'alone',
    members: null,
  };
}
