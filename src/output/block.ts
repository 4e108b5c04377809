/** How many lines are printed at once: of a hundred thousand, not all are in memory as text. */
export const BLOCK = 512;
