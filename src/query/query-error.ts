/** What a user asked cannot be understood: what is wrong, why, and what to do, in one line. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

/** Where a filter cannot be understood, and what could stand there. */
export class FilterError extends QueryError {
  /** The character, from 1. */
  readonly position: number;
  readonly expected: string;
  /** The beginning of the filter that is a filter by itself, up to what is wrong. */
  readonly understood: string;

  constructor(at: { position: number; expected: string; found: string; understood: string }) {
    super(`filter, character ${at.position}: expected ${at.expected}, found ${at.found}`);
    this.position = at.position;
    this.expected = at.expected;
    this.understood = at.understood;
  }
}

/** What a filter's parser throws; null: nothing. */
export function problemOf(parse: () => unknown): FilterError | null {
  try {
    parse();
    return null;
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
}
