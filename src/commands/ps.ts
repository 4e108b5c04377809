import { openLibc } from '../libc/libc.ts';
import { csv } from '../output/csv.ts';
import { documentHead } from '../output/document.ts';
import { stringify } from '../output/json.ts';
import { standardOutput } from '../output/standard-output.ts';
import { table } from '../output/table.ts';
import { readHost } from '../processes/host.ts';
import { processJson } from '../processes/process-json.ts';
import { type Process, readProcesses } from '../processes/process-list.ts';
import { ProcessTable } from '../processes/process-table.ts';
import { treeOf } from '../processes/process-tree.ts';
import { Users } from '../processes/users.ts';
import { ProcFs } from '../procfs/procfs.ts';
import type { Column } from '../query/column.ts';
import { type Filter, NO_FILTER } from '../query/filter.ts';
import { PROCESS_COLUMNS, processColumnsNamed } from '../query/process-columns.ts';
import { filterProcesses, processFilterProblem } from '../query/process-filter.ts';
import { orderRows } from '../query/sort.ts';
import { heldPorts } from '../sockets/held-ports.ts';
import { openSource } from '../sockets/host-source.ts';
import { findOwners, isHidden } from '../sockets/owners.ts';
import { runAtOnce } from '../store/slices.ts';
import { EXIT, UsageError } from './exit.ts';
import { columnsBy, filterBy, sortBy } from './query-options.ts';
import {
  afterOptions,
  type Command,
  commandLine,
  type Example,
  Option,
  parseArguments,
  severalOf,
} from './usage.ts';

type Options = {
  user?: readonly string[];
  filter?: Filter;
  sort: { column: Column<ProcessTable>; descending: boolean };
  columns?: Column<ProcessTable>[];
  tree?: true;
  header: boolean;
  json?: true;
  csv?: true;
  procfs: string;
};

const SHOWN = processColumnsNamed([
  ...['user', 'pid', 'cpu', 'mem', 'vsz', 'rss', 'tty', 'stat', 'start', 'time'],
  ...['ports', 'command'],
]);

export const REMARKS = `
The columns are those of ps aux (sizes in KiB), and PORTS: where it listens or
takes datagrams. A filter is that of porttop list, by these columns.`;

export const EXAMPLES: readonly Example[] = [
  ['porttop ps', 'every process, as ps aux'],
  ['porttop ps nginx', 'those with nginx in their command line'],
  ['porttop ps 1204', 'this one'],
  ['porttop ps --user www-data --tree'],
  ["porttop ps --filter 'cpu:>10 or rss:>500M'"],
  ['porttop ps --sort rss:desc --columns pid,rss,ports,command'],
];

/** What ps's users type before anything else; every process is shown anyway. */
const LETTERS = /^(?:-?[aefxuwA]+)$/;

/** The command line, for the man page and the completions too. */
export function psCommandLine(): Command {
  return commandLine('porttop ps', 'Processes, as ps aux, with the ports that they hold.')
    .argument('[PID|NAME...]', 'a process by its number, or those with this in their command line')
    .option('--user <NAME,...>', 'only those of these users, by name or number', severalOf('user'))
    .option(
      '--filter <EXPR>',
      'of these only what matches: nginx, "user:www cpu:>10", rss:>100M',
      filterBy(processFilterProblem),
    )
    .option('--tree', 'children under their parents')
    .addOption(
      new Option('--sort <KEY[:desc]>', 'the column to sort by')
        .argParser(sortBy(processColumnsNamed))
        .default({ column: PROCESS_COLUMNS.pid, descending: false }, 'pid'),
    )
    .option('--columns <A,B>', 'the columns to show, by their names', columnsBy(processColumnsNamed))
    .option('-H, --no-header', 'no heading')
    .option('--json', 'one JSON document')
    .option('--csv', 'comma-separated columns')
    .option('--procfs <DIR>', 'read another /proc', '/proc')
    .addHelpText('after', REMARKS)
    .addHelpText('after', afterOptions(EXAMPLES, ['matched', 'nothing', 'usage']));
}

/** `porttop ps`: every column of `ps aux`, and the ports that each process holds. */
export async function run(args: string[]): Promise<number> {
  const command = psCommandLine();
  const [first = '', ...others] = args;
  if (!parseArguments(command, LETTERS.test(first) ? others : args)) return EXIT.matched;
  const options = command.opts<Options>();
  if (command.args.includes(''))
    throw new UsageError('an empty name; give a PID or a part of a command line');
  if (options.json && options.csv) throw new UsageError('--json and --csv exclude each other: give one');

  const libc = openLibc();
  const procfs = new ProcFs(options.procfs, libc?.readLinks);
  procfs.require();
  const moment = new Date();
  const users = new Users();
  const all = runAtOnce(readProcesses(procfs));
  for (const { uid } of all) users.name(uid);
  await users.settle();

  const named = matchesAny(command.args);
  const owned = options.user === undefined ? () => true : belongsTo(options.user, users);
  const processes = all.filter((process) => named(process) && owned(process));
  const rows = new ProcessTable(processes, { ports: portsOf(procfs, libc), users });

  const columns = options.columns ?? SHOWN;
  const passes = filterProcesses(options.filter ?? NO_FILTER, columns, moment.getTime());
  const part = { rows, picked: processes.map((_, row) => row).filter((row) => passes(rows, row)) };
  const { column, descending } = options.sort;
  const places = runAtOnce(orderRows([part], column, descending, PROCESS_COLUMNS.pid.order));
  const order = places.map((place) => part.picked[place] as number);
  const tree = options.tree ? treeOf(processes, order) : null;
  const shown = tree ? rows.withBranches(tree.branches) : rows;
  const picked = tree?.rows ?? order;
  print(options, columns, shown, picked, moment, procfs);
  if (procfs.live && isHidden(all.map(({ pid }) => pid)) && !options.json && !options.csv) {
    const remedy = process.getuid?.() === 0 ? 'mount another one' : 'run as root';
    process.stderr.write(`porttop: /proc hides the processes of others (hidepid): ${remedy}\n`);
  }
  const narrowed = command.args.length > 0 || options.user !== undefined || options.filter !== undefined;
  return narrowed && picked.length === 0 ? EXIT.nothing : EXIT.matched;
}

function print(
  options: Options,
  columns: readonly Column<ProcessTable>[],
  rows: ProcessTable,
  picked: ArrayLike<number>,
  moment: Date,
  procfs: ProcFs,
): void {
  if (options.json) {
    const processes = Array.from(picked, (row) => processJson(rows, row));
    standardOutput.write(`${stringify({ ...documentHead(moment, readHost(procfs)), processes })}\n`);
    return;
  }
  const { header } = options;
  if (!options.csv && picked.length === 0) return;
  const blocks = options.csv
    ? csv(columns, rows, picked, header)
    : table(columns, rows, picked, { header, now: moment.getTime() });
  for (const block of blocks) standardOutput.write(block);
}

/** A number is a process; other words are looked for in command lines, though not in this program's own. */
function matchesAny(words: readonly string[]): (process: Process) => boolean {
  const tests = words.map((word) => {
    if (/^\d+$/.test(word)) return ({ pid }: Process) => pid === Number(word);
    const wanted = word.toLowerCase();
    return ({ pid, command, cmdline }: Process) =>
      pid !== process.pid && [command, cmdline.join(' ')].some((text) => text.toLowerCase().includes(wanted));
  });
  return (process) => tests.length === 0 || tests.some((test) => test(process));
}

function belongsTo(names: readonly string[], users: Users): (process: Process) => boolean {
  return ({ uid }) => names.some((name) => String(uid) === name || users.name(uid) === name);
}

/** What listens, and who holds it. */
function portsOf(procfs: ProcFs, libc: ReturnType<typeof openLibc>) {
  const wanted = {
    protocols: ['tcp', 'udp'],
    families: ['ipv4', 'ipv6'],
    scope: 'listening',
    ports: null,
  } as const;
  const table = runAtOnce(openSource(procfs, libc).read(wanted));
  const inodes = table.inode.subarray(0, table.length).filter((inode) => inode !== 0);
  return heldPorts(table, runAtOnce(findOwners(procfs, inodes)));
}
