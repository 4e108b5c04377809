import { unfollowed } from './change-pins.ts';
import { keepSelection, withTable } from './change-table.ts';
import { columnsShown, shownRows, sortColumn } from './shown.ts';
import { type State, tableOf } from './state.ts';

/** A row of the table that is pointed at is selected, and the table has the keys; one that has gone is not. */
export function select(state: State, identity: number): State {
  const selectedRow = shownRows(state).indexOf(identity);
  if (selectedRow < 0) return state;
  return {
    ...withTable(unfollowed(state, identity), () => ({ selected: identity, selectedRow })),
    focus: 'table',
  };
}

/** By a column of the table; by the one that it is sorted by already, the other way up. */
export function sortOn(state: State, key: string): State {
  const { sort } = state.tables[tableOf(state)];
  const columns = columnsShown(state);
  if (!columns.some((column) => column.key === key)) return state;
  const same = sortColumn(columns, sort).key === key;
  return keepSelection(withTable(state, () => ({ sort: { key, descending: same && !sort.descending } })));
}
