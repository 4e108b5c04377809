import { hostname, release } from 'node:os';
import type { ProcFs } from '../procfs/procfs.ts';
import { orNull } from './tolerance.ts';

/** Which machine a /proc tree is of; null where the tree does not say. */
export type Host = { name: string | null; kernel: string | null };

/** This machine's as it calls itself; another tree's by its files (proc_sys_kernel(5)), never ours. */
export function readHost(procfs: ProcFs): Host {
  if (procfs.live) return { name: hostname(), kernel: release() };
  const read = (file: string) => orNull(() => procfs.text(`sys/kernel/${file}`).trimEnd());
  return { name: read('hostname'), kernel: read('osrelease') };
}
