/** One entry; `value` is null where there was no `=`. */
export type Variable = { name: string; value: string | null };

/**
 * Parses /proc/PID/environ (proc_pid_environ(5)): NUL-terminated `NAME=VALUE`, in order, duplicates kept.
 * Bytes that are no UTF-8 become U+FFFD. Empty for kernel threads and zombies.
 *
 * This is the memory where the environment was at the start: what the process set since is not here, and a
 * long title (setproctitle) leaves its own text, without `=`.
 */
export function parseEnviron(bytes: Buffer): Variable[] {
  return bytes
    .toString('utf8')
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const equals = entry.indexOf('=');
      return equals < 0
        ? { name: entry, value: null }
        : { name: entry.slice(0, equals), value: entry.slice(equals + 1) };
    });
}

/** The value that the process itself would get: of duplicates the first (getenv(3)). null: not set. */
export function getenv(environ: readonly Variable[], name: string): string | null {
  return environ.find((variable) => variable.name === name && variable.value !== null)?.value ?? null;
}
