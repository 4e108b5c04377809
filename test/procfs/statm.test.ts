import { expect, it } from 'vitest';
import { parseStatm } from '../../src/procfs/statm.ts';
import { captured, KTHREADD, NODE } from './fixture.ts';

it('/proc/PID/statm is in bytes', () => {
  expect(parseStatm(captured(`${NODE}/statm`).toString(), 4096)).toEqual({
    size: 181912 * 4096,
    resident: 10197 * 4096,
    shared: 8719 * 4096,
    text: 6802 * 4096,
    lib: 0,
    data: 12037 * 4096,
    dt: 0,
  });
  expect(parseStatm('1 2 3 4 0 5 0\n', 65536)).toMatchObject({ size: 65536, data: 5 * 65536 });
});

it('/proc/PID/statm is nothing but zeros for a kernel thread', () => {
  const sizes = Object.values(parseStatm(captured(`${KTHREADD}/statm`).toString(), 4096));
  expect(sizes).toEqual([0, 0, 0, 0, 0, 0, 0]);
});
