import { called, explainRestart } from '../../actions/explain.ts';
import { explainPorts } from '../../actions/explain-ports.ts';
import { explainCaution, type Recipient } from '../../processes/recipients.ts';
import { signalsLike } from '../../processes/signal-list.ts';
import { portsText } from '../../query/process-columns.ts';
import { endpoint } from '../../sockets/endpoint.ts';
import type { Snapshot } from '../../sockets/snapshot.ts';
import type { Socket } from '../../sockets/socket.ts';
import {
  chosenSignal,
  endedOf,
  type SignalDialog,
  takesYes,
  toBeHit,
  unconfirmed,
} from '../../store/signal-dialog.ts';
import { EMPTY, join, repeat, type SafeText, safe, text } from '../../text/safe.ts';
import { wrap } from '../../text/width.ts';
import type { Token } from '../theme.ts';

/** A line of the dialog, and what it means. */
export type SaidLine = { token: Token; said: SafeText; indent?: number };

/** What goes on in a second line stands further right. */
const HANGING = 2;

/** The children that are named. */
const NAMED = 4;

/** The signals to choose from: number, name, meaning; and which of them is chosen. */
export function signalLines({ line, at, step, signal }: SignalDialog): { lines: SaidLine[]; cursor: number } {
  const signals = step === 'choose' ? signalsLike(line.text) : [signal];
  const cursor = step === 'choose' ? at : 0;
  const lines = signals.map(({ number, name, meaning }, index): SaidLine => {
    const mark = index === cursor ? text`▸` : text` `;
    const padded = safe(`${String(number).padStart(2)} ${name.padEnd(9)}`);
    return { token: index === cursor ? 'key' : 'plain', said: text`${mark} ${padded} ${safe(meaning)}` };
  });
  if (lines.length === 0) lines.push({ token: 'quiet', said: text`  no such signal` });
  return { lines, cursor };
}

/** What was seen of the host last, when, and who looks. */
export type Looked = { snapshot: Snapshot | null; now: number; uid: number };

/** The question that is asked, or what came of it; then who is meant, and what would come of that. */
export function recipientLines(dialog: SignalDialog, looked: Looked, width: number): SaidLine[] {
  const { recipients, socket, outcomes } = dialog;
  const lines: SaidLine[] = [...question(dialog), ...whatCameOfPorts(dialog, looked)];
  if (socket && outcomes.size === 0) lines.push({ token: 'quiet', said: whatIsHeld(socket, dialog.others) });
  if (recipients === null) lines.push({ token: 'quiet', said: text`looking who that is…`, indent: 2 });
  const hit = new Set(toBeHit(dialog).map(({ pid }) => pid));
  if (recipients !== null && hit.size === 0 && dialog.outcomes.size === 0)
    lines.push({ token: 'warning', said: text`! it is gone, or does not hold the socket any more` });
  for (const recipient of recipients ?? [])
    lines.push(...aboutRecipient(dialog, recipient, hit.has(recipient.pid)));
  return lines.flatMap(({ token, said, indent = 0 }) =>
    wrap(said, width - indent - HANGING).map((piece, index) => ({
      token,
      said: text`${repeat(text` `, index === 0 ? indent : indent + HANGING)}${piece}`,
    })),
  );
}

function question(dialog: SignalDialog): SaidLine[] {
  const { step, signal, outcomes, mistaken } = dialog;
  const hit = toBeHit(dialog);
  const [first] = hit;
  const name = safe(signal.name);
  const whom = first && hit.length === 1 ? called(first) : text`all ${hit.length} of them`;
  switch (step) {
    case 'choose': {
      const chosen = chosenSignal(dialog);
      if (!first || !chosen) return [];
      const what = text`${safe(chosen.name)} to ${whom}`;
      return [{ token: 'strong', said: invitation(dialog, what) }];
    }
    case 'confirm': {
      if (!first) return [];
      return [
        { token: 'strong', said: text`Send ${name} to ${whom}? ${unseen(dialog)}y sends it, Esc goes back` },
      ];
    }
    case 'insist': {
      const [recipient] = unconfirmed(dialog);
      if (!recipient?.caution) return [];
      const why = safe(explainCaution(recipient.caution));
      const again = mistaken ? text`That is not it. ` : EMPTY;
      return [
        { token: 'warning', said: text`! ${called(recipient)}: ${why}` },
        {
          token: 'strong',
          said: text`${again}Type its pid or its name, then Enter, to send ${name} all the same:`,
        },
      ];
    }
    case 'linger': {
      const left = [...outcomes.values()].filter(({ state }) => state === 'there').length;
      const they = left === 1 ? text`it is` : text`${left} of them are`;
      return [
        { token: 'warning', said: text`After 3 s ${they} still there. Enter asks about SIGKILL, Esc leaves` },
      ];
    }
    default:
      return [];
  }
}

/** Who listens on the ports of those that ended: it is said of a time after that. */
export function whatCameOfPorts(dialog: SignalDialog, { snapshot, now, uid }: Looked): SaidLine[] {
  const { ports, recipients } = dialog;
  const { pids, seenAt } = endedOf(dialog);
  const since = now > seenAt ? snapshot : null;
  return explainPorts(ports, pids, recipients ?? [], since, uid).map(({ said, closed }) => ({
    token: closed ? 'opened' : since ? 'warning' : 'quiet',
    said,
  }));
}

/** What the keys do now that send a signal, or lead to it. */
function invitation(dialog: SignalDialog, what: SafeText): SafeText {
  if (!takesYes({ ...dialog, shown: true })) return text`Enter asks about ${what}`;
  return unconfirmed(dialog).length > 0
    ? text`y asks about ${what} once more`
    : text`${unseen(dialog)}y sends ${what}, Enter asks`;
}

/** Nobody agrees to more than has been on the screen. */
function unseen({ recipients, shown }: SignalDialog): SafeText {
  return recipients !== null && recipients.length > 1 && !shown
    ? text`PgDn to see all of them, then `
    : EMPTY;
}

function whatIsHeld({ protocol, local, remote, path, state }: Socket, others: number): SafeText {
  const ends = [local && endpoint(local), remote && endpoint(remote), path].filter((end) => end !== null);
  const connection = remote === null ? EMPTY : text` (a connection, not the listener)`;
  const more =
    others === 0 ? EMPTY : text` and ${others} more ${others === 1 ? text`socket` : text`sockets`}`;
  return text`${safe(protocol)} ${safe(ends.join(' – '))} ${safe(state)}${connection}${more}`;
}

/** Who it is, what is lost with it, and what would bring it back. */
function aboutRecipient(
  { recipients, step, outcomes }: SignalDialog,
  recipient: Recipient,
  hit: boolean,
): SaidLine[] {
  const outcome = outcomes.get(recipient.pid);
  if (step !== 'choose' && !hit && !outcome) return [];
  const { user, uid, ports, children, caution } = recipient;
  const ended = outcome?.state === 'ended';
  const chosen = (recipients?.length ?? 0) > 1 && step === 'choose' && hit;
  const facts = [
    text`${chosen ? text`▸` : text` `} ${called(recipient)}`,
    safe(user ?? (uid === null ? 'user not known' : String(uid))),
    ports === null
      ? text`ports not known`
      : text`${ended ? text`had ports` : text`ports`} ${safe(portsText(ports) || '–')}`,
  ];
  const lines: SaidLine[] = [{ token: hit || outcome ? 'plain' : 'quiet', said: join(facts, text`  `) }];
  if (children.length > 0 && !ended) lines.push({ token: 'quiet', said: childrenOf(children), indent: 4 });
  if (outcome) lines.push({ token: TOKENS[outcome.state], said: safe(outcome.said), indent: 4 });
  if (caution && step !== 'insist')
    lines.push({ token: 'warning', said: text`! ${safe(explainCaution(caution))}`, indent: 4 });
  const restart = explainRestart(recipient);
  if (restart) lines.push({ token: 'warning', said: text`! ${restart.why}`, indent: 4 });
  if (restart?.command) lines.push({ token: 'strong', said: restart.command, indent: 6 });
  return lines;
}

const TOKENS = { awaited: 'quiet', ended: 'opened', there: 'warning', failed: 'danger' } as const;

function childrenOf(children: Recipient['children']): SafeText {
  const named = children.slice(0, NAMED).map(called);
  if (children.length > NAMED) named.push(text`…`);
  return text`${children.length} ${children.length === 1 ? text`child` : text`children`}: ${join(named, text`, `)}`;
}
