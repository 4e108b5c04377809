import { safe } from '../text/safe.ts';

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
