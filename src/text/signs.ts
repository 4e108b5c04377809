/** The signs that a terminal can show: all; letters but few others; ASCII alone. */
export type Signs = 'all' | 'letters' | 'ascii';

/** The kernel's own console reads UTF-8 in any locale, but its font has 256 or 512 signs. */
const CONSOLE = 'linux';

/** What the locale says of it, as setlocale(3) reads the environment: LC_ALL, LC_CTYPE, LANG. */
export function signsOf({ LC_ALL, LC_CTYPE, LANG, TERM }: NodeJS.ProcessEnv): Signs {
  const locale = LC_ALL || LC_CTYPE || LANG || 'C';
  if (!/utf-?8/i.test(locale)) return 'ascii';
  return TERM === CONSOLE ? 'letters' : 'all';
}
