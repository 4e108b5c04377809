/** /proc/uptime (proc_uptime(5)): the seconds since boot, suspended ones too; null when there is no number. */
export function parseUptime(content: string): number | null {
  const seconds = /^\d+(?:\.\d+)?/.exec(content)?.[0];
  return seconds === undefined ? null : Number(seconds);
}
