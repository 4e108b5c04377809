import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Terminal } from '../helpers/terminal.ts';
import {
  type Bed,
  COLUMNS_OFF,
  COLUMNS_ON,
  INTERVAL,
  OWNED_ROW,
  openAllSockets,
  openScreen,
  PATIENCE,
  progress,
  Samples,
} from './bed.ts';
import { residentOfTree } from './measure.ts';
import { digits, median, ratio } from './numbers.ts';
import { compared, emptyReport, limited, type Report } from './report.ts';

const ROUNDS = 3;
/** Connections that open and close each second on the churning host: two sockets each. */
const CHURN = 100;
/** After the start: until what is done only then is done, and until V8 has compiled what is run once a second. */
const STARTING = 10_000;
const SETTLING = 60_000;
/** After the rivals, whose processes came and went. */
const CALMING = 3_000;
/** So much longer is a window of the connections column: of its counts, some seconds apart, it has to have several. */
const COUNTING = 4;
/** So many runs of a rival in a round, once a second as with porttop; fewer of a slow one. */
const RIVAL_RUNS = 3;
const RIVAL_TIME = 5_000;

const LISTENING_RIVAL = 'ss -tulpn';
const ALL_RIVAL = 'ss -tuanp';
const OTHER_RIVALS = ['netstat -tuapn', 'lsof -nP -i'];

/** CPU milliseconds of one refresh, a window each; and megabytes at the end. */
type Windows = {
  /** Until it has settled. */
  young: number;
  steady: number[];
  churning: number[];
  memory: number;
  /** How often the screen was written to in the steady windows. */
  writes: number[];
  /** What else the machine did in the steady windows, in CPUs: more than a little of it spoils them. */
  besides: number[];
};

/** (a) and (e): the CPU time of the running screen's whole process tree at its real interval, and its memory. */
export async function measureRefresh(bed: Bed): Promise<Report> {
  const steadyRivals = new Samples(bed);
  const churningRivals = new Samples(bed);
  const knowsColumns = spawnSync(process.execPath, [bed.porttop, '--help']).stdout.includes('--columns');
  const rounds = bed.runs ?? ROUNDS;

  const listening = async (columns: string, seconds: number): Promise<Windows> => {
    await using terminal = openScreen(bed, knowsColumns ? ['--columns', columns] : []);
    await terminal.waitFor(OWNED_ROW, PATIENCE);
    const windows = await settle(bed, terminal);
    for (let round = 0; round < rounds; round++) {
      progress(`refresh: listening, window ${round + 1} of ${rounds}`);
      const { cpu, writes, besides } = await window(bed, terminal, seconds);
      windows.steady.push(cpu);
      windows.writes.push(writes);
      windows.besides.push(besides);
      await runRival(LISTENING_RIVAL, steadyRivals);
      await bed.host.churn(CHURN);
      await delay(CALMING);
      windows.churning.push((await window(bed, terminal, seconds)).cpu);
      await runRival(LISTENING_RIVAL, churningRivals);
      await bed.host.churn(0);
      await delay(CALMING);
    }
    return { ...windows, memory: residentOfTree(terminal.pid) };
  };

  const allSockets = async (): Promise<Windows> => {
    await using terminal = await openAllSockets(bed);
    const windows = await settle(bed, terminal);
    for (let round = 0; round < rounds; round++) {
      progress(`refresh: all sockets, window ${round + 1} of ${rounds}`);
      const { cpu, writes, besides } = await window(bed, terminal, bed.seconds);
      windows.steady.push(cpu);
      windows.writes.push(writes);
      windows.besides.push(besides);
      for (const rival of [ALL_RIVAL, ...OTHER_RIVALS]) await runRival(rival, steadyRivals);
      await delay(CALMING);
    }
    return { ...windows, memory: residentOfTree(terminal.pid) };
  };

  const off = await listening(COLUMNS_OFF, bed.seconds);
  const on = await listening(COLUMNS_ON, bed.seconds * COUNTING);
  const all = await allSockets();

  const { targets } = bed.size;
  const steadyRival = median(steadyRivals.of(LISTENING_RIVAL, 'cpu'));
  const churningRival = median(churningRivals.of(LISTENING_RIVAL, 'cpu'));
  const allRival = median(steadyRivals.of(ALL_RIVAL, 'cpu'));
  const row = (what: string, ours: number[], rival: string, figure: number, target: number | undefined) =>
    compared({ what, porttop: median(ours), rival, figure, unit: 'ms CPU', target, as: 'part' });
  const more = targets.listeningMore;
  const report = emptyReport();
  report.rows.push(
    row('refresh, listening', off.steady, LISTENING_RIVAL, steadyRival, targets.listening),
    row('refresh, listening, connections column', on.steady, LISTENING_RIVAL, steadyRival, more),
    row(
      `refresh, listening, ${CHURN} connections/s churn`,
      off.churning,
      LISTENING_RIVAL,
      churningRival,
      more,
    ),
    row(`the same, connections column`, on.churning, LISTENING_RIVAL, churningRival, more),
    row('refresh, all sockets', all.steady, ALL_RIVAL, allRival, targets.allSockets),
    limited('memory, listening', off.memory, 'MB', targets.residentMegabytes),
    limited('memory, connections column', on.memory, 'MB', targets.residentMegabytes),
    limited('memory, all sockets', all.memory, 'MB', targets.residentMegabytes),
  );
  for (const rival of OTHER_RIVALS) {
    const figure = median(steadyRivals.of(rival, 'cpu'));
    const against = `${rival} (${digits(figure)} ms CPU)`;
    report.further.push(
      [`refresh, listening, of ${against}`, ratio(median(off.steady) / figure, 'part')],
      [`refresh, all sockets, of ${against}`, ratio(median(all.steady) / figure, 'part')],
    );
  }
  const windows = { listening: off.steady, churning: off.churning, column: on.steady, all: all.steady };
  for (const [name, values] of Object.entries(windows)) {
    report.further.push([`CPU ms of a refresh, ${name}: every window`, values.map(digits).join(', ')]);
  }
  report.further.push([
    'writes to the screen in a steady window',
    [off, on, all].flatMap(({ writes }) => writes).join(', '),
  ]);
  report.further.push([
    `CPU ms of a refresh before, from ${STARTING / 1000} to ${SETTLING / 1000} s after the start`,
    [off, on, all].map(({ young }) => digits(young)).join(', '),
  ]);
  const besides = [off, on, all].flatMap((windows) => windows.besides);
  report.further.push(['what else ran in the steady windows, in CPUs', besides.map(digits).join(', ')]);
  if (!knowsColumns) report.further.push(['--columns', 'this build has none: its own columns in every row']);
  return report;
}

async function settle(bed: Bed, terminal: Terminal): Promise<Windows> {
  await delay(STARTING);
  const { cpu: young } = await window(bed, terminal, (SETTLING - STARTING) / 1000);
  return { young, steady: [], churning: [], memory: 0, writes: [], besides: [] };
}

async function window(
  bed: Bed,
  terminal: Terminal,
  seconds: number,
): Promise<{ cpu: number; writes: number; besides: number }> {
  const began = performance.now();
  const machineBefore = cpuOfMachine();
  const before = await bed.meter.cpuOfTree(terminal.pid);
  const written = terminal.writes.length;
  await delay(seconds * 1000);
  const used = (await bed.meter.cpuOfTree(terminal.pid)) - before;
  const elapsed = performance.now() - began;
  const writes = terminal.writes.length - written;
  return {
    cpu: used / (elapsed / INTERVAL),
    writes,
    besides: (cpuOfMachine() - machineBefore - used) / elapsed,
  };
}

function cpuOfMachine(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

async function runRival(command: string, samples: Samples): Promise<void> {
  let spent = 0;
  for (let run = 0; run < RIVAL_RUNS && spent < RIVAL_TIME; run++) {
    await delay(run === 0 ? 0 : INTERVAL - Math.min(spent / run, INTERVAL));
    const measured = await samples.take(command);
    if (!measured) return;
    spent += measured.wall;
  }
}
