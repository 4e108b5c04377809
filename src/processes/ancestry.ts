import { unitOf } from '../procfs/cgroup.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import { parseStat } from '../procfs/stat.ts';
import { readCgroups, tellFirst } from './cgroups.ts';
import { readName } from './name.ts';
import { orNull } from './tolerance.ts';

/** `unit`: of systemd; null: none, or it may not be read. Left out where nobody asked. */
export type Ancestor = { pid: number; name: string; unit?: string | null };

/** Deeper than any real tree; a captured /proc may say anything. */
const DEEPEST = 64;

/**
 * The parents of a process, the eldest first, without the process itself. The chain begins later than with
 * pid 1 where a parent is gone, hidden (hidepid), or in another pid namespace (ppid 0).
 *
 * @param ppid of the process, from its stat
 */
export function readAncestry(procfs: ProcFs, ppid: number, { units = false } = {}): Ancestor[] {
  const ancestors = new Map<number, Ancestor>();
  let pid = ppid;
  while (pid !== 0 && !ancestors.has(pid) && ancestors.size < DEEPEST) {
    try {
      const stat = parseStat(procfs.text(`${pid}/stat`));
      const name = orNull(() => readName(procfs, pid, stat.comm)) ?? stat.comm;
      ancestors.set(pid, { pid, name, ...(units && { unit: unitIn(procfs, pid) }) });
      pid = stat.ppid;
    } catch (error) {
      if (error instanceof ProcError || error instanceof SyntaxError) break;
      throw error;
    }
  }
  return [...ancestors.values()].reverse();
}

function unitIn(procfs: ProcFs, pid: number): string | null {
  return tellFirst(readCgroups(procfs, pid), unitOf);
}

/** Processes and all that descend from them, as far as they may be seen. */
export function readDescendants(procfs: ProcFs, pids: readonly number[]): Set<number> {
  const children = new Map<number, number[]>();
  for (const pid of procfs.pids()) {
    const parent = parentOf(procfs, pid);
    const siblings = children.get(parent);
    if (siblings) siblings.push(pid);
    else children.set(parent, [pid]);
  }
  const found = new Set(pids);
  // A set is walked to its end, and what is added on the way is walked too.
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child);
  return found;
}

/** The children of these processes, each with its parent, as far as they may be seen; in steps. */
export function* readChildren(
  procfs: ProcFs,
  parents: ReadonlySet<number>,
): Generator<void, { pid: number; parent: number }[]> {
  const children: { pid: number; parent: number }[] = [];
  for (const pid of procfs.pids()) {
    const parent = parentOf(procfs, pid);
    if (parents.has(parent)) children.push({ pid, parent });
    yield;
  }
  return children;
}

/** 0: it has none, or ended. */
function parentOf(procfs: ProcFs, pid: number): number {
  try {
    return parseStat(procfs.text(`${pid}/stat`)).ppid;
  } catch (error) {
    if (error instanceof ProcError || error instanceof SyntaxError) return 0;
    throw error;
  }
}
