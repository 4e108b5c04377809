import { parseStat, type Stat, USER_HZ } from '../../procfs/stat.ts';
import { parseTtyDrivers } from '../../procfs/tty-drivers.ts';
import { EMPTY, join, type SafeText, safe, text } from '../../text/safe.ts';
import { ago, bytes } from '../../text/units.ts';
import type { Asked, Facts, FieldDefinition } from '../field.ts';
import { readPageSize } from '../page-size.ts';
import { type Context, dim, plain, type Said, warning } from '../said.ts';
import { signalName, signalsOf } from '../signals.ts';
import { orNull } from '../tolerance.ts';
import { ttyName } from '../tty.ts';

/** `tty`: the name of its terminal; null: it has none. */
export type StatWithNames = Stat & { tty: string | null; rssBytes: number };

export const stat: FieldDefinition<StatWithNames> = {
  about: 'its state, times, parents, terminal, scheduling',
  read: (asked) => ({ value: readStat(asked) }),
  entries: ({ tty, rssBytes, ...stat }) =>
    Object.entries(stat).map(([field, value]) => [field, plain(statText(field, value, { tty, rssBytes }))]),
  json: (stat) => ({ value: statJson(stat) }),
};

function readStat({ procfs, pid }: Asked): StatWithNames {
  const stat = parseStat(procfs.text(`${pid}/stat`));
  const drivers = () => orNull(() => parseTtyDrivers(procfs.text('tty/drivers'))) ?? [];
  const tty = stat.ttyNr === 0 ? null : ttyName(stat.ttyNr, drivers());
  return { ...stat, tty, rssBytes: stat.rss * readPageSize(procfs) };
}

/** By proc_pid_stat(5)'s names and in its units, but for the sizes. */
function statJson(stat: StatWithNames): object {
  const { vsize, rss, rsslim, ...others } = stat;
  return { ...others, vsizeBytes: vsize, rssPages: rss, rsslimBytes: rsslim >= UNLIMITED ? null : rsslim };
}

const UNLIMITED = 2 ** 64;

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

export function stateOf(state: string): Said {
  const said = stateText(state);
  return /[TtZ]/.test(state) ? warning(said) : plain(said);
}

function stateText(state: string): SafeText {
  const word = STATES[state];
  return word ? text`${safe(state)} ${word}` : safe(state);
}

/** include/linux/sched.h: those bits that have meant the same in every Linux since 3.10. */
const FLAGS: readonly (readonly [number, SafeText])[] = [
  [0x0000_0004, text`PF_EXITING`],
  [0x0000_0020, text`PF_WQ_WORKER`],
  [0x0000_0040, text`PF_FORKNOEXEC`],
  [0x0000_0080, text`PF_MCE_PROCESS`],
  [0x0000_0100, text`PF_SUPERPRIV`],
  [0x0000_0200, text`PF_DUMPCORE`],
  [0x0000_0400, text`PF_SIGNALED`],
  [0x0000_0800, text`PF_MEMALLOC`],
  [0x0000_1000, text`PF_NPROC_EXCEEDED`],
  [0x0000_2000, text`PF_USED_MATH`],
  [0x0000_8000, text`PF_NOFREEZE`],
  [0x0020_0000, text`PF_KTHREAD`],
  [0x0040_0000, text`PF_RANDOMIZE`],
  [0x0400_0000, text`PF_NO_SETAFFINITY`],
];

/** include/uapi/linux/sched.h. */
const POLICIES: Record<number, SafeText> = {
  0: text`SCHED_OTHER`,
  1: text`SCHED_FIFO`,
  2: text`SCHED_RR`,
  3: text`SCHED_BATCH`,
  5: text`SCHED_IDLE`,
  6: text`SCHED_DEADLINE`,
  7: text`SCHED_EXT`,
};

type Meaning = (value: number, names: Pick<StatWithNames, 'tty' | 'rssBytes'>) => SafeText;

const seconds: Meaning = (ticks) => text`${ticks / USER_HZ} s`;
/** Who may not trace it is told 0, and of the code's 1 (fs/proc/array.c, do_task_stat). */
const place: Meaning = (value) =>
  value > 1 ? hexadecimal(value) : text`${hexadecimal(value)} (not told, or there is none)`;
const signals: Meaning = (mask) => beside(mask, join(signalsOf(BigInt(mask)).map(safe), text`, `));
const outdated: Meaning = (value) => text`${value} (not maintained any more)`;

/** What a number means, where it is not a mere number. */
const MEANINGS: { [Name in keyof Stat]?: Meaning } = {
  ttyNr: (number, { tty }) => (tty === null ? text`${number}, no terminal` : text`${number} ${safe(tty)}`),
  tpgid: (group) =>
    group < 0
      ? text`${group}, no terminal`
      : text`${group}, the process group in the foreground of its terminal`,
  flags: (flags) =>
    beside(
      flags,
      join(
        FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name),
        text`, `,
      ),
    ),
  minflt: (count) => text`${count} page faults without reading from disk`,
  cminflt: (count) => text`${count} of children that it waited for`,
  majflt: (count) => text`${count} page faults with reading from disk`,
  cmajflt: (count) => text`${count} of children that it waited for`,
  utime: seconds,
  stime: seconds,
  cutime: seconds,
  cstime: seconds,
  priority: (priority) =>
    priority < 0
      ? text`${priority}, real-time ${-1 - priority}`
      : text`${priority} of 0 to 39, the lower the sooner`,
  itrealvalue: outdated,
  starttime: (ticks) => text`${ticks / USER_HZ} s after boot`,
  vsize: (size) => bytes(size),
  rss: (pages, { rssBytes }) => text`${pages} pages (${bytes(rssBytes)})`,
  rsslim: (size) => (size >= UNLIMITED ? text`unlimited` : bytes(size)),
  startcode: place,
  endcode: place,
  startstack: place,
  kstkesp: place,
  kstkeip: place,
  signal: signals,
  blocked: signals,
  sigignore: signals,
  sigcatch: signals,
  wchan: (value) => text`${value} (0 or 1: whether it waits in the kernel; wchan tells where)`,
  nswap: outdated,
  cnswap: outdated,
  exitSignal: (signal) =>
    signal > 0 ? text`${signal} ${safe(signalName(signal))}, to its parent when it ends` : text`${signal}`,
  processor: (number) => text`${number}, where it ran last`,
  rtPriority: (priority) => (priority === 0 ? text`0, not real-time` : text`${priority} of 1 to 99`),
  policy: (policy) => text`${policy} ${POLICIES[policy] ?? text`(not known)`}`,
  delayacctBlkioTicks: seconds,
  guestTime: seconds,
  cguestTime: seconds,
  startData: place,
  endData: place,
  startBrk: place,
  argStart: place,
  argEnd: place,
  envStart: place,
  envEnd: place,
  exitCode: exitText,
};

function statText(
  field: string,
  value: string | number,
  names: Pick<StatWithNames, 'tty' | 'rssBytes'>,
): SafeText {
  if (typeof value === 'string') return field === 'state' ? stateText(value) : safe(value);
  return MEANINGS[field as keyof Stat]?.(value, names) ?? text`${value}`;
}

/** As wait(2) has it: a signal in the lower bits, and whether it left a core; else the status. */
function exitText(code: number): SafeText {
  const signal = code & 0x7f;
  if (code === 0) return text`0`;
  if (signal === 0) return text`${code}: it ended with status ${code >> 8}`;
  return text`${code}: ended by ${safe(signalName(signal))}${code & 0x80 ? text`, with a core dump` : EMPTY}`;
}

function hexadecimal(value: number): SafeText {
  return safe(`0x${value.toString(16)}`);
}

function beside(value: number, names: SafeText): SafeText {
  return names === '' ? hexadecimal(value) : text`${hexadecimal(value)} ${names}`;
}

export function started({ startTime }: Facts, { now }: Context): Said {
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
