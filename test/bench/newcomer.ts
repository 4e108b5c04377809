import { setTimeout as delay } from 'node:timers/promises';
import { type Bed, INTERVAL, OWNED_ROW, openScreen, PATIENCE, progress } from './bed.ts';
import { FREE_PORTS } from './host.ts';
import { digits, median } from './numbers.ts';
import { emptyReport, type Report } from './report.ts';

const LISTENERS = 10;
const SETTLING = 10_000;
/** For the reading and painting of the refresh that finds it. */
const PAINTING = 100;

/** How long until a listener that an old, idle process has opened is on the screen with its owner. */
export async function measureNewcomers(bed: Bed): Promise<Report> {
  progress('newcomers');
  await using terminal = openScreen(bed);
  await terminal.waitFor(OWNED_ROW, PATIENCE);
  await delay(SETTLING);

  const showing = async (port: number, worker: number) => {
    const row = (screen: string[]) => screen.find((line) => line.slice(2).trim().startsWith(`${port} `));
    const owner = new RegExp(`\\bw${worker}\\b`);
    const began = performance.now();
    const shown = Promise.all([
      terminal.waitFor((screen) => row(screen) !== undefined, PATIENCE),
      terminal.waitFor((screen) => owner.test(row(screen) ?? ''), PATIENCE),
    ]);
    await bed.host.listen(port, worker);
    const [alone, owned] = await shown;
    return { row: alone.time - began, owner: owned.time - began };
  };

  // The lowest port of all is selected, so that whatever comes after it comes into sight.
  await showing(FREE_PORTS, 0);
  terminal.press('g');
  const rows: number[] = [];
  const owners: number[] = [];
  const count = Math.min(bed.runs ?? LISTENERS, bed.host.workers - 1);
  for (let index = 1; index <= count; index++) {
    // At every moment between two refreshes.
    await delay(INTERVAL + ((INTERVAL * index * 0.618) % INTERVAL));
    const shown = await showing(FREE_PORTS + index, Math.floor((bed.host.workers - 1) * (index / count)));
    rows.push(shown.row);
    owners.push(shown.owner);
  }

  const refreshes = (times: number[]) =>
    `${digits(median(times) / INTERVAL)}, at most ${digits(Math.max(...times) / INTERVAL)} refreshes`;
  const target = bed.size.targets.newcomerRefreshes;
  const report = emptyReport();
  report.rows.push({
    what: 'a new listener of an old, idle process, with its owner',
    porttop: refreshes(owners),
    against: '',
    ratio: '',
    target: `${target} (and ${PAINTING} ms to paint)`,
    reached: Math.max(...owners) <= target * INTERVAL + PAINTING,
  });
  report.further.push([`a new listener without its owner, ${count} of them`, refreshes(rows)]);
  return report;
}
