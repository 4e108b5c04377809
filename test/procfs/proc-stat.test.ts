import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { expect, it } from 'vitest';
import { parseBtime } from '../../src/procfs/proc-stat.ts';
import { captured } from './fixture.ts';

it('/proc/stat says when the system booted', () => {
  expect(parseBtime(captured('stat').toString())).toBe(1795414388);
  expect(parseBtime('cpu  1 2 3\n')).toBeNull();
});

it('/proc/stat of this machine agrees with its uptime', () => {
  const booted = Date.now() / 1000 - uptime();
  expect(Math.abs((parseBtime(readFileSync('/proc/stat', 'utf8')) as number) - booted)).toBeLessThan(3);
});
