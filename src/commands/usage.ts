import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { VERSION } from '../version.ts';
import { UsageError } from './exit.ts';

export { InvalidArgumentError, Option };

/** A command line with the house's manners: its own errors become {@link UsageError}, nothing exits. */
export function commandLine(name: string, summary: string): Command {
  return new Command(name)
    .description(summary)
    .version(`porttop ${VERSION}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
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
      .replace(/ is invalid\. (.*)\.$/, ' is invalid: $1')
      .replace(/\n\((Did you mean .*)\)$/, '; $1');
    throw new UsageError(`${message} (see ${command.name()} --help)`);
  }
}
