import { SETTINGS, type Setting, TABLE_NAMES, tableSettings } from './settings.ts';

const WIDTH = 104;

/** A file that sets nothing: everything that could be set in it, as it is without it, commented out. */
export function defaultConfig(): string {
  return [
    '# How the screen of porttop begins: $XDG_CONFIG_HOME/porttop/config.toml, else',
    '# ~/.config/porttop/config.toml. What is commented out here is so by itself. Options on the command line',
    '# go before what is set here; list, ps and the other commands do not read it.',
    ...SETTINGS.flatMap(commented),
    ...TABLE_NAMES.flatMap((name) => ['', `[${name}]`, ...tableSettings(name).flatMap(commented)]),
    '',
  ].join('\n');
}

function commented({ key, about, initial }: Setting): string[] {
  return ['', ...wrapped(about).map((line) => `# ${line}`), `#${key} = ${toml(initial)}`];
}

function toml(value: Setting['initial']): string {
  return Array.isArray(value) ? `[${value.map(toml).join(', ')}]` : JSON.stringify(value);
}

function wrapped(about: string): string[] {
  return about.match(new RegExp(`\\S.{0,${WIDTH - 4}}(?= |$)`, 'g')) ?? [];
}
