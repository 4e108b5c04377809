import type { Column, Tone } from '../query/column.ts';
import { EMPTY, join, repeat, type SafeText, text } from '../text/safe.ts';
import { widthOf } from '../text/width.ts';
import { BLOCK } from './block.ts';
import { inTone } from './tones.ts';

const GAP = text`  `;
const LINE_END = text`\n`;

type Options = {
  header: boolean;
  /** For a terminal: what a cell means is shown by its colour. */
  colour?: boolean;
  /** In ms since the epoch, for ages. */
  now: number;
};

/**
 * The picked rows as aligned lines, nothing cut; the last column is not padded. Some lines at a time, each with
 * its end.
 */
export function* table<Rows>(
  columns: readonly Column<Rows>[],
  rows: Rows,
  picked: ArrayLike<number>,
  { header, colour = false, now }: Options,
): Generator<SafeText, void> {
  const fitted = columns.map((column) => fit(column, rows, picked, { header, now }));
  const headings = header ? 1 : 0;
  const toneOf = (line: number, column: Column<Rows>): Tone =>
    line < headings ? 'quiet' : column.tone(rows, picked[line - headings] as number);
  const lines = picked.length + headings;
  const pieces: SafeText[] = [];
  for (let line = 0; line < lines; line++) {
    for (let at = 0; at < fitted.length; at++) {
      const { cells, widths, blanks, widest, right } = fitted[at] as Fitted;
      const text = cells[line] as SafeText;
      const cell = colour ? inTone(toneOf(line, columns[at] as Column<Rows>), text) : text;
      const last = at === fitted.length - 1;
      const room = widest - (widths[line] as number);
      if (right) pieces.push(blanks[room] as SafeText, cell, last ? EMPTY : GAP);
      else if (last) pieces.push(cell);
      else pieces.push(cell, blanks[room + GAP.length] as SafeText);
    }
    pieces.push(LINE_END);
    if (line % BLOCK === BLOCK - 1) yield join(pieces.splice(0));
  }
  if (pieces.length > 0) yield join(pieces);
}

/** A column's cells, and blanks of every length that may stand beside one. */
type Fitted = {
  cells: readonly SafeText[];
  widths: Uint32Array;
  widest: number;
  blanks: readonly SafeText[];
  right: boolean;
};

function fit<Rows>(
  column: Column<Rows>,
  rows: Rows,
  picked: ArrayLike<number>,
  { header, now }: Options,
): Fitted {
  const cells = header ? [column.title] : [];
  for (let at = 0; at < picked.length; at++) cells.push(column.text(rows, picked[at] as number, now));
  const widths = new Uint32Array(cells.length);
  let widest = 0;
  for (let line = 0; line < cells.length; line++) {
    const width = widthOf(cells[line] as SafeText);
    widths[line] = width;
    if (width > widest) widest = width;
  }
  const blanks = Array.from({ length: widest + GAP.length + 1 }, (_, cells) => repeat(text` `, cells));
  return { cells, widths, widest, blanks, right: column.align === 'right' };
}
