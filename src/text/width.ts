import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import { EMPTY, join, repeat, type SafeText, text } from './safe.ts';

const SPACE = text` `;

const ASCII = /^[ -~]*$/;
const widths = new Map<string, number>();
const REMEMBERED = 4096;

/** The number of terminal cells that a text takes. */
export function widthOf(shown: SafeText): number {
  if (ASCII.test(shown)) return shown.length;
  let width = widths.get(shown);
  if (width === undefined) {
    width = stringWidth(shown);
    // string-width takes 40 µs for a non-ASCII text, and a screen asks for the same names every second.
    if (widths.size >= REMEMBERED) widths.clear();
    widths.set(shown, width);
  }
  return width;
}

/** The text, cut to at most `width` cells; `…` in the last one says that it was cut. */
export function cut(whole: SafeText, width: number): SafeText {
  if (width <= 0) return EMPTY;
  if (widthOf(whole) <= width) return whole;
  if (ASCII.test(whole)) return `${whole.slice(0, width - 1)}…` as SafeText;
  return cliTruncate(whole, width) as SafeText;
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
  const lines: SafeText[] = [];
  let line = '';
  let used = 0;
  for (const word of whole.split(/(?<= )/)) {
    const wordWidth = widthOf(word as SafeText);
    if (used + widthOf(word.trimEnd() as SafeText) > width && used > 0) {
      lines.push(line.trimEnd() as SafeText);
      line = '';
      used = 0;
    }
    if (wordWidth <= width) {
      line += word;
      used += wordWidth;
      continue;
    }
    for (const character of word) {
      const cells = widthOf(character as SafeText);
      if (used + cells > width) {
        lines.push(line as SafeText);
        line = '';
        used = 0;
      }
      line += character;
      used += cells;
    }
  }
  if (line !== '' || lines.length === 0) lines.push(line.trimEnd() as SafeText);
  return lines;
}
