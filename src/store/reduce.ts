import { COLUMNS } from '../query/columns.ts';
import { text } from '../text/safe.ts';
import {
  closeChooser,
  moveColumn,
  moveInChooser,
  openChooser,
  scrollSideways,
  seeColumns,
  toggleColumn,
} from './change-columns.ts';
import { clearSearch, leaveDetails, tellProcess, turnOwner, turnTab, typeSearch } from './change-details.ts';
import { keepFilter, recall, typeFilter } from './change-filter.ts';
import { toggleAllFolds, toggleFold, toggleGroups } from './change-groups.ts';
import { passOnProcesses, passOnSockets, toggleFollow, togglePin, unfollowed } from './change-pins.ts';
import { select, sortOn } from './change-pointer.ts';
import { changeSignal, leaveSignal } from './change-signal.ts';
import { keepSelection, withTable } from './change-table.ts';
import { selectClosest } from './closest.ts';
import { advance } from './lifecycle.ts';
import { EMPTY_LINE, edit } from './line.ts';
import { keptSockets } from './pins.ts';
import type { ProcessRow } from './process-sample.ts';
import type { Row } from './rows.ts';
import {
  columnsShown,
  detailsOfListener,
  detailsPid,
  isNarrowed,
  ownerPids,
  selection,
  shownRows,
  sortColumn,
  targetsShown,
} from './shown.ts';
import { type Action, type Focus, INTERVALS, type State, tableOf, vitalsOf } from './state.ts';
import { isCounted } from './timeline.ts';
import { follow } from './trail.ts';
import { VIEWS, type ViewName } from './views.ts';

export function reduce(state: State, action: Action): State {
  const before = state.detailsOpen ? { row: selection(state)?.row, pid: detailsPid(state) } : null;
  const next = change(state, action);
  return before?.row && next.detailsOpen ? keepDetails(next, action, before.row, before.pid) : next;
}

/** Another row has details of its own, from their top; of the same one, the process that they tell of stays. */
function keepDetails(state: State, action: Action, before: Row | ProcessRow, pid: number | null): State {
  const row = selection(state)?.row;
  // Which of several it is known by may change.
  const same = row?.identity === before.identity || rowsWith(state, before.identity);
  if (!row || !same) return { ...state, detailsLine: 0, detailsOwner: 0 };
  if (action.type !== 'sampled' || pid === null || row.socket === before.socket) return state;
  const owner = ownerPids(state).indexOf(pid);
  return owner < 0 || owner === state.detailsOwner ? state : { ...state, detailsOwner: owner };
}

const MOUSE_OFF = text`the mouse is the terminal's, to select text with; m takes it back`;
const MOUSE_ON = text`the mouse is porttop's; with Shift it selects text`;

/** What the last minute was like, now that more of it is known. */
function withTrails(state: State): State {
  const { connected, now, sample, inSight } = state;
  const shown = OF_CONNECTIONS.some((key) => inSight?.columns.includes(key)) || detailsOfListener(state);
  const counted = shown ? sample?.snapshot.counted : null;
  return {
    ...state,
    connectedTrail: connected === null ? null : follow(state.connectedTrail, now, connected, Math.max),
    countedTrail: counted ? follow(state.countedTrail, now, counted) : null,
  };
}

/** The columns for which connections are counted. */
const OF_CONNECTIONS: readonly string[] = [COLUMNS.conns.key, COLUMNS.states.key];

function rowsWith(state: State, identity: number): boolean {
  return shownRows(state).indexOf(identity) === selection(state)?.index;
}

function change(state: State, action: Action): State {
  switch (action.type) {
    case 'sampled': {
      const lifecycle =
        action.lifecycle ?? advance(state.sample, action.snapshot, keptSockets(state.pins, state.follow));
      const sampled = passOnSockets({
        ...state,
        sample: { snapshot: action.snapshot, lifecycle },
        now: action.snapshot.time.getTime(),
        ...vitalsOf(action),
        ownersKnown: state.ownersKnown || action.ownersKnown,
        failure: null,
      });
      return selectClosest(keepSelection(withTrails(sampled), state));
    }
    case 'looked':
      return withTrails({ ...state, now: action.now, ...vitalsOf(action), failure: null });
    case 'renamed':
      return state.sample
        ? { ...state, sample: { snapshot: action.snapshot, lifecycle: state.sample.lifecycle } }
        : state;
    case 'processes':
      return state.view === 'processes'
        ? selectClosest(keepSelection(passOnProcesses({ ...state, processes: action.processes })))
        : state;
    case 'happened': {
      const next = { ...state, timeline: action.timeline };
      // Who is at the top of the timeline watches what comes.
      const watches = tableOf(state) === 'timeline' && !state.detailsOpen && selection(state)?.index === 0;
      return watches ? move(next, -Infinity, 'table') : keepSelection(next);
    }
    case 'process':
      return {
        ...state,
        process: tellProcess(state.process, action.process),
        kernel: action.kernel ?? null,
      };
    case 'failed':
      return { ...state, failure: action.why };
    case 'move':
      return move(state, action.by, action.in);
    case 'edge':
      return move(state, action.to === 'first' ? -Infinity : Infinity);
    case 'select':
      return select(state, action.identity);
    case 'sort-on':
      return sortOn(state, action.key);
    case 'details-line':
      return state.detailsOpen
        ? { ...state, focus: 'details', detailsLine: action.line ?? state.detailsLine }
        : state;
    case 'view':
      return showView(state, action.name);
    case 'view-by': {
      const at = VIEWS.findIndex(({ name }) => name === state.view);
      const next = VIEWS[(at + action.by + VIEWS.length) % VIEWS.length];
      return next ? showView(state, next.name) : state;
    }
    case 'open':
      return selection(state) === null || isCounted(selection(state)?.row)
        ? state
        : { ...state, detailsOpen: true, focus: 'details', detailsLine: 0, detailsOwner: 0 };
    case 'back':
      return back(state);
    case 'focus-by':
      return state.detailsOpen && state.view !== 'services'
        ? { ...state, focus: state.focus === 'details' ? 'table' : 'details' }
        : state;
    case 'owner-by':
      return turnOwner(state, action.by);
    case 'tab-by':
      return turnTab(state, action.by);
    case 'search':
      return state.focus === 'details' ? { ...state, focus: 'search' } : state;
    case 'search-edit':
      return typeSearch(state, action.edit);
    case 'search-keep':
      return state.focus === 'search' ? { ...state, focus: 'details' } : state;
    case 'filter': {
      const { filter } = state.tables[tableOf(state)];
      const { text } = filter;
      const filterLine = { text, cursor: [...text].length };
      const edited = {
        filterLine,
        filterBefore: filter,
        filterDraft: text,
        recalled: null,
        filterRefused: false,
      };
      return { ...state, focus: 'filter', ...edited };
    }
    case 'filter-edit': {
      const line = edit(state.filterLine, action.edit);
      return typeFilter({ ...state, filterDraft: line.text }, line, null);
    }
    case 'filter-recall':
      return recall(state, action.by);
    case 'filter-keep':
      return keepFilter(state);
    case 'lookup-edit':
      return { ...state, lookupLine: edit(state.lookupLine, action.edit), lookupTop: 0 };
    case 'in-sight':
      return seeColumns(state, action.inSight, action.left);
    case 'sideways':
      return scrollSideways(state, action.by);
    case 'fold':
      return toggleFold(state);
    case 'fold-all':
      return toggleAllFolds(state);
    case 'columns':
      return openChooser(state);
    case 'column-toggle':
      return toggleColumn(state);
    case 'column-move':
      return moveColumn(state, action.by);
    case 'columns-keep':
      return closeChooser(state, true);
    case 'sort':
      return { ...state, focus: state.focus === 'sort' ? 'table' : 'sort' };
    case 'sort-by':
      return sortBy(state, action.by);
    case 'sort-reverse':
      return keepSelection(
        withTable(state, ({ sort }) => ({ sort: { ...sort, descending: !sort.descending } })),
      );
    case 'toggle-protocol': {
      if (tableOf(state) === 'processes') return state;
      const protocols = state.protocols.includes(action.protocol)
        ? state.protocols.filter((protocol) => protocol !== action.protocol)
        : [...state.protocols, action.protocol];
      return keepSelection({ ...state, protocols });
    }
    case 'reveal':
      return { ...state, reveal: !state.reveal };
    case 'numeric':
      return { ...state, numeric: !state.numeric };
    case 'tree':
      return tableOf(state) === 'processes'
        ? keepSelection({ ...state, tree: !state.tree })
        : toggleGroups(state);
    case 'connections':
      return tableOf(state) === 'timeline'
        ? keepSelection({ ...state, connections: !state.connections })
        : state;
    case 'pin':
      return keepSelection(togglePin(state));
    case 'follow':
      return keepSelection(toggleFollow(state));
    case 'pause':
      return { ...state, paused: !state.paused };
    case 'mouse':
      return { ...state, mouse: !state.mouse, notice: state.mouse ? MOUSE_OFF : MOUSE_ON };
    case 'notice':
      return state.notice === action.said ? state : { ...state, notice: action.said };
    case 'interval-by': {
      const next =
        action.by > 0
          ? INTERVALS.find((interval) => interval > state.interval)
          : INTERVALS.findLast((interval) => interval < state.interval);
      return next === undefined ? state : { ...state, interval: next };
    }
    case 'help':
      return state.focus === 'help'
        ? { ...state, focus: state.focusBehind }
        : { ...state, focus: 'help', focusBehind: state.focus, helpTop: 0 };
    case 'signal':
    case 'signal-listed':
    case 'signal-shown':
    case 'signal-told':
    case 'signal-waited':
    case 'signal-move':
    case 'signal-owner':
    case 'signal-scroll':
    case 'signal-edit':
    case 'signal-next':
      return changeSignal(state, action);
  }
}

function move(state: State, by: number, within: Focus = state.focus): State {
  const moved = (from: number, last: number) => Math.max(0, Math.min(last, from + by));
  switch (within) {
    // How many lines these have, only who draws them knows: it gives a `by` that fits.
    case 'help':
      return { ...state, helpTop: moved(state.helpTop, Infinity) };
    case 'columns':
      return moveInChooser(state, by);
    case 'details':
    case 'search':
      return { ...state, detailsLine: moved(state.detailsLine, Infinity) };
    case 'lookup':
      return { ...state, lookupTop: moved(state.lookupTop, Infinity) };
    default: {
      const rows = shownRows(state);
      const index = moved(selection(state)?.index ?? 0, rows.length - 1);
      const row = rows.at(index);
      if (!row) return state;
      const selected = { selected: row.identity, selectedRow: index };
      return withTable(unfollowed(state, row.identity), () => selected);
    }
  }
}

function showView(state: State, view: ViewName): State {
  const focus = view === 'services' ? 'lookup' : 'table';
  // When they are looked at again, what has changed since came and went nobody knows when.
  const processes = view === 'processes' ? state.processes : null;
  const shown = keepSelection({
    ...state,
    view,
    table: tableOf({ view, table: state.table }),
    focus,
    processes,
  });
  // Who left the timeline at its top comes back to what is newest.
  const watched = view === 'timeline' && state.view !== view && state.tables.timeline.selectedRow === 0;
  return watched ? move(shown, -Infinity, 'table') : shown;
}

/** Esc: one step back. */
function back(state: State): State {
  switch (state.focus) {
    case 'help':
      return { ...state, focus: state.focusBehind };
    case 'sort':
      return { ...state, focus: 'table' };
    case 'signal':
      return leaveSignal(state);
    case 'columns':
      return closeChooser(state, false);
    case 'filter':
      return keepSelection({ ...withTable(state, () => ({ filter: state.filterBefore })), focus: 'table' });
    case 'lookup':
      return state.lookupLine.text === ''
        ? showView(state, state.table)
        : { ...state, lookupLine: EMPTY_LINE, lookupTop: 0 };
    case 'search':
      return clearSearch(state);
    default:
      if (state.detailsOpen) return leaveDetails(state);
      if (state.tables[tableOf(state)].filter.text !== '') return typeFilter(state, EMPTY_LINE, null);
      if (!isNarrowed(state)) return state;
      return keepSelection({
        ...state,
        pids: null,
        targets: targetsShown(state).length > 0 ? [] : state.targets,
      });
  }
}

function sortBy(state: State, by: number): State {
  const columns = columnsShown(state);
  const at = columns.indexOf(sortColumn(columns, state.tables[tableOf(state)].sort));
  const next = columns[(at + by + columns.length) % columns.length];
  if (!next) return state;
  const sort = { key: next.key, descending: next.amount };
  return keepSelection(withTable(state, () => ({ sort })));
}
