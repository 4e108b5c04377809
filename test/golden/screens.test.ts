import { describe, expect, it } from 'vitest';
import { PORTTOP } from '../helpers/porttop.ts';
import { type Cell, openTerminal, type Terminal } from '../helpers/terminal.ts';
import { makeProcTree } from './proc-tree.ts';

type Screen = {
  name: string;
  size?: [columns: number, rows: number];
  env?: Record<string, string>;
  keys?: string[];
  /** What is there when the keys have done what they do. */
  shows?: string | RegExp;
};

const SCREENS: Screen[] = [
  { name: 'listening-80x24', size: [80, 24] },
  { name: 'listening-120x40' },
  { name: 'listening-200x60', size: [200, 60] },
  { name: 'listening-mono', env: { NO_COLOR: '1' } },
  { name: 'listening-ascii', env: { LC_ALL: 'C' } },
  { name: 'details-80x24', size: [80, 24], keys: ['End', 'Enter'], shows: /connections +none/ },
  { name: 'details-120x40', keys: ['Down', 'Down', 'Enter'], shows: /started/ },
  { name: 'details-200x60', size: [200, 60], keys: ['Down', 'Down', 'Enter'], shows: /started/ },
  { name: 'sockets-120x40', keys: ['2'], shows: /ESTABLISHED/ },
  { name: 'processes-120x40', keys: ['3'], shows: /\/sbin\/init/ },
  { name: 'columns-120x40', keys: ['c'], shows: /COMMAND LINE/ },
  { name: 'services-120x40', keys: ['4'], shows: /hbci/ },
  { name: 'help-120x40', keys: ['?'], shows: /Moving/ },
];

describe('the screen of one and the same host', () => {
  it.each(SCREENS)(
    'looks as it did: $name',
    async ({ name, size = [120, 40], env = {}, keys = [], shows }) => {
      using host = makeProcTree();
      const [columns, rows] = size;
      await using terminal = openTerminal({
        command: process.execPath,
        args: [PORTTOP, '--procfs', 'proc', '--services', 'services', '--interval', '5'],
        cwd: host.folder,
        columns,
        rows,
        env,
      });
      await terminal.waitFor(/24817/);
      // The registry has been read, and connections are counted where that is shown.
      await terminal.waitFor('hbci');
      await terminal.waitFor(/6379 .* 1 /);
      for (const key of keys) terminal.press(key);
      if (shows) await terminal.waitFor(shows);
      await expect(looksOf(terminal)).toMatchFileSnapshot(`screens/${name}.txt`);
    },
  );
});

/** The text, and below it a letter for how each cell looks. */
function looksOf(terminal: Terminal): string {
  const style = Array.from({ length: terminal.rows }, (_, row) =>
    Array.from({ length: terminal.columns }, (_, column) => letterOf(terminal.cell(row, column)))
      .join('')
      .trimEnd(),
  );
  // When a process started depends on today.
  const text = terminal
    .text()
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '2026-01-02 03:04:05')
    .replaceAll(/ [A-Z][a-z]{2}\d\d /g, ' Jan02 ');
  return `${text}\n${'='.repeat(terminal.columns)}\n${style.join('\n')}\n`;
}

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/** A colour's first letter, great where it is bold; `i` inverse, `d` dim, `b` bold, `u` underlined; a space: plain. */
function letterOf({ inverse, dim, bold, underline, fg }: Cell): string {
  if (inverse) return 'i';
  if (typeof fg === 'number') {
    const letter = COLOURS[fg]?.charAt(0) ?? '?';
    return bold ? letter.toUpperCase() : letter;
  }
  return underline ? 'u' : bold ? 'b' : dim ? 'd' : ' ';
}
