import type { ProcFs } from '../../procfs/procfs.ts';
import type { Read } from '../field.ts';

/** Reads up to a limit what consists of records, each with this byte at its end; of one that is cut, nothing. */
export function bounded<T>(
  procfs: ProcFs,
  relative: string,
  limit: number,
  end: number,
  parse: (bytes: Buffer) => T,
): Read<T> {
  const { bytes, truncated } = procfs.read(relative, limit);
  if (!truncated) return { value: parse(bytes) };
  return { value: parse(bytes.subarray(0, bytes.lastIndexOf(end) + 1)), truncated };
}

export const NUL = 0;
export const NEWLINE = 10;
