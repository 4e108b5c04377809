import { readDetails } from '../processes/details.ts';
import type { Users } from '../processes/users.ts';
import { ProcError } from '../procfs/procfs.ts';
import { findOwners, NO_OWNERSHIP, type Ownership } from '../sockets/owners.ts';
import { Snapshot } from '../sockets/snapshot.ts';
import type { Wanted } from '../sockets/source.ts';
import { type Host, inodesOf } from './read.ts';
import { runFor, runInSlices } from './slices.ts';
import { type Action, detailsPid, type State } from './state.ts';
import type { Store } from './store.ts';

/** A walk through all descriptors is dear: unless a socket without owner asks for one, it takes a tenth of the time. */
const WALK_SHARE = 10;

/** How long the first frame waits for rows, in ms. */
const FIRST_FRAME_WAITS = 50;

/** The files of the process that the details show. */
const DETAILS = ['cmdline', 'exe', 'cwd', 'root', 'environ', 'stat', 'status'] as const;

/**
 * Reads the host again and again and tells the store: the rows first, then their owners. It works in slices,
 * so that no key waits for it.
 */
export class Sampler {
  readonly #host: Host;
  readonly #wanted: Wanted;
  readonly #users: Users;
  readonly #store: Store<State, Action>;
  readonly #end = new AbortController();
  #ownership: Ownership = NO_OWNERSHIP;
  #walkedAt = -Infinity;
  #walkTook = 0;
  #wake: () => void = () => {};
  #hurried = false;
  #asking = false;
  #shownPid: number | null = null;
  #paused = false;
  #interval: number;

  constructor(host: Host, wanted: Wanted, users: Users, store: Store<State, Action>) {
    this.#host = host;
    this.#wanted = wanted;
    this.#users = users;
    this.#store = store;
    this.#interval = store.get().interval;
  }

  /** Runs until {@link stop}. */
  async run(): Promise<void> {
    const unsubscribe = this.#store.subscribe(() => this.#follow());
    try {
      while (!this.#end.signal.aborted) {
        const started = performance.now();
        if (this.#hurried || !this.#store.get().paused) {
          this.#hurried = false;
          await this.#sample();
        }
        await this.#rest(started);
      }
    } catch (error) {
      if (!this.#end.signal.aborted) throw error;
    } finally {
      unsubscribe();
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
  }

  async #sample(): Promise<void> {
    const { source, names } = this.#host;
    const { signal } = this.#end;
    try {
      const time = new Date();
      const reading = source.read(this.#wanted);
      // Before the first frame nobody has pressed a key yet: a host that is not large has its rows in it.
      const first = this.#store.get().sample === null ? runFor(reading, FIRST_FRAME_WAITS) : null;
      const table = first?.done ? first.value : await runInSlices(reading, signal);
      names.begin();
      const facts = { time, source: source.name, table, ownership: this.#ownership };
      const snapshot = new Snapshot(facts, names);
      this.#publish(snapshot);
      const inodes = new Set(inodesOf(table, snapshot.rows.values()));
      if (this.#needsWalk(inodes)) {
        await this.#walk(inodes);
        this.#publish(snapshot.attributed(this.#ownership));
      }
      this.#readDetails();
      void this.#askForUsers();
    } catch (error) {
      if (!(error instanceof ProcError)) throw error;
      this.#store.dispatch({ type: 'failed', why: error.message });
    }
  }

  #publish(snapshot: Snapshot): void {
    this.#store.dispatch({ type: 'sampled', snapshot, ownersKnown: this.#walkedAt > 0 });
  }

  /** When a socket is new, or when the last walk is long ago beside what it cost: an owner may have changed. */
  #needsWalk(inodes: ReadonlySet<number>): boolean {
    for (const inode of inodes) if (!this.#ownership.looked.has(inode)) return true;
    return performance.now() - this.#walkedAt > this.#walkTook * WALK_SHARE;
  }

  async #walk(inodes: Set<number>): Promise<void> {
    const started = performance.now();
    this.#ownership = await runInSlices(findOwners(this.#host.procfs, inodes), this.#end.signal);
    this.#walkedAt = performance.now();
    this.#walkTook = this.#walkedAt - started;
  }

  /** Beside the sampling: a directory service may take a second, and the rows do not wait for it. */
  async #askForUsers(): Promise<void> {
    if (this.#asking || !this.#users.unsettled) return;
    this.#asking = true;
    await this.#users.settle();
    this.#asking = false;
    this.rename();
  }

  /** What somebody changed and waits for: another row's process, the end of a pause, a shorter interval. */
  #follow(): void {
    const { paused, interval } = this.#store.get();
    if (detailsPid(this.#store.get()) !== this.#shownPid) this.#readDetails();
    if (this.#paused && !paused) this.hurry();
    else if (interval !== this.#interval) this.#wake();
    this.#paused = paused;
    this.#interval = interval;
  }

  /** Until the interval has passed since `started`, as long as it is by then; or until somebody cannot wait. */
  async #rest(started: number): Promise<void> {
    const left = () => {
      const ends = started + this.#store.get().interval * 1000;
      return this.#hurried ? 0 : Math.max(0, ends - performance.now());
    };
    // Even when there is no time left: the keys are heard meanwhile.
    while (!this.#end.signal.aborted) {
      await this.#sleep(left());
      if (left() === 0) break;
    }
  }

  #readDetails(): void {
    const pid = detailsPid(this.#store.get());
    const { paused } = this.#store.get();
    if (pid === this.#shownPid && (pid === null || paused)) return;
    this.#shownPid = pid;
    this.#store.dispatch({ type: 'process', process: pid === null ? null : this.#processOf(pid) });
  }

  #processOf(pid: number): State['process'] {
    try {
      return { pid, details: readDetails(this.#host.procfs, pid, { fields: DETAILS, users: this.#users }) };
    } catch (error) {
      if (error instanceof ProcError && error.gone) return { pid, gone: true };
      throw error;
    }
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
