/** Grep's exit codes, and one more: something matched, but the right to name its owner was missing. */
export const EXIT = { matched: 0, nothing: 1, usage: 2, noRights: 3 } as const;

/** A message for the user: what is wrong, why, and what to do. Printed as one line on stderr; exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
