import { parsePageSize } from '../procfs/auxv.ts';
import type { ProcFs } from '../procfs/procfs.ts';
import { orNull } from './tolerance.ts';

/** In bytes, of this machine; 4 KiB, as on x86-64, where a captured tree does not have it. */
export function readPageSize(procfs: ProcFs): number {
  return orNull(() => parsePageSize(procfs.read('self/auxv').bytes)) ?? 4096;
}
