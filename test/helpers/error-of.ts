/** What is thrown, which must be of this kind. */
export function errorOf<T extends Error>(kind: abstract new (...args: never[]) => T, call: () => unknown): T {
  try {
    call();
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
