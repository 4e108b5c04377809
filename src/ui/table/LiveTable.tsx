import { Box } from 'ink';
import { useEffect, useRef } from 'react';
import type { Column, Tone } from '../../query/column.ts';
import type { Fold, Rows, TableRow } from '../../store/rows.ts';
import type { InSight } from '../../store/state.ts';
import { EMPTY, join, repeat, type SafeText, text } from '../../text/safe.ts';
import { cut, fit, widthOf } from '../../text/width.ts';
import { GLYPHS } from '../glyphs.ts';
import { type DrawnTable, MARGIN } from '../hit.ts';
import { Line } from '../Line.tsx';
import { scrollTo } from '../layout.ts';
import { type Painted, painted, type Theme } from '../theme.ts';
import { cellGauge, cellText, cellTone } from './cell-text.ts';
import { type Fitted, GAP, type Window, windowOf } from './column-widths.ts';

type Props<Facts> = {
  theme: Theme;
  columns: readonly Column<Facts>[];
  sort: { column: Column<Facts>; descending: boolean };
  rows: Rows<TableRow<Facts>>;
  /** The selected row's place; -1 while there is none. */
  selected: number;
  focused: boolean;
  /** How many columns behind the first are left of the screen. */
  left: number;
  /** Of these columns the cells are not of now: how old they are, behind their title. */
  old: ReadonlyMap<string, SafeText>;
  width: number;
  height: number;
  /** Where it is scrolled to; it writes here what it drew. */
  drawn: DrawnTable;
  /** Milliseconds since the epoch, for ages. */
  now: number;
  /** They could not be read again: what is shown was so once. */
  stale: boolean;
  /** What to say where there are no rows, a line each. */
  empty: readonly Painted[];
  /** Hears what there was room for, when that is another than before. */
  onFitted(inSight: InSight, left: number): void;
};

const MEASURED = 500;
/** Cells of a gauge. */
const GAUGE = 4;
const SPACE = text` `;
const GAP_TEXT = repeat(SPACE, GAP);

/** The live table, of sockets or of what else has columns: it draws the rows that are in sight, a line each, and keeps its columns where they are. */
export function LiveTable<Facts>(props: Props<Facts>) {
  const { theme, columns, sort, rows, selected, height, width, drawn, now } = props;
  const top = scrollTo(drawn.top, selected, height, rows.length);
  const visible = rows.slice(top, top + height);
  const used = useWidths(columns, rows, visible, (column, row) => cellWidth(column, row, now));
  const widths = used.map((cells, at) => {
    const column = columns[at] as Column<Facts>;
    return Math.max(cells, widthOf(column.title) + Math.max(1, widthOf(props.old.get(column.key) ?? EMPTY)));
  });
  const inSight = windowOf(columns, widths, width - MARGIN, props.left);
  const { fitted, left, right } = inSight;
  const keys = fitted.map(({ column }) => column.key);
  useEffect(() => props.onFitted({ columns: keys, right }, left), [keys.join(), left, right]);
  Object.assign(drawn, { top, columns: fitted, rows: visible.map(({ identity }) => identity) });
  const empty = props.empty.slice(0, height);
  const blank = Math.max(0, height - (visible.length || empty.length));

  return (
    <Box flexDirection="column">
      <Line>{heading(theme, inSight, sort, width, props.old)}</Line>
      {visible.map((row, index) => (
        // By place, not by identity: scrolling then changes lines instead of making them anew.
        <Line key={index}>{rowLine(row, fitted, top + index === selected, props)}</Line>
      ))}
      {visible.length === 0 && empty.map((line, index) => <Line key={index}>{line}</Line>)}
      <Box height={blank} />
    </Box>
  );
}

/**
 * What each column could use: for all rows, or, of very many, for those that were in sight. It only grows
 * while the columns stay the same, so that nothing wobbles.
 */
function useWidths<Facts>(
  columns: readonly Column<Facts>[],
  rows: Rows<TableRow<Facts>>,
  visible: readonly TableRow<Facts>[],
  cellsOf: (column: Column<Facts>, row: TableRow<Facts>) => number,
): readonly number[] {
  const kept = useRef<{ columns: readonly unknown[]; rows: unknown; widths: number[] }>({
    columns: [],
    rows: null,
    widths: [],
  });
  if (kept.current.columns !== columns) {
    kept.current = { columns, rows: null, widths: columns.map(() => 0) };
  }
  const few = rows.length <= MEASURED;
  if (few && kept.current.rows === rows) return kept.current.widths;
  kept.current.rows = rows;
  kept.current.widths = columns.map((column, index) => {
    let widest = kept.current.widths[index] as number;
    for (const row of few ? rows : visible) {
      const most = column.maxWidth + (column.gauge ? GAUGE + 1 : 0);
      if (widest >= most) break;
      widest = Math.max(widest, Math.min(most, cellsOf(column, row)));
    }
    return widest;
  });
  return kept.current.widths;
}

function heading<Facts>(
  theme: Theme,
  { fitted, left, right }: Window<Column<Facts>>,
  sort: Props<Facts>['sort'],
  whole: number,
  old: Props<Facts>['old'],
): Painted {
  const titles = fitted.flatMap(({ column, width }, index) => {
    const last = index === fitted.length - 1;
    const sorted = column === sort.column;
    const title = sorted
      ? text`${column.title}${sort.descending ? GLYPHS.descending : GLYPHS.ascending}`
      : text`${column.title}${old.get(column.key) ?? EMPTY}`;
    const cell = cut(title, width);
    const room = theme.paint('plain', repeat(SPACE, width - widthOf(cell)));
    const beside = index === 0 && left > 0;
    const gap = beside
      ? theme.paint('key', fit(GLYPHS.moreLeft, GAP))
      : theme.paint('plain', last ? EMPTY : GAP_TEXT);
    const shown = theme.paint(sorted ? 'sorted' : 'quiet', cell);
    return column.align === 'right' ? [room, shown, gap] : [shown, room, gap];
  });
  const used = fitted.reduce((cells, { width }) => cells + width, MARGIN + GAP * (fitted.length - 1));
  const more = right > 0 ? [theme.paint('key', fit(GLYPHS.moreRight, whole - used, 'right'))] : [];
  return painted(theme.paint('plain', repeat(SPACE, MARGIN)), ...titles, ...more);
}

function rowLine<Facts>(
  row: TableRow<Facts>,
  fitted: readonly Fitted<Column<Facts>>[],
  selected: boolean,
  props: Props<Facts>,
): Painted {
  const { theme, focused, stale, width, now } = props;
  const mark = markOf(row);
  const cells = fitted.map(({ column, width: cells }) => ({
    column,
    cell: cellOf(column, row, cells, now),
  }));
  const words = join(
    cells.map(({ cell }) => cell),
    GAP_TEXT,
  );
  if (selected && focused) {
    const rest = fit(text`${mark}${foldMark(row.fold)} ${words}`, width - 1);
    return painted(theme.paint('marker', text`▌`), theme.paint('selected', rest));
  }
  const start = painted(
    selected ? theme.paint('marker', text`▌`) : theme.paint('plain', text` `),
    theme.paint(row.mark ?? (row.pinned ? 'marker' : 'plain'), mark),
    theme.paint(row.fold === 'alone' ? 'plain' : 'quiet', text`${foldMark(row.fold)} `),
  );
  if (row.closedAt !== null || stale) return painted(start, theme.paint('quiet', words));
  if (selected) return painted(start, theme.paint('strong', words));
  return painted(start, ...inTones(theme, row, cells, props.old));
}

/** Neighbours of one tone are one piece: each piece costs Ink time in every frame. */
function inTones<Facts>(
  theme: Theme,
  row: TableRow<Facts>,
  cells: readonly { column: Column<Facts>; cell: SafeText }[],
  old: Props<Facts>['old'],
): Painted[] {
  const pieces: Painted[] = [];
  let piece = EMPTY;
  let tone: Tone = 'plain';
  for (const { column, cell } of cells) {
    const next = old.has(column.key) ? 'quiet' : cellTone(column, row);
    if (piece !== EMPTY) {
      piece = text`${piece}${GAP_TEXT}`;
      if (next !== tone) {
        pieces.push(theme.paint(tone, piece));
        piece = EMPTY;
      }
    }
    tone = next;
    piece = text`${piece}${cell}`;
  }
  pieces.push(theme.paint(tone, piece));
  return pieces;
}

function markOf({ mark, pinned }: Pick<TableRow<unknown>, 'mark' | 'pinned'>): SafeText {
  if (mark) return mark === 'opened' ? text`+` : text`-`;
  return pinned ? text`·` : text` `;
}

function cellWidth<Facts>(column: Column<Facts>, row: TableRow<Facts>, now: number): number {
  const gauge = cellGauge(column, row) === null ? 0 : GAUGE + 1;
  return gauge + widthOf(cellText(column, row, now));
}

/** Its text in so many cells; before it, where there is room, how full it is. */
function cellOf<Facts>(column: Column<Facts>, row: TableRow<Facts>, cells: number, now: number): SafeText {
  const said = cellText(column, row, now, cells);
  const share = cellGauge(column, row);
  if (share === null || widthOf(said) + GAUGE + 1 > cells) return fit(said, cells, column.align);
  return text`${gauge(share)} ${fit(said, cells - GAUGE - 1, column.align)}`;
}

/** Empty only where nothing is in, and full only where nothing goes in. */
function gauge(share: number): SafeText {
  const filled = share >= 1 ? GAUGE : Math.min(GAUGE - 1, Math.ceil(share * GAUGE));
  return text`${repeat(GLYPHS.full, filled)}${repeat(GLYPHS.empty, GAUGE - filled)}`;
}

function foldMark(fold: Fold): SafeText {
  switch (fold) {
    case 'alone':
      return SPACE;
    case 'folded':
      return GLYPHS.folded;
    case 'first':
      return GLYPHS.opened;
    case 'inner':
      return GLYPHS.member;
    case 'last':
      return GLYPHS.lastMember;
  }
}
