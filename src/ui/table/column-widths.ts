import type { Column } from '../../query/columns.ts';

export const GAP = 2;
const NARROWEST = 8;

/** The columns that fit, and the cells each gets. `wanted` is what each could use, in the columns' order. */
export function fitColumns(
  columns: readonly Column[],
  wanted: readonly number[],
  room: number,
): { column: Column; width: number }[] {
  const fitted = columns.map((column, index) => ({ column, width: wanted[index] ?? 0 }));
  const used = () => fitted.reduce((sum, { width }) => sum + width, GAP * (fitted.length - 1));
  while (used() > room) {
    const excess = used() - room;
    // First the widest gives way, as long as it stays readable; then whole columns go, the least needed first.
    const widest = fitted.reduce((a, b) =>
      b.width - b.column.title.length > a.width - a.column.title.length ? b : a,
    );
    const spare = Math.min(excess, widest.width - Math.max(NARROWEST, widest.column.title.length));
    const needless = fitted.reduce((a, b) => (b.column.sacrifice > a.column.sacrifice ? b : a));
    if (needless.column.sacrifice > 0) fitted.splice(fitted.indexOf(needless), 1);
    else if (spare > 0) widest.width -= spare;
    else break;
  }
  return fitted;
}
