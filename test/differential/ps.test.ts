import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Process, readProcesses } from '../../src/processes/process-list.ts';
import { ProcessTable } from '../../src/processes/process-table.ts';
import { Users } from '../../src/processes/users.ts';
import { ProcFs } from '../../src/procfs/procfs.ts';
import type { Column } from '../../src/query/column.ts';
import { PROCESS_COLUMNS } from '../../src/query/process-columns.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { start, startTitled, startZombie } from '../processes/child.ts';

const { user, cpu, mem, vsz, rss, tty, stat, start: started, time } = PROCESS_COLUMNS;

/** ps's name for each of our columns whose text has no blank. */
const FIELDS: [string, Column<ProcessTable>][] = [
  ['euser:64', user],
  ['pcpu', cpu],
  ['pmem', mem],
  ['vsz', vsz],
  ['rss', rss],
  ['tname', tty],
  ['stat', stat],
  ['start_time', started],
  ['bsdtime', time],
  ['ppid', PROCESS_COLUMNS.ppid],
  ['nlwp', PROCESS_COLUMNS.threads],
  ['ni', PROCESS_COLUMNS.nice],
];

const installed = spawnSync('ps', ['--version']).status === 0;

/** A line of ps by pid; what ps itself was is left out, as it is in no other look. */
function ps(format: string[]): Map<number, string> {
  const args = ['axww', '-o', 'pid=', ...format.flatMap((field) => ['-o', `${field}=`])];
  const lines = execFileSync('ps', args, { encoding: 'utf8', maxBuffer: 64 << 20 }).split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, pid, rest = ''] = /^ *(\d+) ?(.*)$/.exec(line) ?? [];
      return pid === undefined ? [] : [[Number(pid), rest] as const];
    }),
  );
}

function startTicks(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')')).split(' ')[20] ?? null;
  } catch {
    return null;
  }
}

describe.skipIf(!installed)('processes as ps (procps) has them', () => {
  it('are told by every column as ps told them the moment before or after', async () => {
    await start('sleep', ['1000']);
    await start('nice', ['-n', '5', 'sleep', '1000']);
    await start('setsid', ['sleep', '1000']);
    await startTitled('a title of its own');
    const zombie = await startZombie();

    // What runs is another the next moment: only what differs each time is a difference.
    let wrong: Map<string, string> | null = null;
    for (let round = 0; round < 5 && (wrong === null || wrong.size > 0); round++) {
      const differing = compare();
      wrong = new Map([...differing].filter(([fact]) => wrong === null || wrong.has(fact)));
    }
    expect([...(wrong as Map<string, string>).values()]).toEqual([]);

    const { rows, processes } = look();
    expect(rows.commandLine(processes.findIndex(({ pid }) => pid === zombie))).toBe('[sh] <defunct>');
  });
});

function look(): { rows: ProcessTable; processes: readonly Process[] } {
  const processes = runAtOnce(readProcesses(new ProcFs()));
  return { rows: new ProcessTable(processes, { ports: () => [], users: new Users() }), processes };
}

/** What we tell otherwise than ps did both before and after, by process and field. */
function compare(): Map<string, string> {
  const fields = FIELDS.map(([name]) => name);
  const [before, linesBefore] = [ps(fields), ps(['args'])];
  const { rows, processes } = look();
  const now = Date.now();
  const begun = new Map(processes.map(({ pid }) => [pid, startTicks(pid)]));
  const [after, linesAfter] = [ps(fields), ps(['args'])];

  const wrong = new Map<string, string>();
  let compared = 0;
  for (const [row, { pid }] of processes.entries()) {
    const line = rows.commandLine(row);
    const [one, other] = [before.get(pid), after.get(pid)].map((line) => line?.trim().split(/ +/));
    // It was there all the time, and is the same.
    if (!one || !other || begun.get(pid) === null || begun.get(pid) !== startTicks(pid)) continue;
    // It sleeps while it waits for ps, and runs while it looks.
    if (pid === process.pid) continue;
    compared++;
    for (const [at, [name, column]] of FIELDS.entries()) {
      const ours = column.text(rows, row, now);
      const theirs = [one[at] as string, other[at] as string];
      // Of a real-time process ps tells no niceness.
      const told = theirs.includes(ours) || between(ours, theirs) || (name === 'ni' && theirs.includes('-'));
      // The kernel's own work for whoever ends, as ps does just before we look.
      const busy = name === 'stat' && isKernels(rows, row) && theirs.every((state) => state.startsWith('I'));
      if (!told && !busy) wrong.set(`${pid} ${name}`, `${pid} ${name}: ${ours}, ps ${theirs} (${line})`);
    }
    const lines = [linesBefore.get(pid), linesAfter.get(pid)];
    if (!lines.map(plain).includes(plain(line)))
      wrong.set(`${pid} args`, `${pid} args: ${line}, ps ${lines}`);
  }
  expect(compared).toBeGreaterThan(4);
  return wrong;
}

/** A thread of the kernel: it has no memory of its own. */
function isKernels(rows: ProcessTable, row: number): boolean {
  return PROCESS_COLUMNS.vsz.text(rows, row, 0) === '0';
}

/**
 * ps has ? or several for what it does not print; and a worker of the kernel is called after the
 * work that it does, or did last, from one moment to the next (wq_worker_comm, kernel/workqueue.c).
 */
function plain(text: string | undefined): string | undefined {
  return text
    ?.replace(/^\[(kworker\/[^+-]+)[+-].*\]$/, '[$1]')
    .replaceAll(/[^!->@-~]+/g, ' ')
    .trimEnd();
}

/** What changes meanwhile: a size, a share, a time. */
function between(ours: string, theirs: readonly string[]): boolean {
  const number = (text: string) =>
    /^\d+:\d\d$/.test(text)
      ? Number(text.split(':')[0]) * 60 + Number(text.split(':')[1])
      : /^\d+(\.\d+)?$/.test(text)
        ? Number(text)
        : Number.NaN;
  const [one = 0, other = 0] = theirs.map(number);
  const value = number(ours);
  // ps rounds the age of a process otherwise: one tenth of a percent.
  return value >= Math.min(one, other) - 0.1001 && value <= Math.max(one, other) + 0.1001;
}
