/** How something was in the last minute, a step for five seconds, the latest last; null: nobody looked then. */
export type Trail<Value> = { step: number; values: readonly (Value | null)[] };

const STEP = 5_000;
/** A minute of them. */
export const STEPS = 12;

/**
 * The trail, once more is known. Of two looks within a step counts what `of` makes of them; the same trail where that
 * changes nothing.
 * @param now in ms since the epoch
 */
export function follow<Value>(
  trail: Trail<Value> | null,
  now: number,
  value: Value,
  of: (before: Value, now: Value) => Value = (_, latest) => latest,
): Trail<Value> {
  const step = Math.floor(now / STEP);
  // Nothing yet, or the clock was set back.
  if (!trail || step < trail.step) return { step, values: [value] };
  const before = trail.values.at(-1) ?? null;
  if (step === trail.step) {
    const latest = before === null ? value : of(before, value);
    return latest === before ? trail : { step, values: [...trail.values.slice(0, -1), latest] };
  }
  const unseen = Array<null>(Math.min(STEPS, step - trail.step - 1)).fill(null);
  return { step, values: [...trail.values, ...unseen, value].slice(-STEPS) };
}
