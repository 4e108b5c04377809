/** Seconds between two looks: what may be asked for. */
export const SHORTEST_INTERVAL = 0.1;

export function isInterval(seconds: number): boolean {
  return seconds >= SHORTEST_INTERVAL && seconds < 1e6;
}
