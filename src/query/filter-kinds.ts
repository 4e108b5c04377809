import { remembered } from '../text/remembered.ts';
import type { Column } from './column.ts';
import type { Asked, Operator } from './filter-syntax.ts';
import { beginningWith, containing, equalTo, like, type RowTest, type TextTest } from './filter-text.ts';

/** How a key's values are read and held against a row. */
export type Kind<Rows> = {
  /** What a value can be, for who wrote something else. */
  expected: string;
  operators: readonly Operator[];
  test(asked: Asked, column: Column<Rows>, kept: boolean, now: number): RowTest<Rows>;
};

/**
 * A test for the rows whose value of a key is one of those that were asked for; what has none never is.
 * Throws a FilterError for a value that the key cannot have.
 */
export function fieldTest<Rows>(
  values: readonly Asked[],
  kind: Kind<Rows>,
  column: Column<Rows>,
  kept: boolean,
  now: number,
): RowTest<Rows> {
  const tests = values.map((asked) => {
    if (!kind.operators.includes(asked.operator)) throw asked.wrong(kind.expected, 'operator');
    if (asked.form === 'bare' && asked.text === '') throw asked.wrong(kind.expected);
    return kind.test(asked, column, kept, now);
  });
  const [first] = tests;
  return first && tests.length === 1 ? first : (rows, row) => tests.some((test) => test(rows, row));
}

export const WHOLE: readonly Operator[] = ['', '='];
export const COMPARED: readonly Operator[] = ['', '=', '<', '<=', '>', '>='];

export type NumberTest = (number: number) => boolean;

export function compared(operator: Operator, wanted: number): NumberTest {
  switch (operator) {
    case '<':
      return (number) => number < wanted;
    case '<=':
      return (number) => number <= wanted;
    case '>':
      return (number) => number > wanted;
    case '>=':
      return (number) => number >= wanted;
    default:
      return (number) => number === wanted;
  }
}

/** `80`, by its beginning while it is typed; `3000-3010`; `>1000`. */
export function numberAsked(asked: Asked, kept: boolean): NumberTest {
  const { text, operator } = asked;
  const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(asked.form === 'pattern' ? '' : text) ?? [];
  if (from === undefined || (to !== undefined && operator !== '')) throw asked.wrong('a number');
  if (to === undefined)
    return operator === '' && !kept ? beginningWith(from) : compared(operator, Number(from));
  const [least, most] = [Number(from), Number(to)];
  if (most < least) throw asked.wrong('a range that begins with the lower number');
  return (number) => least <= number && number <= most;
}

/** What a column sorts by, which is a number. */
export function number<Rows>(): Kind<Rows> {
  return numberOf((rows, row, { order: [key] }) => {
    const value = key?.(rows, row);
    return typeof value === 'number' ? [value] : [];
  });
}

/** Any of several numbers that a row has. */
export function numberOf<Rows>(
  numbers: (rows: Rows, row: number, column: Column<Rows>) => readonly number[],
): Kind<Rows> {
  return {
    expected: 'a number',
    operators: COMPARED,
    test(asked, column, kept) {
      const test = numberAsked(asked, kept);
      return (rows, row) => numbers(rows, row, column).some(test);
    },
  };
}

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A time in seconds, as it is shown: `3m` is what is shown as that. `what`: an age, say. */
export function duration<Rows>(
  what: string,
  secondsOf: (rows: Rows, row: number, now: number) => number | null,
): Kind<Rows> {
  const kind: Kind<Rows> = {
    expected: `${what} such as 30s, 10m, 2h or 3d`,
    operators: COMPARED,
    test(asked, _column, _kept, now) {
      const [, digits, letter] = /^(\d+)([smhd])$/i.exec(asked.form === 'pattern' ? '' : asked.text) ?? [];
      if (digits === undefined || letter === undefined) throw asked.wrong(kind.expected);
      const unit = UNITS[letter.toLowerCase() as keyof typeof UNITS];
      const exact = WHOLE.includes(asked.operator);
      const test = compared(asked.operator, exact ? Number(digits) : Number(digits) * unit);
      return (rows, row) => {
        const seconds = secondsOf(rows, row, now);
        if (seconds === null) return false;
        return test(exact ? Math.floor(seconds / unit) : seconds);
      };
    },
  };
  return kind;
}

/** How long ago something was. `since`: in ms since the epoch. */
export function age<Rows>(since: (rows: Rows, row: number) => number | null): Kind<Rows> {
  return duration('an age', (rows, row, now) => {
    const started = since(rows, row);
    return started === null ? null : Math.max(0, now - started) / 1000;
  });
}

export function textAsked(asked: Asked): TextTest {
  if (asked.form !== 'pattern') return asked.operator === '=' ? equalTo(asked.text) : containing(asked.text);
  try {
    return like(new RegExp(asked.text, 'i'));
  } catch {
    throw asked.wrong('a regular expression');
  }
}

/** What is to be found in a column. */
export function text<Rows>(): Kind<Rows> {
  return textOf((test, column, now) => (rows, row) => {
    const found = column.find(rows, row, now);
    return found !== null && test(String(found));
  });
}

/** What a test for texts says of a row. */
export function textOf<Rows>(
  rowTest: (test: TextTest, column: Column<Rows>, now: number) => RowTest<Rows>,
): Kind<Rows> {
  return {
    expected: "text, '=' and text, or /pattern/",
    operators: WHOLE,
    test: (asked, column, _kept, now) => rowTest(remembered(textAsked(asked)), column, now),
  };
}

/** A column that can only say so many words: one that none of them matches is a slip. */
export function words<Rows>(
  all: readonly string[],
  matches: (word: string, asked: string) => boolean,
): Kind<Rows> {
  const plain = (word: string) => word.toLowerCase().replaceAll(/[-_]/g, '');
  const kind: Kind<Rows> = {
    expected: all.join(', '),
    operators: WHOLE,
    test(asked, { order: [wordOf] }) {
      const wanted = plain(asked.text);
      const pattern = asked.form === 'pattern' ? textAsked(asked) : null;
      const among = all.filter((word) => {
        if (pattern) return pattern(word);
        return asked.operator === '=' ? plain(word) === wanted : matches(plain(word), wanted);
      });
      if (among.length === 0) throw asked.wrong(kind.expected);
      const chosen = new Set<unknown>(among);
      return (rows, row) => chosen.has(wordOf?.(rows, row));
    },
  };
  return kind;
}
