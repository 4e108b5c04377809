import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCmdline } from '../../src/procfs/cmdline.ts';
import { start, startTitled } from '../processes/child.ts';
import { captured, KTHREADD, MASTER, NODE, WORKER, ZOMBIE } from './fixture.ts';

const parse = (content: string) => parseCmdline(Buffer.from(content));
const cmdlineOf = (pid: number) => parseCmdline(readFileSync(`/proc/${pid}/cmdline`));

describe('/proc/PID/cmdline', () => {
  it('is the arguments, the empty ones too', () => {
    expect(parseCmdline(captured(`${NODE}/cmdline`))).toEqual([
      '/usr/bin/node',
      '/srv/app/server.js',
      '--port',
      '4000',
      '',
    ]);
  });

  it('is nothing for a kernel thread and a zombie', () => {
    expect(parseCmdline(captured(`${KTHREADD}/cmdline`))).toEqual([]);
    expect(parseCmdline(captured(`${ZOMBIE}/cmdline`))).toEqual([]);
  });

  it('is the title that a process wrote over it, without its padding', () => {
    expect(parseCmdline(captured(`${MASTER}/cmdline`))).toEqual([
      'nginx: master process /usr/sbin/nginx -c /tmp/pt/ng/c.conf',
    ]);
    expect(parseCmdline(captured(`${WORKER}/cmdline`))).toEqual(['nginx: worker process']);
  });

  it.each([
    ['prog\0', ['prog']],
    ['prog\0\0', ['prog', '']],
    ['prog\0\0\0', ['prog', '', '']],
    ['\0', ['']],
    ['\0x\0', ['', 'x']],
    ['prog\0a b\0\0\0\0\0\0', ['prog', 'a b', '', '', '', '', '']],
    ['a title\0\0', ['a title']],
    ['title\0\0\0\0', ['title']],
    ['no NUL at all', ['no NUL at all']],
    ['cut\0off in the mid', ['cut', 'off in the mid']],
  ])('%j reads %j', (content, argv) => {
    expect(parse(content)).toEqual(argv);
  });

  it('makes U+FFFD of bytes that are no UTF-8, and only of those', () => {
    expect(parseCmdline(Buffer.from([0x61, 0xff, 0x62, 0, 0xc3, 0xa9, 0]))).toEqual(['a\ufffdb', 'é']);
  });

  it('gives back any arguments that could not be a padded title', () => {
    const argument = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''));
    const title = (argv: string[]) =>
      argv.length > 1 &&
      argv.slice(1).every((word) => word === '') &&
      (argv.length > 3 || argv[0]?.includes(' '));
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1 }), (argv) => {
        fc.pre(!title(argv));
        expect(parse(argv.map((word) => `${word}\0`).join(''))).toEqual(argv);
      }),
    );
  });
});

describe('the cmdline of a live process', () => {
  it('is what it was started with', async () => {
    const args = ['-u', '-', '', 'two words', 'line\nbreak', '\x1b[2J', 'é\u202e', ''];
    const { pid } = await start('sh', ['-c', 'read x', ...args]);
    expect(cmdlineOf(pid)).toEqual(['sh', '-c', 'read x', ...args]);
  });

  it('may be almost two megabytes', async () => {
    // MAX_ARG_STRLEN is 128 KiB, and all of them a quarter of an 8 MiB stack (execve(2)).
    const args = Array.from({ length: 15 }, (_, index) => String(index).repeat(60_000));
    const { pid } = await start('sh', ['-c', 'read x', ...args], { env: {} });
    expect(cmdlineOf(pid).slice(3)).toEqual(args);
  });

  it.each([
    'x',
    'a title',
    'a longer title than all of the arguments were when it started '.repeat(8).trim(),
  ])('is the title that it set: %j', async (title) => {
    const { pid } = await startTitled(title, 'argument');
    const [shown, ...others] = cmdlineOf(pid);
    // Node cuts a title to the room that its arguments had.
    expect(title.startsWith(shown as string) && shown !== '').toBe(true);
    expect(others).toEqual([]);
  });
});
