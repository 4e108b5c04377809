import { setTimeout as delay } from 'node:timers/promises';
import type { Terminal } from '../helpers/terminal.ts';

/** More than one frame of Ink's 30 a second, which would hold back the next key's paint. */
export const NOW_AND_THEN = 60;

/** A key that paints nothing for so long is missed. */
const PATIENCE = { timeout: 2_000 };
/** Then it is not worth the time to press more. */
const MOST_MISSED = 5;

export type Keys = {
  /** From the key to the end of its paint; of a missed one, how long it was waited for. */
  times: number[];
  bytes: number[];
  missed: number;
};

const times = (count: number, key: string) => Array.from({ length: count }, () => key);

/** Each moves the selection in a table of 60 rows and more, when the first is selected at the beginning. */
export const WANDERING = [
  ...times(25, 'Down'),
  ...times(10, 'j'),
  ...times(10, 'k'),
  ...times(10, 'Up'),
  'PageDown',
  ...times(5, 'k'),
  'PageUp',
];

/** Presses one after the other, each so long after the last one's paint. */
export async function pressKeys(terminal: Terminal, keys: readonly string[], pause: number): Promise<Keys> {
  const pressed: Keys = { times: [], bytes: [], missed: 0 };
  for (const key of keys) {
    await delay(pause);
    const before = selected(terminal.screen());
    const bytesBefore = terminal.bytesWritten;
    const began = performance.now();
    terminal.press(key);
    try {
      const { time } = await terminal.waitFor((screen) => selected(screen) !== before, PATIENCE);
      pressed.times.push(time - began);
      pressed.bytes.push(terminal.bytesWritten - bytesBefore);
    } catch {
      pressed.times.push(PATIENCE.timeout);
      if (++pressed.missed === MOST_MISSED) break;
    }
  }
  return pressed;
}

/**
 * The row that is selected, by the four columns that tell which socket it is. The rest of the screen may change
 * with every refresh, so only this is a key's doing.
 */
function selected(screen: readonly string[]): string {
  const row = screen.find((line) => line.startsWith('▌')) ?? '';
  return row.slice(2).trim().split(/\s+/).slice(0, 4).join(' ');
}
