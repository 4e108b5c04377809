import type { RowFacts } from '../sockets/snapshot.ts';
import { FAMILIES } from '../sockets/socket-table.ts';
import { safe } from '../text/safe.ts';
import { COLUMNS, type Column, isConnected, isUnix } from './columns.ts';

/** What is typed after `/`: words that must all match. `kept`: Enter was pressed, so a number is exact. */
export type Filter = { text: string; kept: boolean };

export const NO_FILTER: Filter = { text: '', kept: false };

/** A test for rows. */
export type RowTest = (rows: RowFacts, row: number) => boolean;

/**
 * A test for the rows that a filter shows. A number is a port (of either end) or a pid: by its beginning
 * while it is being typed, exactly once it is kept. Other text matches anywhere in any column, and in the names
 * of all owners, whatever its case.
 */
export function filterRows(filter: Filter, columns: readonly Column[], now: number): RowTest {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const tests = words.map((word) =>
    /^\d+$/.test(word) ? numberTest(word, filter.kept) : textTest(word, columns, now),
  );
  return (rows, row) => tests.every((test) => test(rows, row));
}

function numberTest(word: string, exact: boolean): RowTest {
  const same = exact
    ? (number: number) => number === Number(word)
    : (number: number) => String(number).startsWith(word);
  return (rows, row) =>
    (!isUnix(rows, row) && same(rows.table.localPort[row] as number)) ||
    (isConnected(rows, row) && same(rows.table.remotePort[row] as number)) ||
    rows.processes(row).some(({ pid }) => same(pid));
}

function textTest(word: string, columns: readonly Column[], now: number): RowTest {
  const tests = columns.map((column) => columnTest(column, word, now));
  if (!columns.includes(COLUMNS.command)) tests.push(nameTest(word));
  return (rows, row) => tests.some((test) => test(rows, row));
}

/** Owners are found by their names, shown or not. */
function nameTest(word: string): RowTest {
  const matches = (name: string | null) => name !== null && safe(name).toLowerCase().includes(word);
  return (rows, row) => rows.processes(row).some(({ name, command }) => matches(name) || matches(command));
}

/** Their texts are nearly as many as there are rows. */
const ADDRESSES: readonly Column[] = [COLUMNS.addr, COLUMNS.local, COLUMNS.remote];
const IPV4 = FAMILIES.indexOf('ipv4');
/** Answers kept for a column. */
const KEPT = 4096;

function columnTest(column: Column, word: string, now: number): RowTest {
  if (ADDRESSES.includes(column)) {
    const inAddress = /^[\d.:]+$/.test(word);
    return (rows, row) => {
      if (!inAddress && rows.table.family[row] === IPV4) return false;
      const text = column.find(rows, row, now);
      return typeof text === 'string' && safe(text).toLowerCase().includes(word);
    };
  }
  const answers = new Map<string, boolean>();
  return (rows, row) => {
    const text = column.find(rows, row, now);
    // A word that is no number is in none.
    if (typeof text !== 'string') return false;
    let answer = answers.get(text);
    if (answer === undefined) {
      answer = safe(text).toLowerCase().includes(word);
      if (answers.size >= KEPT) answers.clear();
      answers.set(text, answer);
    }
    return answer;
  };
}
