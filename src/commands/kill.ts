import { createInterface } from 'node:readline';
import { awaitEnd } from '../actions/ending.ts';
import { called, explainEnd, explainRestart, explainShot, explainStay } from '../actions/explain.ts';
import { explainPorts } from '../actions/explain-ports.ts';
import { nameUsers, sharesPids, type Target, takeAim } from '../actions/targets.ts';
import { openLibc } from '../libc/libc.ts';
import { stringify } from '../output/json.ts';
import { table } from '../output/table.ts';
import { readHost } from '../processes/host.ts';
import { type Caution, explainCaution, namesIt, type Recipient } from '../processes/recipients.ts';
import { isMeantToEnd, SIGKILL, SIGTERM, type Signal, signalNamed } from '../processes/signal-list.ts';
import { Users } from '../processes/users.ts';
import { ProcFs } from '../procfs/procfs.ts';
import { columnOf } from '../query/column.ts';
import { filterRows } from '../query/filter.ts';
import { containing, named } from '../query/filter-text.ts';
import { portsText } from '../query/process-columns.ts';
import type { Target as PortTarget } from '../query/target.ts';
import { endpoint } from '../sockets/endpoint.ts';
import { explainUnknownOwner } from '../sockets/explain-owner.ts';
import { heldPorts } from '../sockets/held-ports.ts';
import { openSource } from '../sockets/host-source.ts';
import { type PortBefore, portsBefore, portsOfAny } from '../sockets/port-holders.ts';
import type { ProcessName, Snapshot } from '../sockets/snapshot.ts';
import { HostNames } from '../store/names.ts';
import { type Host, readOnce } from '../store/read.ts';
import { runAtOnce } from '../store/slices.ts';
import { EMPTY, join, type SafeText, safe, text } from '../text/safe.ts';
import { EXIT, UsageError } from './exit.ts';
import { type After, killJson, type Result, type Results } from './kill-json.ts';
import { openServices } from './open-services.ts';
import { matchesAny } from './selection.ts';
import { pids } from './socket-flags.ts';
import { DEFAULTS, filterOf, kindsOf, LISTED, type SocketOptions, targetsOf } from './socket-options.ts';
import {
  afterOptions,
  type Command,
  commandLine,
  type Example,
  InvalidArgumentError,
  Option,
  parseArguments,
  severalOf,
  word,
} from './usage.ts';

type Options = Pick<SocketOptions, 'tcp' | 'udp' | '4' | '6' | 'user' | 'pid' | 'services'> & {
  signal: Signal;
  command?: string;
  yes?: true;
  json?: true;
  readonly?: true;
};

export const REMARKS = `
Only who listens there is hit, or takes datagrams from anybody: never a client.
All are listed first, then one question is asked; --yes answers it, but not the
one about pid 1 and the processes that porttop runs under. After a signal that
is meant to end them it waits 3 s until they are gone: 2 if one is not. No is 1.
Of those that ended it says who listens on their ports then, if anybody.`;

export const EXAMPLES: readonly Example[] = [
  ['porttop kill 4000', 'asks who listens there to end (SIGTERM)'],
  ['porttop kill -s KILL tcp:4000', 'ends it at once'],
  ['porttop kill -s HUP --yes 80,443', 'for a script: no question'],
  ['porttop kill --pid 1234 4000', 'of several owners only this one'],
  ['porttop kill --command node 3000-3999', 'of who listens there only node'],
  ['porttop kill --yes --json 4000', 'whom, and what became of each'],
];

/** The command line, for the man page and the completions too. */
export function killCommandLine(): Command {
  return commandLine('porttop kill', 'Signals who listens on a port, after a question.')
    .argument('<TARGET...>', 'a port: 4000, tcp:4000, 3000-3010, 80,443, ssh, @127.0.0.1:80')
    .addOption(
      new Option('-s, --signal <SIGNAL>', 'by name or number: TERM, SIGTERM, 15')
        .argParser(signal)
        .default(SIGTERM, 'TERM'),
    )
    .option('-y, --yes', 'do not ask')
    .option('-t, --tcp', 'TCP sockets')
    .option('-u, --udp', 'UDP sockets')
    .option('-4', 'IPv4 only')
    .option('-6', 'IPv6 only')
    .option('--pid <PID,...>', 'of the owners only these', pids)
    .option('--command <NAME>', 'of the owners only those with this in their name', word('command'))
    .option('--user <NAME,...>', 'only the sockets of these users, by name or number', severalOf('user'))
    .option('--json', 'one JSON document: the signal, whom, and what became of each')
    .option('--readonly', 'signal nobody: refused')
    .option('--services <FILE>', 'read another /etc/services')
    .addHelpText('after', REMARKS)
    .addHelpText('after', afterOptions(EXAMPLES, ['matched', 'nothing', 'usage', 'noRights']));
}

function signal(word: string): Signal {
  const named = signalNamed(word);
  if (!named) throw new InvalidArgumentError('there is no such signal; try TERM, KILL, HUP or 15.');
  return named;
}

/**
 * `porttop kill TARGET…`: signals the owners of the listening sockets that match.
 *
 * @returns the exit status; 1 also when the question was answered with no
 * @throws UsageError
 */
export async function run(args: string[]): Promise<number> {
  refuseSignalAsLetters(args);
  const command = killCommandLine();
  if (!parseArguments(command, args)) return EXIT.matched;
  const options = command.opts<Options>();
  if (options.readonly) throw new UsageError('--readonly: nothing is signalled; leave it out');
  const asks = isAtTerminal();

  const libc = openLibc();
  const procfs = new ProcFs('/proc', libc?.readLinks);
  if (!sharesPids(procfs)) {
    throw new UsageError(
      'the pids in /proc are those of another pid namespace: nobody can be signalled by them',
    );
  }
  const services = openServices(options.services);
  const users = new Users();
  const places = await targetsOf(command.args, services);
  const names = new HostNames(procfs, services, users);
  const host = { procfs, source: openSource(procfs, libc), names };
  const { snapshot, rows } = await listen(host, options, places, users);
  const finish = (status: number, results: Results = new Map(), after: After | null = null): number => {
    const document = () => killJson(snapshot.time, readHost(procfs), options.signal, results, after);
    if (options.json) process.stdout.write(`${stringify(document())}\n`);
    return status;
  };
  if (rows.length === 0) {
    complain(text`nothing listens there in this network namespace: ${join(command.args.map(safe), text` `)}`);
    return finish(EXIT.nothing);
  }
  const unknown = rows.filter((row) => snapshot.pid(row) === 0);
  for (const row of unknown) complain(whyUnknown(snapshot, row));
  const owners = new Map(rows.flatMap((row) => snapshot.processes(row)).map((owner) => [owner.pid, owner]));
  const meant = [...owners.values()]
    .filter(isAskedFor(options))
    .map(({ pid }) => pid)
    .sort((a, b) => a - b);
  if (meant.length === 0) {
    const answered = owners.size > 0 && options.command === undefined;
    const noRights = !answered && unknown.some((row) => snapshot.ownerUnknown(row) === 'permission');
    const others = [...owners.values()].map(({ pid, name }) => called({ pid, name: name ?? '(ended)' }));
    if (others.length > 0) complain(text`who listens there is not meant: ${join(others, text`, `)}`);
    return finish(noRights ? EXIT.noRights : EXIT.nothing);
  }

  if (!options.yes && !asks) {
    throw new UsageError('nobody to ask: there is no terminal; --yes signals without a question');
  }

  const inodes = new Set(rows.map((row) => inodeOf(snapshot, row)));
  const told = { users, ports: heldPorts(snapshot.table, snapshot.ownership) };
  const sender = { procfs, libc };
  const targets = await nameUsers(runAtOnce(takeAim(sender, { pids: meant, inodes }, told)), users);
  try {
    if (targets.length === 0) {
      complain(text`who listened there has just gone`);
      return finish(EXIT.nothing);
    }
    const recipients = targets.map(({ recipient }) => recipient);
    const questions = !options.yes || recipients.some(({ caution }) => caution !== null);
    const listed = options.json ? process.stderr : process.stdout;
    if (!options.json || questions) for (const block of listing(recipients)) listed.write(block);
    const results: Results = new Map(targets.map(({ recipient }) => [recipient, SPARED]));
    const agreed = await agree(targets, options, asks);
    if (agreed.length === 0) {
      complain(text`nothing was sent`);
      return finish(EXIT.nothing, results);
    }
    const before = portsBefore(
      snapshot.table,
      snapshot.ownership,
      recipients.map(({ pid }) => pid),
    );
    await shoot(agreed, inodes, options, asks, results);
    const after = lookAgain(host, before, results);
    if (after && !options.json)
      for (const { said } of explainPorts(after.ports, after.ended, recipients, after.snapshot, ourUid()))
        process.stdout.write(`${said}\n`);
    const failed = [...results.values()].some(({ outcome }) => FAILED.includes(outcome));
    return finish(failed ? EXIT.usage : EXIT.matched, results, after);
  } finally {
    for (const { aim } of targets) aim[Symbol.dispose]();
  }
}

const SPARED: Result = { outcome: 'spared', said: text`nothing was sent`, took: null };
const FAILED: readonly Result['outcome'][] = ['there', 'released', 'unsure', 'refused'];

/** null: nobody has ended. */
function lookAgain(host: Host, before: readonly PortBefore[], results: Results): After | null {
  const ended = new Set<number>();
  for (const [{ pid }, { outcome }] of results) if (outcome === 'ended' || outcome === 'gone') ended.add(pid);
  const ports = portsOfAny(before, ended);
  if (ports.length === 0) return null;
  const numbers = new Set(ports.map(({ port }) => port));
  const reading = readOnce(
    host,
    EVERYTHING,
    ({ table }, row) => table.isOpen(row) && numbers.has(table.localPort[row] as number),
  );
  return { ports, ended, snapshot: runAtOnce(reading).snapshot };
}

/** Of the owners those that the options choose. */
function isAskedFor({ pid: pids, command }: Options): (owner: ProcessName) => boolean {
  const isNamed = command === undefined ? () => true : named(containing(command));
  return (owner) => (!pids || pids.includes(owner.pid)) && isNamed(owner);
}

/** kill's fingers type -9; here -4 and -6 are families. */
function refuseSignalAsLetters(args: readonly string[]): void {
  const typed = args.find((word) => /^-(?:[1-9]\d|[1-35789]|[A-Z]{2,}[12]?)$/.test(word));
  if (typed !== undefined) throw new UsageError(`${typed}: a signal is written -s ${typed.slice(1)}`);
}

const EVERYTHING = {
  protocols: ['tcp', 'udp'],
  families: ['ipv4', 'ipv6'],
  scope: 'listening',
  ports: null,
} as const;

/** Of all that listens, so that it is known what else its owners hold, the rows that are meant. */
async function listen(
  host: Host,
  chosen: Options,
  named: readonly PortTarget[],
  users: Users,
): Promise<{ snapshot: Snapshot; rows: readonly number[] }> {
  // Whom a row is held by is asked of its owners, one by one.
  const options: SocketOptions = { ...DEFAULTS, ...chosen, command: undefined };
  const all = runAtOnce(readOnce(host, EVERYTHING, ({ table }, row) => table.isOpen(row)));
  for (const row of all.rows) all.snapshot.user(row);
  await users.settle();
  const snapshot = all.snapshot.renamed();
  const { table } = snapshot;
  const { protocols, families } = kindsOf(options);
  const matches = matchesAny(named);
  const filter = filterOf(options);
  const passes = filter ? filterRows(filter, LISTED, snapshot.time.getTime()) : () => true;
  const rows = all.rows.filter(
    (row) =>
      protocols.includes(table.protocolOf(row)) &&
      families.includes(table.familyOf(row)) &&
      matches(snapshot, row) &&
      passes(snapshot, row),
  );
  return { snapshot, rows };
}

function whyUnknown(snapshot: Snapshot, row: number): SafeText {
  const { protocol, local, ownerUnknown } = snapshot.socket(row);
  const where = local ? endpoint(local) : '';
  const why = explainUnknownOwner(ownerUnknown ?? 'gone', snapshot.ownership, ourUid());
  return text`${safe(protocol)} ${safe(where)}: its owner is not known: ${why}`;
}

const column = columnOf<readonly Recipient[]>;
const of =
  <T>(fact: (recipient: Recipient) => T) =>
  (rows: readonly Recipient[], row: number): T =>
    fact(rows[row] as Recipient);

const COLUMNS = [
  column({
    key: 'pid',
    title: text`PID`,
    align: 'right',
    maxWidth: 7,
    sacrifice: 0,
    value: of(({ pid }) => pid),
  }),
  column({ key: 'name', title: text`NAME`, maxWidth: 15, sacrifice: 0, value: of(({ name }) => name) }),
  column({
    key: 'user',
    title: text`USER`,
    maxWidth: 16,
    sacrifice: 0,
    value: of(({ user, uid }) => user ?? uid),
  }),
  column({
    key: 'ports',
    title: text`PORTS`,
    maxWidth: 24,
    sacrifice: 0,
    value: of(({ ports }) => (ports && ports.length > 0 ? portsText(ports) : null)),
  }),
  column({
    key: 'children',
    title: text`CHILDREN`,
    align: 'right',
    maxWidth: 8,
    sacrifice: 0,
    value: of(({ children }) => children.length),
  }),
  column({
    key: 'unit',
    title: text`UNIT`,
    maxWidth: 40,
    sacrifice: 0,
    value: of(({ unit, container }) => container ?? unit),
  }),
];

/** What is about to be hit: the processes, then what would start them again. */
function* listing(recipients: readonly Recipient[]): Generator<SafeText, void> {
  const picked = recipients.map((_, row) => row);
  yield* table(COLUMNS, recipients, picked, { header: true, now: Date.now() });
  for (const recipient of recipients) {
    const restart = explainRestart(recipient);
    if (restart === null) continue;
    const command = restart.command === null ? EMPTY : text` ${restart.command}`;
    yield text`! ${called(recipient)}: ${restart.why}${command}\n`;
  }
}

/** Those that are to be hit, after the questions. Throws a UsageError where one has to be asked and nobody is there. */
async function agree(
  targets: readonly Target[],
  { signal, yes }: Options,
  asks: boolean,
): Promise<readonly Target[]> {
  const cautious = targets.filter(({ recipient }) => recipient.caution !== null);
  if (cautious.length > 0 && !asks) {
    const [{ recipient }] = cautious as [Target];
    throw new UsageError(
      `${called(recipient)} is to be asked about at a terminal, whatever --yes says: ${explainCaution(recipient.caution as Caution)}`,
    );
  }
  const spared = new Set<Target>();
  for (const target of cautious) {
    const { recipient } = target;
    const why = safe(explainCaution(recipient.caution as Caution));
    const answer = await ask(
      text`${called(recipient)}: ${why}. Type its pid or its name to signal it all the same: `,
    );
    if (!namesIt(recipient, answer)) spared.add(target);
  }
  const left = targets.filter((target) => !spared.has(target));
  if (left.length === 0 || yes) return left;
  const whom =
    left.length === 1 ? called((left[0] as Target).recipient) : text`these ${left.length} processes`;
  return (await agrees(text`Send ${safe(signal.name)} to ${whom}?`)) ? left : [];
}

/** Sends it, tells what became of each, and, where one is still there that should not be, offers SIGKILL. */
async function shoot(
  targets: readonly Target[],
  inodes: ReadonlySet<number>,
  { signal, json }: Pick<Options, 'signal' | 'json'>,
  asks: boolean,
  results: Results,
): Promise<void> {
  const tell = ({ recipient }: Target, result: Result) => {
    results.set(recipient, result);
    const line = text`${called(recipient)}: ${result.said}`;
    if (FAILED.includes(result.outcome)) complain(line);
    else if (!json) process.stdout.write(`${line}\n`);
  };
  const sentAt = performance.now();
  const hit = targets.filter((target) => {
    const shot = target.aim.fire(signal.number, inodes);
    if (shot.result === 'sent') return true;
    const said = explainShot(shot, signal, target.recipient, ourUid());
    tell(target, { outcome: shot.result, said, took: null });
    return false;
  });
  const left = await awaitEnd(hit, (target, life) => {
    const took = performance.now() - sentAt;
    tell(target, { outcome: 'ended', said: explainEnd(life, took), took });
  });
  const ending = isMeantToEnd(signal);
  const mayGoOn = signal.number !== SIGKILL.number && asks;
  for (const target of left) {
    const hint =
      ending && signal.number !== SIGKILL.number && !asks ? text` (-s KILL ends it at once)` : EMPTY;
    const said = text`${explainStay(signal)}${hint}`;
    tell(target, { outcome: ending ? 'there' : 'sent', said, took: null });
  }
  if (left.length === 0 || !ending || !mayGoOn || !(await agrees(text`Send SIGKILL?`))) return;
  // It is the same process that is asked about, whether or not it has closed the socket since.
  await shoot(left, new Set(), { signal: SIGKILL, json }, asks, results);
}

function isAtTerminal(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

async function agrees(question: SafeText): Promise<boolean> {
  return /^y(?:es)?$/i.test(await ask(text`${question} [y/N] `));
}

/** A line that is typed; empty at the end of what there is to read. Ctrl-C ends the program, as everywhere. */
function ask(question: SafeText): Promise<string> {
  process.stderr.write(question);
  const lines = createInterface({ input: process.stdin, terminal: false });
  return new Promise((resolve) => {
    lines.once('line', (line) => {
      resolve(line.trim());
      lines.close();
    });
    lines.once('close', () => resolve(''));
  });
}

function complain(what: SafeText): void {
  process.stderr.write(`porttop: ${what}\n`);
}

function inodeOf({ table }: Snapshot, row: number): number {
  return table.inode[row] as number;
}

function ourUid(): number {
  return process.getuid?.() ?? 0;
}
