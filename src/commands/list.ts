import { openLibc } from '../libc/libc.ts';
import { csv as csvLines } from '../output/csv.ts';
import { document } from '../output/document.ts';
import { ndjson as objectLines, stringify } from '../output/json.ts';
import { standardOutput } from '../output/standard-output.ts';
import { table } from '../output/table.ts';
import { readHost } from '../processes/host.ts';
import { Users } from '../processes/users.ts';
import { ProcFs } from '../procfs/procfs.ts';
import { COLUMNS, type Column, numericColumns } from '../query/columns.ts';
import { type Filter, filterRows, filterUnseen, looksAt, mayAsk } from '../query/filter.ts';
import { sortRows } from '../query/sort.ts';
import type { Target } from '../query/target.ts';
import { openSource } from '../sockets/host-source.ts';
import { explainMissed } from '../sockets/namespaces-source.ts';
import { ReverseNames } from '../sockets/reverse-names.ts';
import type { RowFacts, Snapshot } from '../sockets/snapshot.ts';
import type { Wanted } from '../sockets/source.ts';
import { HostNames } from '../store/names.ts';
import { hasManyFiles, openWalkers } from '../store/open-walkers.ts';
import { readOnce } from '../store/read.ts';
import { runAtOnce } from '../store/slices.ts';
import { wantsColour } from '../text/colour.ts';
import { safe } from '../text/safe.ts';
import { EXIT, UsageError } from './exit.ts';
import { openNamespaces } from './netns.ts';
import { openServices } from './open-services.ts';
import { matchesAny, wantedOf } from './selection.ts';
import { parseSocketArguments, type SocketCommand } from './socket-flags.ts';
import {
  columnsOf,
  filterOf,
  LISTED,
  pidsOf,
  processLetterNote,
  type SocketOptions,
  targetsOf,
} from './socket-options.ts';

/** `porttop list`: the sockets that match, once. */
export async function run(args: string[]): Promise<number> {
  const parsed = parseSocketArguments(LIST, args);
  if (!parsed) return EXIT.matched;
  const { options, words } = parsed;
  const forms = (['json', 'ndjson', 'csv'] as const).filter((form) => options[form]);
  if (forms.length > 1) throw new UsageError(`--${forms[0]} and --${forms[1]} exclude each other: give one`);
  const note = processLetterNote(args);
  if (note) process.stderr.write(`porttop: ${safe(note)}\n`);

  const libc = openLibc();
  const procfs = new ProcFs(options.procfs, libc?.readLinks);
  procfs.require();
  const large = hasManyFiles(procfs);
  if (large) await compileLess();
  const walkers = large ? await openWalkers(procfs) : null;
  const services = openServices(options.services);
  const users = new Users();
  const targets = await targetsOf(words, services);
  const filter = filterOf(options);
  const pids = pidsOf(options, procfs);
  const columns = shownColumns(options);

  const namespaces = options.netns === undefined ? null : openNamespaces(options.netns, procfs, libc);
  const hosts = options.resolve ? new ReverseNames() : null;
  const names = new HostNames(procfs, services, users, { namespaceOf: namespaces?.namespace, hosts });
  const source = namespaces ?? openSource(procfs, libc);
  const wanted = { ...wantedOf(options, targets), ...moreWanted(options, columns) };
  let { snapshot, rows } = runAtOnce(
    readOnce({ procfs, source, names, walkers }, wanted, selects(wanted, targets)),
  );
  const { sort = { column: COLUMNS.port, descending: false } } = options;
  if (pids) rows = rows.filter((row) => snapshot.processes(row).some(({ pid }) => pids.has(pid)));

  // Names that take longer are asked for once it is known which are needed: a filter may look in every user's.
  const objects = options.json || options.ndjson;
  if (filter || objects || sort.column === COLUMNS.user || columns.includes(COLUMNS.user))
    for (const row of rows) snapshot.user(row);
  if (hosts && filter && looksAt(filter, 'host')) await resolve(hosts, snapshot, rows);
  const nameless =
    objects || columns.includes(COLUMNS.rservice) || rows.some((row) => snapshot.service(row) === null);
  if (nameless && !options.numeric) await services.loadRegistry();
  if (!options.numeric) await users.settle();
  snapshot = snapshot.renamed();
  const selected = rows;
  if (filter) {
    const passes = filterRows(filter, columns, snapshot.time.getTime());
    rows = rows.filter((row) => passes(snapshot, row));
  }
  if (hosts) {
    await resolve(hosts, snapshot, rows);
    snapshot = snapshot.renamed();
  }

  const order = runAtOnce(sortRows([{ rows: snapshot, picked: rows }], sort.column, sort.descending));
  const picked = order.map((place) => rows[place] as number);
  print(options, columns, snapshot, picked, procfs);
  const code = exitCode({ options, targets, pids, filter, columns, snapshot }, selected, picked);
  const missed = namespaces && explainMissed(namespaces.missed);
  if (missed) process.stderr.write(`porttop: ${safe(missed)}\n`);
  if (hosts?.unanswered) process.stderr.write(`porttop: ${unresolved(hosts.unanswered)}\n`);
  const remark = remarkOn(code, options, targets, snapshot, picked);
  if (remark && forms.length === 0) process.stderr.write(`porttop: ${remark}\n`);
  return code;
}

export const LIST: SocketCommand = {
  name: 'porttop list',
  summary: 'The sockets that match, once, with their owners.',
  // What only the screen needs: `porttop` into a pipe is `list`.
  quiet: ['interval', 'mouse', 'reveal', 'readonly'],
  examples: [
    ['porttop list', 'who listens on which port'],
    ['porttop list -tuapn', 'every TCP and UDP socket, as netstat'],
    ['porttop list 4000', 'every use of port 4000, as lsof -i :4000'],
    ['porttop list -iTCP -sTCP:LISTEN -nP', 'as lsof'],
    ['porttop list -x --state listen', 'unix sockets that listen'],
    ['porttop list --pid 1234', 'which ports this process holds'],
    ["porttop list --filter 'user:www port:>1024'"],
    ['porttop list -N all', 'in all network namespaces (containers)'],
    ['porttop list --json 80,443', 'for a script'],
  ],
  statuses: ['matched', 'nothing', 'usage', 'noRights'],
};

/**
 * `list` is over in about a second, of a hundred thousand sockets too: what V8 compiles for the third time (TurboFan) is
 * then hardly run, a fifth of the CPU time; and memory that is touched for the first time is dear: the youngest objects
 * get no more of it than they have by now.
 */
async function compileLess(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  for (const flag of ['--no-opt', '--semi-space-growth-factor=1']) setFlagsFromString(flag);
}

/** What is read only for who sees it. */
function moreWanted(
  { json, ndjson, sort, filter }: SocketOptions,
  columns: readonly Column[],
): Pick<Wanted, 'timers' | 'cgroups'> {
  const objects = Boolean(json || ndjson);
  const timed = columns.includes(COLUMNS.timer) || sort?.column === COLUMNS.timer;
  return { timers: objects || timed || (filter !== undefined && mayAsk(filter, 'timer')), cgroups: objects };
}

/** Which rows are printed; of the others no owners are looked for. */
function selects({ scope }: Wanted, targets: readonly Target[]): (rows: RowFacts, row: number) => boolean {
  const matches = matchesAny(targets);
  return (rows, row) => (scope === 'all' || rows.table.isOpen(row)) && matches(rows, row);
}

/** With numbers alone: no names of services, users as uids. */
function shownColumns(options: SocketOptions): readonly Column[] {
  const columns = columnsOf(LISTED, options);
  return options.numeric ? numericColumns(columns) : columns;
}

/** How long names of addresses are waited for in all, in ms. */
const RESOLVED_WITHIN = 2000;

/** Asks for the names of both ends, until the time that there is for it has passed. */
async function resolve(hosts: ReverseNames, rows: RowFacts, picked: readonly number[]): Promise<void> {
  for (const row of picked) for (const end of ['local', 'remote'] as const) rows.host(row, end);
  if (hosts.unsettled) await hosts.settle(RESOLVED_WITHIN);
}

function unresolved(count: number): string {
  const what = count === 1 ? 'the name of 1 address' : `the names of ${count} addresses`;
  return `${what} did not come in time (DNS is waited for ${RESOLVED_WITHIN / 1000} s: ask again, or without -r)`;
}

function print(
  options: SocketOptions,
  columns: readonly Column[],
  snapshot: Snapshot,
  picked: Uint32Array,
  procfs: ProcFs,
): void {
  if (options.json) {
    const sockets = Array.from(picked, (row) => snapshot.socket(row));
    standardOutput.write(`${stringify(document(snapshot, sockets, readHost(procfs)))}\n`);
    return;
  }
  for (const block of blocksOf(options, columns, snapshot, picked)) standardOutput.write(block);
}

function blocksOf(
  { ndjson, csv, header, color }: SocketOptions,
  columns: readonly Column[],
  snapshot: Snapshot,
  picked: Uint32Array,
): Iterable<string> {
  if (ndjson) return objectLines(snapshot, picked);
  if (csv) return csvLines(columns, snapshot, picked, header);
  if (picked.length === 0) return [];
  const colour = wantsColour(color, process.env, standardOutput.columns !== null);
  return table(columns, snapshot, picked, { header, colour, now: snapshot.time.getTime() });
}

/** What was listed. */
type Listing = {
  options: SocketOptions;
  targets: readonly Target[];
  pids: ReadonlySet<number> | null;
  filter: Filter | null;
  columns: readonly Column[];
  snapshot: Snapshot;
};

/** `selected`: what was left for the filter; `picked`: what it left. */
function exitCode(
  { options, targets, pids, filter, columns, snapshot }: Listing,
  selected: readonly number[],
  picked: Uint32Array,
): number {
  const asked = targets.length > 0 || (options.pid ?? options.user ?? options.command) !== undefined;
  if (picked.length === 0) {
    if (!asked && !filter) return EXIT.matched;
    const { unreadable, hidden } = snapshot.ownership;
    if (pids && (hidden || [...pids].some((pid) => unreadable.has(pid)))) return EXIT.noRights;
    const passes = filter && filterUnseen(filter, columns, snapshot.time.getTime());
    return passes && selected.some((row) => passes(snapshot, row)) ? EXIT.noRights : EXIT.nothing;
  }
  const owned = !asked || picked.some((row) => snapshot.pid(row) !== 0);
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
