import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { VERSION } from '../version.ts';

/** Grep's exit codes, and one more: something matched, but the right to name its owner was missing. */
export const EXIT = { matched: 0, nothing: 1, usage: 2, noRights: 3 } as const;

/** A message for the user: what is wrong, why, and what to do. Printed as one line on stderr; exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export { InvalidArgumentError, Option };

/** A command line with the house's manners: its own errors become {@link UsageError}, nothing exits. */
export function commandLine(name: string, summary: string): Command {
  return new Command(name)
    .description(summary)
    .version(`porttop ${VERSION}`, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .configureOutput({ writeErr: () => {}, outputError: () => {} })
    .showSuggestionAfterError()
    .allowExcessArguments(false)
    .exitOverride((error) => {
      throw error;
    });
}

/**
 * Parses `args` (without `node` and the command's name), turning commander's errors into {@link UsageError}.
 * false: `--help` or `--version` was asked for and has been printed.
 */
export function parseArguments(command: Command, args: readonly string[]): boolean {
  try {
    command.parse(args, { from: 'user' });
    return true;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return false;
    const message = error.message
      .replace(/^error: /, '')
      .replaceAll(/\n\(?/g, '; ')
      .replace(/\)$/, '');
    throw new UsageError(`${message} (see ${command.name()} --help)`);
  }
}
