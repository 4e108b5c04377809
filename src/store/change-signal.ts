import { namesIt } from '../processes/recipients.ts';
import { isMeantToEnd, SIGKILL, SIGTERM, signalsLike } from '../processes/signal-list.ts';
import { safe, text } from '../text/safe.ts';
import { keepFilter } from './change-filter.ts';
import { type Edit, EMPTY_LINE, edit } from './line.ts';
import type { ProcessRow } from './process-sample.ts';
import { inodesOf, type Row } from './rows.ts';
import { detailsPid, ownerPids, selection } from './shown.ts';
import {
  chosenSignal,
  isAmongLetters,
  type Meant,
  type SignalAction,
  type SignalDialog,
  takesYes,
  toBeHit,
  unconfirmed,
} from './signal-dialog.ts';
import { type State, tableOf } from './state.ts';

export function changeSignal(state: State, action: SignalAction): State {
  if (action.type === 'signal') return open(state);
  const dialog = state.signal;
  if (!dialog || ('of' in action && action.of !== dialog.meant)) return state;
  const next = changeDialog(dialog, action);
  return next === dialog ? state : withDialog(state, next);
}

/** Esc: one step back; what was sent stays so. */
export function leaveSignal(state: State): State {
  return state.signal ? withDialog(state, goBack(state.signal)) : state;
}

/** null: it is closed. */
function withDialog(state: State, dialog: SignalDialog | null): State {
  return dialog
    ? { ...state, signal: dialog }
    : { ...state, signal: null, focus: state.signal?.behind ?? 'table' };
}

function open(before: State): State {
  const state = before.focus === 'filter' ? leaveFilter(before) : before;
  if (state.focus === 'filter') return state;
  if (state.refusesSignals !== null) return { ...state, notice: safe(state.refusesSignals) };
  const row = selection(state)?.row;
  if (!row) return { ...state, notice: text`no row is selected: there is nobody to signal` };
  if (row.closedAt !== null) return { ...state, notice: text`it is gone: there is nobody to signal` };
  const pids = pidsMeant(state, row);
  if (pids.length === 0) return { ...state, notice: text`its owner is not known: Enter on the row says why` };
  const meant: Meant = row.process
    ? { pids, inodes: new Set(), startTicks: row.process.startTicks }
    : { pids, inodes: new Set(inodesOf(row)) };
  const signal: SignalDialog = {
    step: 'choose',
    meant,
    socket: row.socket,
    others: (row.members?.length ?? 1) - 1,
    recipients: null,
    shown: false,
    ports: [],
    // Who looks at the details of one of several means that one.
    only: state.focus === 'details' && pids.length > 1 ? detailsPid(state) : null,
    line: EMPTY_LINE,
    at: 0,
    signal: SIGTERM,
    insistence: EMPTY_LINE,
    insisted: [],
    mistaken: false,
    outcomes: new Map(),
    top: 0,
    behind: state.focus === 'details' ? 'details' : 'table',
  };
  return { ...state, signal, focus: 'signal' };
}

/**
 * What is typed in the filter is kept by it. A number matches exactly then: where that would lose the row that is
 * meant (`808`, which has come to 8080), it goes on matching by its beginning.
 */
function leaveFilter(state: State): State {
  const kept = keepFilter(state);
  const meant = selection(state)?.row.identity;
  if (kept.focus === 'filter' || meant === undefined || selection(kept)?.row.identity === meant) return kept;
  return { ...state, focus: 'table', recalled: null };
}

/** null: it is closed. */
function changeDialog(
  dialog: SignalDialog,
  action: Exclude<SignalAction, { type: 'signal' }>,
): SignalDialog | null {
  switch (action.type) {
    case 'signal-listed':
      // Where the one that is meant has gone, nobody else is meant instead.
      return { ...dialog, recipients: action.recipients, ports: action.ports };
    case 'signal-shown':
      return dialog.recipients === null || dialog.shown ? dialog : { ...dialog, shown: true };
    case 'signal-told': {
      const outcomes = new Map([...dialog.outcomes, ...action.outcomes]);
      const states = [...outcomes.values()].map(({ state }) => state);
      const offered = ['linger', 'confirm', 'insist'].includes(dialog.step) && states.includes('there');
      return {
        ...dialog,
        outcomes,
        step: states.includes('awaited') ? 'watch' : offered ? dialog.step : 'done',
      };
    }
    case 'signal-waited':
      return {
        ...dialog,
        step: isMeantToEnd(dialog.signal) && dialog.signal.number !== SIGKILL.number ? 'linger' : 'done',
      };
    case 'signal-move': {
      if (dialog.step !== 'choose') return dialog;
      const last = signalsLike(dialog.line.text).length - 1;
      return { ...dialog, at: Math.max(0, Math.min(last, dialog.at + action.by)) };
    }
    case 'signal-owner':
      return dialog.step === 'choose' ? { ...dialog, only: another(dialog, action.by), top: 0 } : dialog;
    case 'signal-scroll':
      return { ...dialog, top: Math.max(0, dialog.top + action.by) };
    case 'signal-edit':
      return type(dialog, action.edit);
    case 'signal-next':
      return goOn(dialog);
  }
}

/** Of a process's sockets in one row the process alone: who else holds one of them is not what was chosen. */
function pidsMeant(state: State, row: Row | ProcessRow): readonly number[] {
  const byProcess = state.tables[tableOf(state)].grouping === 'process';
  if (!byProcess || row.process || !row.members) return ownerPids(state);
  const pid = row.facts.pid(row.row);
  return pid === 0 ? [] : [pid];
}

/** All, then each of them, and round again. */
function another({ recipients, only }: SignalDialog, by: number): number | null {
  if (!recipients || recipients.length < 2) return only;
  const choices = [null, ...recipients.map(({ pid }) => pid)];
  return choices[(choices.indexOf(only) + by + choices.length) % choices.length] ?? null;
}

function type(dialog: SignalDialog, change: Edit): SignalDialog | null {
  const typed = change.type === 'insert' ? change.text.toLowerCase() : '';
  if (typed === 'y' && takesYes(dialog)) return agree(dialog);
  switch (dialog.step) {
    case 'choose':
      // A yes that came too soon is no part of a signal's name.
      return typed === 'y' && !isAmongLetters(dialog)
        ? dialog
        : { ...dialog, line: edit(dialog.line, change), at: 0 };
    case 'insist':
      return { ...dialog, insistence: edit(dialog.insistence, change), mistaken: false };
    case 'confirm':
      return typed === 'n' ? goBack(dialog) : dialog;
    case 'linger':
      return typed === 'n' ? null : dialog;
    default:
      return dialog;
  }
}

function agree(dialog: SignalDialog): SignalDialog {
  return insistOrSend({ ...dialog, signal: chosenSignal(dialog) ?? dialog.signal });
}

function goOn(dialog: SignalDialog): SignalDialog | null {
  switch (dialog.step) {
    case 'choose': {
      const signal = chosenSignal(dialog);
      const nobody = dialog.recipients !== null && toBeHit(dialog).length === 0;
      return signal && !nobody ? { ...dialog, signal, step: 'confirm', top: 0 } : dialog;
    }
    case 'insist': {
      const [recipient] = unconfirmed(dialog);
      if (!recipient) return dialog;
      if (!namesIt(recipient, dialog.insistence.text.trim())) return { ...dialog, mistaken: true };
      return insistOrSend({ ...dialog, insisted: [...dialog.insisted, recipient.pid] });
    }
    case 'linger':
      // Another key than the yes before: that may still be held down.
      return { ...dialog, signal: SIGKILL, step: 'confirm', top: 0 };
    case 'done':
      return null;
    default:
      return dialog;
  }
}

function insistOrSend(dialog: SignalDialog): SignalDialog {
  const step = unconfirmed(dialog).length > 0 ? 'insist' : 'send';
  return { ...dialog, step, top: 0, insistence: EMPTY_LINE, mistaken: false };
}

function goBack(dialog: SignalDialog): SignalDialog | null {
  switch (dialog.step) {
    case 'confirm':
    case 'insist':
      return {
        ...dialog,
        step: dialog.outcomes.size > 0 ? 'linger' : 'choose',
        insisted: [],
        insistence: EMPTY_LINE,
        mistaken: false,
      };
    case 'choose':
      return dialog.line.text === '' ? null : { ...dialog, line: EMPTY_LINE, at: 0 };
    default:
      return null;
  }
}
