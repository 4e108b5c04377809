/**
 * How long a person waits: from the start to the first rows, and from a key to the end of its paint.
 * By hand, after a build: `node test/bench/screen.ts`. Trust ratios of one run, not times across runs.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = `${ROOT}dist/porttop.js`;
const STARTS = 15;
const KEYS = 60;
const LISTENERS = 36;
/** More than one frame of Ink's 30 a second, which would hold back the next key's paint. */
const BETWEEN_KEYS = 60;
const SIZE = { columns: 120, rows: 40 };

/** The name under which the listeners' owner is to be seen on the screen. */
const OWNER = 'listener-bench';

process.title = OWNER;
const folder = mkdtempSync(`${tmpdir()}/porttop-bench-`);
try {
  const ports = await listen();
  const box = await buildBox();
  console.log(`${machine()}\n`);
  await measureStart(ports, box);
  await measureKeys(ports);
} finally {
  rmSync(folder, { recursive: true });
}
process.exit();

async function measureStart(ports: number[], box: string): Promise<void> {
  const times = { node: [] as number[], box: [] as number[], rows: [] as number[], owners: [] as number[] };
  for (let round = -1; round < STARTS; round++) {
    const node = await untilExit(['-e', '0']);
    const painted = await untilPainted(box);
    const program = await untilRows(ports);
    // The first round only fills the caches.
    if (round < 0) continue;
    times.node.push(node);
    times.box.push(painted);
    times.rows.push(program.rows);
    times.owners.push(program.owners);
  }
  const ratio = (part: number[]) => (median(part) / median(times.box)).toFixed(2);
  table(`start, ${STARTS} of each, in turns (ms)`, [
    ['node -e 0, to its end', times.node, ''],
    ['one Ink box, painted', times.box, '1.00'],
    ['porttop, rows painted', times.rows, ratio(times.rows)],
    ['porttop, owners painted', times.owners, ratio(times.owners)],
  ]);
}

async function measureKeys(ports: number[]): Promise<void> {
  await using terminal = openProgram();
  await terminal.waitFor(ownersOf(ports));
  const single = await pressKeys(terminal, BETWEEN_KEYS);
  const held = await pressKeys(terminal, 0);
  const bytes = (measured: Keys) => `${Math.round(median(measured.bytes))} bytes a key`;
  table(`key to the end of its paint, ${KEYS} keys, ${SIZE.columns} × ${SIZE.rows} (ms)`, [
    ['Down or Up, now and then', single.times, bytes(single)],
    ['each when the last is painted', held.times, bytes(held)],
  ]);
}

type Keys = { times: number[]; bytes: number[] };

async function pressKeys(terminal: Terminal, pause: number): Promise<Keys> {
  const measured: Keys = { times: [], bytes: [] };
  for (let count = 0; count < KEYS; count++) {
    await delay(pause);
    const before = terminal.look();
    const bytesBefore = terminal.bytesWritten;
    const pressed = performance.now();
    terminal.press(count < KEYS / 2 ? 'Down' : 'Up');
    const { time } = await terminal.waitFor(() => terminal.look() !== before);
    measured.times.push(time - pressed);
    measured.bytes.push(terminal.bytesWritten - bytesBefore);
  }
  return measured;
}

async function untilExit(args: string[]): Promise<number> {
  const started = performance.now();
  await once(spawn(process.execPath, args, { stdio: 'ignore', env: withoutCertificates() }), 'exit');
  return performance.now() - started;
}

async function untilPainted(box: string): Promise<number> {
  const started = performance.now();
  await using terminal = openTerminal({ command: process.execPath, args: [box], ...SIZE });
  const { time } = await terminal.waitFor('painted');
  return time - started;
}

async function untilRows(ports: number[]): Promise<{ rows: number; owners: number }> {
  const started = performance.now();
  await using terminal = openProgram();
  const rows = await terminal.waitFor(new RegExp(`\\b(?:${ports.join('|')})\\b`));
  const owners = await terminal.waitFor(ownersOf(ports));
  terminal.press('q');
  await terminal.exit;
  return { rows: rows.time - started, owners: owners.time - started };
}

/** Looks once, so that only a key can change the screen. */
function openProgram(): Terminal {
  return openTerminal({ command: process.execPath, args: [PROGRAM, '-d', '600'], ...SIZE });
}

/** A row of ours with its owner; the table may have no room for the whole name. */
function ownersOf(ports: number[]): RegExp {
  return new RegExp(`\\b(?:${ports.join('|')})\\b.*${OWNER.slice(0, 8)}`);
}

async function listen(): Promise<number[]> {
  const servers = Array.from({ length: LISTENERS }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  return servers.map((server) => (server.address() as { port: number }).port);
}

/** The least that a program with Ink can be, built as test/build.mjs builds porttop. */
async function buildBox(): Promise<string> {
  const sources = {
    'no-devtools.js': 'export default {};',
    'start.js': `
      Object.defineProperty(globalThis, 'fetch', { value: undefined, configurable: true, writable: true });
      await import('./box.js');`,
    'box.js': `
      import { Box, render, Text } from 'ink';
      import { createElement } from 'react';
      const box = createElement(Box, { borderStyle: 'round' }, createElement(Text, null, 'painted'));
      render(box, { alternateScreen: true, incrementalRendering: true, patchConsole: false });
      setInterval(() => {}, 1000);`,
  };
  for (const [name, source] of Object.entries(sources)) writeFileSync(`${folder}/${name}`, source);
  writeFileSync(`${folder}/package.json`, '{ "type": "module" }');
  await build({
    absWorkingDir: folder,
    nodePaths: [`${ROOT}node_modules`],
    entryPoints: ['start.js'],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    alias: { 'react-devtools-core': './no-devtools.js' },
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    banner: { js: "import{createRequire as $r}from'node:module';const require=$r(import.meta.url);" },
    logLevel: 'warning',
  });
  return `${folder}/dist/start.js`;
}

/** They are read at every start, and no user of a fresh machine has them. */
function withoutCertificates(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_EXTRA_CA_CERTS: undefined };
}

function machine(): string {
  const [cpu] = cpus();
  const load = loadavg().map((average) => average.toFixed(1));
  return `node ${process.version}, Linux ${release()}, ${cpus().length} × ${cpu?.model}, load ${load.join(' ')}`;
}

function table(title: string, rows: [name: string, times: number[], remark: string][]): void {
  console.log(`${title.padEnd(66)}median    p95    min`);
  for (const [name, times, remark] of rows) {
    const numbers = [median(times), quantile(times, 0.95), Math.min(...times)];
    const columns = numbers.map((number) => number.toFixed(1).padStart(7)).join('');
    console.log(`  ${name.padEnd(62)} ${columns}  ${remark}`);
  }
  console.log('');
}

function median(values: number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}
