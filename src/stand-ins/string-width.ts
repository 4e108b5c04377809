declare const require: (name: string) => typeof import('string-width');

/** Characters of one cell each, whatever stands beside them: ASCII, Latin, arrows, box drawing, blocks. */
const NARROW =
  /^[ -~\u00a1-\u00a8\u00aa-\u00ac\u00af-\u02ff\u2010-\u2027\u2030-\u203b\u203e-\u2048\u2190-\u2193\u2500-\u259f\u25b2\u25b8\u25bc]*$/;
const COLOURS = /\x1b\[[\d;]*m/g;

/**
 * Stands in for string-width, which compiles the pattern of all emoji before it measures anything: 20 ms of
 * the start. It is loaded for the first text that has any other character than these narrow ones.
 */
export default function stringWidth(text: string, options?: object): number {
  if (typeof text === 'string') {
    const plain = text.includes('\x1b') ? text.replace(COLOURS, '') : text;
    if (NARROW.test(plain)) return plain.length;
  }
  return require('string-width').default(text, options);
}
