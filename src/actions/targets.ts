import { type Recipient, readRecipients } from '../processes/recipients.ts';
import type { Users } from '../processes/users.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import type { HeldPorts } from '../sockets/held-ports.ts';
import type { Meant } from '../store/signal-dialog.ts';
import { Aim, type Sender } from './aim.ts';

/** A process that is held, and what it is. */
export type Target = { aim: Aim; recipient: Recipient };

/** With as many pidfds at once; of thousands of owners the others are known by their start: descriptors are few. */
const HELD = 256;

type Told = { users: Pick<Users, 'name'>; ports: HeldPorts };

/**
 * Aims at those that are meant, and reads what they are, in steps. Left out is who has ended, or does not hold such a
 * socket any more: what was listed a moment ago may be another process by now.
 */
export function* takeAim(sender: Sender, meant: Meant, told: Told): Generator<void, Target[]> {
  const aims = new Map<number, Aim>();
  let taken: Target[] = [];
  try {
    for (const pid of meant.pids) {
      const aim = Aim.at(aims.size < HELD ? sender : { ...sender, libc: null }, pid, meant.startTicks);
      if (aim && isMeant(aim, meant.inodes)) aims.set(pid, aim);
      else aim?.[Symbol.dispose]();
      yield;
    }
    const recipients = yield* readRecipients({ procfs: sender.procfs, ...told }, [...aims.keys()]);
    taken = recipients.flatMap((recipient) => {
      const aim = aims.get(recipient.pid) as Aim;
      return aim.startTicks === recipient.startTicks ? [{ aim, recipient }] : [];
    });
    return taken;
  } finally {
    // Also when nobody waits for the end.
    const kept = new Set(taken.map(({ aim }) => aim));
    for (const aim of aims.values()) if (!kept.has(aim)) aim[Symbol.dispose]();
  }
}

/** The same with the names of their users, once somebody who takes time was asked for those. */
export async function nameUsers(targets: readonly Target[], users: Users): Promise<readonly Target[]> {
  if (!users.unsettled) return targets;
  await users.settle();
  return targets.map(({ aim, recipient }) => {
    const user = recipient.uid === null ? null : users.name(recipient.uid);
    return { aim, recipient: { ...recipient, user } };
  });
}

/** Of whom it may not be known, that is found out when it is to be hit. */
function isMeant(aim: Aim, inodes: ReadonlySet<number>): boolean {
  try {
    return inodes.size === 0 || aim.holdsOneOf(inodes);
  } catch (error) {
    if (!(error instanceof ProcError)) throw error;
    return !error.gone;
  }
}

/** Whether the pids of a /proc are those that a signal would go to: not in another tree, nor in another namespace's. */
export function sharesPids(procfs: ProcFs): boolean {
  try {
    return procfs.live && procfs.link('self') === String(process.pid);
  } catch (error) {
    if (!(error instanceof ProcError)) throw error;
    return false;
  }
}
