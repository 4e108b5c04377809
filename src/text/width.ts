import { cellsOf } from './cells.ts';
import { EMPTY, join, repeat, type SafeText, text } from './safe.ts';

const SPACE = text` `;

const ASCII = /^[ -~]*$/;

/** The number of terminal cells that a text takes. */
export function widthOf(shown: SafeText): number {
  return ASCII.test(shown) ? shown.length : cellsOf(shown);
}

/** The text, cut to at most `width` cells; `…` in the last one says that it was cut. */
export function cut(whole: SafeText, width: number): SafeText {
  if (width <= 0) return EMPTY;
  if (widthOf(whole) <= width) return whole;
  if (ASCII.test(whole)) return `${whole.slice(0, width - 1)}…` as SafeText;
  let kept = '';
  let used = 0;
  for (const character of whole) {
    used += cellsOf(character);
    if (used >= width) break;
    kept += character;
  }
  return `${kept}…` as SafeText;
}

/** The same, but its last `kept` characters, which are not what is cut; where they alone are too many, as any other. */
export function cutBefore(whole: SafeText, kept: number, width: number): SafeText {
  const end = whole.slice(whole.length - kept) as SafeText;
  const room = width - widthOf(end);
  if (widthOf(whole) <= width || room < 2) return cut(whole, width);
  return join([cut(whole.slice(0, whole.length - kept) as SafeText, room), end]);
}

export type Align = 'left' | 'right';

/** The text in exactly `width` cells: cut or padded. */
export function fit(whole: SafeText, width: number, align: Align = 'left'): SafeText {
  const shown = cut(whole, width);
  const room = repeat(SPACE, width - widthOf(shown));
  return join(align === 'right' ? [room, shown] : [shown, room]);
}

/** The text in lines of at most `width` cells, broken at spaces where there are some. */
export function wrap(whole: SafeText, width: number): SafeText[] {
  if (width < 1) return [];
  const lines: string[] = [];
  let line = '';
  let used = 0;
  const put = (piece: string, cells: number) => {
    line += piece;
    used += cells;
  };
  const end = () => {
    lines.push(line);
    line = '';
    used = 0;
  };
  // Blanks count only between words of one line: those where it breaks are dropped.
  let blanks = '';
  for (const word of whole.split(/( +)/)) {
    if (word.startsWith(' ')) {
      blanks = word;
      continue;
    }
    const cells = widthOf(word as SafeText);
    if (used > 0 && used + blanks.length + cells > width) end();
    else if (cells > 0) put(blanks, blanks.length);
    blanks = '';
    if (used + cells <= width) {
      put(word, cells);
      continue;
    }
    for (const character of word) {
      const wide = widthOf(character as SafeText);
      if (used > 0 && used + wide > width) end();
      put(character, wide);
    }
  }
  if (line !== '' || lines.length === 0) end();
  return lines as SafeText[];
}
