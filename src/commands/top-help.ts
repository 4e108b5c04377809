import { EXIT } from './exit.ts';
import { parseTopOptions } from './top-options.ts';

/** `porttop --help` and `porttop --version`, for which no screen is loaded; null: neither was asked for. */
export async function run(args: string[]): Promise<number | null> {
  return parseTopOptions(args) ? null : EXIT.matched;
}
