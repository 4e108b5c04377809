import { openLibc } from '../libc/libc.ts';
import { csv } from '../output/csv.ts';
import { document } from '../output/document.ts';
import { ndjson, stringify } from '../output/json.ts';
import { table } from '../output/table.ts';
import { Users } from '../processes/users.ts';
import { ProcFs } from '../procfs/procfs.ts';
import { COLUMNS, type Column, numericColumns } from '../query/columns.ts';
import { type Filter, filterRows } from '../query/filter.ts';
import { sortRows } from '../query/sort.ts';
import type { Target } from '../query/target.ts';
import { openSource } from '../sockets/host-source.ts';
import type { RowFacts, Snapshot } from '../sockets/snapshot.ts';
import type { Wanted } from '../sockets/source.ts';
import { HostNames } from '../store/names.ts';
import { readOnce } from '../store/read.ts';
import { runAtOnce } from '../store/slices.ts';
import { safe } from '../text/safe.ts';
import { EXIT, UsageError } from './exit.ts';
import { parseInternetSpec } from './lsof-options.ts';
import { missedRemark, netnsOption, openNamespaces } from './netns.ts';
import { openServices } from './open-services.ts';
import { matchesAny, wantedOf } from './selection.ts';
import { addListOptions, addSocketOptions, intervalOption } from './socket-flags.ts';
import { filterOf, processLetterNote, type SocketOptions, targetsOf } from './socket-options.ts';
import { commandLine, parseArguments } from './usage.ts';

/** `porttop list`: the sockets that match, once. */
export async function run(args: string[]): Promise<number> {
  const command = addListOptions(
    addSocketOptions(commandLine('porttop list', 'The sockets that match, once, with their owners.')),
  );
  command.addOption(netnsOption()).addOption(intervalOption().hideHelp()).addHelpText('after', EXAMPLES);
  if (!parseArguments(command, args)) return EXIT.matched;
  const { options, words } = withLsofSpec(command.opts<SocketOptions>(), command.args);
  const forms = (['json', 'ndjson', 'csv'] as const).filter((form) => options[form]);
  if (forms.length > 1) throw new UsageError(`--${forms[0]} and --${forms[1]} exclude each other: give one`);
  const note = processLetterNote(args);
  if (note) process.stderr.write(`porttop: ${safe(note)}\n`);

  const libc = openLibc();
  const procfs = new ProcFs(options.procfs, libc?.readLinks);
  procfs.stat(procfs.net);
  const services = openServices(options.services);
  const users = new Users();
  const targets = await targetsOf(words, services);
  const filter = filterOf(options);

  const namespaces = options.netns === undefined ? null : openNamespaces(options.netns, procfs, libc);
  const names = new HostNames(procfs, services, users, namespaces?.namespace);
  const source = namespaces ?? openSource(procfs, libc);
  const wanted = wantedOf(options, targets);
  let { snapshot, rows } = runAtOnce(readOnce({ procfs, source, names }, wanted, selects(wanted, targets)));
  const { pid, sort = { column: COLUMNS.port, descending: false } } = options;
  if (pid !== undefined)
    rows = rows.filter((row) => snapshot.processes(row).some((process) => process.pid === pid));

  // Names that take longer are asked for once it is known which are needed: a filter may look in every user's.
  if (filter) for (const row of rows) snapshot.user(row);
  const nameless = options.json || options.ndjson || rows.some((row) => snapshot.service(row) === null);
  if (nameless && !options.numeric) await services.loadRegistry();
  if (!options.numeric) await users.settle();
  snapshot = snapshot.renamed();
  if (filter) {
    const passes = filterRows(filter, columnsOf(options), snapshot.time.getTime());
    rows = rows.filter((row) => passes(snapshot, row));
  }

  const order = runAtOnce(sortRows([{ rows: snapshot, picked: rows }], sort.column, sort.descending));
  const picked = order.map((place) => rows[place] as number);
  print(options, snapshot, picked);
  const code = exitCode(options, targets, filter, snapshot, picked);
  const missed = namespaces && missedRemark(namespaces.missed);
  if (missed) process.stderr.write(`porttop: ${safe(missed)}\n`);
  const remark = remarkOn(code, options, targets, snapshot, picked);
  if (remark && forms.length === 0) process.stderr.write(`porttop: ${remark}\n`);
  return code;
}

const EXAMPLES = `
Examples:
  porttop list                 who listens on which port
  porttop list -tuapn          every TCP and UDP socket, as netstat -tuapn
  porttop list 4000            every use of port 4000, as lsof -i :4000
  porttop list -iTCP -sTCP:LISTEN -nP    as lsof
  porttop list -x --state listen         unix sockets that listen
  porttop list --pid 1234      which ports this process holds
  porttop list --filter 'user:www port:>1024'
  porttop list -N all          in every network namespace, those of containers too
  porttop list --json 80,443   for a script

Exit status: 0 something matched · 1 nothing matched · 2 wrong usage or an error ·
3 sockets matched, but none could be given an owner for lack of rights`;

/** lsof's `-i SPEC` and `-P` as what they mean here. */
function withLsofSpec(
  options: SocketOptions,
  words: readonly string[],
): { options: SocketOptions; words: readonly string[] } {
  const read: SocketOptions = { ...options };
  if (options.P) read.numeric = true;
  if (options.i === undefined) return { options: read, words };
  if (!options.listening) read.all = true;
  if (options.i === true) return { options: read, words };
  const { family, protocol, target } = parseInternetSpec(options.i);
  if (family) read[family] = true;
  if (protocol) read[protocol] = true;
  return { options: read, words: target === null ? words : [...words, target] };
}

/** Which rows are printed; of the others no owners are looked for. */
function selects({ scope }: Wanted, targets: readonly Target[]): (rows: RowFacts, row: number) => boolean {
  const matches = matchesAny(targets);
  return (rows, row) => (scope === 'all' || rows.table.isOpen(row)) && matches(rows, row);
}

const { proto, state, recvq, sendq, local, remote, service, user, pids, command: owner } = COLUMNS;
const SHOWN: readonly Column[] = [proto, state, recvq, sendq, local, remote, service, user, pids, owner];

function columnsOf({ columns, extended, netns, numeric }: SocketOptions): readonly Column[] {
  // With numbers alone, USER is the uid.
  const more = numeric ? [COLUMNS.inode] : [COLUMNS.uid, COLUMNS.inode];
  const own = extended ? [...SHOWN, ...more] : SHOWN;
  const chosen = columns ?? (netns === undefined ? own : [COLUMNS.netns, ...own]);
  return numeric ? numericColumns(chosen) : chosen;
}

function print(options: SocketOptions, snapshot: Snapshot, picked: Uint32Array): void {
  if (options.json) {
    const sockets = Array.from(picked, (row) => snapshot.socket(row));
    process.stdout.write(`${stringify(document(snapshot, sockets))}\n`);
    return;
  }
  for (const block of blocksOf(options, snapshot, picked)) process.stdout.write(block);
}

function blocksOf(options: SocketOptions, snapshot: Snapshot, picked: Uint32Array): Iterable<string> {
  if (options.ndjson) return ndjson(snapshot, picked);
  const columns = columnsOf(options);
  if (options.csv) return csv(columns, snapshot, picked, options.header);
  if (picked.length === 0) return [];
  return table(columns, snapshot, picked, { header: options.header, now: snapshot.time.getTime() });
}

function exitCode(
  options: SocketOptions,
  targets: readonly Target[],
  filter: Filter | null,
  snapshot: Snapshot,
  picked: Uint32Array,
): number {
  const { pid, user, command } = options;
  if (targets.length === 0 && (pid ?? user ?? command) === undefined)
    return filter && picked.length === 0 ? EXIT.nothing : EXIT.matched;
  if (picked.length === 0) {
    const { unreadable, hidden } = snapshot.ownership;
    const forbidden = options.pid !== undefined && (unreadable.has(options.pid) || hidden);
    return forbidden ? EXIT.noRights : EXIT.nothing;
  }
  const owned = picked.some((row) => snapshot.pid(row) !== 0);
  return !owned && picked.some((row) => snapshot.ownerUnknown(row) === 'permission')
    ? EXIT.noRights
    : EXIT.matched;
}

const UNSEEN = 'a socket that is bound and neither listens nor connects does not show in /proc/net';

/** What the exit status means, for a person; and what /proc/net cannot show. */
function remarkOn(
  code: number,
  { netns }: SocketOptions,
  targets: readonly Target[],
  { table }: Snapshot,
  picked: Uint32Array,
): string | null {
  const remedy =
    process.getuid?.() === 0 ? 'not even root may: see porttop, Enter on the row' : 'run as root';
  if (code === EXIT.noRights) return `the owners may not be read (${remedy})`;
  if (picked.length > 0) return null;
  const nothing = `nothing matches${netns === undefined ? ' in this network namespace' : ''}`;
  return targets.length === 0 || table.sources.tcp !== 'proc' ? nothing : `${nothing} (${UNSEEN})`;
}
