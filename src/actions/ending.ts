import { setTimeout as delay } from 'node:timers/promises';
import type { Life } from './aim.ts';
import type { Target } from './targets.ts';

/** How long a process that was told to end is waited for, in ms. */
export const PATIENCE = 3000;

/** A look costs some 20 µs a process. */
const LOOK_EVERY = 50;

/**
 * Waits until they have ended, for {@link PATIENCE} at most, and tells of each as it does. Returns those that are
 * still there. Throws when `signal` aborts.
 */
export async function awaitEnd(
  targets: readonly Target[],
  ended: (target: Target, life: Life) => void,
  signal?: AbortSignal,
): Promise<readonly Target[]> {
  const until = performance.now() + PATIENCE;
  let left = targets;
  for (;;) {
    left = left.filter((target) => {
      const life = target.aim.life();
      if (life.state !== 'alive') ended(target, life);
      return life.state === 'alive';
    });
    if (left.length === 0 || performance.now() >= until) return left;
    await delay(LOOK_EVERY, undefined, { signal });
  }
}
