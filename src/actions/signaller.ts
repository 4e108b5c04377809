import type { Users } from '../processes/users.ts';
import { heldPorts } from '../sockets/held-ports.ts';
import { type SignalDialog, toBeHit } from '../store/signal-dialog.ts';
import { runInSlices } from '../store/slices.ts';
import type { Action, State } from '../store/state.ts';
import type { Store } from '../store/store.ts';
import type { Sender } from './aim.ts';
import { awaitEnd } from './ending.ts';
import { explainEnd, explainShot } from './explain.ts';
import { nameUsers, type Target, takeAim } from './targets.ts';

type Outcomes = Extract<Action, { type: 'signal-told' }>['outcomes'];

/** Does what the dialog of signals decides: looks at who is meant, sends, and watches what becomes of them. */
export class Signaller {
  readonly #sender: Sender;
  readonly #users: Users;
  readonly #store: Store<State, Action>;
  readonly #unsubscribe: () => void;
  /** For whom the dialog is open, and what ends all that is done for it. */
  #meant: SignalDialog['meant'] | null = null;
  #step: SignalDialog['step'] | null = null;
  #end = new AbortController();
  #targets: readonly Target[] = [];

  constructor(sender: Sender, users: Users, store: Store<State, Action>) {
    this.#sender = sender;
    this.#users = users;
    this.#store = store;
    this.#unsubscribe = store.subscribe(() => this.#follow());
  }

  stop(): void {
    this.#unsubscribe();
    this.#release();
  }

  #follow(): void {
    const { signal: dialog } = this.#store.get();
    if (dialog?.meant !== this.#meant) {
      this.#release();
      this.#meant = dialog?.meant ?? null;
      if (dialog) void this.#look(dialog.meant, this.#end.signal).catch(ignoreAbort);
    }
    const step = dialog?.step ?? null;
    if (step === this.#step) return;
    this.#step = step;
    if (dialog && step === 'send') void this.#send(dialog, this.#end.signal).catch(ignoreAbort);
  }

  async #look(meant: SignalDialog['meant'], ended: AbortSignal): Promise<void> {
    const { sample } = this.#store.get();
    const ports = sample ? heldPorts(sample.snapshot.table, sample.snapshot.ownership) : () => null;
    const users = this.#users;
    this.#targets = await runInSlices(takeAim(this.#sender, meant, { users, ports }), ended);
    const named = await nameUsers(this.#targets, users);
    if (ended.aborted) return;
    this.#targets = named;
    const recipients = named.map(({ recipient }) => recipient);
    this.#store.dispatch({ type: 'signal-listed', of: meant, recipients });
  }

  async #send(dialog: SignalDialog, ended: AbortSignal): Promise<void> {
    const { meant, signal, outcomes: before } = dialog;
    const pids = new Set(toBeHit(dialog).map(({ pid }) => pid));
    // The second time it is the same process that is meant, whether or not it has closed its socket since.
    const inodes = before.size > 0 ? new Set<number>() : meant.inodes;
    const uid = process.getuid?.() ?? 0;
    const hit: Target[] = [];
    const outcomes: Outcomes = new Map(
      this.#targets.flatMap((target) => {
        const { aim, recipient } = target;
        if (!pids.has(aim.pid)) return [];
        const shot = aim.fire(signal.number, inodes);
        if (shot.result === 'sent') hit.push(target);
        const state = shot.result === 'sent' ? 'awaited' : shot.result === 'gone' ? 'ended' : 'failed';
        return [[aim.pid, { state, said: explainShot(shot, signal, recipient, uid) }] as const];
      }),
    );
    this.#tell(meant, outcomes);
    if (hit.length === 0) return;
    const left = await awaitEnd(
      hit,
      ({ aim }, life) => this.#tell(meant, new Map([[aim.pid, { state: 'ended', said: explainEnd(life) }]])),
      ended,
    );
    if (left.length === 0) return;
    const there = { state: 'there', said: `${signal.name} sent, still there after 3 s` } as const;
    this.#tell(meant, new Map(left.map(({ aim }) => [aim.pid, there])));
    this.#store.dispatch({ type: 'signal-waited', of: meant });
  }

  #tell(meant: SignalDialog['meant'], outcomes: Outcomes): void {
    this.#store.dispatch({ type: 'signal-told', of: meant, outcomes });
  }

  #release(): void {
    this.#end.abort();
    this.#end = new AbortController();
    for (const { aim } of this.#targets) aim[Symbol.dispose]();
    this.#targets = [];
  }
}

/** Whoever closes the dialog does not want to know any more. */
function ignoreAbort(error: unknown): void {
  if ((error as Error).name !== 'AbortError') throw error;
}
