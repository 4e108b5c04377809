import type { Column } from '../../query/column.ts';
import { NOBODY_KNOWS_WHEN } from '../../store/lifecycle.ts';
import type { TableRow } from '../../store/rows.ts';
import { type SafeText, text } from '../../text/safe.ts';
import { age, ago } from '../../text/units.ts';
import { widthOf } from '../../text/width.ts';

/** While it is watched, the seconds count; what closed long ago and stays is not drawn anew each second. */
const COUNTED = 10_000;

/** What a cell says; where what is gone is told in it, in so many cells. */
export function cellText<Facts>(
  column: Column<Facts>,
  row: TableRow<Facts>,
  now: number,
  cells = Infinity,
): SafeText {
  if (row.pending.includes(column.key)) return text`…`;
  if (row.closedAt === null) return column.text(row.facts, row.row, now);
  // Of what is gone, nothing grows older.
  if (column.gone === null) return column.text(row.facts, row.row, row.closedAt);
  if (row.closedAt === NOBODY_KNOWS_WHEN) return column.gone;
  const passed = now - row.closedAt;
  const since = passed < COUNTED ? ago(passed) : age(passed);
  const whole = text`${column.gone} ${since}`;
  return widthOf(whole) <= cells ? whole : text`-${since}`;
}
