import { parseTarget, type ServicePorts, type Target } from '../query/target.ts';
import type { Family, Protocol } from '../sockets/socket.ts';
import type { Wanted } from '../sockets/source.ts';
import { UsageError } from './exit.ts';

/** The options that the screen and `list` share, as netstat, ss and lsof users type them. */
export type SocketOptions = {
  tcp?: true;
  udp?: true;
  '4'?: true;
  '6'?: true;
  listening?: true;
  all?: true;
  numeric?: true;
  processes?: true;
  pid?: number;
  json?: true;
  csv?: true;
  header: boolean;
  interval: number;
  procfs: string;
  services?: string;
  reveal?: true;
};

/** What commander makes of no arguments at all. */
export const DEFAULTS: SocketOptions = { header: true, interval: 1, procfs: '/proc' };

/** What the options want of a source: with no letter for a protocol or a family, all of them. */
export function wantedOf(options: SocketOptions): Wanted {
  const protocols: Protocol[] = [];
  const families: Family[] = [];
  if (options.tcp || !options.udp) protocols.push('tcp');
  if (options.udp || !options.tcp) protocols.push('udp');
  if (options['4'] || !options['6']) families.push('ipv4');
  if (options['6'] || !options['4']) families.push('ipv6');
  return { protocols, families };
}

/** Throws a QueryError for a word that is no TARGET. */
export function targetsOf(words: readonly string[], servicePorts: ServicePorts): Target[] {
  return words.flatMap((word) => parseTarget(word, servicePorts));
}

/**
 * `-p 1234` means a process to lsof's fingers, and port 1234 after ss's -p, which takes no value: it is read
 * as ss does, and said. null where it was not typed.
 */
export function processLetterNote(args: readonly string[]): string | null {
  const port = args.find((word, index) => args[index - 1] === '-p' && /^\d+$/.test(word));
  return port === undefined ? null : `-p ${port}: read as port ${port}; for a process use --pid ${port}`;
}

/** Names in targets are looked up in /etc/services; the registry is loaded only when that is not enough. */
export function needsRegistry(words: readonly string[], servicePorts: ServicePorts): boolean {
  return words.some((word) => /[a-z]/i.test(word) && isUnknown(word, servicePorts));
}

function isUnknown(word: string, servicePorts: ServicePorts): boolean {
  try {
    parseTarget(word, servicePorts);
    return false;
  } catch {
    return true;
  }
}

export function rejectBoth(options: SocketOptions, one: 'json', other: 'csv'): void {
  if (options[one] && options[other])
    throw new UsageError(`--${one} and --${other} exclude each other: give one`);
}
