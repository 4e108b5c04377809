/** What a user asked cannot be understood: what is wrong, why, and what to do, in one line. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}
