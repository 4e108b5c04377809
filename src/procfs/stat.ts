/** The numbers after the state, in the file's order and by proc_pid_stat(5)'s names. */
const NUMBERS = [
  'ppid',
  'pgrp',
  'session',
  'ttyNr',
  'tpgid',
  'flags',
  'minflt',
  'cminflt',
  'majflt',
  'cmajflt',
  'utime',
  'stime',
  'cutime',
  'cstime',
  'priority',
  'nice',
  'numThreads',
  'itrealvalue',
  'starttime',
  'vsize',
  'rss',
  'rsslim',
  'startcode',
  'endcode',
  'startstack',
  'kstkesp',
  'kstkeip',
  'signal',
  'blocked',
  'sigignore',
  'sigcatch',
  'wchan',
  'nswap',
  'cnswap',
  'exitSignal',
  'processor',
  'rtPriority',
  'policy',
  'delayacctBlkioTicks',
  'guestTime',
  'cguestTime',
  'startData',
  'endData',
  'startBrk',
  'argStart',
  'argEnd',
  'envStart',
  'envEnd',
  'exitCode',
] as const;

/**
 * /proc/PID/stat. Times (`utime`, `stime`, …, `starttime` since boot) are in ticks, see {@link USER_HZ};
 * `vsize` and `rsslim` in bytes, `rss` in pages. `rsslim` without a limit is 2^64-1, which rounds to 2^64.
 */
export type Stat = { pid: number; comm: string; state: string } & Record<(typeof NUMBERS)[number], number>;

/** Ticks a second in /proc: 100 on every architecture that Node runs on (asm-generic/param.h). */
export const USER_HZ = 100;

/** In ticks: 250,000 years, and near the last moment that a Date knows. */
const LATEST_START = 8e14;

/** include/linux/sched.h: the same bit since Linux 2.6.17. */
const PF_KTHREAD = 0x0020_0000;

/**
 * Parses /proc/PID/stat (proc_pid_stat(5)).
 *
 * comm stands there verbatim (fs/proc/array.c, do_task_stat()) and may hold newlines, parentheses and a
 * forged `) R 1`; nothing after it can, so it ends at the last `)`.
 *
 * @throws SyntaxError when it is not the line of a process.
 */
export function parseStat(content: string): Stat {
  const open = content.indexOf(' (');
  const close = content.lastIndexOf(') ');
  const [state = '', ...words] = content
    .slice(close + 2)
    .trimEnd()
    .split(' ');
  // exitCode is the newest field (Linux 3.5); more may come.
  if (open < 1 || close < open || words.length < NUMBERS.length)
    throw new SyntaxError('no stat of a process');
  const stat: Record<string, number | string> = {
    pid: Number(content.slice(0, open)),
    comm: content.slice(open + 2, close),
    state,
  };
  for (let index = 0; index < NUMBERS.length; index++) {
    const number = Number(words[index]);
    if (!Number.isInteger(number)) throw new SyntaxError('no stat of a process');
    stat[NUMBERS[index] as string] = number;
  }
  if ((stat.starttime as number) > LATEST_START) throw new SyntaxError('no stat of a process');
  return stat as Stat;
}

/** Whether this is a thread of the kernel's own: it has no program, no arguments and no memory. */
export function isKernelThread(stat: Stat): boolean {
  return (stat.flags & PF_KTHREAD) !== 0;
}

/** Fields between the state and `starttime`. */
const BEFORE_START = 18;

/**
 * {@link parseStat} of what a row tells of a process, at a tenth of the cost: a listing asks it of all that hold a
 * socket.
 *
 * @throws SyntaxError when it is not the line of a process.
 */
export function parseStatBriefly(content: string): Pick<Stat, 'comm' | 'starttime'> {
  const open = content.indexOf(' (');
  const close = content.lastIndexOf(') ');
  let at = content.indexOf(' ', close + 2);
  for (let field = 0; field < BEFORE_START && at >= 0; field++) at = content.indexOf(' ', at + 1);
  const starttime = at < 0 ? Number.NaN : Number.parseInt(content.slice(at + 1, at + 32), 10);
  if (open < 1 || close < open || !(starttime <= LATEST_START)) throw new SyntaxError('no stat of a process');
  return { comm: content.slice(open + 2, close), starttime };
}
