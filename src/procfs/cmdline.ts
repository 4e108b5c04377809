/** More empty arguments than anyone passes after a lone argv[0]: setproctitle's padding. */
const PADDING = 3;

/**
 * Parses /proc/PID/cmdline (proc_pid_cmdline(5)) into argv. Bytes that are no UTF-8 become U+FFFD.
 * Empty for kernel threads and zombies.
 *
 * A NUL ends each argument, so `prog ""` is `prog\0\0`. A process that writes a title over its arguments
 * (setproctitle: nginx, PostgreSQL, process.title in Node) leaves one text, without its NUL or with NULs up
 * to where the arguments ended. Nothing in the file tells the two apart; a space in the text, or more NULs
 * than there are ever empty arguments, is taken for a title.
 */
export function parseCmdline(bytes: Buffer): string[] {
  if (bytes.length === 0) return [];
  const content = bytes.toString('utf8');
  // fs/proc/base.c, get_mm_cmdline(): where the last NUL was overwritten, the title alone comes.
  if (!content.endsWith('\0')) return content.split('\0');
  const argv = content.slice(0, -1).split('\0');
  const [first = '', ...others] = argv;
  const lone = others.every((argument) => argument === '');
  return lone && (first.includes(' ') || others.length >= PADDING) ? [first] : argv;
}
