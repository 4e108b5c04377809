import { COLUMNS } from './columns.ts';

/** The keys that a filter of some kind of rows knows: what may stand before a colon. */
export class FilterKeys<Key extends string> {
  readonly all: readonly Key[];
  /** Keys by every name they have: their own, the titles that stand above the columns, the aliases. */
  readonly #named = new Map<string, Key>();

  /** `aliases`: other words for a key. */
  constructor(columns: Readonly<Record<Key, { title: string }>>, aliases: Readonly<Record<string, Key>>) {
    this.all = Object.keys(columns) as Key[];
    for (const [name, key] of [
      ...this.all.map((key) => [key, key] as const),
      ...this.all.map((key) => [columns[key].title.toLowerCase(), key] as const),
      ...Object.entries(aliases),
    ]) {
      // Of two columns with one title the first has it.
      if (!this.#named.has(name)) this.#named.set(name, key);
    }
  }

  /** The key with this name, whatever its case. */
  named(name: string): Key | undefined {
    return this.#named.get(name.toLowerCase());
  }

  /** The names that somebody may have meant: the nearest, if they are at most two slips away. */
  nearest(name: string): string[] {
    const names = [...this.#named.keys()];
    const slips = names.map((known) => slipsBetween(name.toLowerCase(), known));
    const fewest = Math.min(...slips);
    return fewest <= Math.min(2, name.length - 2) ? names.filter((_, at) => slips[at] === fewest) : [];
  }
}

/** The key of a column of sockets. */
export type SocketKey = keyof typeof COLUMNS;

/** Also words for who knows them from ps and lsof. */
export const SOCKET_KEYS = new FilterKeys<SocketKey>(COLUMNS, {
  cmd: 'command',
  name: 'command',
  protocol: 'proto',
});

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
