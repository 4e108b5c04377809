import { keepSelection, withTable } from './change-table.ts';
import { ALL_FOLDED, ALL_OPEN } from './groups.ts';
import { selection, shownRows } from './shown.ts';
import { type State, tableOf } from './state.ts';
import { groupingOf } from './views.ts';

/** Sockets by their process, or as the table has them. */
export function toggleGroups(state: State): State {
  const name = tableOf(state);
  if (name === 'timeline') return state;
  return keepSelection(
    withTable(state, ({ grouping }) =>
      grouping === 'process'
        ? { grouping: groupingOf(name), folding: ALL_FOLDED }
        : { grouping: 'process', folding: ALL_OPEN },
    ),
  );
}

/** Shows what the selected row stands for, each in a row, or makes these one again. */
export function toggleFold(state: State): State {
  const selected = selection(state);
  const group = selected ? shownRows(state).groupOf(selected.index) : [];
  if (!selected || group.length < 2) return state;
  const open = selected.row.fold === 'folded';
  return keepSelection(
    withTable(state, ({ folding }) => {
      const except = new Set(folding.except);
      for (const identity of group) {
        if (open === folding.open) except.delete(identity);
        else except.add(identity);
      }
      return { folding: { ...folding, except } };
    }),
  );
}

/** The same for all rows; where some are open and some are not, all are opened. */
export function toggleAllFolds(state: State): State {
  if (state.tables[tableOf(state)].grouping === null) return state;
  const rows = shownRows(state);
  return keepSelection(
    withTable(state, () => ({ folding: rows.length < rows.unfolded ? ALL_OPEN : ALL_FOLDED })),
  );
}
