import type { SocketDetails } from '../netlink/messages.ts';
import { readDetailsInSteps } from '../processes/details.ts';
import { MOST, type TabName, tabNamed } from '../processes/tabs.ts';
import { orNull } from '../processes/tolerance.ts';
import type { Users } from '../processes/users.ts';
import { ProcError } from '../procfs/procfs.ts';
import { parseStat } from '../procfs/stat.ts';
import { pidsOf, type Socket } from '../sockets/socket.ts';
import { Pace } from './pace.ts';
import type { ProcessSockets } from './process-sockets.ts';
import type { Host } from './read.ts';
import { detailsPid, selection } from './shown.ts';
import { runFor, SLICE } from './slices.ts';
import { type Action, type State, tableOf } from './state.ts';
import type { Store } from './store.ts';

/** What the details read takes a fiftieth of the time at most: of a process with much to tell, more seldom. */
const SHARE = 50;

/** Pages that tell of sockets of the process that the table need not have. */
const TELLING_SOCKETS: readonly TabName[] = ['sockets', 'files'];

/** Owners of one socket that are asked whose children they are. */
const KIN = 64;

/**
 * What the details are of, and which page of them is open; null: they are closed. `started`: where the row is of some
 * time ago, when the process started that is meant.
 */
type Shown = {
  socket: boolean;
  ended: boolean;
  identity: number;
  pid: number | null;
  /** Its row has closed: whoever had it may have ended, which is not waited for. */
  closed: boolean;
  started: string | null;
  tab: TabName;
} | null;

/** The clock may have been set meanwhile, by a second or two of NTP: that makes no other process of it. */
const SAME_START = 3000;

type Read = Pick<State, 'process' | 'kernel'>;

/**
 * Reads what the details show, and nothing else: the files of the page that is open, at once when another one is
 * to be shown, then again with each sample, or less often where that takes long. Between slices keys are heard.
 */
export class DetailsReader {
  readonly #host: Host & { sockets?: ProcessSockets | null };
  readonly #users: Users;
  readonly #store: Store<State, Action>;
  #shown: Shown = null;
  #pace = new Pace(SHARE);
  /** What has been begun, and does not end within a slice. */
  #work: Generator<void, Read> | null = null;
  /** What it took so far, in ms. */
  #spent = 0;

  constructor(host: Host & { sockets?: ProcessSockets | null }, users: Users, store: Store<State, Action>) {
    this.#host = host;
    this.#users = users;
    this.#store = store;
  }

  /** To be told when the state has changed: other details are read at once. */
  follow(): void {
    const shown = toShown(this.#store.get());
    if (!isSame(shown, this.#shown)) this.#begin(shown);
  }

  /** To be told at each sample. */
  look(): void {
    const state = this.#store.get();
    const shown = toShown(state);
    const same = isSame(shown, this.#shown);
    if (same && (shown === null || state.paused || this.#work !== null || !this.#pace.begin())) return;
    this.#begin(shown);
  }

  stop(): void {
    this.#work?.return(undefined as never);
    this.#work = null;
  }

  #begin(shown: Shown): void {
    this.stop();
    const other = !isSame(shown, this.#shown);
    this.#shown = shown;
    if (shown === null) {
      this.#store.dispatch({ type: 'process', process: null });
      return;
    }
    if (other) {
      this.#pace = new Pace(SHARE);
      this.#pace.begin();
    }
    const work = this.#read(shown);
    this.#spent = 0;
    const slice = this.#workOn(work);
    if (slice.done) this.#tell(slice.value);
    else {
      this.#work = work;
      // What was told of another process is not this one's.
      if (this.#store.get().process?.pid !== shown.pid)
        this.#store.dispatch({ type: 'process', process: null });
      void this.#goOn(work);
    }
  }

  async #goOn(work: Generator<void, Read>): Promise<void> {
    for (;;) {
      await new Promise(setImmediate);
      if (this.#work !== work) return;
      const slice = this.#workOn(work);
      if (!slice.done) continue;
      this.#work = null;
      this.#tell(slice.value);
      return;
    }
  }

  #workOn(work: Generator<void, Read>): ReturnType<typeof runFor<Read>> {
    const began = performance.now();
    const slice = runFor(work, SLICE);
    this.#spent += performance.now() - began;
    return slice;
  }

  #tell({ process, kernel }: Read): void {
    this.#pace.end(this.#spent);
    this.#store.dispatch({ type: 'process', process, kernel });
  }

  *#read({ socket, identity, pid, ended, started, tab }: NonNullable<Shown>): Generator<void, Read> {
    const kernel = socket ? this.#kernelOf(identity) : null;
    if (pid === null) return { process: null, kernel };
    // Another one may have its pid by now.
    if (ended) return { process: { pid, gone: true }, kernel };
    try {
      const { procfs, sockets: source } = this.#host;
      const { fields, most = MOST } = tabNamed(tab);
      const held = TELLING_SOCKETS.includes(tab) && source ? yield* source.read(pid, MOST) : null;
      const sockets = held && byInode(held.sockets);
      const options = { fields, most, users: this.#users, sockets };
      const details = yield* readDetailsInSteps(procfs, pid, options);
      // What is known of that pid is of another.
      if (isOther(details.startTime, started)) return { process: { pid, gone: true, last: null }, kernel };
      const children = tab === 'overview' ? yield* this.#childrenOf(pid) : [];
      return { process: { pid, tab, details, sockets: held, children }, kernel };
    } catch (error) {
      if (error instanceof ProcError && error.gone) return { process: { pid, gone: true }, kernel };
      throw error;
    }
  }

  #kernelOf(identity: number): SocketDetails | null {
    const table = this.#store.get().sample?.snapshot.table;
    const row = table?.rowOf(identity) ?? -1;
    return table && row >= 0 ? this.#host.source.inspect(table, row) : null;
  }

  /** Those among the other owners of the selected socket. */
  *#childrenOf(parent: number): Generator<void, number[]> {
    const { socket } = selection(this.#store.get())?.row ?? {};
    const others = socket ? pidsOf(socket).filter((pid) => pid !== parent) : [];
    const children: number[] = [];
    for (const pid of others.slice(0, KIN)) {
      const stat = orNull(() => parseStat(this.#host.procfs.text(`${pid}/stat`)));
      if (stat?.ppid === parent) children.push(pid);
      yield;
    }
    return children;
  }
}

function byInode(sockets: readonly Socket[]): ReadonlyMap<number, Socket> {
  return new Map(sockets.map((socket) => [socket.inode, socket]));
}

function toShown(state: State): Shown {
  const row = state.detailsOpen ? selection(state)?.row : undefined;
  if (!row) return null;
  const { identity, socket, process, mark } = row;
  const ended = process !== null && mark === 'closed';
  const pid = detailsPid(state);
  const told = tableOf(state) === 'timeline';
  const then = told || mark === 'closed' ? socket?.owners.find((owner) => owner.pid === pid) : null;
  return {
    socket: socket !== null && !told,
    ended,
    identity,
    pid,
    closed: row.closedAt !== null,
    started: then?.startTime ?? null,
    tab: state.detailsTab,
  };
}

function isOther(start: string | null, meant: string | null): boolean {
  return start !== null && meant !== null && Math.abs(Date.parse(start) - Date.parse(meant)) > SAME_START;
}

function isSame(a: Shown, b: Shown): boolean {
  return (
    a?.socket === b?.socket &&
    a?.ended === b?.ended &&
    a?.identity === b?.identity &&
    a?.pid === b?.pid &&
    a?.closed === b?.closed &&
    a?.tab === b?.tab
  );
}
