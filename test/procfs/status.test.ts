import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStatus, sizeOf } from '../../src/procfs/status.ts';
import { startTitled } from '../processes/child.ts';
import { captured, KTHREADD, NODE, WORKER, ZOMBIE } from './fixture.ts';

const text = (pid: number) => captured(`${pid}/status`).toString();

/** As the kernel writes comm: proc_task_name() in fs/proc/array.c. */
const named = (name: string) =>
  text(NODE).replace('node', () => name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n'));

describe('/proc/PID/status', () => {
  it('has every line by its name', () => {
    const { lines } = parseStatus(text(NODE));
    expect(Object.keys(lines)).toHaveLength(text(NODE).trimEnd().split('\n').length);
    expect(lines).toMatchObject({ Name: 'node', State: 'S (sleeping)', VmRSS: '40788 kB', Groups: '' });
  });

  it('has the name, the ids and the number of threads', () => {
    const { name, uids, gids, threads } = parseStatus(
      text(WORKER).replace(/^Uid:.*$/m, 'Uid:\t33\t0\t34\t35'),
    );
    expect({ name, threads }).toEqual({ name: 'nginx', threads: 1 });
    expect(uids).toEqual({ real: 33, effective: 0, saved: 34, filesystem: 35 });
    expect(gids).toEqual({ real: 33, effective: 33, saved: 33, filesystem: 33 });
  });

  it('gives sizes in bytes', () => {
    expect(sizeOf(parseStatus(text(NODE)), 'VmRSS')).toBe(40788 * 1024);
    expect(sizeOf(parseStatus(text(NODE)), 'VmSwap')).toBe(0);
  });

  it.each([
    ['a kernel thread', KTHREADD],
    ['a zombie', ZOMBIE],
  ])('has no memory for %s', (_, pid) => {
    expect(sizeOf(parseStatus(text(pid)), 'VmRSS')).toBeNull();
  });

  it('has no size where the line is none', () => {
    expect(sizeOf(parseStatus(text(NODE)), 'Threads')).toBeNull();
    expect(sizeOf(parseStatus(text(NODE)), 'toString')).toBeNull();
  });

  it.each([
    'x\nUid:\t0',
    'a\\nb',
    '\\',
    ' x ',
    '\x1b[2J',
    'x\rUid:\t0\t0',
    'x\u2028Uid:\t0',
    'x\u0085Uid:',
    '',
  ])('does not believe what is forged in Name: %j', (name) => {
    expect(parseStatus(named(name))).toMatchObject({ name, uids: { real: 1000 } });
  });

  it('takes any name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 15 }), (name) => {
        expect(parseStatus(named(name))).toMatchObject({ name, uids: { real: 1000 }, threads: 7 });
      }),
    );
  });

  it.each(['', '\n', 'Name:\tx\n', 'nothing'])('refuses what is no status: %j', (content) => {
    expect(() => parseStatus(content)).toThrow(SyntaxError);
  });

  it('has the name that a live process chose, and whose it is', async () => {
    const { pid } = await startTitled('x\nUid:\t9\\\r\t ');
    expect(parseStatus(readFileSync(`/proc/${pid}/status`, 'utf8'))).toMatchObject({
      name: 'x\nUid:\t9\\\r\t ',
      uids: { real: process.getuid?.(), effective: process.geteuid?.() },
      gids: { real: process.getgid?.() },
    });
  });
});
