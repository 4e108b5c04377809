/** How long ago something was asked is told in these steps, in ms: what is steady is not drawn anew. */
const STEPS = [10, 60, 600, 3600, 86_400].map((seconds) => seconds * 1000);

/** How long what is known of it is told before it is asked anew, in ms. */
const KEPT_FOR = 10_000;

/** The step within which that time lies; null: beyond all. */
export function roundedUp(milliseconds: number): number | null {
  return STEPS.find((within) => milliseconds <= within) ?? null;
}

/**
 * Within what time every process was asked for its sockets. To find out asks each of them, and what was true a moment
 * ago still is, only longer ago: so it is found out anew now and then, and before something worse is told.
 */
export class Freshness {
  #since = -Infinity;
  #foundAt = -Infinity;
  #told: number | null = null;

  /** In ms, rounded up; null: not everybody was asked. `now` as of performance.now(). */
  of(owners: { readonly freshSince: number }, now: number): number | null {
    const kept = this.#since > -Infinity && now - this.#foundAt < KEPT_FOR;
    if (!kept || roundedUp(now - this.#since) !== this.#told) {
      this.#since = owners.freshSince;
      this.#foundAt = now;
      this.#told = roundedUp(now - this.#since);
    }
    return this.#told;
  }
}
