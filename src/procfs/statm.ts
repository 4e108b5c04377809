/** /proc/PID/statm, in bytes. `lib` and `dt` are 0 since Linux 2.6. */
export type Statm = {
  size: number;
  resident: number;
  shared: number;
  text: number;
  lib: number;
  data: number;
  dt: number;
};

/**
 * Parses /proc/PID/statm (proc_pid_statm(5)), which counts pages.
 *
 * @param pageSize in bytes: 4 KiB on x86-64, up to 64 KiB elsewhere
 */
export function parseStatm(content: string, pageSize: number): Statm {
  const [size = 0, resident = 0, shared = 0, text = 0, lib = 0, data = 0, dt = 0] = content
    .split(' ')
    .map((pages) => Number(pages) * pageSize);
  return { size, resident, shared, text, lib, data, dt };
}
