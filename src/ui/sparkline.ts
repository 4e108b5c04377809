import { STEPS } from '../store/trail.ts';
import { join, repeat, type SafeText, text } from '../text/safe.ts';
import { GLYPHS } from './glyphs.ts';

const SPACE = text` `;

/**
 * Bars for the values of a trail, from the least to the most of them, unless they are too near to each other to
 * matter. While nothing has changed as far as is known, a flat line, which says just that and stays as it is.
 */
export function sparkline(values: readonly (number | null)[]): SafeText {
  const { bars } = GLYPHS;
  const known = values.filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const flat = bars[0] ?? SPACE;
  if (least === most && known.length === values.length) return repeat(flat, STEPS);
  // A quarter of the most has to change to go from the ground to the top: 312 and 313 are the same.
  const range = Math.max(most - least, most / 4);
  const drawn = values.map((value) =>
    value === null ? SPACE : (bars[Math.round(((value - least) / range) * (bars.length - 1))] ?? flat),
  );
  return text`${repeat(SPACE, STEPS - drawn.length)}${join(drawn)}`;
}
