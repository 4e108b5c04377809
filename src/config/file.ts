import { readFileSync, type Stats, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Config } from './settings.ts';

/** What the file cannot be read for, or what is wrong in it and where: one line for a person. */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError';
}

/** To find where something is wrong, its beginnings are parsed, one by one. */
const LARGEST = 64 * 1024;

/** Where the settings are: as the XDG base directories have it, which pass over a path that is not absolute. */
export function configPath({ XDG_CONFIG_HOME = '', HOME = '' }: NodeJS.ProcessEnv): string | null {
  const folder = isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : HOME && join(HOME, '.config');
  return folder ? join(folder, 'porttop', 'config.toml') : null;
}

/** The settings of the user; none where there is no file. Only for a file is the parser loaded. */
export async function readConfig(env: NodeJS.ProcessEnv): Promise<Config> {
  const path = configPath(env);
  const text = path ? read(path) : null;
  if (text === null) return {};
  const { parseConfig, ConfigError } = await import('./parse.ts');
  try {
    return parseConfig(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigFileError(`${path}:${error.line}:${error.column}: ${error.message}`);
  }
}

/** null: there is none, or it lies where this user cannot look: `su nobody` keeps the HOME of root. */
function read(path: string): string | null {
  const found = find(path);
  if (!found) return null;
  if (!found.isFile()) throw new ConfigFileError(`${path}: it is no file`);
  if (found.size > LARGEST) throw new ConfigFileError(`${path}: it is larger than ${LARGEST / 1024} KiB`);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigFileError(`${path}: it cannot be read: ${(error as Error).message}`);
  }
}

function find(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return null;
    throw new ConfigFileError(`${path}: it cannot be read: ${(error as Error).message}`);
  }
}
