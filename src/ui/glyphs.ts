import { type SafeText, text } from '../text/safe.ts';

/** The signs that the screen draws with, beside words: a terminal that has no others than ASCII needs its own. */
export type Glyphs = {
  /** A gauge's filled and empty cell. */
  full: SafeText;
  empty: SafeText;
  /** From nothing to the most, for a sparkline. */
  bars: readonly SafeText[];
  /** Behind the heading of the column that is sorted by. */
  ascending: SafeText;
  descending: SafeText;
  /** There is more to the left, to the right. */
  moreLeft: SafeText;
  moreRight: SafeText;
  /** A row of several that is open, or not; what stands in it. */
  opened: SafeText;
  folded: SafeText;
  member: SafeText;
  lastMember: SafeText;
};

export const UNICODE: Glyphs = {
  full: text`▓`,
  empty: text`░`,
  bars: [text`▁`, text`▂`, text`▃`, text`▄`, text`▅`, text`▆`, text`▇`, text`█`],
  ascending: text`▲`,
  descending: text`▼`,
  moreLeft: text`‹`,
  moreRight: text`›`,
  opened: text`▾`,
  folded: text`▸`,
  member: text`├`,
  lastMember: text`└`,
};
