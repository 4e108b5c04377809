import { ProcError } from '../procfs/procfs.ts';

/** What is read, or null where it cannot be, or is not as the kernel writes it. */
export function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProcError || error instanceof SyntaxError) return null;
    throw error;
  }
}
