/** How long work may keep the keyboard waiting, in ms. */
const SLICE = 4;

/** Runs a generator to its end without a pause: for one-shot commands, where nobody waits at a keyboard. */
export function runAtOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Runs a generator in slices, between which keys are heard and frames drawn. Throws when `signal` aborts. */
export async function runInSlices<T>(work: Generator<void, T>, signal: AbortSignal): Promise<T> {
  try {
    for (;;) {
      const until = performance.now() + SLICE;
      do {
        const step = work.next();
        if (step.done) return step.value;
      } while (performance.now() < until);
      await new Promise(setImmediate);
      signal.throwIfAborted();
    }
  } finally {
    work.return(undefined as T);
  }
}
