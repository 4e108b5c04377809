import { parse, TomlError } from 'smol-toml';
import { QueryError } from '../query/query-error.ts';
import { type Config, SETTINGS, type Setting, TABLE_NAMES, tableSettings } from './settings.ts';

/** What is wrong in a file, and where: line and column count from 1. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly line: number;
  readonly column: number;

  constructor(message: string, { line, column }: Position) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

type Position = { line: number; column: number };
type Path = readonly [string] | readonly [string, string];

/** The settings of a file. Throws a {@link ConfigError} for what is no TOML, no setting, or no value of it. */
export function parseConfig(text: string): Config {
  const source = text.replace(/^\ufeff/, '');
  const document = asToml(source);
  const config: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(document)) {
    const name = TABLE_NAMES.find((table) => table === key);
    if (name === undefined) {
      config[key] = read(SETTINGS, [key], value, source);
      continue;
    }
    if (!isTable(value)) {
      throw new ConfigError(
        `${key} is ${told(value)}: expected a table, [${key}]`,
        placeOfValue([key], source),
      );
    }
    const settings = tableSettings(name);
    config[name] = Object.fromEntries(
      Object.entries(value).map(([own, given]) => [own, read(settings, [name, own], given, source)]),
    );
  }
  return config as Config;
}

function asToml(source: string): Record<string, unknown> {
  try {
    return parse(source);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // Behind its first line it shows the place.
    const [said = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw new ConfigError(said, error);
  }
}

function read(settings: readonly Setting[], path: Path, value: unknown, source: string): unknown {
  const setting = settings.find(({ key }) => key === path.at(-1));
  if (!setting) {
    const known = settings.map(({ key }) => key);
    if (path.length === 1) known.push(...TABLE_NAMES.map((name) => `[${name}]`));
    const where = path.length === 1 ? '' : ` of [${path[0]}]`;
    throw new ConfigError(
      `'${path.at(-1)}' is no setting${where}: there are ${known.join(', ')}`,
      placeOfStatement(path, source),
    );
  }
  try {
    return setting.read(value);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw new ConfigError(
      `${path.join('.')} is ${told(value)}: ${error.message}`,
      placeOfValue(path, source),
    );
  }
}

const LONGEST = 60;

function told(value: unknown): string {
  const json = isTable(value) ? 'a table' : typeof value === 'number' ? `${value}` : JSON.stringify(value);
  return json.length > LONGEST ? `${json.slice(0, LONGEST)}…` : json;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/**
 * Where what sets a path begins. The parser does not tell: it is the first line without which the lines before it
 * do not set it, and with some of those behind it they do.
 */
function placeOfStatement(path: Path, source: string): Position {
  const { line, text } = statement(path, source);
  return { line, column: text.search(/\S/) + 1 };
}

/** Where its value begins. */
function placeOfValue(path: Path, source: string): Position {
  const { line, text } = statement(path, source);
  const key = path.at(-1) as string;
  // In `listening = { sort = 1 }` behind the last name that is this one.
  const named = new RegExp(`${escaped(key)}["']?[ \\t]*=[ \\t]*`).exec(text);
  return { line, column: (named ? named.index + named[0].length : text.search(/\S/)) + 1 };
}

function statement(path: Path, source: string): { line: number; text: string } {
  const lines = source.split('\n');
  const key = path.at(-1) as string;
  for (const [at, text] of lines.entries()) {
    if (!text.includes(key) || sets(lines.slice(0, at), path) !== false) continue;
    for (let end = at + 1; end <= lines.length; end++) {
      const set = sets(lines.slice(0, end), path);
      if (set) return { line: at + 1, text };
      // A whole statement, and it sets something else.
      if (set === false) break;
    }
  }
  return { line: 1, text: lines[0] ?? '' };
}

/** Whether these lines set it; null: they end within a statement. */
function sets(lines: readonly string[], [first, second]: Path): boolean | null {
  try {
    const table: unknown = (parse(lines.join('\n')) as Record<string, unknown>)[first];
    if (second === undefined) return table !== undefined;
    return isTable(table) && table[second] !== undefined;
  } catch {
    return null;
  }
}

function escaped(key: string): string {
  return key.replaceAll(/[^\w-]/g, '\\$&');
}
