import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type Layout, layoutOf, type Size, SMALLEST, scrollTo } from '../../src/ui/layout.ts';

const sizes: fc.Arbitrary<Size> = fc.record({
  columns: fc.integer({ min: SMALLEST.columns, max: 500 }),
  rows: fc.integer({ min: SMALLEST.rows, max: 200 }),
});
const closed = { detailsOpen: false, view: 'listening' } as const;
const open = { detailsOpen: true, view: 'listening' } as const;

describe('the screen', () => {
  test('is divided without a rest, whatever its size', () => {
    fc.assert(
      fc.property(sizes, fc.boolean(), (size, detailsOpen) => {
        const layout = layoutOf(size, { ...closed, detailsOpen });
        const { spaced, beside, table, tableWidth, details, body } = layout;
        const { detailsWidth, services, servicesWidth } = layout;
        // The header, the views, perhaps an empty line, the body, the footer.
        expect(1 + 1 + (spaced ? 1 : 0) + body + 1).toBe(size.rows);
        // The heading stands over the table's rows.
        expect(1 + table + (beside ? 0 : details)).toBe(body);
        if (beside) {
          expect(tableWidth + detailsWidth).toBe(size.columns);
          expect(details + services).toBe(body);
          expect(servicesWidth).toBe(services > 0 ? detailsWidth : 0);
        } else {
          expect(tableWidth).toBe(size.columns);
          expect(detailsWidth + servicesWidth).toBe(size.columns);
        }
      }),
    );
  });

  test('always has rows of the table, and details that say something when they are open', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        expect(layoutOf(size, closed).details).toBe(0);
        const { table, details, detailsWidth } = layoutOf(size, open);
        expect(table).toBeGreaterThanOrEqual(5);
        expect(details).toBeGreaterThanOrEqual(8);
        expect(detailsWidth).toBeGreaterThanOrEqual(60);
      }),
    );
  });

  test('gives a larger terminal no less of anything', () => {
    fc.assert(
      fc.property(sizes, fc.boolean(), (size, detailsOpen) => {
        const here = layoutOf(size, { ...closed, detailsOpen });
        const taller = layoutOf({ ...size, rows: size.rows + 2 }, { ...closed, detailsOpen });
        expect(taller.table).toBeGreaterThanOrEqual(here.table);
        // Beside the table what the port is for stands under the details, once there is room for both.
        const told = ({ beside, details, services }: Layout) => details + (beside ? services : 0);
        expect(told(taller)).toBeGreaterThanOrEqual(told(here));
      }),
    );
  });

  it('has the details under the table, or beside it where there is room for both', () => {
    const at = (columns: number) => layoutOf({ columns, rows: 40 }, open);
    expect(at(159)).toMatchObject({ beside: false, tableWidth: 159 });
    expect(at(160)).toMatchObject({ beside: true, tableWidth: 80, detailsWidth: 80 });
    expect(layoutOf({ columns: 200, rows: 40 }, closed)).toMatchObject({ beside: false, tableWidth: 200 });
    // There the services stand under them, where that leaves enough.
    expect(at(200).services).toBeGreaterThan(5);
    expect(layoutOf({ columns: 200, rows: 24 }, open).services).toBe(0);
  });

  it('has the services beside the details where there is room, and only there', () => {
    expect(layoutOf({ columns: 80, rows: 24 }, open).servicesWidth).toBe(0);
    expect(layoutOf({ columns: 120, rows: 40 }, open).servicesWidth).toBeGreaterThan(30);
    expect(layoutOf({ columns: 120, rows: 40 }, { ...open, view: 'processes' }).servicesWidth).toBe(0);
  });

  it('has an empty line for calm only where there is room', () => {
    expect(layoutOf({ columns: 80, rows: 24 }, closed).spaced).toBe(false);
    expect(layoutOf({ columns: 120, rows: 40 }, closed).spaced).toBe(true);
  });
});

describe('scrolling to the cursor', () => {
  const lists = fc
    .record({ count: fc.integer({ min: 1, max: 300 }), height: fc.integer({ min: 1, max: 60 }) })
    .chain(({ count, height }) =>
      fc.record({
        count: fc.constant(count),
        height: fc.constant(height),
        cursor: fc.nat(count - 1),
        top: fc.nat(400),
      }),
    );

  test('keeps it in sight, and no room empty that a line could have', () => {
    fc.assert(
      fc.property(lists, ({ count, height, cursor, top }) => {
        const next = scrollTo(top, cursor, height, count);
        expect(next).toBeGreaterThanOrEqual(0);
        expect(next).toBeLessThanOrEqual(cursor);
        expect(cursor).toBeLessThan(next + height);
        expect(next + Math.min(height, count)).toBeLessThanOrEqual(count);
      }),
    );
  });

  test('moves nothing that is in sight already', () => {
    fc.assert(
      fc.property(lists, ({ count, height, cursor, top }) => {
        const settled = scrollTo(top, cursor, height, count);
        expect(scrollTo(settled, cursor, height, count)).toBe(settled);
        for (const near of [cursor - 1, cursor + 1]) {
          if (near < settled || near >= Math.min(count, settled + height)) continue;
          expect(scrollTo(settled, near, height, count)).toBe(settled);
        }
      }),
    );
  });

  test('moves by no more than the cursor did', () => {
    fc.assert(
      fc.property(lists, ({ count, height, cursor, top }) => {
        const settled = scrollTo(top, cursor, height, count);
        const next = Math.min(count - 1, cursor + 1);
        expect(scrollTo(settled, next, height, count) - settled).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('begins at the top where there is nothing', () => {
    expect(scrollTo(0, -1, 10, 0)).toBe(0);
    expect(scrollTo(7, -1, 10, 0)).toBe(0);
    expect(scrollTo(7, 0, 10, 1)).toBe(0);
  });
});
