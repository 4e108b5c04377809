import type { Column } from '../query/column.ts';
import { columnsNamed } from '../query/columns.ts';
import { processColumnsNamed } from '../query/process-columns.ts';
import { QueryError } from '../query/query-error.ts';
import { isInterval, SHORTEST_INTERVAL } from '../store/interval.ts';
import { allColumns, type ChoosableTableName, sortOf, VIEWS } from '../store/views.ts';

/** What the settings are, each where it is set. */
export type Config = {
  interval?: number;
  theme?: ThemeName;
  mouse?: boolean;
  numeric?: boolean;
} & Partial<Record<ChoosableTableName, TableConfig>>;

export type TableConfig = {
  columns?: readonly Column<never>[];
  sort?: { column: Column<never>; descending: boolean };
};

const THEMES = ['terminal', 'mono'] as const;
export type ThemeName = (typeof THEMES)[number];

/** A setting as data: how its value in the file is read, and how the commented default tells of it. */
export type Setting = {
  key: string;
  about: string;
  /** What it is where the file does not say, as it would stand there. */
  initial: string | number | boolean | readonly string[];
  /** Throws a {@link QueryError} that says what was expected. */
  read(value: unknown): unknown;
};

function expected(what: string): never {
  throw new QueryError(`expected ${what}`);
}

const bool = (value: unknown) => (typeof value === 'boolean' ? value : expected('true or false'));

/** What is set for the whole screen. */
export const SETTINGS: readonly Setting[] = [
  {
    key: 'interval',
    about: `Seconds between two looks, at least ${SHORTEST_INTERVAL}.`,
    initial: 1,
    read: (value) =>
      typeof value === 'number' && isInterval(value)
        ? value
        : expected(`a number of seconds, at least ${SHORTEST_INTERVAL}`),
  },
  {
    key: 'theme',
    about: '"terminal": the colours of the terminal\'s own palette, where it has some; "mono": none.',
    initial: 'terminal',
    read: (value) =>
      THEMES.find((name) => name === value) ?? expected(THEMES.map((name) => `"${name}"`).join(' or ')),
  },
  {
    key: 'mouse',
    about: 'Whether the mouse is heard; else the terminal selects text with it. m changes it.',
    initial: true,
    read: bool,
  },
  {
    key: 'numeric',
    about: 'Numbers instead of the names of services and users. n changes it.',
    initial: false,
    read: bool,
  },
];

/** The views whose columns can be chosen: each has settings of its own. */
export const TABLE_NAMES: readonly ChoosableTableName[] = VIEWS.flatMap(({ name }) =>
  name === 'services' || name === 'timeline' ? [] : [name],
);

/** What is set for one table. */
export function tableSettings(name: ChoosableTableName): readonly Setting[] {
  const { own, all } = allColumns(name);
  const sort = sortOf(name);
  const named = (keys: readonly string[]): Column<never>[] =>
    name === 'processes' ? processColumnsNamed(keys) : columnsNamed(keys);
  return [
    {
      key: 'columns',
      about: `The columns, in their order, of: ${all.map(({ key }) => key).join(', ')}.`,
      initial: own.map(({ key }) => key),
      read: (value) =>
        Array.isArray(value) && value.length > 0 && value.every((key) => typeof key === 'string')
          ? named(value)
          : expected('a list of columns, as in ["pid", "command"]'),
    },
    {
      key: 'sort',
      about: 'The column to sort by; with :desc behind it the other way up.',
      initial: sort.descending ? `${sort.key}:desc` : sort.key,
      read: (value) => {
        const [, key, order] =
          typeof value === 'string' ? (/^(.*?)(?::(asc|desc))?$/s.exec(value) ?? []) : [];
        if (key === undefined) expected('a column, as in "port" or "port:desc"');
        return { column: named([key])[0], descending: order === 'desc' };
      },
    },
  ];
}
