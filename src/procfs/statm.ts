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
 * @param pageSize in bytes, see {@link parsePageSize}
 */
export function parseStatm(content: string, pageSize: number): Statm {
  const [size = 0, resident = 0, shared = 0, text = 0, lib = 0, data = 0, dt = 0] = content
    .split(' ')
    .map((pages) => Number(pages) * pageSize);
  return { size, resident, shared, text, lib, data, dt };
}

/**
 * The size of a page in bytes, from any /proc/PID/smaps (proc_pid_smaps(5)); null when it does not say.
 * statm nowhere says how large its pages are: 4 KiB on x86-64, up to 64 KiB elsewhere.
 */
export function parsePageSize(smaps: string): number | null {
  const kibibytes = /^KernelPageSize: +(\d+) kB$/m.exec(smaps)?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}
