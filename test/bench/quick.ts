/**
 * How long a person waits: from the start to the first rows, and from a key to the end of its paint; on the
 * machine as it is, with a few listeners of its own. Trust ratios of one run, not times across runs.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { openTerminal } from '../helpers/terminal.ts';
import { buildBox } from './box.ts';
import { type Keys, NOW_AND_THEN, pressKeys } from './keys.ts';
import { median, quantile } from './numbers.ts';
import { measureStarts, SCREEN } from './start.ts';

const STARTS = 15;
const KEYS = 60;
const LISTENERS = 36;

/** The name under which the listeners' owner is to be seen on the screen. */
const OWNER = 'listener-bench';

export async function measureQuickly(porttop: string, folder: string): Promise<void> {
  process.title = OWNER;
  const ports = (await listen()).join('|');
  const row = new RegExp(`\\b(?:${ports})\\b`);
  // The table may have no room for the whole name.
  const owner = new RegExp(`\\b(?:${ports})\\b.*${OWNER.slice(0, 8)}`);
  // Looks once, so that only a key can change the screen.
  const open = () => openTerminal({ command: process.execPath, args: [porttop, '-d', '600'], ...SCREEN });

  const starts = await measureStarts(await buildBox(folder), open, { row, owner }, STARTS);
  const ratio = (part: number[]) => (median(part) / median(starts.box)).toFixed(2);
  print(`start, ${STARTS} of each, in turns (ms)`, [
    ['node -e 0, to its end', starts.node, ''],
    ['one Ink box, painted', starts.box, '1.00'],
    ['porttop, rows painted', starts.rows, ratio(starts.rows)],
    ['porttop, owners painted', starts.owners, ratio(starts.owners)],
  ]);

  await using terminal = open();
  await terminal.waitFor(owner);
  const keys = Array.from({ length: KEYS }, (_, index) => (index < KEYS / 2 ? 'Down' : 'Up'));
  const single = await pressKeys(terminal, keys, NOW_AND_THEN);
  const held = await pressKeys(terminal, keys, 0);
  const bytes = (pressed: Keys) => `${Math.round(median(pressed.bytes))} bytes a key`;
  print(`key to the end of its paint, ${KEYS} keys, ${SCREEN.columns} × ${SCREEN.rows} (ms)`, [
    ['Down or Up, now and then', single.times, bytes(single)],
    ['each when the last is painted', held.times, bytes(held)],
  ]);
}

async function listen(): Promise<number[]> {
  const servers = Array.from({ length: LISTENERS }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  return servers.map((server) => (server.address() as { port: number }).port);
}

function print(title: string, rows: [name: string, times: number[], remark: string][]): void {
  console.log(`${title.padEnd(66)}median    p95    min`);
  for (const [name, times, remark] of rows) {
    const numbers = [median(times), quantile(times, 0.95), Math.min(...times)];
    const columns = numbers.map((number) => number.toFixed(1).padStart(7)).join('');
    console.log(`  ${name.padEnd(62)} ${columns}  ${remark}`);
  }
  console.log('');
}
