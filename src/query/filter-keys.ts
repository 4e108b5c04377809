import { COLUMNS } from './columns.ts';

/** What may stand before a colon: the key of a column. */
export type FilterKey = keyof typeof COLUMNS;

export const FILTER_KEYS = Object.keys(COLUMNS) as readonly FilterKey[];

/** Other words for a key, for who knows them from ps and lsof. */
const ALIASES = { cmd: 'command', name: 'command', protocol: 'proto' } satisfies Record<string, FilterKey>;

/** Keys by every name they have: their own, the titles that stand above the columns, the aliases. */
const NAMED = new Map<string, FilterKey>();
for (const [name, key] of [
  ...FILTER_KEYS.map((key) => [key, key] as const),
  ...FILTER_KEYS.map((key) => [COLUMNS[key].title.toLowerCase(), key] as const),
  ...Object.entries(ALIASES),
]) {
  // Of two columns with one title the first has it.
  if (!NAMED.has(name)) NAMED.set(name, key);
}

/** The key with this name, whatever its case. */
export function keyNamed(name: string): FilterKey | undefined {
  return NAMED.get(name.toLowerCase());
}

/** The names that somebody may have meant: the nearest, if they are at most two slips away. */
export function nearestKeys(name: string): string[] {
  const names = [...NAMED.keys()];
  const slips = names.map((known) => slipsBetween(name.toLowerCase(), known));
  const fewest = Math.min(...slips);
  return fewest <= Math.min(2, name.length - 2) ? names.filter((_, at) => slips[at] === fewest) : [];
}

/** Letters put in, left out, mistaken, or swapped with the next. */
function slipsBetween(typed: string, meant: string): number {
  if (Math.abs(typed.length - meant.length) > 2) return Infinity;
  let before: number[] = [];
  let last = Array.from({ length: meant.length + 1 }, (_, at) => at);
  for (let i = 1; i <= typed.length; i++) {
    const now = [i];
    for (let j = 1; j <= meant.length; j++) {
      const [left, above, corner] = [now[j - 1], last[j], last[j - 1]] as [number, number, number];
      const slips = Math.min(left + 1, above + 1, corner + (typed[i - 1] === meant[j - 1] ? 0 : 1));
      const swapped = i > 1 && j > 1 && typed[i - 1] === meant[j - 2] && typed[i - 2] === meant[j - 1];
      now.push(swapped ? Math.min(slips, (before[j - 2] as number) + 1) : slips);
    }
    [before, last] = [last, now];
  }
  return last[meant.length] as number;
}
