import { Box } from 'ink';
import { useRef } from 'react';
import type { Column, Tone } from '../../query/column.ts';
import type { Rows, TableRow } from '../../store/rows.ts';
import { EMPTY, join, repeat, type SafeText, text } from '../../text/safe.ts';
import { cut, fit, widthOf } from '../../text/width.ts';
import { type DrawnTable, MARGIN } from '../hit.ts';
import { Line } from '../Line.tsx';
import { scrollTo } from '../layout.ts';
import { type Painted, painted, type Theme } from '../theme.ts';
import { cellText } from './cell-text.ts';
import { type Fitted, fitColumns, GAP } from './column-widths.ts';

type Props<Facts> = {
  theme: Theme;
  columns: readonly Column<Facts>[];
  sort: { column: Column<Facts>; descending: boolean };
  rows: Rows<TableRow<Facts>>;
  /** The selected row's place; -1 while there is none. */
  selected: number;
  focused: boolean;
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
};

const MEASURED = 500;
const SPACE = text` `;
const GAP_TEXT = repeat(SPACE, GAP);

/** The live table, of sockets or of what else has columns: it draws the rows that are in sight, a line each, and keeps its columns where they are. */
export function LiveTable<Facts>(props: Props<Facts>) {
  const { theme, columns, sort, rows, selected, height, width, drawn, now } = props;
  const top = scrollTo(drawn.top, selected, height, rows.length);
  const visible = rows.slice(top, top + height);
  const widths = useWidths(columns, rows, visible, (column, row) => cellText(column, row, now));
  const fitted = fitColumns(columns, widths, width - MARGIN);
  Object.assign(drawn, { top, columns: fitted, rows: visible.map(({ identity }) => identity) });
  const empty = props.empty.slice(0, height);
  const blank = Math.max(0, height - (visible.length || empty.length));

  return (
    <Box flexDirection="column">
      <Line>{heading(theme, fitted, sort)}</Line>
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
  textOf: (column: Column<Facts>, row: TableRow<Facts>) => SafeText,
): readonly number[] {
  const kept = useRef<{ columns: readonly unknown[]; rows: unknown; widths: number[] }>({
    columns: [],
    rows: null,
    widths: [],
  });
  if (kept.current.columns !== columns) {
    kept.current = { columns, rows: null, widths: columns.map(({ title }) => widthOf(title) + 1) };
  }
  const few = rows.length <= MEASURED;
  if (few && kept.current.rows === rows) return kept.current.widths;
  kept.current.rows = rows;
  kept.current.widths = columns.map((column, index) => {
    let widest = kept.current.widths[index] as number;
    for (const row of few ? rows : visible) {
      if (widest >= column.maxWidth) break;
      widest = Math.max(widest, Math.min(column.maxWidth, widthOf(textOf(column, row))));
    }
    return widest;
  });
  return kept.current.widths;
}

function heading<Facts>(
  theme: Theme,
  fitted: readonly Fitted<Column<Facts>>[],
  sort: Props<Facts>['sort'],
): Painted {
  const titles = fitted.flatMap(({ column, width }, index) => {
    const last = index === fitted.length - 1;
    const sorted = column === sort.column;
    const title = sorted ? text`${column.title}${sort.descending ? text`▼` : text`▲`}` : column.title;
    const cell = cut(title, width);
    const room = theme.paint('plain', repeat(SPACE, width - widthOf(cell)));
    const gap = theme.paint('plain', last ? EMPTY : GAP_TEXT);
    const shown = theme.paint(sorted ? 'sorted' : 'quiet', cell);
    return column.align === 'right' ? [room, shown, gap] : [shown, room, gap];
  });
  return painted(theme.paint('plain', repeat(SPACE, MARGIN)), ...titles);
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
    cell: fit(cellText(column, row, now, cells), cells, column.align),
  }));
  const words = join(
    cells.map(({ cell }) => cell),
    GAP_TEXT,
  );
  if (selected && focused) {
    const rest = fit(text`${mark} ${words}`, width - 1);
    return painted(theme.paint('marker', text`▌`), theme.paint('selected', rest));
  }
  const start = painted(
    selected ? theme.paint('marker', text`▌`) : theme.paint('plain', text` `),
    theme.paint(row.mark ?? (row.pinned ? 'marker' : 'plain'), mark),
    theme.paint('plain', text` `),
  );
  if (row.mark === 'closed' || stale) return painted(start, theme.paint('quiet', words));
  if (selected) return painted(start, theme.paint('strong', words));
  return painted(start, ...inTones(theme, row, cells));
}

/** Neighbours of one tone are one piece: each piece costs Ink time in every frame. */
function inTones<Facts>(
  theme: Theme,
  { facts, row }: TableRow<Facts>,
  cells: readonly { column: Column<Facts>; cell: SafeText }[],
): Painted[] {
  const pieces: Painted[] = [];
  let piece = EMPTY;
  let tone: Tone = 'plain';
  for (const { column, cell } of cells) {
    const next = column.tone(facts, row);
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
