import type { State } from '../../store/state.ts';
import { type SafeText, text } from '../../text/safe.ts';
import { ago } from '../../text/units.ts';

/** How long ago connections were counted, at most; null: just now, or they are not. */
export function countedAgo({ counted }: State): SafeText | null {
  return counted === null || counted <= RECENT ? null : text`<${ago(counted)}`;
}

const RECENT = 10_000;
