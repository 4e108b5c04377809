import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InodeMap } from '../../src/sockets/inode-map.ts';

/** Few, so that they meet; also runs of them, and the largest that there are. */
const inode = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 0xffff_ffd0, max: 0xffff_ffff }),
  fc.integer({ min: 1, max: 0xffff_ffff }),
);
const value = fc.integer({ min: -3, max: 4_194_304 }).filter((value) => value !== 0);

describe('a number for each inode', () => {
  it('is what was set last, until it is deleted', () => {
    const step = fc.oneof(
      { arbitrary: fc.tuple(fc.constant('set' as const), inode, value), weight: 2 },
      { arbitrary: fc.tuple(fc.constant('delete' as const), inode, fc.constant(0)), weight: 1 },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const map = new InodeMap();
        const model = new Map<number, number>();
        for (const [what, inode, value] of steps) {
          if (what === 'set') expect(map.set(inode, value)).toBe(model.get(inode) ?? 0);
          else map.delete(inode);
          if (what === 'set') model.set(inode, value);
          else model.delete(inode);
        }
        const all: [number, number][] = [];
        map.forEach((inode, value) => {
          all.push([inode, value]);
        });
        expect(new Map(all)).toEqual(model);
        expect(all.length).toBe(model.size);
        expect(map.size).toBe(model.size);
        for (const [, inode] of steps) expect(map.get(inode)).toBe(model.get(inode) ?? 0);
      }),
    );
  });

  it('is found among hundreds of thousands', () => {
    const map = new InodeMap();
    for (let inode = 1; inode <= 300_000; inode++) map.set(inode, inode + 1);
    for (let inode = 1; inode <= 300_000; inode += 3) map.delete(inode);
    expect(map.size).toBe(200_000);
    expect(map.get(3)).toBe(4);
    expect(map.get(299_999)).toBe(300_000);
    expect(map.get(299_998)).toBe(0);
    expect(map.get(300_001)).toBe(0);
  });
});
