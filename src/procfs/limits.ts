/** A resource limit (getrlimit(2)); null: unlimited. `unit` is what the kernel calls it: bytes, files, us, …. */
export type Limit = { soft: number | null; hard: number | null; unit: string | null };

/** Name, soft limit, hard limit, unit; the columns are padded with blanks, and a name has single ones in it. */
const LINE = /^(\S+(?: \S+)*) {2,}(unlimited|\d+) +(unlimited|\d+) *(\S+)? *$/;

/** /proc/PID/limits, by the kernel's names: `Max open files` (fs/proc/base.c, lnames). */
export function parseLimits(text: string): Map<string, Limit> {
  const limits = new Map<string, Limit>();
  for (const line of text.split('\n')) {
    const [, name, soft, hard, unit = null] = LINE.exec(line) ?? [];
    if (name !== undefined) limits.set(name, { soft: limitOf(soft), hard: limitOf(hard), unit });
  }
  return limits;
}

function limitOf(text: string | undefined): number | null {
  return text === undefined || text === 'unlimited' ? null : Number(text);
}
