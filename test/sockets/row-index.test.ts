import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RowIndex } from '../../src/sockets/row-index.ts';

fc.configureGlobal({ seed: 4000 });

/** What identities are: cookies, small and positive, or whole numbers below zero of up to 52 bits. */
const identities = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 50 }),
    fc.integer({ min: 1, max: 2 ** 48 }),
    fc.integer({ min: 1, max: 2 ** 20 }).map((high) => high * 2 ** 32),
    fc
      .maxSafeInteger()
      .map((number) => -Math.abs(number) / 2 - 1)
      .map(Math.floor),
  ),
  { maxLength: 300 },
);

it('does what a Map does that keeps the first row of each identity', () => {
  fc.assert(
    fc.property(identities, identities, (list, others) => {
      const column = Float64Array.from(list);
      const index = new RowIndex(list.length);
      const map = new Map<number, number>();
      list.forEach((identity, row) => {
        expect(index.add(column, row)).toBe(map.get(identity) ?? -1);
        if (!map.has(identity)) map.set(identity, row);
      });
      for (const identity of [...list, ...others]) {
        expect(index.find(column, identity)).toBe(map.get(identity) ?? -1);
      }
    }),
  );
});

it.each([0, 1, 15, 16, 17, 100_000])('finds each of %i rows, and no other', (rows) => {
  const column = Float64Array.from({ length: rows }, (_, row) => row * 3 + 1);
  const index = new RowIndex(rows);
  for (let row = 0; row < rows; row++) index.add(column, row);
  for (let row = 0; row < rows; row++) if (index.find(column, row * 3 + 1) !== row) expect.fail(`row ${row}`);
  expect(index.find(column, 2)).toBe(-1);
  expect(index.find(column, -1)).toBe(-1);
});
