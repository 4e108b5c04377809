import { describe, expect, it } from 'vitest';
import { countPages, noPages } from '../../src/procfs/pagemap.ts';

const bit = (place: number) => 1n << BigInt(place);
const PRESENT = bit(63);
const SWAPPED = bit(62);

function counted(...entries: bigint[]) {
  const counts = noPages();
  countPages(new Uint32Array(new BigUint64Array(entries).buffer), counts);
  return counts;
}

describe('/proc/PID/pagemap', () => {
  it('has pages that are in memory, swapped out, and neither', () => {
    expect(counted(PRESENT, SWAPPED | 0x123n, 0n, PRESENT)).toMatchObject({ present: 2, swapped: 1 });
  });

  it('tells whose they are, and which were written to', () => {
    expect(counted(PRESENT | bit(61), PRESENT | bit(56) | bit(55), bit(55))).toEqual({
      present: 2,
      swapped: 0,
      fileOrShared: 1,
      exclusive: 1,
      softDirty: 2,
      numbered: 0,
    });
  });

  it('tells frame numbers only to some: the lowest 55 bits', () => {
    expect(counted(PRESENT | bit(55), PRESENT | bit(61)).numbered).toBe(0);
    expect(counted(PRESENT | 1n, PRESENT | bit(54), PRESENT | bit(32)).numbered).toBe(3);
    expect(counted(SWAPPED | 0x123n).numbered).toBe(0);
  });
});
