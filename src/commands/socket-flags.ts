import type { Command } from 'commander';
import { type Column, columnsNamed } from '../query/columns.ts';
import { type Filter, filterProblem } from '../query/filter.ts';
import { InvalidArgumentError, Option } from './usage.ts';

/** The options that the screen and `list` share. */
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
    .option(
      '--filter <EXPR>',
      'of these only what matches: nginx, port:3000-3010, "user:www or not state:listen"',
      filter,
    )
    .option('--columns <A,B>', 'the columns to show, by their names', columns)
    .option('--json', 'one JSON document')
    .option('--csv', 'comma-separated columns')
    .option('-H, --no-header', 'no heading')
    .option('--procfs <DIR>', 'read another /proc', '/proc')
    .option('--services <FILE>', 'read another /etc/services');
}

/** What only a listing has. */
export function addListOptions(command: Command): Command {
  return command
    .option('-w, --raw', 'raw and ping (ICMP) sockets')
    .option('-x, --unix', 'unix sockets')
    .option('--user <NAME>', 'only the sockets of this user, by name or number')
    .option('--command <NAME>', 'only those of programs with this in their name')
    .option('--state <STATE>', 'only those in this state: listen, estab, time-wait, …')
    .option('-i [SPEC]', "as lsof's: every state; 4, 6, tcp, udp, :4000, tcp:4000, @127.0.0.1:80")
    .option('-s <PROTOCOL:STATE>', "as lsof's: TCP:LISTEN, TCP:^CLOSE_WAIT")
    .option('-P', "as lsof's: numbers only, as -n")
    .option('-e, --extended', 'also uid and inode')
    .option('-W, --wide', 'nothing is ever cut here: accepted for the fingers')
    .option('--sort <KEY[:desc]>', 'the column to sort by', sort)
    .option('--ndjson', 'the sockets alone, as JSON, one a line');
}

function sort(text: string): { column: Column; descending: boolean } {
  const [, key = '', order] = /^(.*?)(?::(asc|desc))?$/.exec(text) ?? [];
  const [column] = columnsNamed([key]);
  return { column: column as Column, descending: order === 'desc' };
}

/** What only the screen needs: `list` takes it too, since `porttop` into a pipe is `list`. */
export function intervalOption(): Option {
  return new Option('-d, --interval <SECONDS>', 'the time between two looks').argParser(seconds).default(1);
}

function filter(text: string): Filter {
  const problem = filterProblem(text);
  if (problem) throw problem;
  return { text, kept: true };
}

function columns(text: string): Column[] {
  return columnsNamed(text.split(','));
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text))
    throw new InvalidArgumentError('a process is named by its number, as in --pid 1204.');
  return Number(text);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= SHORTEST_INTERVAL && value < 1e6)) {
    throw new InvalidArgumentError(`give seconds, at least ${SHORTEST_INTERVAL}.`);
  }
  return value;
}

const SHORTEST_INTERVAL = 0.1;
