import type { Tone } from '../query/columns.ts';
import type { SafeText } from '../text/safe.ts';

/** What begins and ends each tone on a terminal (SGR, ECMA-48): the screen's own. */
const STYLES: Record<Tone, readonly [number, number] | null> = {
  plain: null,
  strong: [1, 22],
  accent: [36, 39],
  quiet: [2, 22],
  warning: [33, 39],
  danger: [31, 39],
};

/** Safe text, or that with colours of our own. */
export function inTone(tone: Tone, text: SafeText): SafeText {
  const style = STYLES[tone];
  return style === null || text === '' ? text : (`\x1b[${style[0]}m${text}\x1b[${style[1]}m` as SafeText);
}
