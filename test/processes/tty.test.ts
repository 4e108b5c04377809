import { describe, expect, it } from 'vitest';
import { ttyName } from '../../src/processes/tty.ts';

const DRIVERS = [
  { device: 'console', major: 5, first: 1, last: 1, type: 'system:console' },
  { device: 'ttyS', major: 4, first: 64, last: 111, type: 'serial' },
  { device: 'tty', major: 4, first: 1, last: 63, type: 'console' },
];

/** include/linux/kdev_t.h, new_encode_dev(). */
const device = (major: number, minor: number) => (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);

describe('a terminal', () => {
  it.each([
    [0, null],
    [device(136, 3), 'pts/3'],
    [device(137, 3), 'pts/259'],
    [device(136, 70_000), 'pts/70000'],
    [device(4, 1), 'tty1'],
    [device(4, 64), 'ttyS0'],
    [device(4, 67), 'ttyS3'],
    [device(5, 1), 'console'],
    [device(204, 64), '204:64'],
  ])('%d is %s', (number, name) => {
    expect(ttyName(number, DRIVERS)).toBe(name);
  });
});
