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
import { type Painted, painted, type Theme, type Token } from '../theme.ts';
import { cellGauge, cellRoom, cellText, cellTone } from './cell-text.ts';
import { type Fitted, GAP, GAUGE, GAUGE_ROOM, type Window, windowOf } from './column-widths.ts';

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
  /** The columns whose cells are not of now. */
  old: ReadonlySet<string>;
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
const SPACE = text` `;
const GAP_TEXT = repeat(SPACE, GAP);

/** The live table, of sockets or of what else has columns: it draws the rows that are in sight, a line each, and keeps its columns where they are. */
export function LiveTable<Facts>(props: Props<Facts>) {
  const { theme, columns, sort, rows, selected, height, width, drawn, now } = props;
  const top = scrollTo(drawn.top, selected, height, rows.length);
  const visible = rows.slice(top, top + height);
  const used = useWidths(columns, rows, visible, (column, row) => cellWidth(column, row, now));
  const widths = used.map((cells, at) => Math.max(cells, widthOf((columns[at] as Column<Facts>).title)));
  const inSight = windowOf(columns, widths, width - MARGIN - edgeOf(columns, widths), props.left);
  const { fitted, left, right } = inSight;
  const roomy = new Set(
    fitted
      .filter(({ column, width }) => width >= (widths[columns.indexOf(column)] ?? 0))
      .map(({ column }) => column),
  );
  const unseen = columns.filter((column) => column.amount && !fitted.some((each) => each.column === column));
  const keys = fitted.map(({ column }) => column.key);
  useEffect(() => props.onFitted({ columns: keys, right }, left), [keys.join(), left, right]);
  Object.assign(drawn, { top, columns: fitted, rows: visible.map(({ identity }) => identity) });
  const empty = props.empty.slice(0, height);
  const blank = Math.max(0, height - (visible.length || empty.length));

  return (
    <Box flexDirection="column">
      <Line>{heading(theme, inSight, sort, width)}</Line>
      {visible.map((row, index) => (
        // By place, not by identity: scrolling then changes lines instead of making them anew.
        <Line key={index}>{rowLine(row, { fitted, unseen, roomy }, top + index === selected, props)}</Line>
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
      const most = column.maxWidth + (column.gauge ? GAUGE_ROOM : 0);
      if (widest >= most) break;
      widest = Math.max(widest, Math.min(most, cellsOf(column, row)));
    }
    return widest;
  });
  return kept.current.widths;
}

/** Right of the last column there is room for the arrow behind its title. */
function edgeOf<Facts>(columns: readonly Column<Facts>[], widths: readonly number[]): number {
  const last = columns.at(-1);
  return last?.align === 'left' && (widths.at(-1) ?? 0) > widthOf(last.title) ? 0 : 1;
}

/** The titles, each where its column has its words or numbers; the arrow behind the one that is sorted by moves none. */
function heading<Facts>(
  theme: Theme,
  { fitted, left, right }: Window<Column<Facts>>,
  sort: Props<Facts>['sort'],
  whole: number,
): Painted {
  let used = MARGIN;
  const titles = fitted.flatMap(({ column, width }, index) => {
    const sorted = column === sort.column;
    const title = cut(column.title, width);
    const shown = sorted ? text`${title}${sort.descending ? GLYPHS.descending : GLYPHS.ascending}` : title;
    const before = column.align === 'right' ? width - widthOf(title) : 0;
    const behind = width + GAP - before - widthOf(shown);
    used += before + widthOf(shown);
    const parts = [
      theme.paint('plain', repeat(SPACE, before)),
      theme.paint(sorted ? 'sorted' : 'quiet', shown),
    ];
    if (index === fitted.length - 1) return parts;
    used += behind;
    const beside = index === 0 && left > 0;
    const gap = beside ? fit(GLYPHS.moreLeft, behind, 'right') : repeat(SPACE, behind);
    return [...parts, theme.paint(beside ? 'key' : 'plain', gap)];
  });
  const more = right > 0 ? [theme.paint('key', fit(GLYPHS.moreRight, whole - used, 'right'))] : [];
  return painted(theme.paint('plain', repeat(SPACE, MARGIN)), ...titles, ...more);
}

/** Those in sight; of them, those that are as wide as they could be; and those beside the screen that tell how much. */
type Columns<Facts> = {
  fitted: readonly Fitted<Column<Facts>>[];
  roomy: ReadonlySet<Column<Facts>>;
  unseen: readonly Column<Facts>[];
};

function rowLine<Facts>(
  row: TableRow<Facts>,
  { fitted, unseen, roomy }: Columns<Facts>,
  selected: boolean,
  props: Props<Facts>,
): Painted {
  const { theme, focused, stale, width, now } = props;
  const { mark, token } = markOf(row, unseen);
  const cells = fitted.map(({ column, width: cells }) => ({
    column,
    cell: cellOf(column, row, cells, roomy.has(column), now),
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
    theme.paint(token, mark),
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

const ALARMS: readonly Tone[] = ['danger', 'warning'];

/** What came or went; what a column that has no room warns of; what is pinned. */
function markOf<Facts>(
  row: TableRow<Facts>,
  unseen: readonly Column<Facts>[],
): { mark: SafeText; token: Token } {
  if (row.mark) return { mark: row.mark === 'opened' ? text`+` : text`-`, token: row.mark };
  const tones = row.closedAt === null ? unseen.map((column) => cellTone(column, row)) : [];
  const alarm = ALARMS.find((tone) => tones.includes(tone));
  if (alarm) return { mark: text`!`, token: alarm };
  return row.pinned ? { mark: text`·`, token: 'marker' } : { mark: SPACE, token: 'plain' };
}

function cellWidth<Facts>(column: Column<Facts>, row: TableRow<Facts>, now: number): number {
  const gauge = cellGauge(column, row) === null ? 0 : GAUGE_ROOM;
  return gauge + cellRoom(column, row, now);
}

/** Its text in so many cells; before it, where its column is as wide as it could be, how full it is. */
function cellOf<Facts>(
  column: Column<Facts>,
  row: TableRow<Facts>,
  cells: number,
  roomy: boolean,
  now: number,
): SafeText {
  const said = cellText(column, row, now, cells);
  const share = roomy ? cellGauge(column, row) : null;
  if (share === null) return fit(said, cells, column.align);
  return text`${gauge(share)} ${fit(said, cells - GAUGE_ROOM, column.align)}`;
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
