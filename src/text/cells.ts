import { eastAsianWidth } from 'get-east-asian-width';

/** What is drawn over the character before it, and vowels and finals of Hangul, which join it into one syllable. */
const JOINS = /[\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7fb]/u;

/**
 * The cells that a text takes in a terminal: of each of its code points what wcwidth(3) says, in sum, as xterm, VTE,
 * tmux and the kernel's console count. Some terminals draw what is one to a reader in fewer (a thumb with the colour
 * of its skin in two, not four); none in more. That is what matters: a line that is longer than was thought breaks,
 * and takes the screen with it.
 */
export function cellsOf(shown: string): number {
  let cells = 0;
  for (const character of shown) {
    const code = character.codePointAt(0) as number;
    // Up to there all are narrow (those of them that a terminal obeys are in no safe text).
    if (code < 0x300) cells++;
    else if (!JOINS.test(character)) cells += eastAsianWidth(code);
  }
  return cells;
}
