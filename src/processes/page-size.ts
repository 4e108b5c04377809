import type { ProcFs } from '../procfs/procfs.ts';
import { parsePageSize } from '../procfs/statm.ts';
import { orNull } from './tolerance.ts';

/** In bytes, of this machine; 4 KiB, as on x86-64, where a captured tree does not have it. */
export function readPageSize(procfs: ProcFs): number {
  return orNull(() => parsePageSize(procfs.text('self/smaps', 4096))) ?? 4096;
}
