/** /proc/meminfo (proc_meminfo(5)): `MemTotal` in bytes; null when the line is missing. */
export function parseMemoryTotal(content: string): number | null {
  const kibibytes = /^MemTotal:\s+(\d+) kB$/m.exec(content)?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}
