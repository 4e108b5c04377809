import type { RowFacts } from '../sockets/snapshot.ts';
import { safe } from '../text/safe.ts';
import { inBlocks } from './block.ts';

/**
 * JSON that is safe to print: JSON.stringify escapes C0, and here everything else that would act on a
 * terminal or hide from a reader is `\u`-escaped too. It parses back to the same values.
 *
 * @param indent spaces a level; 0 is one line
 */
export function stringify(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(/[^\n -~]/gu, (character) =>
    safe(character) === character ? character : escaped(character),
  );
}

/** JSON knows only UTF-16 units: `\udb40\udc01`. */
function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`)
    .join('');
}

/** The picked sockets, one a line; some lines at a time. */
export function ndjson(rows: RowFacts, picked: Iterable<number>): Generator<string, void> {
  return inBlocks(objectLines(rows, picked));
}

function* objectLines(rows: RowFacts, picked: Iterable<number>): Generator<string, void> {
  for (const row of picked) yield `${stringify(rows.socket(row))}\n`;
}
