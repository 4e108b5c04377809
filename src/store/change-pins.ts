import { identityOf } from '../processes/process-list.ts';
import { without } from './lifecycle.ts';
import { type Follow, keep, openedAgain, startedAgain } from './pins.ts';
import { selection } from './shown.ts';
import type { State } from './state.ts';

/** Pins the selected row, or lets it go. */
export function togglePin(state: State): State {
  const { row } = selection(state) ?? {};
  if (!row || state.view === 'timeline') return state;
  const { pins } = state;
  if (row.process) {
    const { identity } = row;
    const processes = new Map(pins.processes);
    if (!processes.delete(identity)) processes.set(identity, row.process);
    return { ...state, pins: { ...pins, processes } };
  }
  const sockets = new Map(pins.sockets);
  // Of several that are one row, all.
  const places = row.members ?? [row];
  const identities = places.map(({ facts, row: at }) => facts.table.identity[at] as number);
  if (!row.pinned) {
    for (const [index, place] of places.entries())
      sockets.set(identities[index] as number, keep({ ...place, socket: place.facts.socket(place.row) }));
    return { ...state, pins: { ...pins, sockets } };
  }
  for (const identity of identities) sockets.delete(identity);
  return identities.reduce(forget, { ...state, pins: { ...pins, sockets } });
}

/** The selection goes with the selected row from now on; or, if it does, no more. */
export function toggleFollow(state: State): State {
  const { row } = selection(state) ?? {};
  if (state.follow) {
    const { identity, kind } = state.follow;
    const next = { ...state, follow: null };
    return kind === 'socket' && !state.pins.sockets.has(identity) ? forget(next, identity) : next;
  }
  if (!row || state.view === 'timeline') return state;
  const { identity } = row;
  const follow: Follow = row.process
    ? { kind: 'process', identity, was: null, process: row.process }
    : { kind: 'socket', identity, was: null, kept: keep({ ...row, socket: row.facts.socket(row.row) }) };
  return { ...state, follow };
}

/** As in htop: who goes elsewhere than what was followed looks at something else. */
export function unfollowed(state: State, identity: number): State {
  const { follow } = state;
  const left = follow && selection(state)?.row.identity === follow.identity && identity !== follow.identity;
  return left ? toggleFollow(state) : state;
}

/** What stayed only because it was asked for goes, if it is closed. */
function forget(state: State, identity: number): State {
  const { sample } = state;
  if (!sample || sample.lifecycle.closed.rowOf(identity) < 0) return state;
  return { ...state, sample: { ...sample, lifecycle: without(sample.lifecycle, identity, state.now) } };
}

/** After a look: what is pinned or followed, and has closed, is what was opened in its place since. */
export function passOnSockets(state: State): State {
  const { sample, pins, follow } = state;
  if (!sample || (pins.sockets.size === 0 && follow?.kind !== 'socket')) return state;
  const { snapshot, lifecycle } = sample;
  const isClosed = (identity: number) => lifecycle.closed.rowOf(identity) >= 0;
  let sockets = pins.sockets;
  let next = state;
  for (const [identity, kept] of pins.sockets) {
    if (!isClosed(identity)) continue;
    const row = openedAgain(kept, snapshot, (found) => lifecycle.opened.has(found) && !sockets.has(found));
    if (row < 0) continue;
    const passed = new Map(sockets);
    passed.delete(identity);
    passed.set(snapshot.identity(row), keep({ facts: snapshot, row, socket: snapshot.socket(row) }));
    sockets = passed;
    next = select({ ...next, pins: { ...pins, sockets } }, identity, snapshot.identity(row));
  }
  if (follow?.kind !== 'socket' || !isClosed(follow.identity)) return next;
  const row = openedAgain(follow.kept, snapshot, () => true);
  if (row < 0) return next;
  const identity = snapshot.identity(row);
  const kept = keep({ facts: snapshot, row, socket: snapshot.socket(row) });
  const was = follow.was ?? (follow.kept.facts.pid(0) || null);
  return select({ ...next, follow: { ...follow, identity, kept, was } }, follow.identity, identity);
}

/** The same for processes: what was started again with the same command line. */
export function passOnProcesses(state: State): State {
  const { processes, follow } = state;
  if (!processes || follow?.kind !== 'process') return state;
  const { table, running } = processes;
  for (let row = 0; row < running; row++) if (identityOf(table.at(row)) === follow.identity) return state;
  const row = startedAgain(follow.process, processes);
  if (row < 0) return state;
  const process = table.at(row);
  const identity = identityOf(process);
  const was = follow.was ?? follow.process.pid;
  return select({ ...state, follow: { ...follow, identity, process, was } }, follow.identity, identity);
}

/** In each table in which one row is selected, another is. */
function select(state: State, from: number, to: number): State {
  const tables = { ...state.tables };
  for (const name of ['listening', 'sockets', 'processes'] as const) {
    if (tables[name].selected === from) tables[name] = { ...tables[name], selected: to };
  }
  return { ...state, tables };
}
