import type { Stats } from 'node:fs';
import { vi } from 'vitest';
import type { SocketDetails } from '../../src/netlink/messages.ts';
import { Users } from '../../src/processes/users.ts';
import { type Contents, ProcError, ProcFs } from '../../src/procfs/procfs.ts';
import { Services } from '../../src/services/services.ts';
import { ProcDescriptors } from '../../src/sockets/descriptors.ts';
import { OwnerIndex } from '../../src/sockets/owner-index.ts';
import type { ReverseNames } from '../../src/sockets/reverse-names.ts';
import type { SocketTable } from '../../src/sockets/socket-table.ts';
import type { SocketSource, Wanted } from '../../src/sockets/source.ts';
import { HostNames } from '../../src/store/names.ts';
import { reduce } from '../../src/store/reduce.ts';
import { Sampler } from '../../src/store/sampler.ts';
import { rowsOf } from '../../src/store/shown.ts';
import { type Action, initialState, type State } from '../../src/store/state.ts';
import { createStore, type Store } from '../../src/store/store.ts';
import { asked, inodeOf, NOON, type SocketLiteral, tableOf } from '../helpers/snapshots.ts';

/** What an argument of argv, a variable or a descriptor of a made-up process is. */
export type FakeProcess = {
  comm: string;
  argv?: string[];
  environ?: string[];
  uid?: number;
  /** Its start and the processor time that it has used, in ticks: its pid unless said. */
  started?: number;
  used?: number;
};

/** A /proc of a few processes, of which each holds the sockets that say so. Its clock stands still but for hooks. */
export class FakeProcFs extends ProcFs {
  readonly processes = new Map<number, FakeProcess>();
  /** What the descriptors of each process lead to, from number 3 on: the inode of a socket; 0: closed. */
  readonly holding = new Map<number, number[]>();
  /** CurrEstab of /proc/net/snmp; null: there is no such file. */
  connected: number | null = null;
  /** Seconds; null: there is no such file. */
  uptime: number | null = null;
  /** How often all processes were listed. */
  walks = 0;
  /** Called when they are, for what takes its time or fails. */
  onWalk: () => void = () => {};
  /** Called for each descriptor that is asked for. */
  onLink: () => void = () => {};
  /** The files of processes that were read, as `PID/file`; the folder of the descriptors is `PID/fd`. */
  readonly reads: string[] = [];

  constructor() {
    super('/fake');
  }

  override names(relative: string): string[] {
    if (relative === '') {
      this.walks++;
      this.onWalk();
      return ['self', 'net', ...[...this.processes.keys()].map(String)];
    }
    const [, number] = /^(\d+)\/fd$/.exec(relative) ?? [];
    this.reads.push(relative);
    return this.#open(relative, Number(number)).map(String);
  }

  override *namesInSteps(relative: string): Generator<void, string[]> {
    yield;
    return this.names(relative);
  }

  override link(relative: string): string {
    const [, number, , fd] = /^(\d+)\/(fd\/(\d+)|\w+)$/.exec(relative) ?? [];
    const pid = Number(number);
    this.#exists(relative, pid);
    this.reads.push(relative);
    if (fd === undefined) return '/';
    this.onLink();
    const inode = this.holding.get(pid)?.[Number(fd) - FIRST];
    if (!inode) throw new ProcError('ENOENT', this.path(relative));
    return `socket:[${inode}]`;
  }

  override links(relative: string, visit: (name: string, target: string) => void): void {
    for (const name of this.names(relative)) visit(name, this.link(`${relative}/${name}`));
  }

  /** As Linux tells them since 6.2: the size of a folder of descriptors is how many are open. */
  override stat(relative: string): Stats {
    const [, number] = /^(\w+)\/fd$/.exec(relative) ?? [];
    if (number === undefined) throw new ProcError('ENOENT', this.path(relative));
    if (number === 'self') return { ino: 1, size: 4 } as Stats;
    return { ino: Number(number), size: this.#open(relative, Number(number)).length } as Stats;
  }

  override read(relative: string): Contents {
    if (relative === 'uptime' && this.uptime !== null) return contents(`${this.uptime} 0\n`);
    if (relative === 'stat') return contents(`btime ${NOON / 1000 - 1000}\n`);
    if (relative === '1/net/snmp' && this.connected !== null) {
      return contents(`Tcp: CurrEstab\nTcp: ${this.connected}\n`);
    }
    const [, number, file] = /^(\d+)\/(\w+)$/.exec(relative) ?? [];
    const pid = Number(number);
    const process = this.#exists(relative, pid);
    const { comm, argv = [comm], environ = [], uid = 0, started = pid, used = pid } = process;
    this.reads.push(relative);
    const uids = [uid, uid, uid, uid].join('\t');
    switch (file) {
      case 'stat':
        return contents(`${pid} (${comm}) S 0 ${statFields(pid, used, started).join(' ')}\n`);
      case 'status':
        return contents(`Name:\t${comm}\nUid:\t${uids}\nGid:\t${uids}\nThreads:\t1\n`);
      case 'cmdline':
        return contents(argv.map((argument) => `${argument}\0`).join(''));
      case 'environ':
        return contents(environ.map((variable) => `${variable}\0`).join(''));
      default:
        throw new ProcError('ENOENT', this.path(relative));
    }
  }

  /** The descriptors of a process. */
  #open(relative: string, pid: number): number[] {
    this.#exists(relative, pid);
    return (this.holding.get(pid) ?? []).flatMap((inode, at) => (inode === 0 ? [] : [at + FIRST]));
  }

  #exists(relative: string, pid: number): FakeProcess {
    const found = this.processes.get(pid);
    if (!found) throw new ProcError('ENOENT', this.path(relative));
    return found;
  }
}

const FIRST = 3;

/** From tty_nr's left neighbour on (proc_pid_stat(5)), where utime, stime and starttime are the 14th, 15th and 22nd. */
function statFields(pid: number, used: number, started: number): number[] {
  const fields = Array<number>(48).fill(pid);
  fields[14 - 5] = used;
  fields[15 - 5] = 0;
  fields[22 - 5] = started;
  return fields;
}

function contents(text: string): Contents {
  return { bytes: Buffer.from(text), truncated: false };
}

export class FakeSource implements SocketSource {
  /** What it was asked for, each time. */
  readonly wanted: Wanted[] = [];
  sockets: readonly SocketLiteral[] = [];
  failure: Error | null = null;
  /** What is told of one socket alone, by its port. */
  readonly details = new Map<number, SocketDetails>();
  /** Called between the two halves of a read. */
  onRead: (wanted: Wanted) => void = () => {};

  get reads(): number {
    return this.wanted.length;
  }

  *read(wanted: Wanted): Generator<void, SocketTable> {
    this.wanted.push(wanted);
    if (this.failure) throw this.failure;
    yield;
    this.onRead(wanted);
    return tableOf(asked(this.sockets, wanted), 'proc', wanted.protocols);
  }

  inspect(table: SocketTable, row: number): SocketDetails | null {
    return this.details.get(table.localPort[row] as number) ?? null;
  }
}

/** Users whose names somebody else knows, and tells when {@link answer} says so. */
export class FakeUsers extends Users {
  readonly #known = new Map<number, string>();
  readonly #asked = new Set<number>();
  #answers: PromiseWithResolvers<void> | null = null;

  constructor() {
    super({ passwd: '/dev/null', getent: '/nowhere' });
  }

  override name(uid: number): string | null {
    if (!this.#known.has(uid)) this.#asked.add(uid);
    return this.#known.get(uid) || null;
  }

  override get unsettled(): boolean {
    return this.#asked.size > 0;
  }

  override async settle(): Promise<void> {
    this.#answers = Promise.withResolvers();
    await this.#answers.promise;
  }

  get waitedFor(): boolean {
    return this.#answers !== null;
  }

  /** null: nobody has that number. */
  answer(uid: number, name: string | null): void {
    this.#known.set(uid, name ?? '');
    this.#asked.delete(uid);
    this.#answers?.resolve();
    this.#answers = null;
  }
}

/** What the sampler of a fake host asks for in the view of listeners. */
export const LISTENERS: Wanted = {
  protocols: ['tcp', 'udp'],
  families: ['ipv4', 'ipv6'],
  scope: 'listening',
  ports: null,
};

export type FakeHost = {
  procfs: FakeProcFs;
  source: FakeSource;
  users: FakeUsers;
  owners: OwnerIndex;
  store: Store<State, Action>;
  sampler: Sampler;
  /** Every state that the store has had. */
  seen: State[];
  /** What was told to the store, by whomever. */
  actions: Action[];
  /** The sockets that there are now, with the processes that hold them. */
  has(...sockets: SocketLiteral[]): void;
};

export type FakeHostOptions = Parameters<typeof initialState>[0] & {
  /** The lines of the terminal. */
  height?: number;
  /** The other network namespaces. */
  elsewhere?: FakeSource;
  /** Where DNS is asked. */
  hosts?: ReverseNames;
};

/** A sampler over a host that exists only in a test; it has not begun. Time passes only by {@link pass}. */
export function fakeHost({ height = 24, elsewhere, hosts, ...options }: FakeHostOptions = {}): FakeHost {
  const procfs = new FakeProcFs();
  const source = new FakeSource();
  const users = new FakeUsers();
  users.answer(0, 'root');
  const actions: Action[] = [];
  const store = createStore<State, Action>(initialState(options), (state, action) => {
    actions.push(action);
    return reduce(state, action);
  });
  const seen: State[] = [];
  store.subscribe(() => {
    // What is drawn is asked for there and then: a row says what is known when it is asked for first.
    for (const _ of rowsOf(store.get()));
    seen.push(store.get());
  });
  const names = new HostNames(procfs, new Services([]), users, { hosts: hosts ?? null });
  // It pauses after each question: so looks can be left at any point.
  const owners = new OwnerIndex(new ProcDescriptors(procfs), undefined, 1);
  const looks = { families: LISTENERS.families, height: () => height };
  const host = { procfs, source, names, owners, elsewhere: elsewhere ?? null, hosts: hosts ?? null };
  const sampler = new Sampler(host, looks, users, store);
  const has = (...sockets: SocketLiteral[]) => {
    source.sockets = sockets;
    for (const { pid, name } of sockets.flatMap((socket) => socket.owners ?? [])) {
      if (!procfs.processes.has(pid)) procfs.processes.set(pid, { comm: name });
    }
    for (const pid of procfs.processes.keys()) hold(procfs, pid, sockets);
  };
  procfs.processes.set(1, { comm: 'init' });
  return { procfs, source, users, owners, store, sampler, seen, actions, has };
}

/** Closes what a process holds no more, and opens what is new: where there is room first, as a kernel does. */
function hold(procfs: FakeProcFs, pid: number, sockets: readonly SocketLiteral[]): void {
  const held = sockets.filter(({ owners }) => owners?.some((owner) => owner.pid === pid)).map(inodeOf);
  const descriptors = (procfs.holding.get(pid) ?? []).map((inode) => (held.includes(inode) ? inode : 0));
  for (const inode of held) {
    if (descriptors.includes(inode)) continue;
    const free = descriptors.indexOf(0);
    descriptors[free < 0 ? descriptors.length : free] = inode;
  }
  procfs.holding.set(pid, descriptors);
}

let clock = 0;

/** From here on time stands still, until {@link pass} lets some pass. Timers, dates and the clock alike. */
export function stopTheClock(): void {
  clock = 1000;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: NOON });
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
}

/** What the code under test takes for itself: it holds up no timer. */
export function spend(milliseconds: number): void {
  clock += milliseconds;
}

/** Lets time pass, and everything that it sets off come to its end. */
export async function pass(milliseconds: number): Promise<void> {
  clock += milliseconds;
  vi.advanceTimersByTime(milliseconds);
  await settled();
}

/** All that is under way now, and what that sets off, has been done; what waits for time to pass waits. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await new Promise(setImmediate);
}
