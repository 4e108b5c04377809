import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getenv, parseEnviron } from '../../src/procfs/environ.ts';
import { start } from '../processes/child.ts';
import { captured, MASTER, NODE, WORKER } from './fixture.ts';

const parse = (content: string) => parseEnviron(Buffer.from(content));

describe('/proc/PID/environ', () => {
  it('is the variables in their order', () => {
    const environ = parseEnviron(captured(`${NODE}/environ`));
    expect(environ.map(({ name }) => name)).toEqual([
      'HOME',
      'USER',
      'LANG',
      'PATH',
      'DATABASE_URL',
      'SESSION_SECRET',
    ]);
    expect(environ[1]).toEqual({ name: 'USER', value: 'ada' });
  });

  it('is what a long title left of it', () => {
    expect(parseEnviron(captured(`${MASTER}/environ`))).toEqual([
      { name: ' -c /tmp/pt/ng/c.conf', value: null },
    ]);
    expect(parseEnviron(captured(`${WORKER}/environ`))).toEqual([]);
  });

  it.each([
    ['', []],
    ['\0\0', []],
    ['A=\0', [{ name: 'A', value: '' }]],
    ['A=b=c\0', [{ name: 'A', value: 'b=c' }]],
    ['A\0', [{ name: 'A', value: null }]],
    ['=x\0', [{ name: '', value: 'x' }]],
    ['A=1', [{ name: 'A', value: '1' }]],
    ['A=1\nB=2\0', [{ name: 'A', value: '1\nB=2' }]],
  ])('%j reads %j', (content, environ) => {
    expect(parse(content)).toEqual(environ);
  });

  it('makes U+FFFD of bytes that are no UTF-8', () => {
    expect(parseEnviron(Buffer.from([0x41, 0x3d, 0xff, 0]))).toEqual([{ name: 'A', value: '\ufffd' }]);
  });

  it('keeps duplicates, of which the first counts', () => {
    const environ = parse('A\0A=first\0A=second\0');
    expect(environ).toHaveLength(3);
    expect(getenv(environ, 'A')).toBe('first');
    expect(getenv(environ, 'B')).toBeNull();
  });

  it('gives back any variables', () => {
    const text = fc.string({ unit: 'binary' }).map((word) => word.replaceAll('\0', ''));
    const variable = fc.record({ name: text.map((word) => word.replaceAll('=', '')), value: text });
    fc.assert(
      fc.property(fc.array(variable), (environ) => {
        expect(parse(environ.map(({ name, value }) => `${name}=${value}\0`).join(''))).toEqual(environ);
      }),
    );
  });

  it('is of a live process what tr says', async () => {
    const env = { USER: 'ada', EMPTY: '', NAÏVE: 'é=\x1b[2J' };
    const { pid } = await start('cat', [], { env });
    const environ = parseEnviron(readFileSync(`/proc/${pid}/environ`));
    const said = execFileSync('sh', ['-c', `tr '\\0' '\\n' < /proc/${pid}/environ`], { encoding: 'utf8' });
    expect(environ.map(({ name, value }) => `${name}=${value}\n`).join('')).toBe(said);
    expect(Object.fromEntries(environ.map(({ name, value }) => [name, value]))).toEqual(env);
  });
});
