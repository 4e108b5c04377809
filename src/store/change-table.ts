import { selection } from './shown.ts';
import { type State, type TableState, tableOf } from './state.ts';

export function withTable(state: State, change: (table: TableState) => Partial<TableState>): State {
  const name = tableOf(state);
  const table = state.tables[name];
  return { ...state, tables: { ...state.tables, [name]: { ...table, ...change(table) } } };
}

/** What is selected stays so by identity; where nothing is yet, or it has gone, the row that is in its place. */
export function keepSelection(state: State): State {
  const now = selection(state);
  if (!now) return state;
  const { selected, selectedRow } = state.tables[tableOf(state)];
  if (selected === now.row.identity && selectedRow === now.index) return state;
  return withTable(state, () => ({ selected: now.row.identity, selectedRow: now.index }));
}
