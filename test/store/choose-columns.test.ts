import { describe, expect, it } from 'vitest';
import { COLUMNS } from '../../src/query/columns.ts';
import { reduce } from '../../src/store/reduce.ts';
import { columnsShown } from '../../src/store/shown.ts';
import { type Action, initialState, type State } from '../../src/store/state.ts';

const after = (state: State, ...actions: Action[]) => actions.reduce(reduce, state);
const choose: Action = { type: 'columns' };
const toggle: Action = { type: 'column-toggle' };
const keep: Action = { type: 'columns-keep' };
const back: Action = { type: 'back' };
const down: Action = { type: 'move', by: 1 };
const columns = [COLUMNS.port, COLUMNS.addr, COLUMNS.command];
const start = initialState({ columns });
const keys = (state: State) => columnsShown(state).map(({ key }) => key);

describe('choosing columns', () => {
  it('lists those that are shown, in their order, and then all others', () => {
    const { chooser, focus } = after(start, choose);
    expect(focus).toBe('columns');
    expect(chooser?.list.map(({ on }) => on).lastIndexOf(true)).toBe(2);
    expect(chooser?.list.slice(0, 3).map(({ column }) => column)).toEqual(columns);
    expect(new Set(chooser?.list.map(({ column }) => column))).toEqual(new Set(Object.values(COLUMNS)));
  });

  it('hides and shows one at once, where it stands in the list', () => {
    const hidden = after(start, choose, down, toggle);
    expect(keys(hidden)).toEqual(['port', 'command']);
    expect(keys(after(hidden, toggle))).toEqual(['port', 'addr', 'command']);
  });

  it('puts one before or behind another, and the cursor with it', () => {
    const moved = after(start, choose, down, { type: 'column-move', by: 1 });
    expect(keys(moved)).toEqual(['port', 'command', 'addr']);
    expect(moved.chooser?.cursor).toBe(2);
    expect(keys(after(moved, { type: 'column-move', by: -1 }))).toEqual(keys(start));
    expect(keys(after(start, choose, { type: 'column-move', by: -1 }))).toEqual(keys(start));
  });

  it('leaves the one that the rows are sorted by', () => {
    expect(keys(after(start, choose, toggle))).toEqual(keys(start));
    expect(keys(after(start, { type: 'sort-by', by: 1 }, choose, toggle))).toEqual(['addr', 'command']);
  });

  it('keeps them, or gives back what was', () => {
    const kept = after(start, choose, down, toggle, keep);
    expect([kept.focus, kept.chooser]).toEqual(['table', null]);
    expect(keys(kept)).toEqual(['port', 'command']);
    const given = after(start, choose, down, toggle, back);
    expect([given.focus, given.chooser]).toEqual(['table', null]);
    expect(given.tables.listening.columns).toBe(start.tables.listening.columns);
  });

  it('is of one view, processes too, and numbers stay numbers', () => {
    const processes = after(
      initialState({ view: 'processes', numeric: true }),
      choose,
      down,
      down,
      down,
      toggle,
      keep,
    );
    expect(keys(processes)).not.toContain('mem');
    expect(keys(processes)).toContain('uid');
    expect(processes.tables.listening.columns).toBeNull();
  });

  it('is not told from the table as it was where it ends so', () => {
    const same = after(initialState(), choose, down, toggle, toggle, keep);
    expect(same.tables.listening.columns).toBeNull();
  });
});

describe('columns that have no room', () => {
  const seen = (right: number, left = 0): Action => ({
    type: 'in-sight',
    inSight: { columns: ['port'], right },
    left,
  });
  const right: Action = { type: 'sideways', by: 1 };
  const leftwards: Action = { type: 'sideways', by: -1 };
  const left = (state: State) => state.tables.listening.left;

  it('come in as long as there are some', () => {
    expect(left(after(start, right))).toBe(0);
    expect(left(after(start, seen(2), right, seen(1, 1), right))).toBe(2);
    expect(left(after(start, seen(2), right, seen(0, 1), right))).toBe(1);
    expect(left(after(start, seen(2), right, leftwards, leftwards))).toBe(0);
  });

  it('end where the screen says that they do, and nothing changes that is the same', () => {
    const state = after(start, seen(2), right, right, right);
    expect(left(after(state, seen(0, 2)))).toBe(2);
    const drawn = after(start, seen(2));
    expect(after(drawn, seen(2))).toBe(drawn);
  });
});

describe('sorting anew', () => {
  it('begins with the most of an amount, and with the least of what is no amount', () => {
    const of = (...shown: (typeof columns)[number][]) => initialState({ columns: [COLUMNS.port, ...shown] });
    const next = (state: State) => after(state, { type: 'sort-by', by: 1 }).tables.listening.sort;
    expect(next(of(COLUMNS.conns))).toEqual({ key: 'conns', descending: true });
    expect(next(of(COLUMNS.queue))).toEqual({ key: 'queue', descending: true });
    expect(next(of(COLUMNS.pid))).toEqual({ key: 'pid', descending: false });
    expect(next(of(COLUMNS.command))).toEqual({ key: 'command', descending: false });
    const cpu = after(initialState({ view: 'processes' }), { type: 'sort-by', by: 1 }).tables.processes.sort;
    expect(cpu).toEqual({ key: 'mem', descending: true });
  });
});
