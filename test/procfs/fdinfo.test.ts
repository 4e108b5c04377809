import { expect, it } from 'vitest';
import { parseAccessMode } from '../../src/procfs/fdinfo.ts';

it.each([
  ['pos:\t0\nflags:\t0100000\nmnt_id:\t1\n', 'r'],
  ['pos:\t0\nflags:\t0100001\nmnt_id:\t1\n', 'w'],
  ['pos:\t0\nflags:\t02004002\nmnt_id:\t1\nino:\t2\n', 'u'],
  ['pos:\t0\nflags:\t012100000\nmnt_id:\t1\n', null],
  ['pos:\t0\nflags:\t03\n', null],
  ['pos:\t0\n', null],
  ['', null],
])('/proc/PID/fdinfo/N: %j was opened for %j', (content, mode) => {
  expect(parseAccessMode(content)).toBe(mode);
});
