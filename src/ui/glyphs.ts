import { text } from '../text/safe.ts';

/** Signs that the screen draws with; what stands for them where a terminal has no such is in ascii.ts. */
export const GLYPHS = {
  /** A gauge's filled and empty cell. */
  full: text`▓`,
  empty: text`░`,
  /** From nothing to the most, for a sparkline. */
  bars: [text`▁`, text`▂`, text`▃`, text`▄`, text`▅`, text`▆`, text`▇`, text`█`],
  /** Behind the heading of the column that is sorted by. */
  ascending: text`▲`,
  descending: text`▼`,
  /** There is more to the left, to the right. */
  moreLeft: text`‹`,
  moreRight: text`›`,
  /** A row of several that is open, or not; what stands in it. */
  opened: text`▾`,
  folded: text`▸`,
  member: text`├`,
  lastMember: text`└`,
};
