import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKernelThread, parseStat, parseStatBriefly } from '../../src/procfs/stat.ts';
import { start, startTitled } from '../processes/child.ts';
import { captured, KTHREADD, NODE, ZOMBIE } from './fixture.ts';

const text = (pid: number) => captured(`${pid}/stat`).toString();

describe('/proc/PID/stat', () => {
  it('has the fields of proc_pid_stat(5) by their names', () => {
    expect(parseStat(text(NODE))).toMatchObject({
      pid: NODE,
      comm: 'node',
      state: 'S',
      ppid: 16491,
      pgrp: 16491,
      session: 3123,
      ttyNr: 0,
      tpgid: -1,
      flags: 4194560,
      utime: 2,
      stime: 1,
      priority: 20,
      nice: 0,
      numThreads: 7,
      starttime: 216879,
      vsize: 745111552,
      rss: 10174,
      rsslim: 2 ** 64,
      processor: 1,
      envEnd: 140723665047530,
      exitCode: 0,
    });
  });

  it('tells a zombie and how it ended', () => {
    expect(parseStat(text(ZOMBIE))).toMatchObject({ comm: 'sh', state: 'Z', vsize: 0, exitCode: 3 << 8 });
  });

  it('tells the kernel’s threads from processes', () => {
    expect(isKernelThread(parseStat(text(KTHREADD)))).toBe(true);
    expect(isKernelThread(parseStat(text(NODE)))).toBe(false);
    expect(isKernelThread(parseStat(text(ZOMBIE)))).toBe(false);
  });

  it.each([') R 1', ') R 1 1 1 (', 'a\n2 (b) S 0', '((', '))', '', ' ', '\x1b[1m) Z', 'x) '])(
    'does not believe what is forged in comm: %j',
    (comm) => {
      const forged = text(NODE).replace('(node)', `(${comm})`);
      expect(parseStat(forged)).toEqual({ ...parseStat(text(NODE)), comm });
    },
  );

  it('takes any comm', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 64 }), (comm) => {
        expect(parseStat(text(NODE).replace('(node)', () => `(${comm})`))).toMatchObject({
          comm,
          ppid: 16491,
        });
      }),
    );
  });

  it('takes fields that a newer kernel adds', () => {
    expect(parseStat(text(NODE).replace('\n', ' 7 8\n'))).toEqual(parseStat(text(NODE)));
  });

  it.each([
    '',
    '\n',
    'node',
    '1 (x) S 1 2 3',
    `) S ${'1 '.repeat(60)}`,
    '1 x S',
    ') S (',
    `1 (x ${'1 '.repeat(60)}`,
    `1 (x) S ${'1 '.repeat(20)}x ${'1 '.repeat(40)}`,
    `1 (x) S ${'1 '.repeat(20)}1.5 ${'1 '.repeat(40)}`,
    `1 (x) S ${'1 '.repeat(20)}1e999 ${'1 '.repeat(40)}`,
    `1 (x) S ${'1 '.repeat(18)}800000000000001 ${'1 '.repeat(40)}`,
  ])('refuses what is no stat: %j', (content) => {
    expect(() => parseStat(content)).toThrow(SyntaxError);
  });
});

describe('the stat of a live process', () => {
  const statOf = (pid: number) => parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));

  it('says what ps says', async () => {
    const { pid } = await start('cat');
    const columns = 'pid=,ppid=,pgid=,sid=,tpgid=,ni=,nlwp=,vsz=,comm=';
    const said = execFileSync('ps', ['-o', columns, '-p', String(pid)], { encoding: 'utf8' }).trim();
    const stat = statOf(pid);
    const { ppid, pgrp, session, tpgid, nice, numThreads, vsize, comm } = stat;
    expect([pid, ppid, pgrp, session, tpgid, nice, numThreads, vsize / 1024, comm].map(String)).toEqual(
      said.split(/\s+/),
    );
  });

  it('has the comm that the process chose', async () => {
    const { pid } = await startTitled(') R 1 1 \n\x1b[2J');
    expect(statOf(pid)).toMatchObject({ pid, comm: ') R 1 1 \n\x1b[2J', ppid: process.pid });
  });
});

describe('the stat of a process, read briefly', () => {
  it.each([NODE, KTHREADD, ZOMBIE])('of %d is what it is when it is read whole', (pid) => {
    const { comm, starttime } = parseStat(text(pid));
    expect(parseStatBriefly(text(pid))).toEqual({ comm, starttime });
  });

  it('is the same whatever the process calls itself, and nothing where that is nothing', () => {
    const rest = text(NODE).slice(text(NODE).lastIndexOf(')'));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (comm, whole) => {
        const line = whole ? `16492 (${comm}${rest}` : comm;
        const read = <T>(parse: (line: string) => T): T | string => {
          try {
            return parse(line);
          } catch (error) {
            return (error as Error).name;
          }
        };
        const entire = read(parseStat);
        const brief = read(parseStatBriefly);
        if (typeof entire === 'string') return;
        expect(brief).toEqual({ comm: entire.comm, starttime: entire.starttime });
      }),
    );
    for (const line of ['', 'hostile', '1 (x) S', '1 (x) S 1 2 3', ') R 1'])
      expect(() => parseStatBriefly(line)).toThrow(SyntaxError);
  });
});
