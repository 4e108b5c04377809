import type { SafeText } from '../text/safe.ts';
import type { Signs } from '../text/signs.ts';
import { widthOf } from '../text/width.ts';

/** Every sign that the program draws with or writes, and one as wide to stand for it. */
const STAND_INS: Readonly<Record<string, string>> = {
  '▌': '>',
  '▸': '>',
  '▾': 'v',
  '▴': '^',
  '▲': '^',
  '▼': 'v',
  '◂': '<',
  '‹': '<',
  '›': '>',
  '«': '<',
  '»': '>',
  '←': '<',
  '→': '>',
  '↑': '^',
  '↓': 'v',
  '…': '~',
  '–': '-',
  '—': '-',
  '−': '-',
  '×': 'x',
  '·': '.',
  '•': '*',
  '●': '*',
  '○': 'o',
  '◆': '*',
  '★': '*',
  '✓': '+',
  '✗': 'x',
  '⚠': '!',
  '─': '-',
  '│': '|',
  '┌': '+',
  '┐': '+',
  '└': '+',
  '┘': '+',
  '├': '|',
  '┤': '|',
  '┬': '+',
  '┴': '+',
  '┼': '+',
  '░': '.',
  '▒': ':',
  '▓': '#',
  '▁': '_',
  '▂': '.',
  '▃': '-',
  '▄': ':',
  '▅': '=',
  '▆': '+',
  '▇': '*',
  '█': '#',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '≤': '<',
  '≥': '>',
  '≠': '#',
  µ: 'u',
};

const OURS = Object.keys(STAND_INS).join('');
const OUR_SIGNS = new RegExp(`[${OURS}]`, 'gu');
const BEYOND_ASCII = new RegExp(`[${OURS}]|[^ -~${OURS}]+`, 'gu');

/**
 * The text in the signs that a terminal has, in as many cells: where it has ASCII alone, what is not the
 * program's own becomes `?`.
 */
export function inSigns(signs: Signs, shown: SafeText): SafeText {
  if (signs === 'all') return shown;
  return shown.replaceAll(
    signs === 'ascii' ? BEYOND_ASCII : OUR_SIGNS,
    (found) => STAND_INS[found] ?? '?'.repeat(widthOf(found as SafeText)),
  ) as SafeText;
}
