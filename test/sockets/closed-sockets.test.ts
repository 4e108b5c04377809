import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClosedSockets } from '../../src/sockets/closed-sockets.ts';
import { held, NOON, snapshot, tcp, unix } from '../helpers/snapshots.ts';
import { worlds } from '../query/random-sockets.ts';

fc.configureGlobal({ seed: 4000 });

const web = tcp('0.0.0.0:80', { owners: [held('nginx', 812), held('nginx', 813)] });

describe('sockets that closed', () => {
  it('are as they were last seen, whatever is there now', () => {
    const rows = snapshot([tcp('0.0.0.0:22'), web, unix('/run/a', { inode: 5 })]);
    const seen = [rows.socket(2), rows.socket(1)];
    const closed = new ClosedSockets();
    closed.add(rows, 2, NOON);
    closed.add(rows, 1, NOON + 1000);
    expect(closed.length).toBe(2);
    expect([closed.socket(0), closed.socket(1)]).toEqual(seen);
    expect([closed.at(0), closed.at(1)]).toEqual([NOON, NOON + 1000]);
    expect(closed.table.paths.get(0)).toBe('/run/a');
    expect(closed.processes(1)).toMatchObject([{ pid: 812 }, { pid: 813 }]);
  });

  it('are found by their identities', () => {
    const rows = snapshot([tcp('0.0.0.0:22'), web]);
    const closed = new ClosedSockets();
    expect(closed.rowOf(rows.identity(1))).toBe(-1);
    closed.add(rows, 1, NOON);
    expect(closed.rowOf(rows.identity(1))).toBe(0);
    expect(closed.rowOf(rows.identity(0))).toBe(-1);
  });

  it('have every fact of the table that they were in, and are kept from one to the next', () => {
    fc.assert(
      fc.property(worlds, ({ live, now }) => {
        const once = new ClosedSockets();
        const again = new ClosedSockets();
        for (let row = 0; row < live.table.length; row++) once.add(live, row, now);
        for (let row = 0; row < once.length; row++) again.add(once, row, once.at(row));
        for (const closed of [once, again]) {
          // Timers, the object alone.
          if (!live.table.keepsTimers) expect(closed.table.equals(live.table)).toBe(true);
          for (let row = 0; row < closed.length; row++) {
            expect(closed.table.sourceOf(row)).toBe(live.table.sourceOf(row));
            expect(closed.table.stateOf(row)).toBe(live.table.stateOf(row));
            expect(closed.socket(row)).toBe(live.socket(row));
            expect(closed.rowOf(live.table.identity[row] as number)).toBe(row);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
