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
 * A radix sort by the bytes of the keys: 100,000 rows take some 20 ms, and no comparison has to make text of them. By
 * one key after the other, each only of the rows that all before hold equal to others: most often few. In steps, for
 * who has other things to do.
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
  const ordered = numbersTo(length);
  let equals: Equals = { places: numbersTo(length), at: numbersTo(length), groups: new Uint32Array(length) };
  const by = function* (key: Key<Rows>, downwards: boolean): Generator<void, void> {
    if (equals.places.length < 2) return;
    equals = yield* decide(parts, key, downwards, equals, ordered);
    yield;
  };
  for (const key of column.order) yield* by(key, descending);
  for (const tie of ties) yield* by(tie, false);
  return ordered;
}

/** 0, 1, 2 and so on. */
export function numbersTo(length: number): Uint32Array {
  const numbers = new Uint32Array(length);
  for (let at = 0; at < length; at++) numbers[at] = at;
  return numbers;
}

/**
 * Rows that all keys so far hold equal to another: their places, where in the order these stand, and a number for each
 * group of them, which ascends.
 */
type Equals = { places: Uint32Array; at: Uint32Array; groups: Uint32Array };

/** Puts what is equal so far into the order of one more key; returns what still is. */
function* decide<Rows>(
  parts: readonly Part<Rows>[],
  key: Key<Rows>,
  downwards: boolean,
  { places, at, groups }: Equals,
  ordered: Uint32Array,
): Generator<void, Equals> {
  const { length } = places;
  const keys = new Uint32Array(length);
  const unknown = new Uint32Array(length);
  const some = yield* fill(parts, places, key, downwards, keys, unknown);
  // From the lightest: where a key is the same, the order stays as it is.
  let order = orderBy(keys, null);
  if (some) order = orderBy(unknown, order);
  order = orderBy(groups, order);
  const still: Equals = {
    places: new Uint32Array(length),
    at: new Uint32Array(length),
    groups: new Uint32Array(length),
  };
  let count = 0;
  let group = 0;
  let equal = false;
  for (let next = 0; next < length; next++) {
    const one = order === null ? next : (order[next] as number);
    const place = places[one] as number;
    ordered[at[next] as number] = place;
    const other = order === null ? next + 1 : order[next + 1];
    const before = equal;
    equal =
      next + 1 < length &&
      groups[one] === groups[other as number] &&
      keys[one] === keys[other as number] &&
      unknown[one] === unknown[other as number];
    if (before || equal) {
      still.places[count] = place;
      still.at[count] = at[next] as number;
      still.groups[count] = group;
      count++;
    }
    if (!equal) group++;
  }
  return {
    places: still.places.subarray(0, count),
    at: still.at.subarray(0, count),
    groups: still.groups.subarray(0, count),
  };
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

/** The key of each of these places, as a number that sorts as it does; `unknown` is 1 where there is none, if for some. */
function* fill<Rows>(
  parts: readonly Part<Rows>[],
  places: Uint32Array,
  key: Key<Rows>,
  downwards: boolean,
  keys: Uint32Array,
  unknown: Uint32Array,
): Generator<void, boolean> {
  const values: Value[] = [];
  let words: Map<string, number> | null = null;
  let some = false;
  for (let at = 0; at < places.length; at++) {
    let row = places[at] as number;
    let part = 0;
    while (row >= (parts[part] as Part<Rows>).picked.length)
      row -= (parts[part++] as Part<Rows>).picked.length;
    const { rows, picked } = parts[part] as Part<Rows>;
    const value = key(rows, picked[row] as number);
    if (typeof value === 'number') {
      keys[at] = downwards ? ~value : value;
    } else if (value === null) {
      some = true;
      unknown[at] = 1;
    } else {
      words ??= new Map();
      if (!words.has(value)) words.set(value, 0);
      values[at] = value;
    }
    if (at % AT_ONCE === AT_ONCE - 1) yield;
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
  for (let at = 0; at < keys.length; at++) {
    const value = values[at];
    if (typeof value === 'string') keys[at] = words.get(value) as number;
  }
}

/**
 * An order by a key, which keeps one that there is of what is equal; null: as it is. Bytes that are the same in all are
 * passed over.
 */
function orderBy(keys: Uint32Array, order: Uint32Array | null): Uint32Array | null {
  const { length } = keys;
  let differing = 0;
  const first = keys[0] as number;
  for (let at = 1; at < length; at++) differing |= (keys[at] as number) ^ first;
  let from = order;
  for (let shift = 0; shift < 32; shift += 8) {
    if (((differing >>> shift) & 255) === 0) continue;
    const starts = new Uint32Array(257);
    for (let at = 0; at < length; at++) {
      const byte = ((keys[at] as number) >>> shift) & 255;
      starts[byte + 1] = (starts[byte + 1] as number) + 1;
    }
    for (let byte = 1; byte < 257; byte++)
      starts[byte] = (starts[byte] as number) + (starts[byte - 1] as number);
    const to = new Uint32Array(length);
    for (let at = 0; at < length; at++) {
      const one = from === null ? at : (from[at] as number);
      const byte = ((keys[one] as number) >>> shift) & 255;
      const next = starts[byte] as number;
      to[next] = one;
      starts[byte] = next + 1;
    }
    from = to;
  }
  return from;
}
