declare const safeBrand: unique symbol;

/**
 * Text that may go to a terminal, a title, the clipboard, a CSV file or a log: nothing in it acts on a
 * terminal or hides from a reader. Only `src/text` makes it.
 */
export type SafeText = string & { readonly [safeBrand]: true };

// Controls (C0, DEL, C1), formats (bidi, zero-width), line separators, unpaired surrogates, and what
// Unicode says to draw as nothing (fillers, variation selectors, tags).
const ACTS_OR_HIDES = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
const PLAIN = /^[ -~]*$/;

const NAMED: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\x1b': '\\e' };

function visible(character: string): string {
  const named = NAMED[character];
  if (named !== undefined) return named;
  const code = character.codePointAt(0) as number;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

/** Makes text from outside safe: whatever acts on a terminal or hides from a reader becomes visible (`\e`, `\u202e`). */
export function safe(raw: string): SafeText {
  return (PLAIN.test(raw) ? raw : raw.replace(ACTS_OR_HIDES, visible)) as SafeText;
}

/**
 * A template whose values are numbers or safe already: the literal parts are the program's own words.
 * Text from outside does not type-check here; pass it through {@link safe} first.
 */
export function text(literals: TemplateStringsArray, ...values: (SafeText | number)[]): SafeText {
  // By hand: String.raw takes three times as long, and every cell of every row comes by here.
  let whole = literals[0] as string;
  for (let at = 0; at < values.length; at++) whole += `${values[at]}${literals[at + 1]}`;
  return whole as SafeText;
}

/** A number is safe as it is. */
export function digits(number: number): SafeText {
  return String(number) as SafeText;
}

/** Safe texts, put together; the separator is the program's own. */
export function join(texts: readonly SafeText[], separator: SafeText = EMPTY): SafeText {
  return texts.join(separator) as SafeText;
}

/** A safe text, `count` times; none or fewer is empty. */
export function repeat(what: SafeText, count: number): SafeText {
  return what.repeat(Math.max(0, count)) as SafeText;
}

export const EMPTY = '' as SafeText;
