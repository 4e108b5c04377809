import type { Column, Value } from '../query/columns.ts';
import type { RowFacts } from '../sockets/snapshot.ts';
import { join, type SafeText, safe, text } from '../text/safe.ts';
import { BLOCK } from './block.ts';

/**
 * The picked rows as CSV (RFC 4180, but LF ends a line): the columns' keys, then their bare facts. Some lines at
 * a time, each with its end.
 */
export function* csv(
  columns: readonly Column[],
  rows: RowFacts,
  picked: ArrayLike<number>,
  header: boolean,
): Generator<SafeText, void> {
  if (header) yield line(columns.map((column) => column.key));
  const lines: SafeText[] = [];
  for (let at = 0; at < picked.length; at++) {
    lines.push(line(columns.map((column) => column.value(rows, picked[at] as number))));
    if (lines.length === BLOCK) yield join(lines.splice(0));
  }
  if (lines.length > 0) yield join(lines);
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
