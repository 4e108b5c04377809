/** One mapping of a process's memory. Addresses are BigInts: of the last page but nine of 64 bits, too (vsyscall). */
export type Mapping = {
  start: bigint;
  end: bigint;
  /** `r-xp`: read, write, execute, and private or shared. */
  perms: string;
  /** Where in the file it begins, in bytes. */
  offset: number;
  /** Of the file: `fe:00`, in hexadecimal. */
  device: string;
  inode: number;
  /** A file, or what the kernel calls it (`[heap]`, `[anon:name]`); null: anonymous. */
  path: string | null;
};

const LINE =
  /^([\da-f]{1,16})-([\da-f]{1,16}) ([r-][w-][x-][sp]) ([\da-f]{1,16}) ([\da-f]+:[\da-f]+) (\d+) *(.*)$/s;

/**
 * Parses /proc/PID/maps (proc_pid_maps(5)). Newlines in a path are `\012` there, and nothing else is escaped
 * (fs/proc/task_mmu.c, get_vma_name), so a path is left as it is told.
 *
 * @throws SyntaxError where a line is no mapping
 */
export function parseMaps(content: string): Mapping[] {
  return content
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const mapping = parseMapping(line);
      if (mapping === null) throw new SyntaxError('no mapping of memory');
      return mapping;
    });
}

/** One line of maps, which also begins each mapping of smaps; null: it is none. */
export function parseMapping(line: string): Mapping | null {
  const [, start, end, perms = '', offset = '', device = '', inode, path] = LINE.exec(line) ?? [];
  if (start === undefined) return null;
  return {
    start: BigInt(`0x${start}`),
    end: BigInt(`0x${end}`),
    perms,
    offset: Number.parseInt(offset, 16),
    device,
    inode: Number(inode),
    path: path || null,
  };
}

/** In bytes. */
export function sizeOfMapping({ start, end }: Mapping): number {
  return Number(end - start);
}
