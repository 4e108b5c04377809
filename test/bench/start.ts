import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

/** Or the end of one, whose memory the kernel is still freeing, would fall on the next. */
const BETWEEN_STARTS = 200;

export const SCREEN = { columns: 120, rows: 40 };

/** For a whole table of a large host, when its owners are slow. */
const PATIENCE = { timeout: 120_000 };

/** In milliseconds. */
export type Starts = { node: number[]; box: number[]; rows: number[]; owners: number[] };

/** What is to be seen on porttop's screen: a row, and a row with its owner. */
export type Seen = { row: RegExp; owner: RegExp };

/** In turns: node alone, the one-box program, and porttop to its first rows and to their first owner. */
export async function measureStarts(
  box: string,
  porttop: () => Terminal,
  seen: Seen,
  runs: number,
): Promise<Starts> {
  const starts: Starts = { node: [], box: [], rows: [], owners: [] };
  for (let round = -1; round < runs; round++) {
    await delay(BETWEEN_STARTS);
    const node = await untilExit(['-e', '0']);
    await delay(BETWEEN_STARTS);
    const painted = await untilPainted(box);
    await delay(BETWEEN_STARTS);
    const program = await untilRows(porttop, seen);
    // The first round only fills the caches.
    if (round < 0) continue;
    starts.node.push(node);
    starts.box.push(painted);
    starts.rows.push(program.rows);
    starts.owners.push(program.owners);
  }
  return starts;
}

async function untilExit(args: string[]): Promise<number> {
  const started = performance.now();
  await once(spawn(process.execPath, args, { stdio: 'ignore' }), 'exit');
  return performance.now() - started;
}

async function untilPainted(box: string): Promise<number> {
  const started = performance.now();
  await using terminal = openTerminal({ command: process.execPath, args: [box], ...SCREEN });
  const { time } = await terminal.waitFor('painted');
  return time - started;
}

async function untilRows(porttop: () => Terminal, seen: Seen): Promise<{ rows: number; owners: number }> {
  const started = performance.now();
  await using terminal = porttop();
  // Both from the start: owners that come with the rows are not to be taken for a later write's.
  const [rows, owners] = await Promise.all([
    terminal.waitFor(seen.row, PATIENCE),
    terminal.waitFor(seen.owner, PATIENCE),
  ]);
  terminal.press('q');
  await terminal.exit;
  return { rows: rows.time - started, owners: owners.time - started };
}
