/** Opened for reading, for writing, for both (lsof's letters). */
export type AccessMode = 'r' | 'w' | 'u';

/** include/uapi/asm-generic/fcntl.h: the descriptor only names a file (open(2)). */
const O_PATH = 0o10000000;

/**
 * How a descriptor was opened, from the `flags:` (octal) of /proc/PID/fdinfo/N (proc_pid_fdinfo(5));
 * null when it was for neither reading nor writing, or the line is missing.
 */
export function parseAccessMode(content: string): AccessMode | null {
  const flags = Number.parseInt(/^flags:\s*([0-7]+)$/m.exec(content)?.[1] ?? '', 8);
  if (Number.isNaN(flags) || (flags & O_PATH) !== 0) return null;
  return (['r', 'w', 'u'] as const)[flags & 3] ?? null;
}
