import type { DestroyEvents } from '../netlink/destroy-events.ts';
import type { Process } from '../processes/process-list.ts';
import { ProcessTable } from '../processes/process-table.ts';
import { ProcessWatch } from '../processes/process-watch.ts';
import type { Users } from '../processes/users.ts';
import { parseConnected } from '../procfs/net-snmp.ts';
import { ProcError } from '../procfs/procfs.ts';
import { COLUMNS, type Column } from '../query/columns.ts';
import { mayAsk } from '../query/filter.ts';
import { portsOf } from '../query/target.ts';
import { type Connections, connectionsTo, countConnections } from '../sockets/connections.ts';
import { type HeldPorts, heldPorts } from '../sockets/held-ports.ts';
import { explainMissed, type NamespacesSource } from '../sockets/namespaces-source.ts';
import type { OwnerIndex } from '../sockets/owner-index.ts';
import type { ReverseNames } from '../sockets/reverse-names.ts';
import { Snapshot } from '../sockets/snapshot.ts';
import { type Protocol, pidsOf } from '../sockets/socket.ts';
import { FAMILIES, type SocketTable } from '../sockets/socket-table.ts';
import { asksTheSame, covers, type SocketSource, type Wanted } from '../sockets/source.ts';
import { DetailsReader } from './details-reader.ts';
import { Freshness, roundedUp } from './freshness.ts';
import { advance, isCalm } from './lifecycle.ts';
import { Pace } from './pace.ts';
import { keptProcesses, keptSockets } from './pins.ts';
import { advanceProcesses, type ProcessSample } from './process-sample.ts';
import type { ProcessSockets } from './process-sockets.ts';
import type { Host } from './read.ts';
import { inodesOf, type Row } from './rows.ts';
import {
  columnsShown,
  detailsOfListener,
  prepareProcesses,
  prepareRows,
  prepareTimeline,
  rowsOf,
  selection,
  showsConnections,
} from './shown.ts';
import { runFor, runInSlices, SLICE } from './slices.ts';
import { type Action, type State, tableOf, type Vitals } from './state.ts';
import type { Store } from './store.ts';
import { record } from './timeline.ts';
import { TimelineRecorder } from './timeline-recorder.ts';
import type { ViewName } from './views.ts';

/** How long the first frame waits for rows, in ms: to draw one without them takes a third of it. */
const FIRST_FRAME_WAITS = 150;

/**
 * What a look through the descriptors of all processes, again and again, may take of each sample: a share of what the
 * rest took, and at least so many ms.
 */
const SWEEP_SHARE = 1 / 6;
const SWEEP_AT_LEAST = 0.25;

/** How often owners are shown while they are being found, in ms. */
const SHOW_FOUND = 200;

/** To count connections the kernel walks through all of them: that takes a 500th of the time at most. */
const COUNTING_SHARE = 500;

/** To find other network namespaces every process is asked for its own: for a number in the header a thousandth. */
const ELSEWHERE_SHARE = 1000;

/** To read the processes, a tenth of it. */
const PROCESSES_SHARE = 10;

/** The protocols that are read even while they are not shown: the header counts them. */
const COUNTED: readonly Protocol[] = ['tcp', 'udp'];

/** Of how many sockets the owners are verified at each look, where no rows are in sight. */
const IN_TURN = 100;

/** How long names of addresses are waited for before those that came are shown, in ms. */
const SHOW_NAMED = 1000;

/** What reads a host again and again. */
export type LiveHost = Host & {
  owners: OwnerIndex;
  /** The source, where it reads other network namespaces than our own. */
  namespaces?: NamespacesSource | null;
  /** All other network namespaces, where only our own is shown. */
  elsewhere?: SocketSource | null;
  /** Where DNS is asked. */
  hosts?: ReverseNames | null;
  /** What the kernel announces of sockets that are destroyed; null where it does not. */
  announcements?: () => DestroyEvents | null;
  /** What tells all that one process holds. */
  sockets?: ProcessSockets | null;
};

export type Looks = Pick<Wanted, 'families'> & {
  /** How many rows the terminal has: those around the selection are looked at closer. */
  height(): number;
  /** When the first frame is drawn: whatever it does not need comes after it. */
  drawn?: Promise<unknown>;
};

/**
 * Reads the host again and again and tells the store: the rows first, then their owners. It works in slices,
 * so that no key waits for it, and tells nothing where nothing changed.
 */
export class Sampler {
  readonly #host: LiveHost;
  readonly #looks: Looks;
  readonly #users: Users;
  readonly #store: Store<State, Action>;
  readonly #recorder: TimelineRecorder;
  readonly #end = new AbortController();
  readonly #ended = new Promise((resolve) => this.#end.signal.addEventListener('abort', resolve));
  /** Looks for owners that are not known; left unfinished when the next sample is due. */
  #search: Generator<void, void> | null = null;
  #sweep: Generator<void, void> | null = null;
  /** What was asked of the source last. */
  #asked: Wanted | null = null;
  /** The row from which on owners are verified next, in turn. */
  #verifiedTo = 0;
  /** At the last look a process was called otherwise than before. */
  #renamed = false;
  /** The answers of the owner index that were shown last. */
  #shownVersion = -1;
  #connections: Connections | null = null;
  readonly #connectionsPace = new Pace(COUNTING_SHARE);
  /** TCP listeners in other network namespaces. */
  #elsewhere: number | null = null;
  readonly #elsewherePace = new Pace(ELSEWHERE_SHARE);
  readonly #watch: ProcessWatch;
  #processesPace = new Pace(PROCESSES_SHARE);
  /** Those that were read last. */
  #processes: readonly Process[] | null = null;
  #held: { of: Snapshot; ports: HeldPorts } | null = null;
  #view: ViewName;
  #wake: () => void = () => {};
  #hurried = false;
  #asking = false;
  readonly #details: DetailsReader;
  readonly #freshness = new Freshness();
  #paused = false;
  #interval: number;
  readonly #firstFrameBy = performance.now() + FIRST_FRAME_WAITS;

  constructor(host: LiveHost, looks: Looks, users: Users, store: Store<State, Action>) {
    this.#host = host;
    this.#looks = looks;
    this.#users = users;
    this.#store = store;
    this.#recorder = new TimelineRecorder(host.names, host.announcements ?? (() => null));
    this.#interval = store.get().interval;
    this.#view = store.get().view;
    this.#watch = new ProcessWatch(host.procfs);
    this.#details = new DetailsReader(host, users, store);
  }

  /** Runs until {@link stop}. */
  async run(): Promise<void> {
    const unsubscribe = this.#store.subscribe(() => this.#follow());
    try {
      while (!this.#end.signal.aborted) {
        const started = performance.now();
        if (this.#hurried || !this.#store.get().paused) {
          this.#hurried = false;
          await this.#sample(started);
        }
        await this.#rest(started);
      }
    } catch (error) {
      if (!this.#end.signal.aborted) throw error;
    } finally {
      unsubscribe();
      this.#recorder.close();
      this.#details.stop();
    }
  }

  stop(): void {
    this.#end.abort();
    this.#wake();
  }

  /** Looks now instead of when it is time: after a pause, or when somebody asks. */
  hurry(): void {
    this.#hurried = true;
    this.#wake();
  }

  /** The names that have become known since are shown without waiting for the next sample. */
  rename(): void {
    const { sample } = this.#store.get();
    if (sample) this.#store.dispatch({ type: 'renamed', snapshot: sample.snapshot.renamed() });
    const processes = this.#processSample();
    if (processes) this.#store.dispatch({ type: 'processes', processes });
  }

  async #sample(started: number): Promise<void> {
    try {
      const first = this.#store.get().sample === null;
      const changed = await this.#look();
      if (changed) await this.#show(changed);
      if (first) await this.#letDraw();
      await this.#lookAtProcesses();
      await this.#findOwners(started);
      await this.#record();
      await this.#countConnections();
      this.#details.look();
      void this.#askForNames();
      await this.#countElsewhere();
    } catch (error) {
      if (!(error instanceof ProcError)) throw error;
      this.#store.dispatch({ type: 'failed', why: error.message });
    }
  }

  /** Reads the table; null: all is as it was shown. */
  async #look(): Promise<Snapshot | null> {
    const { source, names, owners } = this.#host;
    const time = new Date();
    const before = this.#store.get().sample;
    // Before the table: a process that ends after it was read takes its sockets along, and they close with its name.
    const near = this.#nearRows();
    owners.verify(tableOf(this.#store.get()) === 'timeline' ? this.#inTurn() : near.flatMap(inodesOf));
    const renamed = names.refresh(new Set(near.flatMap(({ socket }) => pidsOf(socket))));
    this.#renamed = renamed;
    const wanted = this.#wanted();
    this.#asked = wanted;
    const reading = source.read(wanted);
    const read = await this.#withFirstFrame(reading);
    names.begin();
    const unchanged =
      before !== null && asksTheSame(before.snapshot.wanted, wanted) && before.snapshot.table.equals(read);
    const table = unchanged ? before.snapshot.table : read;
    if (before) this.#want(table);
    const calm = before !== null && isCalm(before.lifecycle);
    if (unchanged && calm && !renamed && owners.version === this.#shownVersion) {
      this.#store.dispatch({ type: 'looked', now: time.getTime(), ...this.#vitals() });
      return null;
    }
    return this.#snapshot(time, table, wanted);
  }

  /** Every time: what two looks have shown, and is not where it is likely to be, is looked for everywhere. */
  #want(table: SocketTable): void {
    this.#host.owners.want(table.inode.subarray(0, table.length));
  }

  #snapshot(time: Date, table: SocketTable, wanted: Wanted): Snapshot {
    const { owners, names } = this.#host;
    const { untilReplaced: ownership } = owners;
    return new Snapshot({ time, table, wanted, ownership, connections: this.#connections }, names);
  }

  /** What it shows of many rows is made before it is shown, in slices. */
  async #show(snapshot: Snapshot): Promise<void> {
    const { owners } = this.#host;
    this.#shownVersion = owners.version;
    const state = this.#store.get();
    const lifecycle = advance(state.sample, snapshot, keptSockets(state.pins, state.follow));
    // Of the first nothing is missed: what it begins with is looked at once it is shown.
    if (state.sample) this.#recorder.look(snapshot);
    await this.#withFirstFrame(prepareRows({ ...state, sample: { snapshot, lifecycle } }));
    const ownersKnown = owners.progress() === null;
    this.#store.dispatch({ type: 'sampled', snapshot, lifecycle, ownersKnown, ...this.#vitals() });
    await this.#showProcesses();
  }

  /** While they are shown; on a host that has many, at a slower rate. */
  async #lookAtProcesses(): Promise<void> {
    if (this.#store.get().view !== 'processes' || !this.#processesPace.begin()) return;
    this.#processes = await runInSlices(this.#watch.look(), this.#end.signal);
    await this.#showProcesses();
    this.#processesPace.end();
  }

  async #showProcesses(): Promise<void> {
    const processes = this.#processSample();
    if (!processes) return;
    await runInSlices(prepareProcesses({ ...this.#store.get(), processes }), this.#end.signal);
    this.#store.dispatch({ type: 'processes', processes });
  }

  /** Those that were read last, with the ports that they hold as far as is known now; null: they are not shown. */
  #processSample(): ProcessSample | null {
    const { view, sample, processes, pins, follow } = this.#store.get();
    if (view !== 'processes' || !this.#processes || !sample) return null;
    const { snapshot } = sample;
    if (this.#held?.of !== snapshot)
      this.#held = { of: snapshot, ports: heldPorts(snapshot.table, snapshot.ownership) };
    const table = new ProcessTable(this.#processes, { ports: this.#held.ports, users: this.#users });
    return advanceProcesses(processes, table, Date.now(), keptProcesses(pins, follow));
  }

  /** Looks for owners until all are found or the next sample is due; then, for a while, after changes. */
  async #findOwners(started: number): Promise<void> {
    const { owners } = this.#host;
    const took = performance.now() - started;
    const until = started + Math.max(this.#store.get().interval * 1000, took * 2);
    let shownAt = performance.now();
    const search = this.#search ?? owners.search();
    this.#search = null;
    for (;;) {
      const slice = runFor(search, SLICE);
      const now = performance.now();
      const due = slice.done || now >= until || this.#hurried;
      if (due || now - shownAt >= SHOW_FOUND) {
        if (this.#hasFound()) await this.#showAgain();
        else if (!this.#store.get().ownersKnown) this.#showProgress();
        shownAt = now;
      }
      if (slice.done) break;
      if (due) {
        this.#search = search;
        break;
      }
      await this.#breathe();
    }
    if (this.#search === null) this.#sweepOn(Math.max(SWEEP_AT_LEAST, took * SWEEP_SHARE));
  }

  #hasFound(): boolean {
    const { owners } = this.#host;
    const allAsked = owners.progress() === null && !this.#store.get().ownersKnown;
    return allAsked || owners.version !== this.#shownVersion;
  }

  /**
   * In slices; but before the first frame nobody has pressed a key yet, and it waits for a while: a host that is not
   * huge has its rows in it.
   */
  #withFirstFrame<T>(work: Generator<void, T>): T | Promise<T> {
    const left = this.#store.get().sample === null ? this.#firstFrameBy - performance.now() : 0;
    const first = left > 0 ? runFor(work, left) : null;
    return first?.done ? first.value : runInSlices(work, this.#end.signal);
  }

  /** The same sockets, once more is known of them. */
  async #showAgain(): Promise<void> {
    const { sample } = this.#store.get();
    if (sample)
      await this.#show(this.#snapshot(sample.snapshot.time, sample.snapshot.table, sample.snapshot.wanted));
  }

  /** Of a host with many processes nothing may be found for a while. */
  #showProgress(): void {
    const { now } = this.#store.get();
    this.#store.dispatch({ type: 'looked', now, ...this.#vitals() });
  }

  #sweepOn(milliseconds: number): void {
    const sweep = this.#sweep ?? this.#host.owners.sweep();
    this.#sweep = runFor(sweep, milliseconds).done ? null : sweep;
  }

  /** What has happened since the last sample. */
  async #record(): Promise<void> {
    const { sample, targets } = this.#store.get();
    if (!sample) return;
    const { owners } = this.#host;
    const occurrences = this.#recorder.record({
      snapshot: sample.snapshot,
      ownersKnown: owners.progress() === null,
      version: owners.version,
      renamed: this.#renamed,
      targets,
    });
    if (occurrences.length === 0) return;
    const state = this.#store.get();
    const timeline = record(state.timeline, occurrences);
    await runInSlices(prepareTimeline({ ...state, timeline }), this.#end.signal);
    this.#store.dispatch({ type: 'happened', timeline });
  }

  /** At its own, slower rate. */
  async #countConnections(): Promise<void> {
    const state = this.#store.get();
    const { sample } = state;
    const byState = isShown(state, COLUMNS.states) || detailsOfListener(state);
    if (!sample || !(byState || isShown(state, COLUMNS.conns))) return;
    // What was not counted before is counted at once.
    const more = byState && this.#connections?.tellsStates === false;
    if (!this.#connectionsPace.begin(more, state.targets)) return;
    const { table, wanted } = sample.snapshot;
    const asked = connectionsTo(table, { families: this.#looks.families, byState });
    const covering = wanted.scope === 'all' && wanted.ports === null;
    const counted = covering ? table : await runInSlices(this.#host.source.read(asked), this.#end.signal);
    const connections = await runInSlices(
      countConnections(table, counted, Date.now(), byState),
      this.#end.signal,
    );
    this.#connectionsPace.end();
    if (connections.equals(this.#connections)) return;
    this.#connections = connections;
    await this.#showAgain();
  }

  /** At its own, slower rate. */
  async #countElsewhere(): Promise<void> {
    const { elsewhere } = this.#host;
    const { targets } = this.#store.get();
    if (!elsewhere || !this.#elsewherePace.begin(false, targets)) return;
    const listeners: Wanted = {
      protocols: ['tcp'],
      families: this.#looks.families,
      scope: 'listening',
      ports: portsOf(targets),
    };
    const before = this.#elsewhere;
    try {
      this.#elsewhere = (await runInSlices(elsewhere.read(listeners), this.#end.signal)).length || null;
    } catch (error) {
      // None of them may be read.
      if (!(error instanceof ProcError)) throw error;
      this.#elsewhere = null;
    }
    this.#elsewherePace.end();
    if (this.#elsewhere === before) return;
    const { now } = this.#store.get();
    this.#store.dispatch({ type: 'looked', now, ...this.#vitals() });
  }

  /** What the state asks of the source. */
  #wanted(): Wanted {
    const state = this.#store.get();
    // Of a process every port is told, whichever sockets were asked for.
    const processes = tableOf(state) === 'processes';
    const families = processes ? FAMILIES : this.#looks.families;
    const protocols = [...COUNTED, ...state.protocols.filter((protocol) => !COUNTED.includes(protocol))];
    const scope = showsConnections(state) ? 'all' : 'listening';
    const { filter } = state.tables[tableOf(state)];
    const timers = isShown(state, COLUMNS.timer) || mayAsk(filter, 'timer');
    const cgroups = OF_CGROUPS.some((column) => isShown(state, column));
    const ports = processes ? null : portsOf(state.targets);
    return { protocols, families, scope, ports, ...(timers && { timers }), ...(cgroups && { cgroups }) };
  }

  /** Rows that may be in sight: as many as the terminal has lines, before and after the selected one. */
  #nearRows(): Row[] {
    const state = this.#store.get();
    const name = tableOf(state);
    if (name === 'processes' || name === 'timeline') return [];
    const at = selection(state)?.index ?? 0;
    const height = this.#looks.height();
    return rowsOf(state).slice(at - height, at + height);
  }

  /** Some sockets, others each time: the timeline tells of owners that changed, whichever rows are in sight. */
  #inTurn(): Uint32Array {
    const table = this.#store.get().sample?.snapshot.table;
    if (!table) return new Uint32Array();
    const from = this.#verifiedTo < table.length ? this.#verifiedTo : 0;
    this.#verifiedTo = Math.min(table.length, from + IN_TURN);
    return table.inode.subarray(from, this.#verifiedTo);
  }

  #vitals(): Vitals {
    const { owners, namespaces } = this.#host;
    const progress = owners.progress();
    return {
      connected: this.#connected(),
      elsewhere: this.#elsewhere,
      missed: namespaces ? explainMissed(namespaces.missed) : null,
      freshness: this.#freshness.of(owners, performance.now()),
      asked: progress && Math.floor((100 * progress.done) / Math.max(1, progress.total)),
      counted: this.#connections && roundedUp(this.#countedEvery()),
    };
  }

  /** In ms: it is as long as the host has connections. */
  #countedEvery(): number {
    return Math.max(this.#store.get().interval * 1000, this.#connectionsPace.period);
  }

  /** The kernel counts them in each network namespace. */
  #connected(): number | null {
    const { procfs, namespaces } = this.#host;
    if (namespaces) return null;
    try {
      return parseConnected(procfs.text(`${procfs.net}/snmp`));
    } catch (error) {
      if (!(error instanceof ProcError)) throw error;
      return null;
    }
  }

  /** Beside the sampling: a directory service, or DNS, may take a second, and the rows do not wait for it. */
  async #askForNames(): Promise<void> {
    const { hosts } = this.#host;
    if (this.#asking || !(this.#users.unsettled || hosts?.unsettled)) return;
    this.#asking = true;
    await Promise.all([
      this.#users.unsettled ? this.#users.settle() : null,
      hosts?.unsettled ? hosts.settle(SHOW_NAMED) : null,
    ]);
    this.#asking = false;
    this.rename();
  }

  /** What somebody changed and waits for: another row's process, another view, the end of a pause. */
  #follow(): void {
    const { paused, interval, view } = this.#store.get();
    this.#details.follow();
    const came = view === 'processes' && this.#view !== view;
    // What was read when they were shown before is of then.
    if (came) this.#processes = null;
    if (came || (this.#paused && !paused)) this.hurry();
    else if (this.#asked && !this.#hurried && !covers(this.#asked, this.#wanted())) this.hurry();
    else if (interval !== this.#interval) this.#wake();
    this.#paused = paused;
    this.#interval = interval;
    this.#view = view;
  }

  /** Until the interval has passed since `started`, as long as it is by then; or until somebody cannot wait. */
  async #rest(started: number): Promise<void> {
    const left = () => {
      const ends = started + this.#store.get().interval * 1000;
      return this.#hurried ? 0 : Math.max(0, ends - performance.now());
    };
    // Even when there is no time left: the keys are heard meanwhile.
    while (!this.#end.signal.aborted) {
      const hearing = this.#recorder.patience < left();
      await this.#sleep(hearing ? this.#recorder.patience : left());
      if (hearing) this.#recorder.hear();
      if (left() === 0) break;
    }
  }

  /** The first rows are to be seen before anything else is done for them. */
  async #letDraw(): Promise<void> {
    await Promise.race([this.#looks.drawn, this.#ended]);
    this.#end.signal.throwIfAborted();
    const { sample } = this.#store.get();
    if (sample) this.#want(sample.snapshot.table);
  }

  /** Keys are heard and frames drawn. */
  async #breathe(): Promise<void> {
    await new Promise(setImmediate);
    this.#end.signal.throwIfAborted();
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** What tells of cgroups. */
const OF_CGROUPS = [COLUMNS.cgroup, COLUMNS.unit, COLUMNS.container, COLUMNS.within];

/** Whether a column has room on the screen; before anything was drawn, whether somebody asked for it. */
function isShown(state: State, column: Column): boolean {
  if (!columnsShown(state).includes(column as never)) return false;
  return state.inSight?.columns.includes(column.key) ?? state.tables[tableOf(state)].columns !== null;
}
