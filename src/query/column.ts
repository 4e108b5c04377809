import type { RowFacts } from '../sockets/snapshot.ts';
import { digits, type SafeText, safe, text } from '../text/safe.ts';
import type { Align } from '../text/width.ts';
import { QueryError } from './query-error.ts';

/** What a cell means, for a theme to show: nothing is coloured for its own sake. */
export type Tone = 'plain' | 'strong' | 'accent' | 'quiet' | 'warning' | 'danger';

export type Value = string | number | null;

/** A fact of a row. To sort by a number, it has to be whole, from 0 to 2^32 - 1. */
export type Key<Rows = RowFacts> = (rows: Rows, row: number) => Value;

/** A column as data: one set for the screen, the table, CSV, sorting and the filter. Of sockets, or of processes. */
export type Column<Rows = RowFacts> = {
  /** Its name for --sort, --columns and the filter. */
  key: string;
  title: SafeText;
  align: Align;
  /** Cells that it may grow to; what is longer is cut on the screen. */
  maxWidth: number;
  /** Cells that it keeps before whole columns go. */
  minWidth: number;
  /** Where room is short, the highest goes first; 0 always stays. */
  sacrifice: number;
  /** The bare fact, for CSV; null where there is none. */
  value: Key<Rows>;
  /** The fact for a person; `now` in ms since the epoch. */
  text(rows: Rows, row: number, now: number): SafeText;
  /** Whether its text changes with `now`, and not only with the row. */
  ages: boolean;
  /** Whether it is how much of something, and no name or number of it: then the most comes first when it is sorted by. */
  amount: boolean;
  /** How full something is, from 0 to 1, to be drawn before the text; null: it cannot be. */
  gauge: ((rows: Rows, row: number) => number | null) | null;
  tone(rows: Rows, row: number): Tone;
  /** The widest that it may come to say of the row, which it is given room for: nothing moves when it does. */
  most: ((rows: Rows, row: number) => SafeText) | null;
  /** It is an address and its port: where that is too long, the port is not what goes. */
  endsInPort: boolean;
  /** Of what is gone it says so, with this word, and how long ago that was; null: it says what it said last. */
  gone: SafeText | null;
  /** What to sort by, the weightiest first: null where there is nothing, which comes last either way up. */
  order: readonly Key<Rows>[];
  /** The text that a filter looks in: what is shown, in full, before it is made safe. A number is its digits. */
  find(rows: Rows, row: number, now: number): Value;
};

const DASH = text`–`;

export type Definition<Rows> = Pick<Column<Rows>, 'key' | 'title' | 'maxWidth' | 'sacrifice' | 'value'> &
  Partial<
    Pick<
      Column<Rows>,
      | 'align'
      | 'minWidth'
      | 'text'
      | 'ages'
      | 'amount'
      | 'gauge'
      | 'tone'
      | 'most'
      | 'endsInPort'
      | 'gone'
      | 'order'
      | 'find'
    >
  >;

/** What is not said: it is sorted by its bare fact, and that is what is shown and found. */
export function columnOf<Rows>(definition: Definition<Rows>): Column<Rows> {
  const { value } = definition;
  return {
    align: 'left',
    minWidth: definition.maxWidth,
    ages: false,
    gone: null,
    amount: false,
    gauge: null,
    most: null,
    endsInPort: false,
    text: (rows, row) => shown(value(rows, row)),
    tone: (rows, row) => (value(rows, row) === null ? 'quiet' : 'plain'),
    order: [value],
    find: value,
    ...definition,
  };
}

export function shown(fact: Value): SafeText {
  return fact === null ? DASH : typeof fact === 'number' ? digits(fact) : safe(fact);
}

/** Those of these columns that have the keys, in their order. Throws a {@link QueryError} for a key that none has. */
export function columnsAmong<Rows>(
  columns: Readonly<Record<string, Column<Rows>>>,
  keys: readonly string[],
  what = 'column',
): Column<Rows>[] {
  return keys.map((key) => {
    if (Object.hasOwn(columns, key)) return columns[key] as Column<Rows>;
    throw new QueryError(`'${key}' is no ${what}: there are ${Object.keys(columns).join(', ')}`);
  });
}
