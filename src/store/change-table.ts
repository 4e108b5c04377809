import { selection, shownRows } from './shown.ts';
import { type State, type TableState, tableOf } from './state.ts';

export function withTable(state: State, change: (table: TableState) => Partial<TableState>): State {
  const name = tableOf(state);
  const table = state.tables[name];
  return { ...state, tables: { ...state.tables, [name]: { ...table, ...change(table) } } };
}

/**
 * What is selected stays so by identity; where it has gone or closed, what it was one row with; where nothing is yet, or nothing
 * of it is left, the row that is in its place.
 * @param before where what is gone may still be found
 */
export function keepSelection(state: State, before: State | null = null): State {
  const now = before === null ? selection(state) : selection(withHeir(state, before));
  if (!now) return state;
  const { selected, selectedRow } = state.tables[tableOf(state)];
  if (selected === now.row.identity && selectedRow === now.index) return state;
  return withTable(state, () => ({ selected: now.row.identity, selectedRow: now.index }));
}

/**
 * The state with the first that lives of those that were one row with the selected one, if that is gone or closed.
 * Where each was a row of its own, it was that one which was meant.
 */
function withHeir(state: State, before: State): State {
  const { selected } = state.tables[tableOf(state)];
  if (selected === null || tableOf(before) !== tableOf(state)) return state;
  const rows = shownRows(state);
  const lives = (identity: number) => rows.at(rows.indexOf(identity))?.closedAt === null;
  if (lives(selected)) return state;
  const rowsBefore = shownRows(before);
  const was = rowsBefore.indexOf(selected);
  // A closed row that somebody chose stays so.
  if (rows.indexOf(selected) >= 0 && rowsBefore.at(was)?.closedAt !== null) return state;
  if (rowsBefore.at(was)?.fold !== 'folded') return state;
  const heir = rowsBefore.groupOf(was).find(lives);
  return heir === undefined ? state : withTable(state, () => ({ selected: heir }));
}
