import type { Command } from 'commander';
import { COLUMNS, columnsNamed } from '../query/columns.ts';
import { filterProblem } from '../query/filter.ts';
import { isInterval, SHORTEST_INTERVAL } from '../store/interval.ts';
import { type EXIT, UsageError } from './exit.ts';
import { withLsofOptions } from './lsof-options.ts';
import { columnsBy, filterBy, sortBy } from './query-options.ts';
import { apart, type SocketOptions } from './socket-options.ts';
import {
  afterOptions,
  commandLine,
  type Example,
  InvalidArgumentError,
  Option,
  parseArguments,
  severalOf,
  word,
} from './usage.ts';

export type ParsedSockets = {
  options: SocketOptions;
  words: readonly string[];
  /** Whether the option was typed, and is not what it is by itself. */
  given(option: keyof SocketOptions): boolean;
};

/** A command about sockets, and what its help says. */
export type SocketCommand = {
  name: string;
  summary: string;
  examples: readonly Example[];
  /** The exit statuses that its help explains. */
  statuses: readonly (keyof typeof EXIT)[];
  /** Adds options that it alone has. */
  more?(command: Command): Command;
  /** Before the examples. */
  help?: string;
  /** Options that change nothing there: taken, so that no line need be typed anew, and not spoken of. */
  quiet: readonly (keyof SocketOptions)[];
};

/**
 * The arguments of the screen, of `list` or of `watch`, which take the same; null: the help or the version was
 * asked for and has been printed. Throws a {@link UsageError}.
 */
export function parseSocketArguments(
  socketCommand: SocketCommand,
  args: readonly string[],
): ParsedSockets | null {
  const command = socketCommandLine(socketCommand);
  if (!parseArguments(command, apart(args))) return null;
  const parsed = withLsofOptions(command.opts<SocketOptions>(), command.args);
  const { pid, children, columns, sort, resolve } = parsed.options;
  if (children && !pid) throw new UsageError('--children are those of a process: add --pid PID');
  if (!resolve && [...(columns ?? []), sort?.column].includes(COLUMNS.host)) {
    throw new UsageError("the names of column 'host' come from DNS, which is asked only after -r: add it");
  }
  return { ...parsed, given: (option) => command.getOptionValueSource(option) === 'cli' };
}

/** The command line of such a command, for the man page and the completions too. */
export function socketCommandLine({
  name,
  summary,
  help,
  examples,
  statuses,
  quiet,
  more = (command) => command,
}: SocketCommand): Command {
  const command = more(addSocketOptions(commandLine(name, summary)));
  if (help) command.addHelpText('after', help);
  command.addHelpText('after', afterOptions(examples, statuses));
  for (const option of command.options) {
    if ((quiet as readonly string[]).includes(option.attributeName())) option.hidden = true;
  }
  return command;
}

function addSocketOptions(command: Command): Command {
  return command
    .argument('[TARGET...]', 'a port: 4000, tcp:4000, 3000-3010, 80,443, ssh, @127.0.0.1:80')
    .option('-t, --tcp', 'TCP sockets')
    .option('-u, --udp', 'UDP sockets')
    .option('-U, --udplite', 'UDP-Lite sockets, as netstat')
    .option('-w, --raw', 'raw and ping (ICMP) sockets')
    .option('-x, --unix', 'unix sockets')
    .option('-4', 'IPv4 only')
    .option('-6', 'IPv6 only')
    .option('-l, --listening', 'listening TCP and bound UDP sockets (this is what is shown without -a)')
    .option('-a, --all', 'every state')
    .option('-i [SPEC]', "as lsof's: every state; 4, 6, tcp, udp, :4000, tcp:4000, @127.0.0.1:80", each)
    .option('-s <PROTOCOL:STATE>', "as lsof's: TCP:LISTEN, TCP:^CLOSE_WAIT", each)
    .option('-n, --numeric', 'numbers only: no names of services and users')
    .option('-P', "as lsof's: numbers only, as -n")
    .option('-r, --resolve', 'names of addresses too, from DNS')
    .option('-p, --processes', 'the owners: always shown, accepted for the fingers')
    .option('-e, --extended', 'also uid, inode and network namespace')
    .option('-o, --timers', 'also the timers of TCP')
    .option('-W, --wide', 'nothing is ever cut in a list: accepted for the fingers')
    .option('--pid <PID,...>', 'only the sockets of these processes', pids)
    .option('--children', 'of --pid: also those of all its descendants')
    .option('--user <NAME,...>', 'only the sockets of these users, by name or number', severalOf('user'))
    .option('--command <NAME>', 'only those of programs with this in their name', word('command'))
    .option(
      '--state <STATE,...>',
      'only those in these states: listen, estab, time-wait, …',
      severalOf('state'),
    )
    .option(
      '--filter <EXPR>',
      'of these only what matches: nginx, port:3000-3010, "user:www or not state:listen"',
      filterBy(filterProblem),
    )
    .option('--sort <KEY[:desc]>', 'the column to sort by', sortBy(columnsNamed))
    .option('--columns <A,B>', 'the columns to show, by their names', columnsBy(columnsNamed))
    .option('--json', 'one JSON document')
    .option('--ndjson', 'the sockets alone, as JSON, one a line')
    .option('--csv', 'comma-separated columns')
    .option('-H, --no-header', 'no heading')
    .addOption(
      new Option('--color <WHEN>', 'colours')
        .choices(['auto', 'always', 'never'])
        .default('auto', 'auto: on a terminal'),
    )
    .option('-N, --netns <all|NAME|PID>', 'the sockets of other network namespaces')
    .addOption(
      new Option('-d, --interval <SECONDS>', 'the time between two looks').argParser(seconds).default(1),
    )
    .option('--procfs <DIR>', 'read another /proc', '/proc')
    .option('--services <FILE>', 'read another /etc/services')
    .option('--mouse', 'hear the mouse: so by itself, unless the settings say otherwise')
    .option('--no-mouse', 'leave the mouse to the terminal, to select text with')
    .option('--reveal', 'show secrets in environments as they are')
    .option('--readonly', 'the screen signals nobody');
}

/** An option that may be given several times: all of its values; `true`: once without one. */
function each(value: string, before: readonly string[] | true = []): readonly string[] | true {
  return before === true || [...before, value];
}

/** {@link severalOf} process ids. */
export function pids(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, ...text.split(',').map(wholeNumber)];
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text))
    throw new InvalidArgumentError('a process is named by its number, as in --pid 1204.');
  return Number(text);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!isInterval(value)) {
    throw new InvalidArgumentError(`give seconds, at least ${SHORTEST_INTERVAL}.`);
  }
  return value;
}
