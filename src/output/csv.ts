import type { Column, Value } from '../query/column.ts';
import { type SafeText, safe, text } from '../text/safe.ts';
import { inBlocks } from './block.ts';

/**
 * The picked rows as CSV (RFC 4180, but LF ends a line): the columns' keys, then their bare facts. Some lines at
 * a time, each with its end.
 */
export function csv<Rows>(
  columns: readonly Column<Rows>[],
  rows: Rows,
  picked: ArrayLike<number>,
  header: boolean,
): Generator<SafeText, void> {
  return inBlocks(linesOf(columns, rows, picked, header));
}

function* linesOf<Rows>(
  columns: readonly Column<Rows>[],
  rows: Rows,
  picked: ArrayLike<number>,
  header: boolean,
): Generator<SafeText, void> {
  if (header) yield line(columns.map((column) => column.key));
  for (let at = 0; at < picked.length; at++) {
    yield line(columns.map((column) => column.value(rows, picked[at] as number)));
  }
}

function line(values: readonly Value[]): SafeText {
  return text`${safe(values.map(cell).join(','))}\n`;
}

/** A text that a spreadsheet would run as a formula (some take full-width signs too) gets an apostrophe before it. */
function cell(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const shown = safe(value);
  const inert = /^[=+\-@\uff0b\uff0d\uff1d\uff20]/.test(shown) ? `'${shown}` : shown;
  return /[",]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
