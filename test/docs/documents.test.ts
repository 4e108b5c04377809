import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { TOP } from '../../src/commands/top-options.ts';
import { COLUMNS } from '../../src/query/columns.ts';
import { PROCESS_COLUMNS } from '../../src/query/process-columns.ts';
import { needs } from '../helpers/tools.ts';
import { COMMANDS, optionsOf, titleOf } from './commands.ts';
import { DOCUMENTS } from './documents.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = `${root}assets/porttop.1`;

describe('what is kept in assets/', () => {
  it.each(DOCUMENTS)('$path is what npm run docs makes now', ({ path, contents }) => {
    expect(readFileSync(`${root}${path}`, 'utf8')).toBe(contents());
  });

  it('is ASCII, for any terminal and locale', () => {
    expect(readFileSync(page, 'utf8')).toMatch(/^[\n -~]+$/);
  });

  it('comes with the package', () => {
    const { man, files } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
    // A list: of a lone name, npm 11 links no page.
    expect(man).toEqual(['assets/porttop.1']);
    const kept = DOCUMENTS.filter(({ path }) =>
      files.some((file: string) => `${path}/`.startsWith(`${file}/`)),
    );
    expect(kept).toEqual(DOCUMENTS);
  });
});

describe('every command', () => {
  const words = COMMANDS.map(({ word }) => word).filter(Boolean);

  it('of the program is documented', () => {
    const entry = readFileSync(`${root}src/cli.ts`, 'utf8');
    const loaded = [...entry.matchAll(/^ {2}(\w+): \(\) => import\('\.\/commands\//gm)].map(
      ([, word]) => word,
    );
    expect(loaded.toSorted()).toEqual(['top', ...words].toSorted());
  });

  it('is told of by porttop --help', () => {
    const told = [...(TOP.help ?? '').matchAll(/^ {2}porttop (\w+)/gm)].map(([, word]) => word);
    expect(told).toEqual(words);
  });
});

describe('the help of', () => {
  it.each(COMMANDS.map((command) => [titleOf(command), command] as const))(
    '%s',
    (title, { line, examples }) => {
      let help = '';
      line.configureOutput({
        getOutHelpWidth: () => 80,
        writeOut: (text) => {
          help += text;
        },
      });
      line.outputHelp();
      expect(help).toMatch(new RegExp(`^Usage: ${title} `));
      // Each example begins as the command does, and nothing is wider than a terminal.
      expect(help.split('\n').filter((text) => text.length > 80)).toEqual([]);
      expect(examples.filter(([typed]) => !help.includes(`\n  ${typed}`))).toEqual([]);
    },
  );
});

describe.skipIf(needs('groff'))('the man page', () => {
  let shown: string;
  beforeAll(() => {
    shown = execFileSync('groff', ['-man', '-Tascii', '-P-c', '-P-b', '-P-u', '-rLL=100n', page], {
      encoding: 'latin1',
    });
  });

  it('is without a fault to groff', () => {
    for (const device of ['ascii', 'utf8', 'ps']) {
      const { stderr, status } = spawnSync('groff', ['-man', '-ww', '-z', `-T${device}`, page]);
      expect({ device, status, stderr: String(stderr) }).toEqual({ device, status: 0, stderr: '' });
    }
  });

  it('has its sections, in the order that man-pages(7) asks for', () => {
    expect([...shown.matchAll(/^[A-Z][A-Z ]+$/gm)].map(([title]) => title)).toEqual([
      'NAME',
      'SYNOPSIS',
      'DESCRIPTION',
      'COMMANDS',
      'OPTIONS',
      'FIELDS',
      'TARGETS',
      'FILTERS',
      'COLUMNS',
      'KEYS',
      'FILES',
      'ENVIRONMENT',
      'EXIT STATUS',
      'EXAMPLES',
      'SEE ALSO',
    ]);
  });

  it('tells of every option of every command, in the signs that are typed', () => {
    const flags = COMMANDS.flatMap(optionsOf).map(
      (option) => option.flags.replace(/ .*</, ' <').split(/ [<[]/)[0],
    );
    expect(flags.filter((flag) => !shown.includes(flag as string))).toEqual([]);
  });

  it('tells of every column', () => {
    const keys = [...Object.keys(COLUMNS), ...Object.keys(PROCESS_COLUMNS)];
    expect(keys.filter((key) => !new RegExp(`^ {7}${key}( |$)`, 'm').test(shown))).toEqual([]);
  });

  it('shows what is typed as it is typed: quotes, dashes and backslashes', () => {
    expect(shown).toContain("porttop list --filter 'user:www port:>1024'");
    expect(shown).toContain('TCP:^CLOSE_WAIT');
    expect(shown).toContain('\\e or \\u202e');
  });

  it.skipIf(needs('man'))('is shown by man(1) without a word on stderr', () => {
    const { stdout, stderr, status } = spawnSync('man', ['--warnings', '-l', page], {
      env: { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '80' },
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^NAME\n {7}porttop +- +who +holds +a +port/m);
  });
});
