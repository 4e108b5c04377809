/**
 * Parses /proc/PID/stack (proc_pid_stack(5)): where in the kernel it is, the innermost call first.
 * A line is `[<0>] do_wait+0x60/0x100`; the address has been 0 since Linux 4.15, and is left out.
 */
export function parseStack(content: string): string[] {
  return content
    .split('\n')
    .map((line) => line.replace(/^\[<[\da-f]+>\] /, ''))
    .filter((line) => line !== '');
}
