import { type SafeText, text } from '../text/safe.ts';
import type { Users } from './users.ts';

/** `heading`: it says what comes under it. */
export type Tone = 'plain' | 'warning' | 'dim' | 'heading';

/** What is said of something to a person, and how that is to be taken. */
export type Said = { lines: SafeText[]; tone: Tone };

/** One fact for a person: what it is, what is so, and the file that says it. */
export type Row = Said & { field: string; label: SafeText; source: SafeText };

/** What numbers of users are called, and those of groups where somebody knows. */
export type Names = Pick<Users, 'name'> & Partial<Pick<Users, 'group'>>;

export type Context = {
  users: Names;
  /** Milliseconds since the epoch. */
  now: number;
  /** Shows secrets as they are. */
  reveal: boolean;
};

export function plain(...lines: SafeText[]): Said {
  return { lines, tone: 'plain' };
}

export function dim(...lines: SafeText[]): Said {
  return { lines, tone: 'dim' };
}

export function warning(...lines: SafeText[]): Said {
  return { lines, tone: 'warning' };
}

export const TOO_LONG = text`too long: the rest was not read`;
