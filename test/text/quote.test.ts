import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellQuote } from '../../src/text/quote.ts';
import { safe } from '../../src/text/safe.ts';

/** What bash makes of the words, as arguments of a command. */
function bash(words: readonly string[]): string[] {
  const { stdout, status } = spawnSync('bash', ['--norc', '-s'], {
    input: `printf '%s\\0' ${words.join(' ')}\n`,
    env: { LC_ALL: 'C.UTF-8', PATH: process.env.PATH, HOME: '/' },
    cwd: '/',
  });
  expect(status).toBe(0);
  return stdout.toString('utf8').split('\0').slice(0, -1);
}

describe('a word quoted for the shell', () => {
  it.each([
    ['', "''"],
    ['/usr/bin/node', '/usr/bin/node'],
    ['--port=4000', '--port=4000'],
    ['a,b:c@d%e+f', 'a,b:c@d%e+f'],
    ['two words', "'two words'"],
    ["it's", "'it'\\''s'"],
    ['$HOME', "'$HOME'"],
    ['~', "'~'"],
    ['!!', "'!!'"],
    ['{a,b}', "'{a,b}'"],
    ['naïve', "'naïve'"],
    ['line\nbreak\t\r', "$'line\\nbreak\\t\\r'"],
    ["it's\n\\", "$'it\\'s\\n\\\\'"],
    ['\x1b[2J\x01\x7f1', "$'\\e[2J\\x01\\x7f1'"],
    ['\u0085\u202e\u200b', "$'\\u0085\\u202e\\u200b'"],
    ['\u{e0041}', "$'\\U000e0041'"],
  ])('%j is %s', (argument, quoted) => {
    expect(shellQuote(argument)).toBe(quoted);
  });

  it.each(['PATH=/tmp', 'A+=1', '=ls', 'time', 'if', 'coproc'])(
    '%s is itself also where a command begins',
    (argument) => {
      expect(shellQuote(argument)).toBe(`'${argument}'`);
    },
  );

  it('runs as a command of that name', () => {
    const { stdout } = spawnSync('bash', ['-c', `${shellQuote('A=b')} 2>&1`]);
    expect(stdout.toString()).toMatch(/A=b: command not found/);
  });

  it('reads back in bash as the same text, and nothing in it acts or hides', () => {
    const special = fc.constantFrom(
      ...'\'"\\$`!*?[]{}()<>|&;#~=%^ \n\t\r\x1b\x07\u0085\u202e\u200b\ufeffé漢'.split(''),
    );
    const character = fc.oneof(special, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }));
    const argument = fc.array(character).map((characters) => characters.join('').replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1, maxLength: 90 }), (argv) => {
        const words = argv.map(shellQuote);
        for (const word of words) expect(word).toBe(safe(word));
        expect(bash(words)).toEqual(argv);
      }),
      { numRuns: 20 },
    );
  });

  it('takes a megabyte in no long time', () => {
    const start = process.cpuUsage();
    expect(shellQuote('\u202ex'.repeat(1 << 18))).toHaveLength(3 + 7 * (1 << 18));
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(3000);
  });
});
