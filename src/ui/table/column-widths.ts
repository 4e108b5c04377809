import type { Column } from '../../query/columns.ts';

export const GAP = 2;
const NARROWEST = 8;

/** What counts of a column, whatever its rows are. */
type Sized = Pick<Column, 'title' | 'minWidth' | 'sacrifice'>;
export type Fitted<Sort = Sized> = { column: Sort; width: number };

/**
 * The columns that fit, and the cells each gets. `wanted` is what each could use, in the columns' order.
 * Where room is short, wide columns give what they can spare; where that is not enough, whole columns go, the
 * least needed first; at last those that must stay are cut.
 */
export function fitColumns<Sort extends Sized>(
  columns: readonly Sort[],
  wanted: readonly number[],
  room: number,
): Fitted<Sort>[] {
  const fitted = columns.map((column, index) => ({ column, width: wanted[index] ?? 0 }));
  const gaps = () => GAP * (fitted.length - 1);
  const least = ({ column, width }: Fitted) => Math.min(width, Math.max(column.minWidth, shortest(column)));
  while (sum(fitted.map(least)) + gaps() > room) {
    const needless = fitted.reduce((a, b) => (b.column.sacrifice > a.column.sacrifice ? b : a));
    if (needless.column.sacrifice === 0) break;
    fitted.splice(fitted.indexOf(needless), 1);
  }
  const excess = () => sum(fitted.map(({ width }) => width)) + gaps() - room;
  narrow(fitted, excess, least);
  narrow(fitted, excess, ({ column, width }) => {
    return Math.min(width, Math.max(Math.min(column.minWidth, NARROWEST), shortest(column)));
  });
  return fitted;
}

/** The title, and the arrow that may stand behind it. */
function shortest({ title }: Sized): number {
  return title.length + 1;
}

/** Takes cells from whichever column has most to spare, until nothing is in excess or none has any. */
function narrow(fitted: readonly Fitted[], excess: () => number, least: (column: Fitted) => number): void {
  while (excess() > 0) {
    const widest = fitted.reduce((a, b) => (b.width - least(b) > a.width - least(a) ? b : a));
    const spare = widest.width - least(widest);
    if (spare <= 0) return;
    widest.width -= Math.min(excess(), spare);
  }
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, 0);
}
