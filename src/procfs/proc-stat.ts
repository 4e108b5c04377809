/**
 * Parses /proc/stat (proc_stat(5)): `btime`, when the system booted, in seconds since the epoch.
 * null when the line is missing, or tells no time.
 */
export function parseBtime(content: string): number | null {
  const btime = /^btime (\d{1,11})$/m.exec(content)?.[1];
  return btime === undefined ? null : Number(btime);
}
