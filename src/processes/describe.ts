import { getenv, type Variable } from '../procfs/environ.ts';
import { type Stat, USER_HZ } from '../procfs/stat.ts';
import { type Status, sizeOf } from '../procfs/status.ts';
import { shellQuote } from '../text/quote.ts';
import { EMPTY, join, type SafeText, safe, text } from '../text/safe.ts';
import { ago, bytes } from '../text/units.ts';
import { type Details, type Field, type FieldName, isReadable, type Values } from './details.ts';
import { isSecret, masked, withoutPasswords } from './secrets.ts';
import type { Users } from './users.ts';

export type Tone = 'plain' | 'warning' | 'dim';

/** One fact for a person: what it is, what is so, and the file that says it. */
export type Row = { field: string; label: SafeText; lines: SafeText[]; source: SafeText; tone: Tone };

export type Context = {
  users: Pick<Users, 'name'>;
  /** Milliseconds since the epoch. */
  now: number;
  /** Shows secrets as they are. */
  reveal: boolean;
};

/** What a process is, in a few rows, from those of its files that were asked for. */
export function overview(details: Details, context: Context): Row[] {
  return [
    ...about(details, 'cmdline', 'cmdline', (argv) => commandLine(argv, details)),
    ...about(details, 'exe', 'exe', executable),
    ...about(details, 'cwd', 'cwd', (path) => plain(safe(path))),
    ...about(details, 'root', 'root', (path) => rootDirectory(path, details)),
    ...about(details, 'status', 'user', (status) => user(status, details, context)),
    ...about(details, 'environ', 'environ', (environ) => userVariable(environ, details, context)),
    ...about(details, 'stat', 'state', ({ state }) => stateOf(state)),
    ...about(details, 'stat', 'started', () => started(details, context)),
    ...about(details, 'stat', 'parents', (stat) => parents(stat, details)),
    ...about(details, 'status', 'memory', (status) => memory(status, details)),
    ...about(details, 'status', 'threads', ({ threads }) => plain(text`${threads}`)),
  ];
}

/** The environment, a row for each variable, in its order; secrets masked unless they are to be revealed. */
export function environment(details: Details, { reveal }: Pick<Context, 'reveal'>): Row[] {
  return table(details, 'environ', (environ) =>
    environ.map(({ name, value }) => {
      if (value === null) return [reveal ? name : withoutPasswords(name), text`(no value)`, 'dim'];
      if (reveal) return [name, safe(value)];
      return [name, safe(masked(name, value)), isSecret(name) ? 'dim' : 'plain'];
    }),
  );
}

/** One file of /proc/PID, all that it says. */
export function fieldRows(name: FieldName, details: Details, context: Context): Row[] {
  switch (name) {
    case 'cmdline':
      return about(details, name, name, (argv) => argumentLines(argv, details));
    case 'environ':
      return isReadable(details.fields.environ)
        ? [...only(name, overview(details, context)), ...environment(details, context)]
        : environment(details, context);
    case 'fd':
      return table(details, name, (descriptors) =>
        descriptors.map(({ fd, mode, target }) => [`${fd}${mode ?? ''}`, safe(target)]),
      );
    case 'stat':
      return table(details, name, (stat) =>
        Object.entries(stat).map(([field, value]) => [field, statText(field, value)]),
      );
    case 'status':
      return table(details, name, (status) =>
        Object.keys(status.lines).map((field) => [field, statusText(status, field)]),
      );
    case 'statm':
      return table(details, name, (statm) =>
        Object.entries(statm).map(([field, size]) => [field, bytes(size)]),
      );
    default:
      return only(name, overview(details, context));
  }
}

type Said = { lines: SafeText[]; tone: Tone };

function plain(...lines: SafeText[]): Said {
  return { lines, tone: 'plain' };
}

function dim(line: SafeText): Said {
  return { lines: [line], tone: 'dim' };
}

function warning(line: SafeText): Said {
  return { lines: [line], tone: 'warning' };
}

/** The row of a file: what is said of it, or why it cannot be read; none if it was not asked for. */
function about<Name extends FieldName>(
  details: Details,
  name: Name,
  label: string,
  say: (value: Values[Name]) => Said,
): Row[] {
  const field = details.fields[name] as Field<Values[Name]> | undefined;
  if (!field) return [];
  const said = 'error' in field ? unreadable(field.error) : say(field.value);
  return [{ field: label, label: safe(label), source: safe(field.path), ...said }];
}

/** The rows of a file that says many things. */
function table<Name extends FieldName>(
  details: Details,
  name: Name,
  entries: (value: Values[Name]) => (readonly [string, SafeText, Tone?])[],
): Row[] {
  const field = details.fields[name] as Field<Values[Name]> | undefined;
  if (!isReadable(field)) return about(details, name, name, () => dim(EMPTY));
  const source = safe(field.path);
  const rows: Row[] = entries(field.value).map(([label, line, tone = 'plain']) => ({
    field: name,
    label: safe(label),
    lines: [line],
    source,
    tone,
  }));
  if (field.truncated) rows.push({ field: name, label: text`…`, ...dim(TOO_LONG), source });
  return rows.length > 0 ? rows : about(details, name, name, () => dim(text`empty${whyEmpty(details)}`));
}

const TOO_LONG = text`too long: the rest was not read`;

function only(label: string, rows: Row[]): Row[] {
  return rows.filter((row) => row.field === label);
}

function unreadable({ message, hint }: { message: string; hint: string }): Said {
  return dim(hint === '' ? safe(message) : text`${safe(message)}: ${safe(hint)}`);
}

function whyEmpty(details: Details): SafeText {
  if (details.kernelThread) return text`: a kernel thread`;
  const { stat } = details.fields;
  return isReadable(stat) && stat.value.state === 'Z' ? text`: a zombie` : EMPTY;
}

function commandLine(argv: readonly string[], details: Details): Said {
  const words = argv.map(shellQuote);
  const { cmdline } = details.fields;
  if (isReadable(cmdline) && cmdline.truncated) words.push(text`… (${TOO_LONG})`);
  return words.length > 0 ? plain(join(words, text` `)) : dim(text`empty${whyEmpty(details)}`);
}

/** One argument a line, and still one command when it is pasted. */
function argumentLines(argv: readonly string[], details: Details): Said {
  if (argv.length < 2) return commandLine(argv, details);
  const last = argv.length - 1;
  return plain(
    ...argv.map((word, index) => (index < last ? text`${shellQuote(word)} \\` : shellQuote(word))),
  );
}

function executable({ path, state }: Values['exe']): Said {
  switch (state) {
    case 'deleted':
      return warning(text`${safe(path)} (deleted since it started)`);
    case 'replaced':
      return warning(text`${safe(path)} (replaced on disk since it started)`);
    default:
      return plain(safe(path));
  }
}

function rootDirectory(path: string, { ownMounts }: Details): Said {
  if (path !== '/') return plain(text`${safe(path)} (a chroot)`);
  return plain(ownMounts ? text`/ (of its own mount namespace)` : text`/`);
}

/** The number always, the name beside it. */
function named(uid: number, users: Context['users']): SafeText {
  const name = users.name(uid);
  return name === null ? text`uid ${uid}` : text`${safe(name)} (uid ${uid})`;
}

function user({ uids }: Status, { loginUid }: Details, { users }: Context): Said {
  const said = [named(uids.real, users)];
  if (uids.effective !== uids.real) said.push(text`effective ${named(uids.effective, users)}`);
  if (loginUid !== null && loginUid !== uids.real) said.push(text`logged in as ${named(loginUid, users)}`);
  return plain(join(said, text`, `));
}

/** USER is what the process was told; whose it is, the kernel says. */
function userVariable(environ: readonly Variable[], details: Details, { users }: Context): Said {
  const user = getenv(environ, 'USER');
  if (user === null) return dim(whyNoUser(environ, details));
  const said = text`USER=${safe(user)}`;
  const { status } = details.fields;
  if (!isReadable(status)) return plain(said);
  const { real, effective } = status.value.uids;
  const owner = users.name(real);
  if (user === owner) return plain(text`${said}, as its owner`);
  if (user === users.name(effective)) return plain(text`${said}, as its effective user`);
  if (owner === null) return plain(text`${said}; it runs as uid ${real}, whose name is not known`);
  const loggedIn = details.loginUid !== null && user === users.name(details.loginUid);
  return warning(text`${said}${loggedIn ? text` logged in` : EMPTY}, but it runs as ${named(real, users)}`);
}

/** That a variable is not set can be said only of an environment that is all there. */
function whyNoUser(environ: readonly Variable[], { fields }: Details): SafeText {
  if (fields.environ && 'truncated' in fields.environ) return text`USER not among what was read of it`;
  // A title that did not fit into the arguments goes on here (setproctitle: nginx).
  const overwritten = environ.some(({ value }) => value === null);
  return overwritten ? text`not known: the process has written its title over it` : text`USER not set`;
}

/** fs/proc/array.c, task_state_array. */
const STATES: Record<string, SafeText> = {
  R: text`running`,
  S: text`sleeping`,
  D: text`disk sleep (uninterruptible)`,
  T: text`stopped`,
  t: text`stopped by a debugger`,
  Z: text`zombie (it ended, and its parent has not asked how)`,
  X: text`dead`,
  I: text`idle`,
  P: text`parked`,
};

function stateOf(state: string): Said {
  const said = stateText(state);
  return /[TtZ]/.test(state) ? warning(said) : plain(said);
}

function stateText(state: string): SafeText {
  const word = STATES[state];
  return word ? text`${safe(state)} ${word}` : safe(state);
}

function started({ startTime }: Details, { now }: Context): Said {
  if (startTime === null) return dim(text`not known: /proc/stat does not say when the system booted`);
  const time = Date.parse(startTime);
  return plain(text`${localTime(time)}, ${ago(now - time)} ago`);
}

/** `2026-11-23 06:13:03`, in the reader's time zone. */
function localTime(time: number): SafeText {
  const date = new Date(time);
  const two = (number: number) => String(number).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  const hour = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return safe(`${day} ${hour}`);
}

function parents({ ppid }: Stat, { ancestors }: Details): Said {
  if (ancestors.length > 0) {
    return plain(
      join(
        ancestors.map(({ pid, command }) => text`${safe(command)} ${pid}`),
        text` › `,
      ),
    );
  }
  return dim(ppid === 0 ? text`none` : text`pid ${ppid}, which is not visible`);
}

function memory(status: Status, details: Details): Said {
  const resident = sizeOf(status, 'VmRSS');
  if (resident === null) return dim(text`none${whyEmpty(details)}`);
  const part = (name: string, what: SafeText) => {
    const size = sizeOf(status, name);
    return size ? [text`${bytes(size)} ${what}`] : [];
  };
  const parts = [
    ...part('RssAnon', text`its own`),
    ...part('RssFile', text`of files`),
    ...part('RssShmem', text`shared memory`),
  ];
  const apart = [...part('VmSwap', text`swapped out`), ...part('VmSize', text`of address space`)];
  const ofIt = parts.length > 0 ? text`, of it ${join(parts, text`, `)}` : EMPTY;
  return plain(text`${bytes(resident)} resident${ofIt}`, join(apart, text`, `));
}

const TICKS = new Set([
  'utime',
  'stime',
  'cutime',
  'cstime',
  'delayacctBlkioTicks',
  'guestTime',
  'cguestTime',
]);
const ADDRESSES =
  /^(?:flags|start(?:code|stack|Data|Brk)|end(?:code|Data)|kst.*|wchan|(?:arg|env)(?:Start|End))$/;

function statText(field: string, value: string | number): SafeText {
  if (typeof value === 'string') return field === 'state' ? stateText(value) : safe(value);
  if (TICKS.has(field)) return text`${value / USER_HZ} s`;
  if (field === 'starttime') return text`${value / USER_HZ} s after boot`;
  if (field === 'vsize') return bytes(value);
  if (field === 'rss') return text`${value} pages`;
  if (field === 'rsslim') return value >= 2 ** 64 ? text`unlimited` : bytes(value);
  return ADDRESSES.test(field) ? safe(`0x${value.toString(16)}`) : text`${value}`;
}

function statusText(status: Status, field: string): SafeText {
  const size = sizeOf(status, field);
  return size === null ? safe(status.lines[field]?.replaceAll('\t', ' ') ?? '') : bytes(size);
}
