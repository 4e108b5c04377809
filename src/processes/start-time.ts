import { USER_HZ } from '../procfs/stat.ts';

/**
 * When a process started, in milliseconds since the epoch.
 *
 * @param starttime of /proc/PID/stat, in ticks since boot
 * @param btime of /proc/stat, in whole seconds: the result is as coarse
 */
export function startTime(starttime: number, btime: number): number {
  return btime * 1000 + (starttime * 1000) / USER_HZ;
}
