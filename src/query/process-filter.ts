import type { ProcessTable } from '../processes/process-table.ts';
import type { Column } from './column.ts';
import type { Filter } from './filter.ts';
import { FilterKeys } from './filter-keys.ts';
import * as kinds from './filter-kinds.ts';
import { parseFilter, testOf } from './filter-syntax.ts';
import { beginningWith, containing, named, type RowTest } from './filter-text.ts';
import { PROCESS_COLUMNS } from './process-columns.ts';
import { type FilterError, problemOf } from './query-error.ts';

type Key = keyof typeof PROCESS_COLUMNS;
type Kind = kinds.Kind<ProcessTable>;

const KEYS = new FilterKeys<Key>(PROCESS_COLUMNS, { cmd: 'command', port: 'ports', comm: 'name' });

/**
 * A test for the processes that a filter shows, in the language of {@link filterRows}: a number is a pid or a port
 * that is held; other text matches anywhere in a command line, a name or what is shown. Throws a FilterError.
 */
export function filterProcesses(
  { text, kept }: Filter,
  columns: readonly Column<ProcessTable>[],
  now: number,
): RowTest<ProcessTable> {
  const looked = [...new Set([...columns, PROCESS_COLUMNS.command, PROCESS_COLUMNS.name])];
  return testOf(
    parseFilter(text, KEYS, (term): RowTest<ProcessTable> => {
      if (term.type === 'field')
        return kinds.fieldTest(term.values, KINDS[term.key], PROCESS_COLUMNS[term.key], kept, now);
      return /^\d+$/.test(term.text) && !term.quoted
        ? numberTest(term.text, kept)
        : wordTest(term.text, looked, now);
    }),
  );
}

function numberTest(digits: string, exact: boolean): RowTest<ProcessTable> {
  const wanted = Number(digits);
  const same = exact ? (number: number) => number === wanted : beginningWith(digits);
  return (rows, row) => same(rows.at(row).pid) || portsOf(rows, row).some(same);
}

function wordTest(
  word: string,
  columns: readonly Column<ProcessTable>[],
  now: number,
): RowTest<ProcessTable> {
  const contains = containing(word);
  return (rows, row) =>
    columns.some((column) => {
      const found = column.find(rows, row, now);
      return found !== null && contains(String(found));
    });
}

function portsOf(rows: ProcessTable, row: number): readonly number[] {
  return rows.ports(row)?.map(({ port }) => port) ?? [];
}

/** `0.5`, `>10`. */
function decimal(factOf: (rows: ProcessTable, row: number) => number | null): Kind {
  const kind: Kind = {
    expected: 'a number such as 0.5',
    operators: kinds.COMPARED,
    test(asked) {
      if (asked.form === 'pattern' || !/^-?\d+(\.\d+)?$/.test(asked.text)) throw asked.wrong(kind.expected);
      const test = kinds.compared(asked.operator, Number(asked.text));
      return (rows, row) => {
        const value = factOf(rows, row);
        return value !== null && test(value);
      };
    },
  };
  return kind;
}

const SUFFIXES: Record<string, number> = { '': 1, k: 1, m: 1024, g: 1024 ** 2, t: 1024 ** 3 };

/** In KiB, as it is shown, or with its unit: `>100M`. */
const SIZE: Kind = {
  expected: 'a size such as 4096 (KiB), 100M or 2G',
  operators: kinds.COMPARED,
  test(asked, column) {
    const [, digits, unit = ''] = /^(\d+)([kmgt]?)$/i.exec(asked.form === 'pattern' ? '' : asked.text) ?? [];
    if (digits === undefined) throw asked.wrong(SIZE.expected);
    const test = kinds.compared(asked.operator, Number(digits) * (SUFFIXES[unit.toLowerCase()] as number));
    return (rows, row) => {
      const value = column.value(rows, row);
      return typeof value === 'number' && test(value);
    };
  },
};

const TEXT: Kind = kinds.text();
const NUMBER: Kind = kinds.number();

const KINDS: Record<Key, Kind> = {
  user: TEXT,
  uid: NUMBER,
  pid: NUMBER,
  ppid: NUMBER,
  cpu: decimal((rows, row) => rows.at(row).cpuPercent),
  mem: decimal((rows, row) => rows.at(row).memoryPercent),
  vsz: SIZE,
  rss: SIZE,
  tty: TEXT,
  stat: TEXT,
  start: kinds.age((rows, row) => rows.at(row).startedAt),
  time: kinds.duration('a time', (rows, row) => rows.at(row).cpuTimeSeconds),
  threads: NUMBER,
  nice: decimal((rows, row) => rows.at(row).nice),
  ports: kinds.numberOf(portsOf),
  // Both that a person calls it, and the kernel.
  name: kinds.textOf((test) => {
    const passes = named(test);
    return (rows, row) => passes({ name: rows.name(row), command: rows.at(row).command });
  }),
  command: TEXT,
};

/** Why a filter of processes cannot be understood; null: it can. */
export function processFilterProblem(text: string): FilterError | null {
  return problemOf(() => filterProcesses({ text, kept: true }, [], 0));
}
