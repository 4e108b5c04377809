import { type Libc, openLibc } from '../libc/libc.ts';
import { stringify } from '../output/json.ts';
import { standardOutput } from '../output/standard-output.ts';
import { environment, fieldRows, overview } from '../processes/describe.ts';
import { type Details, readDetails } from '../processes/details.ts';
import { detailsJson } from '../processes/details-json.ts';
import { isReadable } from '../processes/field.ts';
import { groupsOf } from '../processes/fields/status.ts';
import { definitionOf, FIELDS, type FieldName, USUAL_FIELDS } from '../processes/fields.ts';
import type { Row } from '../processes/said.ts';
import { Users } from '../processes/users.ts';
import { ProcError, ProcFs } from '../procfs/procfs.ts';
import type { Socket } from '../sockets/socket.ts';
import { readProcessSockets } from '../store/process-sockets.ts';
import { EMPTY, join, type SafeText, text } from '../text/safe.ts';
import { fit, widthOf, wrap } from '../text/width.ts';
import { EXIT, UsageError } from './exit.ts';
import { openServices } from './open-services.ts';
import { afterOptions, type Command, commandLine, type Example, parseArguments } from './usage.ts';

const NAME = Math.max(...FIELDS.map((name) => name.length));

const HELP = `
Fields:
${FIELDS.map((name) => `  ${name.padEnd(NAME)}  ${definitionOf(name).about}${definitionOf(name).onlyNamed ? ' *' : ''}`).join('\n')}
  Those with * are read only when they are named.`;

export const EXAMPLES: readonly Example[] = [
  ['porttop show 1204', 'what it is, whose it is, where it came from'],
  ['porttop show 1204 environ', 'its environment; secrets are masked'],
  ['porttop show 1204 fd', 'its files and its sockets'],
  ['porttop show 1204 exe cwd --json', 'for a script'],
];

/** The command line, for the man page and the completions too. */
export function showCommandLine(): Command {
  return commandLine('porttop show', "A process's files of /proc, decoded.")
    .argument('<PID>', 'the process')
    .argument('[FIELD...]', 'which of them, each all of it; those that cost little by default')
    .option('--json', 'one JSON document')
    .option('--reveal', 'show secrets in environments as they are')
    .option('--procfs <DIR>', 'read another /proc', '/proc')
    .addHelpText('after', HELP)
    .addHelpText('after', afterOptions(EXAMPLES, ['matched', 'nothing', 'usage']));
}

/**
 * `porttop show PID [FIELD…]`: what /proc tells of one process, for a person or as JSON.
 *
 * @returns the exit status: 0; 1 when there is no such process
 * @throws UsageError
 */
export async function run(args: string[]): Promise<number> {
  const command = showCommandLine();
  if (!parseArguments(command, args)) return EXIT.matched;
  const [word = '', ...words] = command.args;
  const pid = pidOf(word);
  const fields = [...new Set(words.map(fieldOf))];
  const { json, reveal = false, procfs: root } = command.opts<Options>();

  const libc = openLibc();
  const procfs = new ProcFs(root, libc?.readLinks);
  const users = new Users();
  const named = fields.length > 0;
  const asked = named ? fields : USUAL_FIELDS;
  try {
    await nameUsers(readDetails(procfs, pid, { fields: ['status'] }), users);
    const sockets = asked.includes('fd') ? await socketsOf(procfs, libc, pid, users, json) : null;
    const details = readDetails(procfs, pid, { users, fields: asked, named, sockets });
    if (json) {
      standardOutput.write(`${stringify(detailsJson(details, { reveal }), 2)}\n`);
      return EXIT.matched;
    }
    const context = { users, now: Date.now(), reveal };
    if (named) {
      printFiles(fields.map((field) => fieldRows(field, details, context)));
      return EXIT.matched;
    }
    print(overview(details, context));
    if (isReadable(details.fields.environ)) {
      standardOutput.write('\n');
      print(environment(details, context));
    }
    return EXIT.matched;
  } catch (error) {
    if (!(error instanceof ProcError)) throw error;
    requireTree(procfs);
    process.stderr.write(`porttop: no process ${pid}: it ended, never was, or /proc hides it (hidepid)\n`);
    return EXIT.nothing;
  }
}

type Options = { json?: true; reveal?: true; procfs: string };

function pidOf(word: string): number {
  if (!/^[1-9]\d{0,9}$/.test(word)) {
    throw new UsageError(`"${word}" is no process id: PID is a number, as in "porttop show 1204"`);
  }
  return Number(word);
}

function fieldOf(word: string): FieldName {
  const field = FIELDS.find((name) => name === word);
  if (!field) throw new UsageError(`"${word}" is no field of a process: use one of ${FIELDS.join(', ')}`);
  return field;
}

/** That nothing is found in a folder that is none says nothing about a process. */
function requireTree(procfs: ProcFs): void {
  if (procfs.live) procfs.require();
  try {
    procfs.names('');
  } catch (error) {
    if (error instanceof ProcError) throw new UsageError(`--procfs ${procfs.root}: no such folder`);
    throw error;
  }
}

/** Their services are told in JSON alone. */
async function socketsOf(
  procfs: ProcFs,
  libc: Libc | null,
  pid: number,
  users: Users,
  json = false,
): Promise<ReadonlyMap<number, Socket> | null> {
  const services = openServices();
  if (json) await services.loadRegistry();
  return readProcessSockets(procfs, libc, pid, { services, users });
}

/** Learns the names of the users and groups that this process has to do with. */
async function nameUsers({ fields, loginUid }: Details, users: Users): Promise<void> {
  if (!isReadable(fields.status)) return;
  const { value: status } = fields.status;
  for (const uid of Object.values(status.uids)) users.name(uid);
  if (loginUid !== null) users.name(loginUid);
  for (const gid of [...Object.values(status.gids), ...groupsOf(status)]) users.group(gid);
  await users.settle();
}

/** Of several files, those that say much stand apart, each under its path. */
function printFiles(files: readonly Row[][]): void {
  let short: Row[] = [];
  let begun = false;
  const section = (rows: Row[], heading: SafeText | null) => {
    if (rows.length === 0) return;
    if (begun) write(EMPTY);
    begun = true;
    if (heading !== null) write(heading);
    print(rows);
  };
  for (const rows of files) {
    if (rows.length === 1) {
      short.push(...rows);
      continue;
    }
    section(short, null);
    short = [];
    section(rows, files.length > 1 ? (rows[0] as Row).source : null);
  }
  section(short, null);
}

/** The widest that the labels' column gets; a longer label stands above its value. */
const LABEL = 36;
const GAP = text`  `;

/** Labels in a column; lines wrapped to a terminal's width, whole for anything else. */
function print(rows: readonly Row[]): void {
  const column = Math.min(LABEL, Math.max(0, ...rows.map(({ label }) => widthOf(label))));
  const terminal = standardOutput.columns;
  const room = terminal === null ? Infinity : Math.max(20, terminal - column - GAP.length);
  for (const { label, lines } of rows) {
    const values = room === Infinity ? lines : lines.flatMap((line) => wrap(line, room));
    const above = widthOf(label) > column;
    if (above) write(label);
    values.forEach((value, index) => {
      write(join([fit(index === 0 && !above ? label : text``, column), GAP, value]));
    });
  }
}

function write(line: SafeText): void {
  standardOutput.write(`${line}\n`);
}
