import type { Column } from '../query/columns.ts';
import { type Filter, filterProblem } from '../query/filter.ts';
import { QueryError } from '../query/query-error.ts';
import { parseTarget, type Target } from '../query/target.ts';
import type { Services } from '../services/services.ts';
import type { Family, Protocol } from '../sockets/socket.ts';
import type { Wanted } from '../sockets/source.ts';
import { UsageError } from './exit.ts';
import { stateFilter } from './lsof-options.ts';

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
  raw?: true;
  unix?: true;
  user?: string;
  command?: string;
  state?: string;
  /** lsof's -i and -s: `true` where it has no value. */
  i?: string | true;
  s?: string;
  /** lsof's for numbers alone. */
  P?: true;
  filter?: Filter;
  sort?: { column: Column; descending: boolean };
  extended?: true;
  ndjson?: true;
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
  const any = !(options.tcp || options.udp || options.raw || options.unix);
  if (options.tcp || any) protocols.push('tcp');
  if (options.udp || any) protocols.push('udp');
  if (options.raw) protocols.push('raw', 'icmp');
  if (options['4'] || !options['6']) families.push('ipv4');
  if (options['6'] || !options['4']) families.push('ipv6');
  if (options.unix) {
    protocols.push('unix');
    families.push('unix');
  }
  return { protocols, families };
}

/** The options that choose rows by their facts, as one filter; null: none does. Throws a UsageError. */
export function filterOf({ filter, user, command, state, s }: SocketOptions): Filter | null {
  const terms = [
    filter && filter.text.trim() !== '' ? `(${filter.text})` : null,
    user === undefined ? null : userTerm(user),
    command === undefined ? null : `command:${quoted(command)}`,
    state === undefined ? null : `state:${quoted(state)}`,
    s === undefined ? null : stateFilter(s),
  ].filter(Boolean);
  if (terms.length === 0) return null;
  const whole = { text: terms.join(' and '), kept: true };
  // A filter of one's own was read before: what is wrong now is a state.
  const problem = filterProblem(whole.text);
  if (problem) {
    const states = problem.expected.replace(/ after 'state:'$/, '');
    throw new UsageError(`there is no state '${state ?? s}': use one of ${states}`);
  }
  return whole;
}

/** A user is named as `ps -u` takes it: by name, or by number. */
function userTerm(user: string): string {
  const named = `user:=${quoted(user)}`;
  return /^\d+$/.test(user) ? `(${named} or uid:=${user})` : named;
}

/** For a filter: a word as it is. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
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
