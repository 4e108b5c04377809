import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { age, ago, bytes, until } from '../../src/text/units.ts';

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [12.3 * 2 ** 20, '12.3 MiB'],
    [2 ** 20 - 1, '1.0 MiB'],
    [2 ** 30, '1.0 GiB'],
    [2 ** 60, '1024.0 PiB'],
  ])('%d is %s', (size, shown) => {
    expect(bytes(size)).toBe(shown);
  });

  it('never needs more than four digits before the point, and says nearly the size', () => {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
    fc.assert(
      fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (size) => {
        const [, number, unit = ''] = /^(\d{1,4}(?:\.\d)?) (\w+)$/.exec(bytes(size)) ?? [];
        const meant = Number(number) * 1024 ** units.indexOf(unit);
        expect(Math.abs(meant - size)).toBeLessThanOrEqual(size * 0.06);
        expect(Number(number)).toBeLessThan(1024);
      }),
    );
  });
});

describe('until', () => {
  it.each([
    [-5, '0ms'],
    [0, '0ms'],
    [200.9, '200ms'],
    [999, '999ms'],
    [1000, '1s'],
    [59_999, '59s'],
    [60_000, '1m'],
    [65_000, '1m5s'],
    [7_190_530, '1h59m'],
    [86_400_000 + 59_000, '1d'],
    [86_400_000 + 7_200_000, '1d2h'],
    [0xffff_ffff, '49d17h'],
  ])('%d ms are %s', (milliseconds, shown) => {
    expect(until(milliseconds)).toBe(shown);
  });
});

describe('ago', () => {
  it.each([
    [-5000, '0s'],
    [0, '0s'],
    [12_999, '12s'],
    [59_999, '59s'],
    [60_000, '1m'],
    [3_599_999, '59m'],
    [3_600_000, '1h'],
    [86_399_999, '23h'],
    [86_400_000, '1d'],
    [400 * 86_400_000, '400d'],
  ])('%d ms are %s', (milliseconds, shown) => {
    expect(ago(milliseconds)).toBe(shown);
  });
});

describe('age', () => {
  it.each([
    [-5000, '<10s'],
    [9_999, '<10s'],
    [10_000, '10s'],
    [19_999, '10s'],
    [59_999, '50s'],
    [60_000, '1m'],
    [86_400_000, '1d'],
  ])('%d ms are %s', (milliseconds, shown) => {
    expect(age(milliseconds)).toBe(shown);
  });
});
