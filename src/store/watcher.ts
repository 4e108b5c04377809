import { setTimeout as sleep } from 'node:timers/promises';
import type { DestroyEvents } from '../netlink/destroy-events.ts';
import { SockDiagError } from '../netlink/messages.ts';
import type { Users } from '../processes/users.ts';
import { readDestroyed } from '../sockets/destroyed-sockets.ts';
import { NO_OWNERSHIP } from '../sockets/owners.ts';
import { Snapshot } from '../sockets/snapshot.ts';
import type { Wanted } from '../sockets/source.ts';
import { SocketChanges, type SocketEvent, type Watched } from './changes.ts';
import type { LiveHost } from './sampler.ts';
import { runFor, SLICE } from './slices.ts';

/** How often announcements are asked for, in ms: Node cannot wait for a netlink socket. */
const LISTEN_EVERY = 50;
/** The same while many come: where nobody gave it more room, the kernel keeps some 160 of them. */
const LISTEN_EVERY_WHEN_BUSY = 10;
const BUSY = 32;

/** Of how many known sockets the holders are asked for again at each look, in turn. */
const VERIFIED = 1000;
/** A look through the descriptors of all processes, again and again: at most a hundredth of the time, and so many ms. */
const SWEEP_SHARE = 100;
const SWEEP = 10;

export type Watching = Omit<Watched, 'scope'> & {
  wanted: Wanted;
  /** Seconds between two looks. */
  interval: number;
  /** Names of users that take longer are not waited for. */
  numeric: boolean;
};

/** Who is told what a {@link Watcher} sees. */
export type Listener = {
  tell(events: readonly SocketEvent[]): void;
  /** Announcements were lost, or cannot be had any more: only looks tell, from then on or for a while. */
  missed(why: string): void;
};

/** Looks at a host's sockets again and again, hears which were destroyed, and tells what happened. */
export class Watcher {
  readonly #host: LiveHost;
  readonly #users: Users;
  readonly #watching: Watching;
  readonly #listener: Listener;
  readonly #changes: SocketChanges;
  #announcements: DestroyEvents | null;
  #search: Generator<void, void> | null = null;
  #sweep: Generator<void, void> | null = null;
  /** The row from which on owners are verified next. */
  #verifiedTo = 0;
  #last: Snapshot | null = null;
  /** Whether it is known who holds what was there at the start: until then, what is heard waits. */
  #begun = false;
  #heard: Snapshot[] = [];
  /** The answers of the owner index that were told last. */
  #toldVersion = -1;
  #listenEvery = LISTEN_EVERY;

  constructor(
    host: LiveHost,
    users: Users,
    announcements: DestroyEvents | null,
    watching: Watching,
    listener: Listener,
  ) {
    this.#host = host;
    this.#users = users;
    this.#announcements = announcements;
    this.#watching = watching;
    this.#listener = listener;
    this.#changes = new SocketChanges({ ...watching, scope: watching.wanted.scope });
  }

  /** Runs until the process ends. Throws a ProcError when nothing can be read. */
  async run(): Promise<never> {
    for (;;) {
      const due = performance.now() + this.#watching.interval * 1000;
      await this.#look(due);
      do {
        await sleep(Math.max(0, Math.min(this.#listenEvery, due - performance.now())));
        this.#listen();
      } while (performance.now() < due);
    }
  }

  async #look(due: number): Promise<void> {
    const { source, names, owners } = this.#host;
    const { wanted, interval, numeric } = this.#watching;
    // Before the table is read: a process that ends after that takes its sockets along, and they close with its name.
    const renamed = this.#verify();
    const time = new Date();
    const reading = source.read(wanted);
    let read = runFor(reading, SLICE);
    // Nothing is heard meanwhile: what is destroyed is compared with the whole table.
    for (; !read.done; read = runFor(reading, SLICE)) await breathe();
    const table = read.value;
    names.begin();
    this.#last = new Snapshot({ time, table, wanted, ownership: owners }, names);
    owners.want(table.inode.subarray(0, table.length));
    this.#listener.tell(this.#changes.look(this.#last));
    await this.#findOwners(this.#begun ? due : Infinity);
    if (!numeric && this.#users.unsettled) await this.#users.settle();
    if (renamed || this.#changes.waiting || owners.version !== this.#toldVersion) {
      this.#toldVersion = owners.version;
      this.#listener.tell(this.#changes.attribute(this.#last.renamed(), renamed));
    }
    this.#begun = true;
    const sweep = this.#sweep ?? owners.sweep();
    this.#sweep = runFor(sweep, Math.min(SWEEP, (interval * 1000) / SWEEP_SHARE)).done ? null : sweep;
  }

  /** Asks again who holds some of the sockets, and what these are called; whether one is called otherwise. */
  #verify(): boolean {
    if (!this.#last) return false;
    const { table } = this.#last;
    const { owners, names } = this.#host;
    const from = this.#verifiedTo < table.length ? this.#verifiedTo : 0;
    const inodes = table.inode.subarray(from, Math.min(table.length, from + VERIFIED));
    this.#verifiedTo = from + inodes.length;
    owners.verify(inodes);
    const pids = new Set<number>();
    for (const inode of inodes) for (const { pid } of owners.holders(inode)) pids.add(pid);
    return names.refresh(pids);
  }

  /** Until all are found, or the next look is due. */
  async #findOwners(due: number): Promise<void> {
    const search = this.#search ?? this.#host.owners.search();
    this.#search = null;
    while (!runFor(search, SLICE).done) {
      if (performance.now() >= due) {
        this.#search = search;
        return;
      }
      await breathe();
      this.#listen();
    }
  }

  #tellHeard(): void {
    const heard = this.#heard;
    this.#heard = [];
    for (const gone of heard) this.#listener.tell(this.#changes.destroyed(gone));
  }

  #listen(): void {
    const announcements = this.#announcements;
    if (!announcements) return;
    const { overruns } = announcements;
    try {
      const table = readDestroyed(announcements);
      this.#listenEvery = table.length > BUSY ? LISTEN_EVERY_WHEN_BUSY : LISTEN_EVERY;
      if (table.length > 0) {
        const { wanted } = this.#watching;
        const gone = { time: new Date(), table, wanted, ownership: NO_OWNERSHIP };
        this.#heard.push(new Snapshot(gone, this.#host.names));
      }
      if (this.#begun) this.#tellHeard();
      if (announcements.overruns > overruns) this.#listener.missed('too many were closed at once');
    } catch (error) {
      if (!(error instanceof SockDiagError)) throw error;
      announcements.close();
      this.#announcements = null;
      this.#listener.missed(error.code);
    }
  }
}

async function breathe(): Promise<void> {
  await new Promise(setImmediate);
}
