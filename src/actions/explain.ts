import type { Recipient } from '../processes/recipients.ts';
import type { Signal } from '../processes/signal-list.ts';
import { type SafeText, safe, text } from '../text/safe.ts';
import type { Life, Shot } from './aim.ts';

/** `nginx 1204`. */
export function called({ name, pid }: Pick<Recipient, 'name' | 'pid'>): SafeText {
  return text`${safe(name)} ${pid}`;
}

/**
 * What became of a signal, for a person, and what would help.
 * @param uid who sent it: root is not told to become root
 */
export function explainShot(
  shot: Shot,
  signal: Signal,
  { user, uid: whose }: Recipient,
  uid: number,
): SafeText {
  switch (shot.result) {
    case 'sent':
      return text`${safe(signal.name)} sent`;
    case 'gone':
      return text`it had ended already: nothing sent`;
    case 'released':
      return text`it does not hold the socket any more: nothing sent`;
    case 'unsure':
      return text`whether it still holds the socket may not be read (${safe(shot.code)}): nothing sent`;
    case 'refused':
      if (shot.code !== 'EPERM') return text`not sent: ${safe(shot.code)}`;
      return uid === 0
        ? text`not allowed, even as root: a security module or a user namespace forbids it`
        : text`not allowed: it belongs to ${safe(user ?? String(whose ?? 'another user'))}; run porttop as root (sudo)`;
  }
}

/** How it ended. */
export function explainEnd(life: Life): SafeText {
  return life.state === 'zombie'
    ? text`ended; a zombie until its parent, pid ${life.parent}, asks how`
    : text`gone`;
}

/** What would start it again, and the command that really stops it, if one is known; null: nothing would. */
export function explainRestart({ restart }: Recipient): { why: SafeText; command: SafeText | null } | null {
  if (!restart) return null;
  const { by, command } = restart;
  const why = text`${safe(by)} may start it again`;
  return command === null ? { why, command } : { why: text`${why}; what stops it:`, command: safe(command) };
}
