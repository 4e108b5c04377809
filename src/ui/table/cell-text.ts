import type { Column, Tone } from '../../query/column.ts';
import { gaugeTogether, textTogether, toneTogether } from '../../query/together.ts';
import { NOBODY_KNOWS_WHEN } from '../../store/lifecycle.ts';
import type { TableRow } from '../../store/rows.ts';
import { type SafeText, text } from '../../text/safe.ts';
import { age, ago } from '../../text/units.ts';
import { cutBefore, widthOf } from '../../text/width.ts';

/** While it is watched, the seconds count; what closed long ago and stays is not drawn anew each second. */
const COUNTED = 10_000;

/** What a cell says; where what is gone is told in it, in so many cells. */
export function cellText<Facts>(
  column: Column<Facts>,
  row: TableRow<Facts>,
  now: number,
  cells = Infinity,
): SafeText {
  // What is still looked for is not known, whatever the facts say until then.
  if (row.pending.includes(column.key)) return text`…`;
  if (row.closedAt === null || column.gone === null) {
    // Of what is gone, nothing grows older.
    const at = row.closedAt ?? now;
    const said = row.members ? textTogether(column, row.members, at) : column.text(row.facts, row.row, at);
    const port = column.endsInPort ? PORT.exec(said) : null;
    return port ? cutBefore(said, port[0].length, cells) : said;
  }
  if (row.closedAt === NOBODY_KNOWS_WHEN) return column.gone;
  const passed = now - row.closedAt;
  const since = passed < COUNTED ? ago(passed) : age(passed);
  const whole = text`${column.gone} ${since}`;
  return widthOf(whole) <= cells ? whole : text`-${since}`;
}

const PORT = /:\d+$/;

/** Cells for what it says, and may come to say. */
export function cellRoom<Facts>(column: Column<Facts>, row: TableRow<Facts>, now: number): number {
  const places = row.members ?? [row];
  const { most, gone } = column;
  const widest = most ? places.map((place) => widthOf(most(place.facts, place.row))) : [];
  if (gone !== null) widest.push(widthOf(text`${gone} ${ago(COUNTED - 1)}`));
  return Math.max(widthOf(cellText(column, row, now)), ...widest);
}

export function cellTone<Facts>(column: Column<Facts>, row: TableRow<Facts>): Tone {
  return row.members ? toneTogether(column, row.members) : column.tone(row.facts, row.row);
}

/** How full what the cell tells of is, from 0 to 1; null: that is no matter there, or not known. */
export function cellGauge<Facts>(column: Column<Facts>, row: TableRow<Facts>): number | null {
  if (row.members) return gaugeTogether(column, row.members);
  return column.gauge?.(row.facts, row.row) ?? null;
}
