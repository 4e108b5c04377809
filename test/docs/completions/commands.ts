import type { Option } from 'commander';
import { COMMANDS, optionsOf } from '../commands.ts';
import { argumentValues, type Values, valuesOf } from '../values.ts';

/** Stands first in each script. */
export const MADE = '# Made by test/docs/write.ts (npm run docs), of what --help is made of.';

/** An option as a shell completes it; the flags without their dashes. */
export type CompletedOption = {
  short: string | null;
  long: string | null;
  description: string;
  /** What has to follow, or may; null: nothing. */
  values: Values | null;
  optional: boolean;
  /** What its help calls the value: `STATE,...`. */
  valueName: string;
};

export type CompletedCommand = {
  word: string;
  description: string;
  options: readonly CompletedOption[];
  /** Of the last there can be several. */
  arguments: readonly { name: string; values: Values }[];
};

/** Every command, the screen (whose word is empty) among them. */
export const COMPLETED: readonly CompletedCommand[] = COMMANDS.map((command) => ({
  word: command.word,
  description: command.line.description(),
  options: optionsOf(command).map((option) => ({
    short: bare(option.short),
    long: bare(option.long),
    description: option.description,
    values: takesValue(option) ? valuesOf(command, option) : null,
    // Of `<KEY[:desc]>` commander says both.
    optional: option.optional && !option.required,
    valueName: /[<[](.+)[>\]]$/.exec(option.flags)?.[1] ?? '',
  })),
  arguments: command.line.registeredArguments.map((argument) => ({
    name: argument.name(),
    values: argumentValues(argument),
  })),
}));

export const SUBCOMMANDS = COMPLETED.filter(({ word }) => word !== '');
export const SUBCOMMAND_WORDS = SUBCOMMANDS.map(({ word }) => word);

/** In the single quotes of bash and zsh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function bare(flag: string | undefined): string | null {
  return flag?.replace(/^--?/, '') ?? null;
}
