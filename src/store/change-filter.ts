import { NO_FILTER } from '../query/filter.ts';
import { keepSelection, withTable } from './change-table.ts';
import { selectClosest } from './closest.ts';
import type { Line } from './line.ts';
import { type State, tableOf } from './state.ts';
import { filterProblemOf } from './views.ts';

/** Of what is not finished yet, or wrong, the rows show what can be understood of it. */
export function typeFilter(state: State, line: Line, recalled: number | null): State {
  const text = filterProblemOf(tableOf(state), line.text)?.understood ?? line.text;
  const filter = text === '' ? NO_FILTER : { text, kept: false };
  const typed = { filterLine: line, recalled, filterRefused: false };
  return selectClosest(keepSelection({ ...withTable(state, () => ({ filter })), ...typed }));
}

export function recall(state: State, by: number): State {
  const { filterHistory: history } = state;
  const at = (state.recalled ?? history.length) + by;
  // After the latest stands what was being typed.
  const text = at === history.length ? state.filterDraft : history[at];
  if (text === undefined) return state;
  return typeFilter(state, { text, cursor: [...text].length }, at === history.length ? null : at);
}

export function keepFilter(state: State): State {
  const { text } = state.filterLine;
  if (filterProblemOf(tableOf(state), text)) return { ...state, filterRefused: true };
  const filterHistory =
    text === '' ? state.filterHistory : [...state.filterHistory.filter((old) => old !== text), text];
  const kept = withTable(state, () => ({ filter: text === '' ? NO_FILTER : { text, kept: true } }));
  return keepSelection({ ...kept, focus: 'table', filterHistory, recalled: null });
}
