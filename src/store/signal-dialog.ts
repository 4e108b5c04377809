import type { Recipient } from '../processes/recipients.ts';
import { type Signal, signalsLike } from '../processes/signal-list.ts';
import type { PortBefore } from '../sockets/port-holders.ts';
import type { Socket } from '../sockets/socket.ts';
import type { Edit, Line } from './line.ts';

/** What became of a process that was signalled. */
export type Outcome =
  | { state: 'awaited' | 'there' | 'failed'; said: string }
  | {
      state: 'ended';
      said: string;
      /** When that was seen, in ms since the epoch; and how long after the signal, in ms, where it was watched. */
      seenAt: number;
      took?: number | null;
      /** Its parent has not asked how. */
      zombie?: boolean;
    };

/**
 * `choose` the signal, and whom; `confirm` it; `insist`: the extra question; `send`: it is being sent; `watch`: until
 * they have ended; `linger`: some have not, SIGKILL is offered; `done`.
 */
type Step = 'choose' | 'confirm' | 'insist' | 'send' | 'watch' | 'linger' | 'done';

/** Whom a signal is meant for: the owners of one socket, or a process of its own. */
export type Meant = {
  pids: readonly number[];
  /** Sockets of which each must still hold one; empty: they are meant themselves. */
  inodes: ReadonlySet<number>;
  /** Of a process that is meant itself: when it started. */
  startTicks?: number | undefined;
};

/** The dialog in which somebody is signalled. */
export type SignalDialog = {
  step: Step;
  meant: Meant;
  /** The socket whose owners they are; null: the process itself was selected. */
  socket: Socket | null;
  /** How many more sockets the selected row stands for. */
  others: number;
  /** null: they are being looked at. */
  recipients: readonly Recipient[] | null;
  /** All of them have been on the screen: nobody agrees to what has not been said. */
  shown: boolean;
  /** Where they could be reached when they were looked at. */
  ports: readonly PortBefore[];
  /** Of several the one that is to be hit, by its pid; null: all of them. */
  only: number | null;
  /** What narrows the list of signals, and the chosen one in it. */
  line: Line;
  at: number;
  /** What is sent. */
  signal: Signal;
  /** What is typed to insist, and whether the last was somebody else. */
  insistence: Line;
  insisted: readonly number[];
  mistaken: boolean;
  outcomes: ReadonlyMap<number, Outcome>;
  /** The lines that were scrolled over. */
  top: number;
  /** What has the keys again afterwards. */
  behind: 'table' | 'details';
};

export type SignalAction =
  | { type: 'signal' }
  | { type: 'signal-listed'; of: Meant; recipients: readonly Recipient[]; ports: readonly PortBefore[] }
  | { type: 'signal-shown'; of: Meant }
  | { type: 'signal-told'; of: Meant; outcomes: ReadonlyMap<number, Outcome> }
  /** They were waited for long enough. */
  | { type: 'signal-waited'; of: Meant }
  | { type: 'signal-move'; by: number }
  | { type: 'signal-owner'; by: number }
  | { type: 'signal-scroll'; by: number }
  | { type: 'signal-edit'; edit: Edit }
  | { type: 'signal-next' };

/** Those that the signal goes to. */
export function toBeHit({ recipients, only, outcomes }: SignalDialog): readonly Recipient[] {
  const all = recipients ?? [];
  // The second time, those that the first did not end.
  if (outcomes.size > 0) return all.filter(({ pid }) => outcomes.get(pid)?.state === 'there');
  return only === null ? all : all.filter(({ pid }) => pid === only);
}

/** Those of them about whom the extra question is still to be answered. */
export function unconfirmed(dialog: SignalDialog): readonly Recipient[] {
  return toBeHit(dialog).filter(({ pid, caution }) => caution !== null && !dialog.insisted.includes(pid));
}

/** The signal that is chosen; undefined: there is none like what is typed. */
export function chosenSignal({ step, signal, line, at }: SignalDialog): Signal | undefined {
  return step === 'choose' ? signalsLike(line.text)[at] : signal;
}

/** Whether a signal is looked for by a word: then `y` is one of its letters. */
export function isAmongLetters({ line }: SignalDialog): boolean {
  return !/^\d*$/.test(line.text);
}

/** Whether `y` is a yes now: there is a question, and it is seen whom it is about. */
export function takesYes(dialog: SignalDialog): boolean {
  const { step, shown } = dialog;
  if (!shown || toBeHit(dialog).length === 0) return false;
  return step === 'confirm' || (step === 'choose' && !isAmongLetters(dialog) && !!chosenSignal(dialog));
}

/** Those that have ended, and when the last of them was seen to have. */
export function endedOf({ outcomes }: SignalDialog): { pids: ReadonlySet<number>; seenAt: number } {
  const pids = new Set<number>();
  let seenAt = 0;
  for (const [pid, outcome] of outcomes) {
    if (outcome.state !== 'ended') continue;
    pids.add(pid);
    seenAt = Math.max(seenAt, outcome.seenAt);
  }
  return { pids, seenAt };
}
