import { constants } from 'node:os';

/** The first of the real-time signals as glibc numbers them: it keeps 32 and 33 to itself (signal(7)). */
export const SIGRTMIN = 34;
export const LAST_SIGNAL = 64;

// Of two names of one number the first is the usual one: SIGABRT, not SIGIOT.
const NAMES = new Map(
  Object.entries(constants.signals)
    .toReversed()
    .map(([name, number]) => [number, name] as const),
);

/** `SIGTERM`, `SIGRTMIN+1`; `signal 32` for what has no name. */
export function signalName(signal: number): string {
  const name = NAMES.get(signal);
  if (name !== undefined) return name;
  if (signal < SIGRTMIN || signal > LAST_SIGNAL) return `signal ${signal}`;
  return signal === SIGRTMIN ? 'SIGRTMIN' : `SIGRTMIN+${signal - SIGRTMIN}`;
}

/** The signals of a mask: bit 0 is signal 1. */
export function signalsOf(mask: bigint): string[] {
  return bitsOf(mask).map((bit) => signalName(bit + 1));
}

/** The places of the ones, the lowest first. */
export function bitsOf(mask: bigint): number[] {
  const bits: number[] = [];
  for (let rest = mask, bit = 0; rest > 0n; rest >>= 1n, bit++) if (rest & 1n) bits.push(bit);
  return bits;
}
