import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { COLUMNS } from '../../src/query/columns.ts';
import { type Bed, OWNED_ROW, openScreen, PATIENCE, progress, ROW, showAllSockets } from './bed.ts';
import { buildBox } from './box.ts';
import { compile } from './host.ts';
import { type Keys, NOW_AND_THEN, pressKeys, WANDERING } from './keys.ts';
import { measureNewcomers } from './newcomer.ts';
import { digits, median, quantile, ratio } from './numbers.ts';
import { measureOneShots } from './oneshot.ts';
import { measureRefresh } from './refresh.ts';
import { compared, emptyReport, limited, type Report } from './report.ts';
import { measureStarts } from './start.ts';

/** What --only chooses from, in the order in which they run. */
export const PARTS: Record<string, (bed: Bed) => Promise<Report>> = {
  refresh: measureRefresh,
  newcomer: measureNewcomers,
  oneshot: measureOneShots,
  start: measureFirstFrame,
  keys: measureKeys,
  floor: measureFloor,
};

/** Each is over soon, and no two take the same time: fewer say nothing. */
const STARTS = 9;

/** (c) */
async function measureFirstFrame(bed: Bed): Promise<Report> {
  progress('starts');
  const runs = Math.max(STARTS, bed.runs ?? bed.size.runs);
  const box = await buildBox(bed.folder);
  const seen = { row: ROW, owner: OWNED_ROW };
  const starts = await measureStarts(box, () => openScreen(bed), seen, runs);
  const report = emptyReport();
  const row = (what: string, ours: number[], rival: string, figure: number[], target?: number) =>
    compared({
      what,
      porttop: median(ours),
      rival,
      figure: median(figure),
      unit: 'ms',
      target,
      as: 'factor',
    });
  report.rows.push(
    row('start to first rows', starts.rows, 'one Ink box', starts.box, bed.size.targets.firstFrame),
  );
  report.further.push(
    ['start to first rows, of node -e 0', ratio(median(starts.rows) / median(starts.node), 'factor')],
    ['start to first owner', `${digits(median(starts.owners))} ms`],
    [
      'start to one Ink box; node -e 0',
      `${digits(median(starts.box))} ms; ${digits(median(starts.node))} ms`,
    ],
    ['starts', `${runs}`],
  );
  return report;
}

const KEY_CHURN = 1_000;

/** (d) */
async function measureKeys(bed: Bed): Promise<Report> {
  await using terminal = openScreen(bed);
  await terminal.waitFor(OWNED_ROW, PATIENCE);
  await delay(3_000);
  const wander = async (what: string) => {
    progress(`keys: ${what}`);
    terminal.press('g');
    return pressKeys(terminal, [...WANDERING, ...WANDERING], NOW_AND_THEN);
  };

  const steady = await wander('listening, steady');
  await bed.host.churn(KEY_CHURN);
  await delay(2_000);
  const churning = await wander('listening, churning');
  await showAllSockets(terminal);
  await delay(5_000);
  const all = await wander('all sockets, churning');
  const full = await withEverything(bed);
  await bed.host.churn(0);

  const report = emptyReport();
  const what = `key to paint, listening, ${KEY_CHURN.toLocaleString('en')} connections/s churn`;
  const { keyP50, keyP95 } = bed.size.targets;
  report.rows.push(
    limited(`${what}, p50`, median(churning.times), 'ms', keyP50),
    limited(`${what}, p95`, quantile(churning.times, 0.95), 'ms', keyP95),
  );
  const figure = ({ times, missed }: Keys) =>
    `${digits(median(times))} ms, ${digits(quantile(times, 0.95))} ms${missed ? `, ${missed} without a paint` : ''}`;
  report.further.push(
    [`key to paint, listening, steady: p50, p95 of ${steady.times.length}`, figure(steady)],
    [`key to paint, listening, churning: p50, p95 of ${churning.times.length}`, figure(churning)],
    [`key to paint, all sockets, churning: p50, p95 of ${all.times.length}`, figure(all)],
    [
      `key to paint, listening, churning, every column, details open: p50, p95 of ${full.times.length}`,
      figure(full),
    ],
  );
  return report;
}

/** Every column is on, and the details are open under the table, where the keys go. */
async function withEverything(bed: Bed): Promise<Keys> {
  progress('keys: listening, churning, every column, details open');
  // All but the one that asks DNS.
  const columns = Object.keys(COLUMNS).filter((key) => key !== 'host');
  await using terminal = openScreen(bed, ['--columns', columns.join()]);
  await terminal.waitFor(OWNED_ROW, PATIENCE);
  terminal.press('Enter');
  await terminal.waitFor('┌─');
  terminal.press('Tab');
  await delay(3_000);
  return await pressKeys(terminal, [...WANDERING, ...WANDERING], NOW_AND_THEN);
}

const FLOORS: Record<string, string> = {
  listening: 'bare netlink dump in C, listening TCP and UDP',
  all: 'bare netlink dump in C, all states',
  walk: 'bare readlink of every fd in C',
  refresh: 'the calls of one refresh in C, once a second, listening',
  'all-slowly': 'the bare dump in C, once a second, all states',
};

/** (f) */
async function measureFloor(bed: Bed): Promise<Report> {
  progress('floor');
  const report = emptyReport();
  const { stdout, stderr } = spawnSync(compile('floor', bed.folder), [`${bed.runs ?? 5}`]);
  for (const line of stdout.toString().trim().split('\n').filter(Boolean)) {
    const [name = '', wall, cpu, count] = line.split(' ');
    const milliseconds = (nanoseconds: string | undefined) => digits(Number(nanoseconds) / 1e6);
    const times = `${milliseconds(wall)} ms, ${milliseconds(cpu)} ms CPU`;
    report.further.push([`${FLOORS[name]} (${Number(count).toLocaleString('en')})`, times]);
  }
  // Such as a kernel without sock_diag.
  if (stderr.length > 0) report.further.push(['floor', stderr.toString().trim()]);
  return report;
}
