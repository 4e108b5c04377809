import { type SafeText, safe } from './safe.ts';

/** What no shell reads as anything but itself. */
const PLAIN = /^[\w@%+=:,./-]+$/;
/** Assignments, bash's reserved words, zsh's `=command`: more than themselves where a command begins. */
const BEGINS =
  /^(?:\w*\+?=.*|if|then|elif|else|fi|time|for|in|until|while|do|done|case|esac|coproc|select|function)$/;

/** Inside `$'…'`: all but ASCII's printable characters without `'` and `\`. */
const NOT_ITSELF = /[^ -&(-[\]-~]/gu;

const NAMED: Record<string, string> = {
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\x1b': '\\e',
  '\\': '\\\\',
  "'": "\\'",
};

/**
 * The argument as a word for bash and zsh that reads back as the same text: bare, in `'…'`, or in
 * `$'…'` where it holds what would act on a terminal or hide from a reader.
 */
export function shellQuote(argument: string): SafeText {
  if (PLAIN.test(argument) && !BEGINS.test(argument)) return safe(argument);
  if (safe(argument) === argument) return safe(`'${argument.replaceAll("'", "'\\''")}'`);
  return safe(`$'${argument.replace(NOT_ITSELF, escaped)}'`);
}

function escaped(character: string): string {
  const named = NAMED[character];
  if (named !== undefined) return named;
  if (safe(character) === character) return character;
  const code = character.codePointAt(0) as number;
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
