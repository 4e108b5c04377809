import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import { parseStat } from '../procfs/stat.ts';

export type Ancestor = { pid: number; command: string };

/** Deeper than any real tree; a captured /proc may say anything. */
const DEEPEST = 64;

/**
 * The parents of a process, the eldest first, without the process itself. The chain begins later than with
 * pid 1 where a parent is gone, hidden (hidepid), or in another pid namespace (ppid 0).
 *
 * @param ppid of the process, from its stat
 */
export function readAncestry(procfs: ProcFs, ppid: number): Ancestor[] {
  const ancestors = new Map<number, Ancestor>();
  let pid = ppid;
  while (pid !== 0 && !ancestors.has(pid) && ancestors.size < DEEPEST) {
    try {
      const stat = parseStat(procfs.text(`${pid}/stat`));
      ancestors.set(pid, { pid, command: stat.comm });
      pid = stat.ppid;
    } catch (error) {
      if (error instanceof ProcError || error instanceof SyntaxError) break;
      throw error;
    }
  }
  return [...ancestors.values()].reverse();
}
