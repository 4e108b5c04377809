import { vi } from 'vitest';
import { Users } from '../../src/processes/users.ts';
import { type Contents, ProcError, ProcFs } from '../../src/procfs/procfs.ts';
import { Services } from '../../src/services/services.ts';
import type { SocketTable } from '../../src/sockets/socket-table.ts';
import type { SocketSource, Wanted } from '../../src/sockets/source.ts';
import { HostNames } from '../../src/store/names.ts';
import { Sampler } from '../../src/store/sampler.ts';
import { type Action, initialState, reduce, type State } from '../../src/store/state.ts';
import { createStore } from '../../src/store/store.ts';
import { inodeOf, NOON, type SocketLiteral, tableOf } from '../helpers/snapshots.ts';

/** What an argument of argv, a variable or a descriptor of a made-up process is. */
export type FakeProcess = { comm: string; argv?: string[]; environ?: string[]; uid?: number };

/** A /proc of a few processes, of which each holds the sockets that say so. Its clock stands still but for walks. */
export class FakeProcFs extends ProcFs {
  readonly processes = new Map<number, FakeProcess>();
  readonly holding = new Map<number, number[]>();
  /** How often all descriptors of all processes were looked through. */
  walks = 0;
  /** Called in each walk, for one that takes its time or fails. */
  onWalk: () => void = () => {};
  /** The processes whose files were read, as `PID/file`. */
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
    const [, pid] = /^(\d+)\/fd$/.exec(relative) ?? [];
    this.#exists(relative, Number(pid));
    return (this.holding.get(Number(pid)) ?? []).map((_, index) => String(index + 3));
  }

  override link(relative: string): string {
    const [, pid, , fd] = /^(\d+)\/(fd\/(\d+)|\w+)$/.exec(relative) ?? [];
    this.#exists(relative, Number(pid));
    this.reads.push(relative);
    if (fd === undefined) return '/';
    return `socket:[${this.holding.get(Number(pid))?.[Number(fd) - 3]}]`;
  }

  override read(relative: string): Contents {
    if (relative === 'stat') return contents(`btime ${NOON / 1000 - 1000}\n`);
    const [, number, file] = /^(\d+)\/(\w+)$/.exec(relative) ?? [];
    const pid = Number(number);
    const { comm, argv = [comm], environ = [], uid = 0 } = this.#exists(relative, pid);
    this.reads.push(relative);
    const uids = [uid, uid, uid, uid].join('\t');
    switch (file) {
      case 'stat':
        return contents(`${pid} (${comm}) S 0 ${Array(48).fill(pid).join(' ')}\n`);
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

  override stat(relative: string): never {
    throw new ProcError('ENOENT', this.path(relative));
  }

  #exists(relative: string, pid: number): FakeProcess {
    const found = this.processes.get(pid);
    if (!found) throw new ProcError('ENOENT', this.path(relative));
    return found;
  }
}

function contents(text: string): Contents {
  return { bytes: Buffer.from(text), truncated: false };
}

export class FakeSource implements SocketSource {
  readonly name = 'proc';
  readonly wanted: Wanted[] = [];
  sockets: readonly SocketLiteral[] = [];
  failure: Error | null = null;
  /** Called between the two halves of a read. */
  onRead: () => void = () => {};

  get reads(): number {
    return this.wanted.length;
  }

  *read(wanted: Wanted): Generator<void, SocketTable> {
    this.wanted.push(wanted);
    if (this.failure) throw this.failure;
    yield;
    this.onRead();
    return tableOf(this.sockets);
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

/** What the sampler of a fake host is told to look for. */
export const EVERYTHING: Wanted = { protocols: ['tcp', 'udp'], families: ['ipv4', 'ipv6'] };

export type FakeHost = {
  procfs: FakeProcFs;
  source: FakeSource;
  users: FakeUsers;
  store: ReturnType<typeof createStore<State, Action>>;
  sampler: Sampler;
  /** Every state that the store has had. */
  seen: State[];
  /** The sockets that there are now, with the processes that hold them. */
  has(...sockets: SocketLiteral[]): void;
};

/** A sampler over a host that exists only in a test; it has not begun. Time passes only by {@link pass}. */
export function fakeHost(options: Parameters<typeof initialState>[0] = {}): FakeHost {
  const procfs = new FakeProcFs();
  const source = new FakeSource();
  const users = new FakeUsers();
  users.answer(0, 'root');
  const store = createStore<State, Action>(initialState(options), reduce);
  const seen: State[] = [];
  store.subscribe(() => seen.push(store.get()));
  const names = new HostNames(procfs, new Services([]), users);
  const sampler = new Sampler({ procfs, source, names }, EVERYTHING, users, store);
  const has = (...sockets: SocketLiteral[]) => {
    source.sockets = sockets;
    procfs.holding.clear();
    for (const socket of sockets) {
      for (const { pid, name } of socket.owners ?? []) {
        if (!procfs.processes.has(pid)) procfs.processes.set(pid, { comm: name });
        procfs.holding.set(pid, [...(procfs.holding.get(pid) ?? []), inodeOf(socket)]);
      }
    }
  };
  procfs.processes.set(1, { comm: 'init' });
  return { procfs, source, users, store, sampler, seen, has };
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
