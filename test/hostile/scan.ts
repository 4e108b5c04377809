import { expect } from 'vitest';
import type { Result } from '../helpers/namespace.ts';

/** What acts on a terminal or hides from a reader, by ranges: no code under test is asked. A newline is no harm. */
const ACTS = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;
const HIDES = /[\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\ufe00-\ufe0f]/;

/** What is wrong with bytes that a command wrote; null: nothing in them acts on a terminal or hides. */
export function wrongIn(bytes: Buffer): string | null {
  const written = bytes.toString('utf8');
  if (!Buffer.from(written).equals(bytes)) return 'it is no UTF-8';
  return wrongInText(written);
}

function wrongInText(written: string): string | null {
  const found = ACTS.exec(written) ?? HIDES.exec(written);
  if (!found) return null;
  const code = (found[0].codePointAt(0) as number).toString(16);
  return `U+${code} in ${JSON.stringify(written.slice(Math.max(0, found.index - 30), found.index + 30))}`;
}

/**
 * All that the screen itself uses: moves of the cursor, erasing, colours and attributes; its modes (cursor, alternate
 * screen, pasting, synchronized output, the mouse).
 */
const OWN = /\x1b\[(?:[\d;]*[ABCDEFGHJKm]|\?(?:25|1000|1002|1003|1006|1049|2004|2026)[hl])|\r?\n|\r/g;

/** The same of what the screen wrote to its terminal. */
export function wrongOnScreen(written: string): string | null {
  return wrongInText(written.replace(OWN, ''));
}

/** The cells of CSV (RFC 4180), line by line. */
export function cellsOfCsv(csv: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, quoted, bare = '', end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/g)) {
    lines.at(-1)?.push(quoted?.replaceAll('""', '"') ?? bare);
    if (end === '\n') lines.push([]);
  }
  return lines.filter((line) => line.length > 1);
}

/** What was printed by what ended well, and does nothing to a terminal. */
export function harmlessly({ code, stdout, stderr }: Result): string {
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(wrongIn(Buffer.from(stdout))).toBeNull();
  return stdout;
}
