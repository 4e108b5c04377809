import type { RowFacts } from '../sockets/snapshot.ts';
import { COLUMNS, type Column, type Key, type Value } from './columns.ts';

export type Sort = { key: string; descending: boolean };

/** What decides between sockets that the sort column holds equal, so that nothing jumps: then the order is whole. */
const TIES: readonly Key[] = [
  COLUMNS.port,
  COLUMNS.proto,
  COLUMNS.addr,
  COLUMNS.remote,
  COLUMNS.inode,
].flatMap(({ order }) => order);

/** Rows of several tables, in one order. */
export type Part<Rows = RowFacts> = { rows: Rows; picked: ArrayLike<number> };

/**
 * Orders rows by a column, either way up; ties always in the same order, and what is not known always last.
 * A radix sort by the bytes of the keys, from the lightest: 100,000 rows take some 20 ms, and no comparison
 * has to make text of them. In steps, for who has other things to do.
 * @param ties what decides between rows that the column holds equal
 * @returns places: 0 is the first row of the first part, and so on through the parts
 */
export function* orderRows<Rows>(
  parts: readonly Part<Rows>[],
  column: Column<Rows>,
  descending: boolean,
  ties: readonly Key<Rows>[],
): Generator<void, Uint32Array> {
  const length = parts.reduce((sum, { picked }) => sum + picked.length, 0);
  let places: Uint32Array = Uint32Array.from({ length }, (_, place) => place);
  if (length < 2) return places;
  let spare: Uint32Array = new Uint32Array(length);
  const keys = new Uint32Array(length);
  const unknown = new Uint32Array(length);
  const by = function* (key: Key<Rows>, downwards: boolean): Generator<void, void> {
    const some = yield* fill(parts, key, downwards, keys, unknown);
    [places, spare] = orderBy(keys, places, spare);
    if (some) [places, spare] = orderBy(unknown, places, spare);
    yield;
  };
  for (const tie of ties.toReversed()) yield* by(tie, false);
  for (const key of column.order.toReversed()) yield* by(key, descending);
  return places;
}

/** {@link orderRows} of sockets. */
export function sortRows(
  parts: readonly Part[],
  column: Column,
  descending: boolean,
): Generator<void, Uint32Array> {
  return orderRows(parts, column, descending, TIES);
}

/** Keys between two pauses. */
const AT_ONCE = 16_384;

/** The key of each place, as a number that sorts as it does; `unknown` is 1 where there is none, if for some. */
function* fill<Rows>(
  parts: readonly Part<Rows>[],
  key: Key<Rows>,
  downwards: boolean,
  keys: Uint32Array,
  unknown: Uint32Array,
): Generator<void, boolean> {
  const values: Value[] = [];
  let words: Map<string, number> | null = null;
  let some = false;
  let place = 0;
  for (const { rows, picked } of parts) {
    for (let at = 0; at < picked.length; at++) {
      const value = key(rows, picked[at] as number);
      if (typeof value === 'number') {
        keys[place] = downwards ? ~value : value;
      } else if (value === null) {
        some = true;
        keys[place] = 0;
      } else {
        words ??= new Map();
        if (!words.has(value)) words.set(value, 0);
        values[place] = value;
      }
      unknown[place] = value === null ? 1 : 0;
      place++;
      if (place % AT_ONCE === 0) yield;
    }
  }
  if (words) rankWords(words, values, downwards, keys);
  return some;
}

/** By code units. */
function rankWords(
  words: Map<string, number>,
  values: readonly Value[],
  downwards: boolean,
  keys: Uint32Array,
): void {
  const sorted = [...words.keys()].sort();
  for (const [rank, word] of sorted.entries()) words.set(word, downwards ? ~rank : rank);
  for (let place = 0; place < keys.length; place++) {
    const value = values[place];
    if (typeof value === 'string') keys[place] = words.get(value) as number;
  }
}

/** Orders places by a key, keeping what is equal as it is; bytes that are the same in all are passed over. */
function orderBy(keys: Uint32Array, places: Uint32Array, spare: Uint32Array): [Uint32Array, Uint32Array] {
  let from = places;
  let to = spare;
  let differing = 0;
  const first = keys[0] as number;
  for (let place = 1; place < keys.length; place++) differing |= (keys[place] as number) ^ first;
  for (let shift = 0; shift < 32; shift += 8) {
    if (((differing >>> shift) & 255) === 0) continue;
    const starts = new Uint32Array(257);
    for (let place = 0; place < keys.length; place++) {
      const byte = ((keys[place] as number) >>> shift) & 255;
      starts[byte + 1] = (starts[byte + 1] as number) + 1;
    }
    for (let byte = 1; byte < 257; byte++)
      starts[byte] = (starts[byte] as number) + (starts[byte - 1] as number);
    for (let at = 0; at < from.length; at++) {
      const place = from[at] as number;
      const byte = ((keys[place] as number) >>> shift) & 255;
      const next = starts[byte] as number;
      to[next] = place;
      starts[byte] = next + 1;
    }
    [from, to] = [to, from];
  }
  return [from, to];
}
