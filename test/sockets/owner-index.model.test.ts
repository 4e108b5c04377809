import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OwnerIndex } from '../../src/sockets/owner-index.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { ModelHost } from './model-host.ts';

const PIDS = 6;
const FDS = 6;
const PACE = 3;
/** A question to the kernel more or less, where a look begins: the births, a list of the pids, a glance. */
const OVERHEAD = 8;

const pid = fc.integer({ min: 1, max: PIDS });
const fd = fc.integer({ min: 3, max: 2 + FDS });
/** Which of the sockets that there were so far: also of those that nobody has any more, as one in flight. */
const which = fc.nat({ max: 20 });

/** What happens on a host. A process that does not run does nothing. */
type Change =
  | { kind: 'start'; pid: number }
  | { kind: 'fork'; pid: number; child: number }
  | { kind: 'exit'; pid: number }
  | { kind: 'socket'; pid: number; fd: number }
  | { kind: 'file'; pid: number; fd: number }
  | { kind: 'receive'; pid: number; fd: number; which: number }
  | { kind: 'duplicate'; pid: number; fd: number; to: number }
  | { kind: 'close'; pid: number; fd: number }
  | { kind: 'permit'; pid: number; readable: boolean }
  | { kind: 'forget'; pid: number };

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('start'), pid }),
  fc.record({ kind: fc.constant('fork'), pid, child: pid }),
  fc.record({ kind: fc.constant('exit'), pid }),
  { arbitrary: fc.record({ kind: fc.constant('socket'), pid, fd }), weight: 4 },
  fc.record({ kind: fc.constant('file'), pid, fd }),
  { arbitrary: fc.record({ kind: fc.constant('receive'), pid, fd, which }), weight: 3 },
  fc.record({ kind: fc.constant('duplicate'), pid, fd, to: fd }),
  { arbitrary: fc.record({ kind: fc.constant('close'), pid, fd }), weight: 2 },
  fc.record({ kind: fc.constant('permit'), pid, readable: fc.boolean() }),
  fc.record({ kind: fc.constant('forget'), pid }),
);

/** What is done with the index, and what happens to the host meanwhile. */
type Step =
  | { do: 'change'; change: Change }
  | { do: 'change-during'; moments: number; change: Change }
  | { do: 'want'; which: readonly number[] }
  | { do: 'want-all' | 'want-again' | 'tick' }
  | { do: 'verify'; which: readonly number[] }
  | { do: 'search' | 'sweep'; steps: number }
  | { do: 'give-up' };

const steps = fc.nat({ max: 20 });
const some = fc.array(which, { maxLength: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant('change'), change }), weight: 8 },
  {
    arbitrary: fc.record({ do: fc.constant('change-during'), moments: fc.nat({ max: 30 }), change }),
    weight: 4,
  },
  { arbitrary: fc.record({ do: fc.constant('want'), which: some }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constantFrom('want-all', 'want-again', 'tick') }), weight: 6 },
  fc.record({ do: fc.constant('verify'), which: some }),
  { arbitrary: fc.record({ do: fc.constant('search'), steps }), weight: 4 },
  { arbitrary: fc.record({ do: fc.constant('sweep'), steps }), weight: 3 },
  fc.record({ do: fc.constant('give-up') }),
);

const kernel = fc.record({ births: fc.boolean(), counts: fc.boolean() });

/** A host and the index of it, and what always holds of the two. */
class Trial {
  readonly host: ModelHost;
  readonly index: OwnerIndex;
  /** All sockets there ever were, and one that nobody ever had: the kernel's own. */
  readonly #sockets: number[] = [999];
  #wanted: number[] = [];
  /** Since when nobody is known to hold a wanted socket. */
  readonly #ownerlessSince = new Map<number, number>();
  #search: Generator<void, void> | null = null;
  #sweep: Generator<void, void> | null = null;
  #said = new Map<number, string>();
  #version = 0;

  constructor(kernel: { births: boolean; counts: boolean }) {
    this.host = new ModelHost(kernel);
    this.index = new OwnerIndex(this.host, this.host.clock, PACE);
    for (const pid of [1, 2, 3]) this.host.start(pid);
  }

  take(step: Step): void {
    switch (step.do) {
      case 'change':
        this.#happen(step.change);
        break;
      case 'change-during':
        this.host.after(step.moments, () => this.#happen(step.change));
        break;
      case 'want':
        this.#want(step.which.map((which) => this.#socket(which)));
        break;
      case 'want-all':
        this.#want(this.#sockets);
        break;
      case 'want-again':
        this.#want(this.#wanted);
        break;
      case 'tick':
        this.#tick();
        break;
      case 'verify':
        this.index.verify(step.which.map((which) => this.#socket(which)));
        break;
      case 'search':
        this.#search ??= this.index.search();
        if (this.#advance(this.#search, step.steps)) this.#search = null;
        break;
      case 'sweep':
        this.#sweep ??= this.index.sweep();
        if (this.#advance(this.#sweep, step.steps)) this.#sweep = null;
        break;
      case 'give-up':
        this.#search?.return();
        this.#search = null;
    }
  }

  /** Nothing happens any more; the table comes twice more, and everything is looked for and swept once. */
  settle(): void {
    this.host.catchUp();
    if (this.#search) runAtOnce(this.#search);
    this.#search = null;
    this.#tick();
    this.#tick();
    if (this.#sweep) runAtOnce(this.#sweep);
    runAtOnce(this.index.sweep());
    this.#sweep = null;
  }

  checkAlways(): void {
    const since = this.index.freshSince;
    for (const inode of this.#wanted) {
      const told = this.index.holders(inode);
      const ever = this.host.history.filter((held) => held.inode === inode);
      const lasting = ever.filter(({ from, to }) => from <= since && to === Infinity);
      for (const { pid, fd } of lasting) expect(told, `fresh since ${since}`).toContainEqual({ pid, fd });
      for (const { pid, fd } of told) {
        const recent = ever.some((held) => held.pid === pid && held.fd === fd && held.to > since);
        expect(recent, `${pid}/${fd} held ${inode} since ${since}`).toBe(true);
      }
      expect(this.index.firstPid(inode)).toBe(told[0]?.pid ?? 0);
      if (told.length > 0) expect(this.index.looked(inode), `looked for ${inode}, which is found`).toBe(true);
    }
    this.#checkLooked();
    this.#checkVersion();
  }

  checkSettled(): void {
    for (const inode of this.#wanted) {
      expect(this.index.holders(inode), `holders of ${inode}`).toEqual(this.host.holders(inode));
    }
    // Those that the sweep found without a holder are looked for once more when the table still has them.
    this.#tick();
    for (const inode of this.#wanted) expect(this.index.looked(inode), `looked for ${inode}`).toBe(true);
    const refusing = this.host.running.filter((pid) => !this.host.isReadable(pid));
    expect([...this.index.unreadable.keys()].sort()).toEqual(refusing);
    expect(this.index.progress()).toBeNull();
    const { version } = this.index;
    this.#tick();
    runAtOnce(this.index.sweep());
    expect(this.index.version, 'the version while nothing happens').toBe(version);
  }

  /** That everybody was asked, and nobody has it, is said of what nobody had all the while. */
  #checkLooked(): void {
    for (const inode of this.#sockets) {
      const wanted = this.#wanted.includes(inode);
      if (!wanted) expect(this.index.looked(inode), `looked for ${inode}, which is not wanted`).toBe(false);
      if (!wanted || this.index.firstPid(inode) > 0) this.#ownerlessSince.delete(inode);
      else if (!this.#ownerlessSince.has(inode)) this.#ownerlessSince.set(inode, this.host.time);
      const since = this.#ownerlessSince.get(inode) ?? -Infinity;
      if (!this.index.looked(inode)) continue;
      const all = this.host.history.filter((held) => held.inode === inode && held.to === Infinity);
      const missed = all.filter(({ pid, from }) => from <= since && !this.index.unreadable.has(pid));
      expect(missed, `nobody is known since ${since}`).toEqual([]);
    }
  }

  /** Whenever something else is said than before, the version is another. */
  #checkVersion(): void {
    const said = new Map<number, string>();
    for (const inode of this.#sockets) {
      said.set(inode, JSON.stringify([this.index.looked(inode), this.index.holders(inode)]));
    }
    const changed = this.#wanted.filter(
      (inode) => this.#said.has(inode) && this.#said.get(inode) !== said.get(inode),
    );
    if (changed.length > 0) expect(this.index.version, `${changed} changed`).toBeGreaterThan(this.#version);
    this.#said = said;
    this.#version = this.index.version;
  }

  /** Returns whether it came to its end. */
  #advance(work: Generator<void, void>, steps: number): boolean {
    for (let step = 0; step < steps; step++) {
      const before = this.host.questions.length;
      const { done } = work.next();
      expect(this.host.questions.length - before, 'questions in one step').toBeLessThan(PACE + OVERHEAD);
      this.checkAlways();
      if (done) return true;
    }
    return false;
  }

  #want(inodes: readonly number[]): void {
    this.#wanted = [...new Set(inodes)];
    this.index.want(this.#wanted);
  }

  #tick(): void {
    this.#want(this.#wanted);
    runAtOnce(this.index.search());
  }

  #socket(which: number): number {
    return this.#sockets[which % this.#sockets.length] as number;
  }

  #happen(change: Change): void {
    const { host } = this;
    const { pid } = change;
    if (change.kind === 'start') host.start(pid);
    if (!host.running.includes(pid)) return;
    switch (change.kind) {
      case 'fork':
        if (change.child !== pid) host.fork(pid, change.child);
        break;
      case 'exit':
        host.exit(pid);
        break;
      case 'socket':
        this.#sockets.push(1000 + this.#sockets.length);
        host.open(pid, change.fd, this.#sockets.at(-1));
        break;
      case 'file':
        host.open(pid, change.fd);
        break;
      case 'receive':
        host.open(pid, change.fd, this.#socket(change.which));
        break;
      case 'duplicate':
        host.duplicate(pid, change.fd, change.to);
        break;
      case 'close':
        host.close(pid, change.fd);
        break;
      case 'permit':
        host.permit(pid, change.readable);
        break;
      case 'forget':
        host.forgetFolder(pid);
    }
  }
}

describe('the owner index of a host on which anything may happen at any time', () => {
  it('tells what has held since it was last sure, tells nothing older, and is right once the host is quiet', () => {
    fc.assert(
      fc.property(kernel, fc.array(step, { maxLength: 100, size: 'max' }), (kernel, steps) => {
        const trial = new Trial(kernel);
        for (const step of steps) {
          trial.take(step);
          trial.checkAlways();
        }
        trial.settle();
        trial.checkAlways();
        trial.checkSettled();
      }),
      { numRuns: 400 },
    );
  });
});
