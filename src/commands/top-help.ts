import { defaultConfig } from '../config/print.ts';
import { EXIT } from './exit.ts';
import { parseTopOptions } from './top-options.ts';

/** What `porttop` prints instead of a screen: the help, the version, the settings; null: nothing of it was asked for. */
export async function run(args: string[]): Promise<number | null> {
  const parsed = parseTopOptions(args);
  if (parsed && !parsed.options.printConfig) return null;
  if (parsed) process.stdout.write(defaultConfig());
  return EXIT.matched;
}
