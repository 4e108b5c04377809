import { describe, expect, it } from 'vitest';
import { Freshness, roundedUp } from '../../src/store/freshness.ts';

/** An index that counts how often it is asked. */
class Owners {
  asked = 0;
  since = -Infinity;

  get freshSince(): number {
    this.asked++;
    return this.since;
  }
}

describe('within what time everybody was asked', () => {
  it('is told in steps', () => {
    expect([0, 10_000, 10_001, 600_000, 86_400_001, Infinity].map(roundedUp)).toEqual([
      10_000,
      10_000,
      60_000,
      600_000,
      null,
      null,
    ]);
  });

  it('is found out each time until everybody was', () => {
    const owners = new Owners();
    const freshness = new Freshness();
    expect(freshness.of(owners, 1000)).toBeNull();
    expect(freshness.of(owners, 2000)).toBeNull();
    owners.since = 1500;
    expect(freshness.of(owners, 2001)).toBe(10_000);
    expect(owners.asked).toBe(3);
  });

  it('is not found out at each look, as long as it cannot have become worse', () => {
    const owners = new Owners();
    const freshness = new Freshness();
    owners.since = 0;
    for (let now = 5000; now < 10_000; now += 1000) expect(freshness.of(owners, now)).toBe(10_000);
    expect(owners.asked).toBe(1);
  });

  it('is found out before something worse is told, and is that only if it is so', () => {
    const owners = new Owners();
    const freshness = new Freshness();
    owners.since = 0;
    freshness.of(owners, 8000);
    owners.since = 7000;
    expect(freshness.of(owners, 10_001)).toBe(10_000);
    expect(freshness.of(owners, 17_001)).toBe(60_000);
    expect(owners.asked).toBe(3);
  });

  it('is found out now and then: it may have become better', () => {
    const owners = new Owners();
    const freshness = new Freshness();
    owners.since = 0;
    expect(freshness.of(owners, 100_000)).toBe(600_000);
    owners.since = 99_000;
    expect(freshness.of(owners, 109_999)).toBe(600_000);
    expect(freshness.of(owners, 110_000)).toBe(60_000);
  });
});
