import type { Column } from '../../query/columns.ts';

export const GAP = 2;
const NARROWEST = 8;
/** Of a gauge, and of the space behind it. */
export const GAUGE = 4;
export const GAUGE_ROOM = GAUGE + 1;

/** What counts of a column, whatever its rows are. */
type Sized = Pick<Column, 'title' | 'minWidth' | 'sacrifice'> & { gauge: unknown };
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
  const drop = (needed: (column: Fitted) => number, from: number) => {
    while (sum(fitted.map(needed)) + gaps() > room) {
      const needless = fitted.reduce((a, b) => (b.column.sacrifice > a.column.sacrifice ? b : a));
      if (needless.column.sacrifice < from) break;
      fitted.splice(fitted.indexOf(needless), 1);
    }
  };
  drop(easeWithGauge, CONTEXT);
  drop(ease, BESIDES);
  drop(least, 1);
  const excess = () => sum(fitted.map(({ width }) => width)) + gaps() - room;
  narrow(fitted, excess, easeWithGauge);
  // Half a gauge is none.
  if (excess() > 0) for (const each of fitted) if (each.column.gauge) each.width = least(each);
  narrow(fitted, excess, least);
  narrow(fitted, excess, ({ column, width }) => {
    return Math.min(width, Math.max(Math.min(column.minWidth, NARROWEST), shortest(column)));
  });
  return fitted;
}

/** What is in sight of a table that is wider than the screen, and how many columns lie, if only in part, beside it. */
export type Window<Sort = Sized> = { fitted: Fitted<Sort>[]; left: number; right: number };

/** What the mark of more to the right takes of the heading, beside the arrow behind the last title. */
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
    if (rest < least({ column, width }) && fitted.length > 1) break;
    const given = Math.max(1, Math.min(width, rest));
    fitted.push({ column, width: given });
    used = room - rest + given;
  }
  return fitted;
}

/** From these sacrifices on, a column comes only where the others are at ease: the last ones, where gauges are too. */
const BESIDES = 5;
const CONTEXT = 8;
/** As wide as most of what is cut has to be to be told apart. */
const AT_EASE = 20;

function ease(fitted: Fitted): number {
  const { column, width } = fitted;
  if (column.sacrifice >= CONTEXT) return least(fitted);
  return Math.max(least(fitted), column.gauge ? 0 : Math.min(width, AT_EASE));
}

function easeWithGauge(fitted: Fitted): number {
  return fitted.column.gauge ? fitted.width : ease(fitted);
}

/** What a column needs. A gauge goes before anything of what it is drawn of does. */
function least({ column, width }: Fitted): number {
  const said = column.gauge ? width - GAUGE_ROOM : 0;
  return Math.min(width, Math.max(column.minWidth, said, shortest(column)));
}

/** The arrow behind a title stands in the gap. */
function shortest({ title }: Sized): number {
  return title.length;
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
