import type { Column } from '../query/column.ts';
import { keepSelection, withTable } from './change-table.ts';
import { columnsShown, sortColumn } from './shown.ts';
import { type Chooser, type InSight, type State, type TableState, tableOf } from './state.ts';
import { allColumns } from './views.ts';

/** The columns of the table are to be chosen: first those that are shown, in their order, then the others. */
export function openChooser(state: State): State {
  const name = tableOf(state);
  if (name === 'timeline') return state;
  const { columns } = state.tables[name];
  const { own, all } = allColumns(name);
  const shown = columns ?? own;
  const list = [
    ...shown.map((column) => ({ column, on: true })),
    ...all.filter((column) => !shown.includes(column)).map((column) => ({ column, on: false })),
  ];
  return { ...state, focus: 'columns', chooser: { list, cursor: 0, before: columns } };
}

/** One that the rows are sorted by stays, and so one at least is left. */
export function toggleColumn(state: State): State {
  const { chooser } = state;
  const chosen = chooser?.list[chooser.cursor];
  if (!chooser || !chosen || (chosen.on && isSorted(state, chosen.column))) return state;
  return choose(state, {
    ...chooser,
    list: chooser.list.map((each) => (each === chosen ? { ...each, on: !each.on } : each)),
  });
}

export function isSorted(state: State, column: Column<never>): boolean {
  return sortColumn(columnsShown(state), state.tables[tableOf(state)].sort).key === column.key;
}

/** Nearer to the beginning or the end, with the cursor on it. */
export function moveColumn(state: State, by: number): State {
  const { chooser } = state;
  const chosen = chooser?.list[chooser.cursor];
  const to = (chooser?.cursor ?? 0) + by;
  if (!chooser || !chosen || to < 0 || to >= chooser.list.length) return state;
  return choose(state, {
    ...chooser,
    list: chooser.list.toSpliced(chooser.cursor, 1).toSpliced(to, 0, chosen),
    cursor: to,
  });
}

/** `keep` false: as they were before. */
export function closeChooser(state: State, keep: boolean): State {
  const closed: State = { ...state, focus: 'table', chooser: null };
  const before = state.chooser?.before ?? null;
  return keep ? closed : keepSelection(withTable(closed, () => ({ columns: before })));
}

export function moveInChooser(state: State, by: number): State {
  const { chooser } = state;
  if (!chooser) return state;
  const cursor = Math.max(0, Math.min(chooser.list.length - 1, chooser.cursor + by));
  return cursor === chooser.cursor ? state : { ...state, chooser: { ...chooser, cursor } };
}

function choose(state: State, chooser: Chooser): State {
  const name = tableOf(state);
  if (name === 'timeline') return state;
  const { own } = allColumns(name);
  const on = chooser.list.filter((each) => each.on).map(({ column }) => column);
  const asOwn = on.length === own.length && on.every((column, at) => column === own[at]);
  const columns: TableState['columns'] = asOwn ? null : on;
  return keepSelection(withTable({ ...state, chooser }, () => ({ columns })));
}

/** What the screen says of itself once it is drawn. */
export function seeColumns(state: State, inSight: InSight, left: number): State {
  const before = state.inSight;
  const same = before?.right === inSight.right && before.columns.join() === inSight.columns.join();
  const seen = same ? state : { ...state, inSight };
  return state.tables[tableOf(state)].left === left ? seen : withTable(seen, () => ({ left }));
}

/** Columns that lie beside the screen come in, as long as there are some. */
export function scrollSideways(state: State, by: number): State {
  const { left } = state.tables[tableOf(state)];
  const to = Math.max(0, left + Math.min(by, state.inSight?.right ?? 0));
  return to === left ? state : withTable(state, () => ({ left: to }));
}
