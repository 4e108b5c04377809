import type { Command } from 'commander';
import { parseTarget, type ServicePorts, type Target } from '../query/target.ts';
import type { Family, Protocol } from '../sockets/socket.ts';
import type { Wanted } from '../sockets/source.ts';
import { InvalidArgumentError, Option, UsageError } from './usage.ts';

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

const SHORTEST_INTERVAL = 0.1;

export function addSocketOptions(command: Command): Command {
  return command
    .argument('[TARGET...]', 'a port: 4000, tcp:4000, 3000-3010, 80,443, ssh, @127.0.0.1:80')
    .option('-t, --tcp', 'TCP sockets')
    .option('-u, --udp', 'UDP sockets')
    .option('-4', 'IPv4 only')
    .option('-6', 'IPv6 only')
    .option('-l, --listening', 'listening TCP and bound UDP sockets (this is what is shown without -a)')
    .option('-a, --all', 'every state')
    .option('-n, --numeric', 'numbers only: no names of services and users')
    .option('-p, --processes', 'the owners: always shown, accepted for the fingers')
    .option('--pid <PID>', 'only the sockets of this process', wholeNumber)
    .option('--json', 'one JSON document')
    .option('--csv', 'comma-separated columns')
    .option('-H, --no-header', 'no heading')
    .option('--procfs <DIR>', 'read another /proc', '/proc')
    .option('--services <FILE>', 'read another /etc/services');
}

/** What only the screen needs: `list` takes it too, since `porttop` into a pipe is `list`. */
export function intervalOption(): Option {
  return new Option('-d, --interval <SECONDS>', 'the time between two looks').argParser(seconds).default(1);
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('a process is named by its number.');
  return Number(text);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= SHORTEST_INTERVAL && value < 1e6)) {
    throw new InvalidArgumentError(`seconds, at least ${SHORTEST_INTERVAL}.`);
  }
  return value;
}

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
