import { type Mapping, parseMapping } from './maps.ts';

/** What is counted of a mapping, or of all of them, by the kernel's names (`Rss`, `Pss`, …), in bytes. */
export type MemoryCounts = ReadonlyMap<string, number>;

/** `flags`: two letters each (`rd wr mr`), as VmFlags of proc_pid_smaps(5). */
export type CountedMapping = Mapping & { counts: MemoryCounts; flags: string[] };

const COUNT = /^(\w+): +(\d+) kB$/;
const FLAGS = /^VmFlags: ?((?:[a-z\d?]{2} ?)*)$/;
/** Of a page, and no share of the memory. */
const PAGE_SIZES = new Set(['KernelPageSize', 'MMUPageSize']);

/**
 * Parses /proc/PID/smaps (proc_pid_smaps(5)): a line as in maps, then what is counted of it.
 *
 * @throws SyntaxError where it does not begin with a mapping
 */
export function parseSmaps(content: string): CountedMapping[] {
  const mappings: (CountedMapping & { counts: Map<string, number> })[] = [];
  for (const line of content.split('\n')) {
    if (line === '') continue;
    const mapping = parseMapping(line);
    if (mapping) {
      mappings.push({ ...mapping, counts: new Map(), flags: [] });
      continue;
    }
    const last = mappings.at(-1);
    if (!last) throw new SyntaxError('no smaps of a process');
    const [, name, kibibytes] = COUNT.exec(line) ?? [];
    if (name !== undefined) last.counts.set(name, Number(kibibytes) * 1024);
    else last.flags = FLAGS.exec(line)?.[1]?.split(' ').filter(Boolean) ?? last.flags;
  }
  return mappings;
}

/**
 * Parses /proc/PID/smaps_rollup: one mapping that stands for all. (Linux 4.14.)
 *
 * @throws SyntaxError where it is none
 */
export function parseSmapsRollup(content: string): MemoryCounts {
  const [all, ...others] = parseSmaps(content);
  if (!all || others.length > 0) throw new SyntaxError('no smaps_rollup of a process');
  return all.counts;
}

/** The same from the mappings: less exact, since the kernel cuts each one's share to whole KiB. */
export function rollUp(mappings: readonly CountedMapping[]): MemoryCounts {
  const total = new Map<string, number>();
  for (const { counts } of mappings) {
    for (const [name, size] of counts) {
      if (PAGE_SIZES.has(name) || name === 'Size') continue;
      total.set(name, (total.get(name) ?? 0) + size);
    }
  }
  return total;
}
