import type { Process } from './process-list.ts';

/** Rows in the order of a tree, and what stands before each: `" |   \_ "`, as ps f has it. */
export type ProcessTree = { rows: readonly number[]; branches: ReadonlyMap<number, string> };

/**
 * Puts each process under its parent, the children of one in the order in which they came. Whose parent is not among
 * them stands at the left.
 */
export function treeOf(processes: readonly Process[], order: ArrayLike<number>): ProcessTree {
  const pids = new Set<number>();
  for (let at = 0; at < order.length; at++) pids.add((processes[order[at] as number] as Process).pid);
  const children = new Map<number, number[]>();
  const roots: number[] = [];
  for (let at = 0; at < order.length; at++) {
    const row = order[at] as number;
    const { pid, ppid } = processes[row] as Process;
    // Read one after another, two may each claim to be the other's child: a pid was given anew meanwhile.
    const siblings = ppid !== pid && pids.has(ppid) ? (children.get(ppid) ?? []) : roots;
    siblings.push(row);
    if (siblings !== roots) children.set(ppid, siblings);
  }
  const rows: number[] = [];
  const branches = new Map<number, string>();
  const seen = new Set<number>();
  /** A stack, and no recursion: chains of processes can be deep. */
  const walk = (from: readonly number[]) => {
    const stack = from.map((row) => ({ row, before: '', branch: '' })).reverse();
    for (let next = stack.pop(); next; next = stack.pop()) {
      const { row, before, branch } = next;
      if (seen.has(row)) continue;
      seen.add(row);
      rows.push(row);
      if (branch !== '') branches.set(row, branch);
      const under = children.get((processes[row] as Process).pid) ?? [];
      for (let at = under.length - 1; at >= 0; at--) {
        const last = at === under.length - 1;
        stack.push({
          row: under[at] as number,
          before: `${before}${last ? '    ' : ' |  '}`,
          branch: `${before} \\_ `,
        });
      }
    }
  };
  walk(roots);
  // Those of a circle, which hangs on no root.
  walk(Array.from(order).filter((row) => !seen.has(row)));
  return { rows, branches };
}
