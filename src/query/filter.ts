import type { Protocol } from '../sockets/socket.ts';
import { FAMILIES, PROTOCOLS } from '../sockets/socket-table.ts';
import { remembered } from '../text/remembered.ts';
import { COLUMNS, type Column, isConnected, isUnix } from './columns.ts';
import { socketFieldTest } from './filter-fields.ts';
import { SOCKET_KEYS, type SocketKey } from './filter-keys.ts';
import { parseFilter, type Term, type Tree, testOf } from './filter-syntax.ts';
import { beginningWith, containing, ownerNamed, type RowTest } from './filter-text.ts';
import { type FilterError, problemOf } from './query-error.ts';

export type { RowTest } from './filter-text.ts';

/** What is typed after `/`, in the language of filters. `kept`: Enter was pressed, so a number is exact. */
export type Filter = { text: string; kept: boolean };

export const NO_FILTER: Filter = { text: '', kept: false };

/**
 * A test for the rows that a filter shows. A number is a port (of either end) or a pid: by its beginning
 * while it is being typed, exactly once it is kept. Other text matches anywhere in any column, and in the names
 * of all owners, whatever its case. `key:value` asks one column. Throws a {@link FilterError}.
 */
export function filterRows(filter: Filter, columns: readonly Column[], now: number): RowTest {
  return testOf(parseFilter(filter.text, SOCKET_KEYS, (term) => socketTermTest(term, filter, columns, now)));
}

/** What is asked by them nobody knows of a socket whose owner may not be seen. */
const OF_OWNERS: readonly SocketKey[] = ['command', 'pid', 'pids', 'started'];

/**
 * A test for the rows that a filter shows, or would show if their owner, which may not be seen, was the right one
 * (or none). Only `key:value` counts as asking for it.
 */
export function filterUnseen(filter: Filter, columns: readonly Column[], now: number): RowTest {
  const tree = parseFilter(filter.text, SOCKET_KEYS, (term) => {
    const test = socketTermTest(term, filter, columns, now);
    if (term.type !== 'field' || !OF_OWNERS.includes(term.key)) return { most: test, least: test };
    const unseen: RowTest = (rows, row) => rows.ownerUnknown(row) === 'permission';
    return {
      most: (rows, row) => unseen(rows, row) || test(rows, row),
      least: (rows, row) => !unseen(rows, row) && test(rows, row),
    } satisfies Bounds;
  });
  return testOf(boundOf(tree, 'most'));
}

/** Whether a filter looks at what is in a column. */
export function looksAt(filter: Filter, key: SocketKey): boolean {
  let looks = false;
  parseFilter(filter.text, SOCKET_KEYS, (term) => {
    looks ||= term.type === 'word' || term.key === key;
  });
  return looks;
}

/** What one term of a filter asks of a socket; a word is looked for in these columns. */
export function socketTermTest(
  term: Term<SocketKey>,
  { kept }: Filter,
  columns: readonly Column[],
  now: number,
): RowTest {
  if (term.type === 'field') return socketFieldTest(term, kept, now);
  return /^\d+$/.test(term.text) && !term.quoted
    ? numberTest(term.text, kept)
    : textTest(term.text, columns, now);
}

/** Of a test whose answer is not known: what passes at most, and at least. */
type Bounds = { most: RowTest; least: RowTest };

function boundOf(tree: Tree<Bounds>, bound: keyof Bounds): Tree<RowTest> {
  if ('leaf' in tree) return { leaf: tree.leaf[bound] };
  if ('not' in tree) return { not: boundOf(tree.not, bound === 'most' ? 'least' : 'most') };
  if ('any' in tree) return { any: tree.any.map((part) => boundOf(part, bound)) };
  return { all: tree.all.map((part) => boundOf(part, bound)) };
}

/** Why a filter cannot be understood; null: it can. */
export function filterProblem(text: string): FilterError | null {
  return problemOf(() => filterRows({ text, kept: true }, [], 0));
}

/** Whether a filter may ask for a key's facts: where they have to be read first, too often is no harm. */
export function mayAsk({ text }: Filter, key: SocketKey): boolean {
  return new RegExp(`\\b${key}:`, 'i').test(text);
}

/** The protocols that a filter names, as `proto:unix` does. */
export function protocolsNamed({ text }: Filter): Protocol[] {
  const words = new Set<string>();
  parseFilter(text, SOCKET_KEYS, (term) => {
    if (term.type !== 'field' || term.key !== 'proto') return;
    for (const asked of term.values) words.add(asked.text.toLowerCase().replace(/6$/, ''));
  });
  return PROTOCOLS.filter((protocol) => words.has(protocol));
}

function numberTest(digits: string, exact: boolean): RowTest {
  const wanted = Number(digits);
  const same = exact ? (number: number) => number === wanted : beginningWith(digits);
  return (rows, row) =>
    (!isUnix(rows, row) && same(rows.table.localPort[row] as number)) ||
    (isConnected(rows, row) && same(rows.table.remotePort[row] as number)) ||
    rows.processes(row).some(({ pid }) => same(pid));
}

function textTest(word: string, columns: readonly Column[], now: number): RowTest {
  const tests = columns.map((column) => columnTest(column, word, now));
  if (!columns.includes(COLUMNS.command)) tests.push(ownerNamed(containing(word)));
  return (rows, row) => tests.some((test) => test(rows, row));
}

/** Their texts are nearly as many as there are rows. */
const ADDRESSES: readonly Column[] = [COLUMNS.addr, COLUMNS.local, COLUMNS.remote];
const IPV4 = FAMILIES.indexOf('ipv4');

function columnTest(column: Column, word: string, now: number): RowTest {
  const contains = containing(word);
  if (ADDRESSES.includes(column)) {
    const inAddress = /^[\d.:]*$/.test(word);
    return (rows, row) => {
      if (!inAddress && rows.table.family[row] === IPV4) return false;
      const text = column.find(rows, row, now);
      return typeof text === 'string' && contains(text);
    };
  }
  const matches = remembered(contains);
  // A word that is no number is in none.
  const inNumber = /^\d*$/.test(word);
  return (rows, row) => {
    const text = column.find(rows, row, now);
    return typeof text === 'string' ? matches(text) : inNumber && text !== null && contains(String(text));
  };
}
