import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { VERSION } from '../version.ts';
import { EXIT, EXIT_MEANINGS, UsageError } from './exit.ts';

export { type Command, InvalidArgumentError, Option };

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

/** The value of an option, which may not be empty. */
export function word(what: string): (text: string) => string {
  return (text) => {
    if (text === '') throw new InvalidArgumentError(`a ${what} is missing.`);
    return text;
  };
}

/** Words with commas between them, or given again and again; none may be empty. */
export function severalOf(what: string): (text: string, before?: readonly string[]) => readonly string[] {
  return (text, before = []) => [...before, ...text.split(',').map(word(what))];
}

/** What one may type, and what it is for where that does not go without saying. */
export type Example = readonly [typed: string, meaning?: string];

/** What stands under the options: examples, and the statuses that the command can end with. */
export function afterOptions(examples: readonly Example[], statuses: readonly (keyof typeof EXIT)[]): string {
  const longest = Math.max(...examples.map(([typed, meaning]) => (meaning === undefined ? 0 : typed.length)));
  const sections = [
    [
      'Examples:',
      ...examples.map(([typed, meaning = '']) => `${typed.padEnd(longest)}  ${meaning}`.trimEnd()),
    ],
    ['Exit status:', ...statuses.map((name) => `${EXIT[name]}  ${EXIT_MEANINGS[name]}`)],
  ].filter(({ length }) => length > 1);
  return sections.map((lines) => `\n${lines.join('\n  ')}`).join('\n');
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
