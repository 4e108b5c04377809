import { availableParallelism } from 'node:os';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import type { WalkerThreads } from './walkers.ts';

/** Files that a thread is worth starting for: to start takes it some 35 ms, and to ask for a file some 3 µs. */
const FILES = 40_000;
/** The most of them: beyond, the kernel's own locks are what is waited for. */
const MOST = 3;
/**
 * {@link WalkerThreads}, where there are so many open files, and processors, that it pays, and what they need is loaded
 * only then; null: it does not pay.
 */
export async function openWalkers(procfs: ProcFs): Promise<WalkerThreads | null> {
  const count = Math.min(MOST, availableParallelism() - 1, Math.floor(openFiles(procfs) / FILES));
  if (count < 1) return null;
  const { WalkerThreads } = await import('./walkers.ts');
  return new WalkerThreads(procfs.root, count);
}

/** Whether a thread is worth starting, on any number of processors. */
export function hasManyFiles(procfs: ProcFs): boolean {
  return openFiles(procfs) >= FILES;
}

/** How many files the host has open, roughly (proc(5), /proc/sys/fs/file-nr); 0: not known. */
function openFiles(procfs: ProcFs): number {
  try {
    return Number.parseInt(procfs.text('sys/fs/file-nr'), 10) || 0;
  } catch (error) {
    if (error instanceof ProcError) return 0;
    throw error;
  }
}
