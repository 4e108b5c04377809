import { Chalk, type ChalkInstance } from 'chalk';
import type { Tone } from '../query/columns.ts';
import type { SafeText } from '../text/safe.ts';
import { type Glyphs, UNICODE } from './glyphs.ts';

declare const paintedBrand: unique symbol;

/** Safe text with the theme's own colours: the only thing that a {@link Line} draws. */
export type Painted = string & { readonly [paintedBrand]: true };

/** What a piece of the screen means; a column's tones, and what only the screen has. */
export type Token =
  | Tone
  | 'brand'
  | 'title'
  | 'key'
  | 'opened'
  | 'closed'
  | 'marker'
  | 'selected'
  | 'frame'
  | 'active-frame'
  | 'sorted';

export type Theme = { glyphs: Glyphs; paint(token: Token, text: SafeText): Painted };

const plain = (text: string) => text;

/** The terminal's own sixteen colours, so that it fits any palette; each says something. */
function colours(chalk: ChalkInstance): Record<Token, (text: string) => string> {
  return {
    plain,
    strong: chalk.bold,
    accent: chalk.cyan,
    quiet: chalk.dim,
    warning: chalk.yellow,
    danger: chalk.red,
    brand: chalk.bold.cyan,
    title: chalk.bold,
    key: chalk.bold,
    opened: chalk.green,
    closed: chalk.red,
    marker: chalk.cyan,
    selected: chalk.inverse,
    frame: chalk.dim,
    'active-frame': chalk.cyan,
    sorted: chalk.bold.underline,
  };
}

/** Without colour: weight, inverse and the marks in the rows say the same. */
function mono(chalk: ChalkInstance): Record<Token, (text: string) => string> {
  const { bold, dim, inverse } = chalk;
  return {
    ...colours(chalk),
    accent: plain,
    warning: bold,
    danger: bold,
    brand: bold,
    opened: bold,
    closed: dim,
    marker: bold,
    selected: inverse,
    'active-frame': bold,
  };
}

/** `colour` false: NO_COLOR, or a terminal that has none. */
export function createTheme(colour: boolean): Theme {
  const chalk = new Chalk({ level: 1 });
  const styles = colour ? colours(chalk) : mono(chalk);
  return { glyphs: UNICODE, paint: (token, text) => styles[token](text) as Painted };
}

export function painted(...parts: readonly Painted[]): Painted {
  return parts.join('') as Painted;
}
