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

/** What is in sight of a table that is wider than the screen, and how many columns lie, if only in part, beside it. */
export type Window<Sort = Sized> = { fitted: Fitted<Sort>[]; left: number; right: number };

/** What the mark of more to the right takes of the heading. */
const MARK = 2;

/**
 * The columns that fit, and from there sideways: what has no room lies to the right of what has. The first stays.
 * @param left how many columns behind the first were left behind, at most: it ends where the last one is in sight
 */
export function windowOf<Sort extends Sized>(
  columns: readonly Sort[],
  wanted: readonly number[],
  room: number,
  left: number,
): Window<Sort> {
  const all = fitColumns(columns, wanted, room);
  if (all.length === columns.length) return { fitted: all, left: 0, right: 0 };
  const first = fitColumns(columns, wanted, room - MARK);
  const kept = new Set(first.map(({ column }) => column));
  const order = [
    ...first,
    ...columns.flatMap((column, at) => (kept.has(column) ? [] : [{ column, width: wanted[at] ?? 0 }])),
  ];
  if (left <= 0) return { fitted: first, left: 0, right: order.length - first.length };
  const wide = order.map(({ column }) => ({ column, width: wanted[columns.indexOf(column)] ?? 0 }));
  for (let from = 1; ; from++) {
    const fitted = beginning([wide[0] as Fitted<Sort>, ...wide.slice(from + 1)], room - MARK);
    const last = fitted.at(-1) as Fitted<Sort>;
    // A column that is cut is not all there yet, if it could be.
    const cut = fitted.length > 2 && last.width < (wide[columns.length - 1] as Fitted<Sort>).width;
    const right = order.length - from - fitted.length || (cut ? 1 : 0);
    if (from >= left || right <= 0) return { fitted, left: from, right };
  }
}

/** As many as there is room for; the last may be cut to what it needs. At least one beside the first, however short. */
function beginning<Sort extends Sized>(columns: readonly Fitted<Sort>[], room: number): Fitted<Sort>[] {
  const fitted: Fitted<Sort>[] = [];
  let used = 0;
  for (const { column, width } of columns) {
    const rest = room - used - (fitted.length > 0 ? GAP : 0);
    const least = Math.min(width, Math.max(column.minWidth, shortest(column)));
    if (rest < least && fitted.length > 1) break;
    const given = Math.max(1, Math.min(width, rest));
    fitted.push({ column, width: given });
    used = room - rest + given;
  }
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
