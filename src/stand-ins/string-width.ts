import { cellsOf } from '../text/cells.ts';

/** Colours, and what else takes no room: the ends of lines. */
const NO_CELLS = /\x1b\[[\d;]*m|[\x00-\x1f]/g;

/**
 * Stands in for string-width, with which Ink measures what it lays out: that counts what is one to a reader, and
 * compiles the pattern of all emoji for it, 20 ms of the start. Both have to count alike, and as a terminal does.
 */
export default function stringWidth(text: string): number {
  return cellsOf(text.replace(NO_CELLS, ''));
}
