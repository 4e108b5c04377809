/** How long work may keep the keyboard waiting, in ms. */
export const SLICE = 4;

/** Runs a generator to its end without a pause: for one-shot commands, where nobody waits at a keyboard. */
export function runAtOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/**
 * Runs a generator for at most `milliseconds`, which nobody else gets meanwhile.
 * Returns whether it came to its end, and then its result; if not, it can be run on.
 */
export function runFor<T>(
  work: Generator<void, T>,
  milliseconds: number,
): { done: true; value: T } | { done: false } {
  const until = performance.now() + milliseconds;
  do {
    const step = work.next();
    if (step.done) return { done: true, value: step.value };
  } while (performance.now() < until);
  return { done: false };
}

/** Runs a generator in slices, between which keys are heard and frames drawn. Throws when `signal` aborts. */
export async function runInSlices<T>(work: Generator<void, T>, signal: AbortSignal): Promise<T> {
  try {
    for (;;) {
      const slice = runFor(work, SLICE);
      if (slice.done) return slice.value;
      await new Promise(setImmediate);
      signal.throwIfAborted();
    }
  } finally {
    work.return(undefined as T);
  }
}
