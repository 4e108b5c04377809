import type { Users } from '../processes/users.ts';
import { heldPorts } from '../sockets/held-ports.ts';
import { portsBefore } from '../sockets/port-holders.ts';
import { type Outcome, type SignalDialog, toBeHit } from '../store/signal-dialog.ts';
import { runInSlices } from '../store/slices.ts';
import type { Action, State } from '../store/state.ts';
import type { Store } from '../store/store.ts';
import type { Life, Sender } from './aim.ts';
import { awaitEnd } from './ending.ts';
import { explainEnd, explainShot, explainStay } from './explain.ts';
import { nameUsers, type Target, takeAim } from './targets.ts';

type Outcomes = Extract<Action, { type: 'signal-told' }>['outcomes'];

/** Does what the dialog of signals decides: looks at who is meant, sends, and watches what becomes of them. */
export class Signaller {
  readonly #sender: Sender;
  readonly #users: Users;
  readonly #store: Store<State, Action>;
  readonly #ended: () => void;
  readonly #unsubscribe: () => void;
  /** For whom the dialog is open, and what ends all that is done for it. */
  #meant: SignalDialog['meant'] | null = null;
  #step: SignalDialog['step'] | null = null;
  #end = new AbortController();
  #targets: readonly Target[] = [];
  /** When the host was last looked at. */
  #now = 0;

  /** `ended` hears that somebody did: what they held is to be looked at. */
  constructor(sender: Sender, users: Users, store: Store<State, Action>, ended: () => void = () => {}) {
    this.#sender = sender;
    this.#users = users;
    this.#store = store;
    this.#ended = ended;
    this.#unsubscribe = store.subscribe(() => this.#follow());
  }

  stop(): void {
    this.#unsubscribe();
    this.#release();
  }

  #follow(): void {
    const { signal: dialog, now } = this.#store.get();
    if (dialog?.meant !== this.#meant) {
      this.#release();
      this.#meant = dialog?.meant ?? null;
      if (dialog) void this.#look(dialog.meant, this.#end.signal).catch(ignoreAbort);
    }
    const step = dialog?.step ?? null;
    const looked = now !== this.#now;
    this.#now = now;
    if (step !== this.#step) {
      this.#step = step;
      if (dialog && step === 'send') void this.#send(dialog, this.#end.signal).catch(ignoreAbort);
    } else if (dialog && looked && (step === 'linger' || step === 'done')) this.#lookAgain(dialog);
  }

  async #look(meant: SignalDialog['meant'], ended: AbortSignal): Promise<void> {
    const { snapshot } = this.#store.get().sample ?? {};
    const ports = snapshot ? heldPorts(snapshot.table, snapshot.ownership) : () => null;
    const users = this.#users;
    this.#targets = await runInSlices(takeAim(this.#sender, meant, { users, ports }), ended);
    const named = await nameUsers(this.#targets, users);
    if (ended.aborted) return;
    this.#targets = named;
    const recipients = named.map(({ recipient }) => recipient);
    const pids = recipients.map(({ pid }) => pid);
    const held = snapshot ? portsBefore(snapshot.table, snapshot.ownership, pids) : [];
    this.#store.dispatch({ type: 'signal-listed', of: meant, recipients, ports: held });
  }

  async #send(dialog: SignalDialog, ended: AbortSignal): Promise<void> {
    const { meant, signal, outcomes: before } = dialog;
    const pids = new Set(toBeHit(dialog).map(({ pid }) => pid));
    // The second time it is the same process that is meant, whether or not it has closed its socket since.
    const inodes = before.size > 0 ? new Set<number>() : meant.inodes;
    const uid = process.getuid?.() ?? 0;
    const sentAt = performance.now();
    const hit: Target[] = [];
    const outcomes: Outcomes = new Map(
      this.#targets.flatMap((target) => {
        const { aim, recipient } = target;
        if (!pids.has(aim.pid)) return [];
        const shot = aim.fire(signal.number, inodes);
        if (shot.result === 'sent') hit.push(target);
        const said = explainShot(shot, signal, recipient, uid);
        const outcome: Outcome =
          shot.result === 'gone'
            ? { state: 'ended', said, seenAt: Date.now() }
            : { state: shot.result === 'sent' ? 'awaited' : 'failed', said };
        return [[aim.pid, outcome] as const];
      }),
    );
    this.#tell(meant, outcomes);
    if (hit.length === 0) return;
    const left = await awaitEnd(
      hit,
      ({ aim }, life) => this.#tell(meant, new Map([[aim.pid, endOf(life, performance.now() - sentAt)]])),
      ended,
    );
    if (left.length === 0) return;
    const there = { state: 'there', said: explainStay(signal) } as const;
    this.#tell(meant, new Map(left.map(({ aim }) => [aim.pid, there])));
    this.#store.dispatch({ type: 'signal-waited', of: meant });
  }

  /** What was told of them may be so no more. */
  #lookAgain({ meant, outcomes }: SignalDialog): void {
    const news: [number, Outcome][] = [];
    for (const { aim } of this.#targets) {
      const told = outcomes.get(aim.pid);
      if (told?.state === 'there') {
        const life = aim.life();
        if (life.state !== 'alive') news.push([aim.pid, endOf(life, null)]);
      } else if (told?.state === 'ended' && told.zombie) {
        const life = aim.life();
        if (life.state === 'gone')
          news.push([aim.pid, { ...told, said: explainEnd(life, told.took ?? null), zombie: false }]);
      }
    }
    if (news.length > 0) this.#tell(meant, new Map(news));
  }

  #tell(meant: SignalDialog['meant'], outcomes: Outcomes): void {
    this.#store.dispatch({ type: 'signal-told', of: meant, outcomes });
    if ([...outcomes.values()].some(({ state }) => state === 'ended')) this.#ended();
  }

  #release(): void {
    this.#end.abort();
    this.#end = new AbortController();
    for (const { aim } of this.#targets) aim[Symbol.dispose]();
    this.#targets = [];
  }
}

function endOf(life: Life, took: number | null): Outcome {
  const zombie = life.state === 'zombie';
  return { state: 'ended', said: explainEnd(life, took), seenAt: Date.now(), took, zombie };
}

/** Whoever closes the dialog does not want to know any more. */
function ignoreAbort(error: unknown): void {
  if ((error as Error).name !== 'AbortError') throw error;
}
