import type { Column } from '../query/columns.ts';
import type { Filter } from '../query/filter.ts';
import { QueryError } from '../query/query-error.ts';
import { parseTarget, type Target } from '../query/target.ts';
import type { Services } from '../services/services.ts';
import type { Family, Protocol } from '../sockets/socket.ts';
import type { Wanted } from '../sockets/source.ts';

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
  filter?: Filter;
  columns?: readonly Column[];
  json?: true;
  csv?: true;
  header: boolean;
  interval: number;
  netns?: string;
  procfs: string;
  services?: string;
  reveal?: true;
};

/** What commander makes of no arguments at all. */
export const DEFAULTS: SocketOptions = { header: true, interval: 1, procfs: '/proc' };

/** The protocols and families that the options want: with no letter for one, all of them. */
export function kindsOf(options: SocketOptions): Pick<Wanted, 'protocols' | 'families'> {
  const protocols: Protocol[] = [];
  const families: Family[] = [];
  if (options.tcp || !options.udp) protocols.push('tcp');
  if (options.udp || !options.tcp) protocols.push('udp');
  if (options['4'] || !options['6']) families.push('ipv4');
  if (options['6'] || !options['4']) families.push('ipv6');
  return { protocols, families };
}

/**
 * The TARGETs that were typed. The registry is loaded only for a name that /etc/services does not know.
 * Throws a QueryError for a word that is no TARGET.
 */
export async function targetsOf(words: readonly string[], services: Services): Promise<Target[]> {
  const parse = () => words.flatMap((word) => parseTarget(word, (name) => services.named(name)));
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof QueryError) || !words.some((word) => /[a-z]/i.test(word))) throw error;
    await services.loadRegistry();
    return parse();
  }
}

/**
 * `-p 1234` means a process to lsof's fingers, and port 1234 after ss's -p, which takes no value: it is read
 * as ss does, and said. null where it was not typed.
 */
export function processLetterNote(args: readonly string[]): string | null {
  const port = args.find((word, index) => args[index - 1] === '-p' && /^\d+$/.test(word));
  return port === undefined ? null : `-p ${port}: read as port ${port}; for a process use --pid ${port}`;
}
