import { ProcError, type ProcFs } from '../procfs/procfs.ts';

/** Ports from `first` to `last`, both included. */
export type PortRange = { first: number; last: number };

/** The text of net.ipv4.ip_local_port_range, "32768\t60999": ip(7). null where it is something else. */
export function parseEphemeralRange(contents: string): PortRange | null {
  const [, first, last] = /^\s*(\d{1,5})\s+(\d{1,5})\s*$/.exec(contents) ?? [];
  return first === undefined || last === undefined ? null : { first: Number(first), last: Number(last) };
}

/**
 * The ports that the kernel hands to a socket that asked for none, in this process's network namespace
 * (IPv6 uses the same); null where /proc does not say.
 */
export function readEphemeralRange(proc: ProcFs): PortRange | null {
  try {
    return parseEphemeralRange(proc.text('sys/net/ipv4/ip_local_port_range'));
  } catch (error) {
    if (error instanceof ProcError) return null;
    throw error;
  }
}
