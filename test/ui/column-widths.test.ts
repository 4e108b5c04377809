import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { COLUMNS, type Column } from '../../src/query/columns.ts';
import { TABLES } from '../../src/store/views.ts';
import { SMALLEST } from '../../src/ui/layout.ts';
import { fitColumns, GAP, GAUGE_ROOM, windowOf } from '../../src/ui/table/column-widths.ts';

/** What stands left of the columns: the marks. */
const MARGIN = 4;
const rooms = fc.integer({ min: SMALLEST.columns - MARGIN, max: 400 });

/** The columns of a view, each as wide as its title or wider, but not wider than it may become. */
const tables = fc.constantFrom(...Object.values(TABLES)).chain(({ columns }) =>
  fc.record({
    columns: fc.constant(columns),
    wanted: fc.tuple(
      ...columns.map(({ title, maxWidth }) =>
        fc.integer({ min: title.length + 1, max: Math.max(title.length + 1, maxWidth) }),
      ),
    ),
  }),
);

const used = (fitted: readonly { width: number }[]) =>
  fitted.reduce((sum, { width }) => sum + width, GAP * (fitted.length - 1));
const kept = (fitted: readonly { column: Column }[]) => fitted.map(({ column }) => column);

describe('the columns of a view', () => {
  test('are never wider together than the room', () => {
    fc.assert(
      fc.property(tables, rooms, ({ columns, wanted }, room) => {
        expect(used(fitColumns(columns, wanted, room))).toBeLessThanOrEqual(room);
      }),
    );
  });

  test('keep their order, and each that always stays', () => {
    fc.assert(
      fc.property(tables, fc.nat(400), ({ columns, wanted }, room) => {
        const fitted = kept(fitColumns(columns, wanted, room));
        expect(fitted).toEqual(columns.filter((column) => fitted.includes(column)));
        for (const column of columns) if (column.sacrifice === 0) expect(fitted).toContain(column);
      }),
    );
  });

  test('go in the order of how little they are needed', () => {
    fc.assert(
      fc.property(tables, rooms, ({ columns, wanted }, room) => {
        const fitted = kept(fitColumns(columns, wanted, room));
        const gone = columns.filter((column) => !fitted.includes(column));
        const needed = Math.max(...fitted.map(({ sacrifice }) => sacrifice));
        for (const { sacrifice } of gone) expect(sacrifice).toBeGreaterThanOrEqual(needed);
      }),
    );
  });

  test('get no more than they could use, and none less than its title needs', () => {
    fc.assert(
      fc.property(tables, rooms, ({ columns, wanted }, room) => {
        for (const { column, width } of fitColumns(columns, wanted, room)) {
          expect(width).toBeLessThanOrEqual(wanted[columns.indexOf(column)] as number);
          expect(width).toBeGreaterThanOrEqual(column.title.length);
        }
      }),
    );
  });

  test('are all there, as wide as they could use, where there is room', () => {
    fc.assert(
      fc.property(tables, fc.nat(100), ({ columns, wanted }, more) => {
        const needed = used(wanted.map((width) => ({ width })));
        const fitted = fitColumns(columns, wanted, needed + more);
        expect(fitted.map(({ width }) => width)).toEqual(wanted);
      }),
    );
  });

  test('that are cut do so no further than the room asks', () => {
    fc.assert(
      fc.property(tables, rooms, ({ columns, wanted }, room) => {
        const fitted = fitColumns(columns, wanted, room);
        const cut = fitted.some(({ column, width }) => width < (wanted[columns.indexOf(column)] as number));
        // But for what is left of a gauge that had no room.
        if (cut) expect(room - used(fitted)).toBeLessThan(GAUGE_ROOM);
      }),
    );
  });

  test('that have no room come in sideways: every one, and the first stays', () => {
    fc.assert(
      fc.property(tables, rooms, ({ columns, wanted }, room) => {
        const seen = new Set<string>();
        for (let left = 0; ; left++) {
          const window = windowOf(columns, wanted, room, left);
          expect(used(window.fitted)).toBeLessThanOrEqual(room);
          expect(kept(window.fitted)[0]).toBe(columns[0]);
          expect(window.left).toBe(left);
          const beside = columns.length - window.left - window.fitted.length;
          // The last may be there in part.
          expect(beside === 0 ? [0, 1] : [beside]).toContain(window.right);
          for (const { key } of kept(window.fitted)) seen.add(key);
          if (window.right === 0) break;
        }
        expect(seen.size).toBe(columns.length);
      }),
    );
  });

  test('are scrolled no further than to the last one', () => {
    fc.assert(
      fc.property(tables, rooms, fc.nat(40), ({ columns, wanted }, room, left) => {
        const { left: reached, right } = windowOf(columns, wanted, room, left);
        expect(reached).toBeLessThanOrEqual(left);
        if (reached < left) expect(right).toBe(0);
      }),
    );
  });

  it('never cut a pid or a port, which a cut would make another number', () => {
    const { columns } = TABLES.listening;
    const wanted = columns.map(({ title, maxWidth }) => Math.max(title.length + 1, maxWidth));
    const widths = new Map(
      fitColumns(columns, wanted, SMALLEST.columns - MARGIN).map(({ column, width }) => [column.key, width]),
    );
    expect(widths.get('port')).toBe(5);
    expect(widths.get('pid')).toBe(10);
  });

  test('give way before a whole column goes', () => {
    const columns = [COLUMNS.addr, COLUMNS.user];
    expect(kept(fitColumns(columns, [39, 8], 39))).toEqual(columns);
  });
});
