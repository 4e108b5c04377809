import { describe, expect, it } from 'vitest';
import { follow, STEPS, type Trail } from '../../src/store/trail.ts';
import { sparkline } from '../../src/ui/sparkline.ts';

const seen = (...looks: [seconds: number, value: number][]) =>
  looks.reduce<Trail<number> | null>((trail, [at, value]) => follow(trail, at * 1000, value, Math.max), null);
const values = (trail: Trail<number> | null) => trail?.values;

describe('the last minute', () => {
  it('has a value for five seconds: of several the greatest', () => {
    expect(values(seen([0, 1], [2, 4], [4, 2], [5, 3]))).toEqual([4, 3]);
  });

  it('is the same where nothing new is known', () => {
    const trail = seen([0, 4]);
    expect(follow(trail, 3000, 4, Math.max)).toBe(trail);
  });

  it('has nothing for when nobody looked', () => {
    expect(values(seen([0, 1], [16, 2]))).toEqual([1, null, null, 2]);
    expect(values(seen([0, 1], [3600, 2]))).toEqual([...Array(STEPS - 1).fill(null), 2]);
  });

  it('is no longer than a minute, and begins anew when the clock is set back', () => {
    const minutes = seen(...Array.from({ length: 40 }, (_, at): [number, number] => [at * 5, at]));
    expect(values(minutes)).toEqual(Array.from({ length: STEPS }, (_, at) => 28 + at));
    expect(values(seen([100, 1], [10, 2]))).toEqual([2]);
  });
});

describe('its bars', () => {
  const line = (...all: (number | null)[]) => sparkline(all);

  it('are a flat line while nothing changes, however long that is known', () => {
    expect(line(7)).toBe('▁▁▁▁▁▁▁▁▁▁▁▁');
    expect(line(7, 7, 7)).toBe(line(7));
    expect(line(0)).toBe(line(7));
  });

  it('reach from the least to the most, with nothing where nothing is known', () => {
    expect(line(0, 7, null, 3)).toBe('        ▁█ ▄');
  });

  it('stay near the ground where little changes', () => {
    expect(line(312, 313)).toBe('          ▁▁');
    expect(line(300, 360)).toBe('          ▁▆');
  });
});
