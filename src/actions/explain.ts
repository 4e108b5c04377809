import type { Recipient } from '../processes/recipients.ts';
import { isMeantToEnd, type Signal } from '../processes/signal-list.ts';
import { EMPTY, type SafeText, safe, text } from '../text/safe.ts';
import type { Life, Shot } from './aim.ts';
import { PATIENCE } from './ending.ts';

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

/**
 * How it ended.
 * @param took how long after the signal that was seen, in ms; null: it was not watched all the time
 */
export function explainEnd(life: Life, took: number | null): SafeText {
  const after =
    took === null
      ? EMPTY
      : took < 100
        ? text` within 0.1 s`
        : text` after ${safe((took / 1000).toFixed(1))} s`;
  return life.state === 'zombie'
    ? text`ended${after}; a zombie until its parent, pid ${life.parent}, asks how`
    : text`gone${after}`;
}

/** It was waited for, and has not ended. */
export function explainStay(signal: Signal): SafeText {
  const name = safe(signal.name);
  return isMeantToEnd(signal)
    ? text`${name} sent, still there after ${PATIENCE / 1000} s`
    : text`${name} sent, it goes on`;
}

/** What would start it again, and the command that really stops it, if one is known; null: nothing would. */
export function explainRestart({ restart }: Recipient): { why: SafeText; command: SafeText | null } | null {
  if (!restart) return null;
  const { by, command } = restart;
  const why = text`${safe(by)} may start it again`;
  return command === null ? { why, command } : { why: text`${why}; what stops it:`, command: safe(command) };
}
