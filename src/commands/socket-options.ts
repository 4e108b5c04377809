import { readDescendants } from '../processes/ancestry.ts';
import type { ProcFs } from '../procfs/procfs.ts';
import { COLUMNS, type Column } from '../query/columns.ts';
import { type Filter, filterProblem, protocolsNamed } from '../query/filter.ts';
import { QueryError } from '../query/query-error.ts';
import { parseTarget, type Target } from '../query/target.ts';
import type { Services } from '../services/services.ts';
import type { Family, Protocol } from '../sockets/socket.ts';
import type { Wanted } from '../sockets/source.ts';
import type { ColourChoice } from '../text/colour.ts';
import { UsageError } from './exit.ts';
import { stateFilter } from './lsof-states.ts';

/** The options that the screen, `list` and `watch` share, as netstat, ss and lsof users type them. */
export type SocketOptions = {
  tcp?: true;
  udp?: true;
  udplite?: true;
  raw?: true;
  unix?: true;
  '4'?: true;
  '6'?: true;
  listening?: true;
  all?: true;
  numeric?: true;
  processes?: true;
  extended?: true;
  timers?: true;
  wide?: true;
  resolve?: true;
  /** lsof's -i and -s, each time that they were given; `true`: -i without a value, and so everything. */
  i?: readonly string[] | true;
  s?: readonly string[];
  /** lsof's for numbers alone. */
  P?: true;
  pid?: readonly number[];
  children?: true;
  user?: readonly string[];
  command?: string;
  state?: readonly string[];
  filter?: Filter;
  sort?: { column: Column; descending: boolean };
  columns?: readonly Column[];
  json?: true;
  ndjson?: true;
  csv?: true;
  header: boolean;
  color: ColourChoice;
  interval: number;
  netns?: string;
  procfs: string;
  services?: string;
  mouse?: boolean;
  reveal?: true;
  printConfig?: true;
  readonly?: true;
};

/** What commander makes of no arguments at all. */
export const DEFAULTS: SocketOptions = { header: true, color: 'auto', interval: 1, procfs: '/proc' };

/** The protocols and families that the options want: with no letter for one, TCP, UDP, and what the filter names. */
export function kindsOf(options: SocketOptions): Pick<Wanted, 'protocols' | 'families'> {
  const protocols: Protocol[] = [];
  const families: Family[] = [];
  const any = !(options.tcp || options.udp || options.udplite || options.raw || options.unix);
  const named = new Set(any && options.filter ? protocolsNamed(options.filter) : []);
  if (options.tcp || any) protocols.push('tcp');
  if (options.udp || any) protocols.push('udp');
  if (options.udplite || named.has('udplite')) protocols.push('udplite');
  if (options.raw || named.has('raw')) protocols.push('raw');
  if (options.raw || named.has('icmp')) protocols.push('icmp');
  if (options['4'] || !options['6']) families.push('ipv4');
  if (options['6'] || !options['4']) families.push('ipv6');
  if (options.unix || named.has('unix')) {
    protocols.push('unix');
    families.push('unix');
  }
  return { protocols, families };
}

/** The options that choose rows by their facts, as one filter; null: none does. Throws a UsageError. */
export function filterOf({ filter, user, command, state, s = [] }: SocketOptions): Filter | null {
  const terms = [
    user && anyOf(user.map(userTerm)),
    command === undefined ? null : `command:${quoted(command)}`,
    state && `state:${state.map(quoted).join()}`,
    ...s.map(stateFilter),
  ].filter((term) => typeof term === 'string');
  const own = filter && filter.text.trim() !== '' ? filter : null;
  if (terms.length === 0) return own;
  // A filter of one's own was read before: what is wrong now is a state.
  const problem = filterProblem(terms.join(' '));
  if (problem) {
    const states = problem.expected.replace(/ after 'state:'$/, '');
    throw new UsageError(`there is no state '${[...(state ?? []), ...s]}': use one of ${states}`);
  }
  if (own) terms.unshift(`(${own.text})`);
  return { text: terms.join(' '), kept: true };
}

/** A user is named as `ps -u` takes it: by name, or by number. */
function userTerm(user: string): string {
  const named = `user:=${quoted(user)}`;
  return /^\d+$/.test(user) ? `${named} or uid:=${user}` : named;
}

function anyOf(terms: readonly string[]): string {
  const either = terms.join(' or ');
  return either.includes(' or ') ? `(${either})` : either;
}

/** For a filter: a word as it is. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** The processes that `--pid` names, after `--children` with all that descend from them now; null: whoever's. */
export function pidsOf({ pid, children }: SocketOptions, procfs: ProcFs): ReadonlySet<number> | null {
  if (!pid) return null;
  return children ? readDescendants(procfs, pid) : new Set(pid);
}

const { proto, state, recvq, sendq, local, remote, service, user, pids, command } = COLUMNS;

/** The columns of a listing; a word in a filter is looked for in them. */
export const LISTED: readonly Column[] = [
  proto,
  state,
  recvq,
  sendq,
  local,
  remote,
  service,
  user,
  pids,
  command,
];

/** A table's columns, and those that the options want beside them; or those that `--columns` names. */
export function columnsOf(
  own: readonly Column[],
  { columns, netns, resolve, extended, timers, numeric }: SocketOptions,
): readonly Column[] {
  if (columns) return columns;
  const shown = [...own];
  if (netns !== undefined) shown.unshift(COLUMNS.netns);
  if (resolve) {
    const beside = shown.includes(COLUMNS.remote) ? COLUMNS.remote : COLUMNS.addr;
    shown.splice(shown.indexOf(beside) + 1, 0, COLUMNS.host);
  }
  const more: Column[] = [];
  // With numbers alone, USER is the uid.
  if (extended && !numeric) more.push(COLUMNS.uid);
  if (extended) more.push(COLUMNS.inode, COLUMNS.netns);
  if (timers) more.push(COLUMNS.timer);
  return [...shown, ...more.filter((column) => !shown.includes(column))];
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

/** `-p1234`, as lsof takes it, is `-p 1234`; so is `-tlp1234`. */
export function apart(args: readonly string[]): string[] {
  return args.flatMap((word) => {
    // Letters that take no value: `-Np1` is the namespace p1.
    const [, letters, number] = /^(-[tuUwxlanPreoWH46]*p)(\d+)$/.exec(word) ?? [];
    if (letters === undefined || number === undefined) return [word];
    return letters === '-p' ? ['-p', number] : [letters.slice(0, -1), '-p', number];
  });
}

/**
 * `-p 1234` means a process to lsof's fingers, and port 1234 after ss's -p, which takes no value: it is read
 * as ss does, and said. null where it was not typed.
 */
export function processLetterNote(args: readonly string[]): string | null {
  const words = apart(args);
  const port = words.find((word, index) => words[index - 1] === '-p' && /^\d+$/.test(word));
  return port === undefined ? null : `-p ${port}: read as port ${port}; for a process use --pid ${port}`;
}
