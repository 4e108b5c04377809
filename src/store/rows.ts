import type { RowFacts, Snapshot } from '../sockets/snapshot.ts';
import type { Socket } from '../sockets/socket.ts';
import type { Lifecycle } from './lifecycle.ts';

/** One line of a table. */
export type Row = {
  /** Its owner is still being looked for. */
  pending: boolean;
  identity: number;
  /** Where its facts are: for the columns. */
  facts: RowFacts;
  row: number;
  socket: Socket;
  mark: 'opened' | 'closed' | null;
  /** In ms since the epoch. */
  closedAt: number | null;
};

/** Rows in their order, of which only those that are asked for become objects. */
export class Rows {
  readonly #snapshot: Snapshot | null;
  readonly #lifecycle: Lifecycle | null;
  /** Rows of the snapshot; from its length on, those of the closed sockets. */
  readonly #places: Uint32Array;
  readonly #made = new Map<number, Row>();
  #found: { identity: number; index: number } | null = null;

  constructor(snapshot: Snapshot | null, lifecycle: Lifecycle | null, places: Uint32Array) {
    this.#snapshot = snapshot;
    this.#lifecycle = lifecycle;
    this.#places = places;
  }

  get length(): number {
    return this.#places.length;
  }

  at(index: number): Row | null {
    const place = this.#places[index];
    if (place === undefined || !this.#snapshot || !this.#lifecycle) return null;
    let row = this.#made.get(index);
    if (!row) {
      row = makeRow(this.#snapshot, this.#lifecycle, place);
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

  /** Where a socket stands; -1: it is not shown. */
  indexOf(identity: number | null): number {
    if (identity === null || !this.#snapshot || !this.#lifecycle) return -1;
    if (this.#found?.identity !== identity) {
      const place = placeOf(this.#snapshot, this.#lifecycle, identity);
      this.#found = { identity, index: place < 0 ? -1 : this.#places.indexOf(place) };
    }
    return this.#found.index;
  }

  /** How many of them are marked. */
  marks(): { opened: number; closed: number } {
    let [opened, closed] = [0, 0];
    const { length = 0 } = this.#snapshot ?? {};
    if (!this.#snapshot || !this.#lifecycle) return { opened, closed };
    for (const place of this.#places) if (place >= length) closed++;
    const { opened: identities } = this.#lifecycle;
    if (identities.size > 0) {
      for (const place of this.#places) {
        if (place < length && identities.has(this.#snapshot.identity(place))) opened++;
      }
    }
    return { opened, closed };
  }
}

export const NO_ROWS = new Rows(null, null, new Uint32Array());

function placeOf(snapshot: Snapshot, { closed }: Lifecycle, identity: number): number {
  const row = snapshot.table.rowOf(identity);
  if (row >= 0) return row;
  const gone = closed.rowOf(identity);
  return gone < 0 ? -1 : snapshot.length + gone;
}

function makeRow(snapshot: Snapshot, { opened, closed }: Lifecycle, place: number): Row {
  if (place >= snapshot.length) {
    const row = place - snapshot.length;
    const identity = closed.table.identity[row] as number;
    const socket = closed.socket(row);
    return { identity, facts: closed, row, socket, mark: 'closed', closedAt: closed.at(row), pending: false };
  }
  const identity = snapshot.identity(place);
  return {
    identity,
    facts: snapshot,
    row: place,
    socket: snapshot.socket(place),
    mark: opened.has(identity) ? 'opened' : null,
    closedAt: null,
    pending: snapshot.isPending(place),
  };
}
