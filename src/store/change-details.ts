import { TABS } from '../processes/tabs.ts';
import { type Edit, EMPTY_LINE, edit } from './line.ts';
import { ownerPids } from './shown.ts';
import type { State } from './state.ts';

/** The next or previous page, round and round; of each from its top. */
export function turnTab(state: State, by: number): State {
  const at = TABS.findIndex(({ name }) => name === state.detailsTab);
  const next = TABS[(at + by + TABS.length) % TABS.length];
  return next ? { ...state, detailsTab: next.name, detailsLine: 0 } : state;
}

export function turnOwner(state: State, by: number): State {
  const last = ownerPids(state).length - 1;
  const detailsOwner = Math.max(0, Math.min(last, state.detailsOwner + by));
  return detailsOwner === state.detailsOwner ? state : { ...state, detailsOwner, detailsLine: 0 };
}

/** Of one that ended, what was last known stays. */
export function tellProcess(before: State['process'], now: State['process']): State['process'] {
  if (now === null || !('gone' in now) || now.last !== undefined || before?.pid !== now.pid) return now;
  return 'gone' in before ? before : { ...now, last: before };
}

export function typeSearch(state: State, change: Edit): State {
  return { ...state, detailsSearch: edit(state.detailsSearch, change), detailsLine: 0 };
}

/** Esc, one step back: in the details what is searched for is cleared first. */
export function leaveDetails(state: State): State {
  if (state.focus === 'details' && state.detailsSearch.text !== '') return clearSearch(state);
  return { ...state, detailsOpen: false, focus: 'table', detailsSearch: EMPTY_LINE };
}

export function clearSearch(state: State): State {
  return { ...state, focus: 'details', detailsSearch: EMPTY_LINE, detailsLine: 0 };
}
