import type { Stat } from '../procfs/stat.ts';
import { EMPTY, repeat, type SafeText, safe, text } from '../text/safe.ts';
import type { Ancestor } from './ancestry.ts';
import { type Facts, isReadable } from './field.ts';
import { dim, plain, type Said } from './said.ts';

/** Of a longer chain the eldest and so many of the nearest are told. */
const NEAREST = 5;

/**
 * Where a process comes from: the service that started it, and its parents as a tree, the eldest first, each with
 * its unit where that is another than the one above it.
 */
export function parents({ ppid, pid, comm }: Stat, facts: Facts): Said {
  const { ancestors, name } = facts;
  if (ancestors.length === 0) {
    return dim(ppid === 0 ? text`none` : text`pid ${ppid}, which is not visible`);
  }
  const unit = unitOf(facts);
  const chain: Ancestor[] = [...ancestors, { pid, name: name ?? comm, ...(unit !== undefined && { unit }) }];
  const left = chain.length - NEAREST - 2;
  const lines = chain.flatMap((ancestor, depth) => {
    if (left > 0 && depth === 1) return [text`└ … ${left} between`];
    if (left > 0 && depth > 1 && depth <= left) return [];
    const shown = left > 0 && depth > left ? depth - left + 1 : depth;
    return [branch(ancestor, chain[depth - 1], shown)];
  });
  return plain(...startedBy(unit), ...lines);
}

function branch({ pid, name, unit }: Ancestor, parent: Ancestor | undefined, depth: number): SafeText {
  const stem = depth === 0 ? EMPTY : text`${repeat(text` `, 2 * depth - 2)}└ `;
  const where = unit && unit !== parent?.unit ? text`  ${safe(unit)}` : EMPTY;
  return text`${stem}${safe(name)} ${pid}${where}`;
}

/** systemd puts what a service starts, and all that this starts, in the service's cgroup; into a scope it is moved. */
function startedBy(unit: string | null | undefined): SafeText[] {
  return unit?.endsWith('.service') ? [text`started by ${safe(unit)}`] : [];
}

/** undefined: nobody asked. */
function unitOf({ fields: { cgroup } }: Facts): string | null | undefined {
  return isReadable(cgroup) ? cgroup.value.unit : undefined;
}
