/** Grep's exit codes, and one more: something matched, but the right to name its owner was missing. */
export const EXIT = { matched: 0, nothing: 1, usage: 2, noRights: 3 } as const;

/** What each of them says, for the help and the man page. */
export const EXIT_MEANINGS: Record<keyof typeof EXIT, string> = {
  matched: 'something matched, or nothing in particular was asked for',
  nothing: 'nothing matched',
  usage: 'wrong usage, or an error',
  noRights: 'sockets matched, but none could be given an owner for lack of rights',
};

/** A message for the user: what is wrong, why, and what to do. Printed as one line on stderr; exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
