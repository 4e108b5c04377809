import { parseBtime } from '../procfs/proc-stat.ts';
import type { ProcFs } from '../procfs/procfs.ts';
import { USER_HZ } from '../procfs/stat.ts';
import { orNull } from './tolerance.ts';

/**
 * When a process started, in milliseconds since the epoch.
 *
 * @param starttime of /proc/PID/stat, in ticks since boot
 * @param btime of /proc/stat, in whole seconds: the result is as coarse
 */
export function startTime(starttime: number, btime: number): number {
  return btime * 1000 + (starttime * 1000) / USER_HZ;
}

/** When the system booted, in seconds since the epoch; null when /proc/stat does not say. */
export function readBtime(procfs: ProcFs): number | null {
  return orNull(() => parseBtime(procfs.text('stat')));
}
