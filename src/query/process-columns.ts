import type { Process } from '../processes/process-list.ts';
import type { ProcessTable } from '../processes/process-table.ts';
import type { HeldPort } from '../sockets/held-ports.ts';
import { type SafeText, safe, text } from '../text/safe.ts';
import { type Column, columnOf, columnsAmong, shown, type Value } from './column.ts';

const column = columnOf<ProcessTable>;

/** A fact of the process itself. */
const of =
  (fact: (process: Process) => Value) =>
  (rows: ProcessTable, row: number): Value =>
    fact(rows.at(row));

const kibibytes = (bytes: number) => Math.floor(bytes / 1024);

/** `0.5`; from 100 on without a fraction, as ps has it. */
function percentText(percent: number | null): SafeText {
  return percent === null
    ? shown(null)
    : safe(percent < 100 ? percent.toFixed(1) : String(Math.floor(percent)));
}

const tenths = (percent: number | null) => (percent === null ? null : Math.round(percent * 10));

/** Minutes and seconds, however many of the first: `3:07`, `1400:15`. */
function minutes(seconds: number): SafeText {
  const whole = Math.floor(seconds);
  return text`${Math.floor(whole / 60)}:${safe(String(whole % 60).padStart(2, '0'))}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (number: number) => String(number).padStart(2, '0');

/** As ps: the time of one that began today, the day of one of this year, else the year. Local time. */
export function startText(startedAt: number, now: number): string {
  const [started, today] = [new Date(startedAt), new Date(now)];
  if (started.getFullYear() !== today.getFullYear()) return String(started.getFullYear());
  if (started.getMonth() !== today.getMonth() || started.getDate() !== today.getDate())
    return `${MONTHS[started.getMonth()]}${two(started.getDate())}`;
  return `${two(started.getHours())}:${two(started.getMinutes())}`;
}

/** `80,443,53/udp`; what is TCP says no more. */
export function portsText(ports: readonly HeldPort[]): string {
  return ports
    .map(({ protocol, port }) => (protocol === 'tcp' ? `${port}` : `${port}/${protocol}`))
    .join(',');
}

const ports = (rows: ProcessTable, row: number): Value => {
  const held = rows.ports(row);
  return held === null || held.length === 0 ? null : portsText(held);
};

/** Every column of processes, by its key: those of `ps aux`, and more. */
export const PROCESS_COLUMNS = {
  user: column({
    key: 'user',
    title: text`USER`,
    maxWidth: 16,
    minWidth: 8,
    sacrifice: 3,
    value: (rows, row) => rows.user(row),
  }),
  uid: column({
    key: 'uid',
    title: text`UID`,
    align: 'right',
    maxWidth: 10,
    sacrifice: 3,
    value: of(({ uid }) => uid),
  }),
  pid: column({
    key: 'pid',
    title: text`PID`,
    align: 'right',
    maxWidth: 10,
    sacrifice: 0,
    value: of(({ pid }) => pid),
    tone: () => 'strong',
  }),
  ppid: column({
    key: 'ppid',
    title: text`PPID`,
    align: 'right',
    maxWidth: 10,
    sacrifice: 6,
    value: of(({ ppid }) => ppid),
  }),
  cpu: column({
    key: 'cpu',
    title: text`%CPU`,
    align: 'right',
    maxWidth: 5,
    sacrifice: 1,
    amount: true,
    value: of(({ cpuPercent }) => cpuPercent),
    text: (rows, row) => percentText(rows.at(row).cpuPercent),
    order: [of(({ cpuPercent }) => tenths(cpuPercent))],
  }),
  mem: column({
    key: 'mem',
    title: text`%MEM`,
    align: 'right',
    maxWidth: 5,
    sacrifice: 2,
    amount: true,
    value: of(({ memoryPercent }) => memoryPercent),
    text: (rows, row) => percentText(rows.at(row).memoryPercent),
    order: [of(({ rssBytes }) => kibibytes(rssBytes))],
  }),
  // In KiB, as ps.
  vsz: column({
    key: 'vsz',
    title: text`VSZ`,
    align: 'right',
    maxWidth: 10,
    sacrifice: 7,
    amount: true,
    value: of(({ vszBytes }) => kibibytes(vszBytes)),
    // What a program reserves may be terabytes.
    order: [of(({ vszBytes }) => Math.min(kibibytes(vszBytes), 2 ** 32 - 1))],
  }),
  rss: column({
    key: 'rss',
    title: text`RSS`,
    align: 'right',
    maxWidth: 10,
    sacrifice: 5,
    amount: true,
    value: of(({ rssBytes }) => kibibytes(rssBytes)),
  }),
  tty: column({
    key: 'tty',
    title: text`TTY`,
    maxWidth: 8,
    sacrifice: 7,
    value: of(({ tty }) => tty),
    text: (rows, row) => safe(rows.at(row).tty ?? '?'),
  }),
  stat: column({
    key: 'stat',
    title: text`STAT`,
    maxWidth: 6,
    sacrifice: 4,
    value: of(({ stat }) => stat),
    tone: (rows, row) => {
      const { state } = rows.at(row);
      return state === 'Z' || state === 'D' ? 'warning' : state === 'R' ? 'accent' : 'quiet';
    },
  }),
  start: column({
    key: 'start',
    title: text`START`,
    maxWidth: 9,
    minWidth: 5,
    sacrifice: 4,
    value: of(({ startedAt }) => (startedAt === null ? null : new Date(startedAt).toISOString())),
    text: (rows, row, now) => {
      const { startedAt } = rows.at(row);
      return shown(startedAt === null ? null : startText(startedAt, now));
    },
    ages: true,
    gone: text`ended`,
    tone: () => 'quiet',
    order: [
      of(({ startedAt }) => startedAt && Math.floor(startedAt / 1000)),
      of(({ startedAt }) => startedAt && Math.floor(startedAt % 1000)),
    ],
  }),
  time: column({
    key: 'time',
    title: text`TIME`,
    align: 'right',
    maxWidth: 8,
    sacrifice: 4,
    amount: true,
    value: of(({ cpuTimeSeconds }) => cpuTimeSeconds),
    text: (rows, row) => minutes(rows.at(row).cpuTimeSeconds),
    order: [of(({ cpuTimeSeconds }) => Math.round(cpuTimeSeconds * 100))],
  }),
  threads: column({
    key: 'threads',
    title: text`THR`,
    align: 'right',
    maxWidth: 5,
    sacrifice: 7,
    amount: true,
    value: of(({ threads }) => threads),
  }),
  nice: column({
    key: 'nice',
    title: text`NI`,
    align: 'right',
    maxWidth: 3,
    sacrifice: 7,
    value: of(({ nice }) => nice),
    // -20 to 19.
    order: [of(({ nice }) => nice + 20)],
  }),
  ports: column({
    key: 'ports',
    title: text`PORTS`,
    maxWidth: 24,
    minWidth: 8,
    sacrifice: 0,
    value: ports,
    text: (rows, row) => (rows.ports(row) === null ? text`?` : shown(ports(rows, row))),
    tone: (rows, row) => (rows.ports(row)?.length ? 'strong' : 'quiet'),
    order: [(rows, row) => rows.ports(row)?.[0]?.port ?? null],
  }),
  name: column({
    key: 'name',
    title: text`NAME`,
    maxWidth: 16,
    minWidth: 8,
    sacrifice: 6,
    value: of(({ command }) => command),
    text: (rows, row) => safe(rows.name(row)),
    order: [(rows, row) => rows.name(row).toLowerCase()],
    find: (rows, row) => [...new Set([rows.name(row), rows.at(row).command])].join(' '),
  }),
  command: column({
    key: 'command',
    title: text`COMMAND`,
    maxWidth: 200,
    minWidth: 18,
    sacrifice: 0,
    value: (rows, row) => rows.commandLine(row),
    text: (rows, row) => safe(rows.branch(row) + rows.commandLine(row)),
    tone: (rows, row) => (rows.at(row).kernelThread ? 'quiet' : 'plain'),
    order: [(rows, row) => rows.commandLine(row).toLowerCase()],
  }),
} as const satisfies Record<string, Column<ProcessTable>>;

/** The columns of these keys, in their order. Throws a {@link QueryError} for a key that none has. */
export function processColumnsNamed(keys: readonly string[]): Column<ProcessTable>[] {
  return columnsAmong(PROCESS_COLUMNS, keys, 'column of processes');
}
