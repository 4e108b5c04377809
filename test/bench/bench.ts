/**
 * npm run bench                       what a person waits for, on the machine as it is
 * npm run bench -- --size S|M|L       everything, on a loaded host, against ss, netstat, lsof and fuser; Markdown
 *
 *   --only PART,…    of refresh, newcomer, oneshot, start, keys, floor
 *   --runs N         rounds of every part
 *   --seconds N      of a window in which the running screen's CPU time is measured (20; 80 where it counts connections)
 *   --porttop FILE   another build's dist/porttop.js
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { folderOutside, runApart } from './apart.ts';
import { type Bed, progress } from './bed.ts';
import { compile, LoadedHost, loadReached } from './host.ts';
import { Meter } from './measure.ts';
import { PARTS } from './parts.ts';
import { measureQuickly } from './quick.ts';
import { commandsTable, type Report, rowsTable, table } from './report.ts';
import { SIZES, type Size } from './sizes.ts';

const { values } = parseArgs({
  options: {
    size: { type: 'string' },
    only: { type: 'string', default: Object.keys(PARTS).join() },
    runs: { type: 'string' },
    seconds: { type: 'string', default: '20' },
    porttop: { type: 'string', default: fileURLToPath(new URL('../../dist/porttop.js', import.meta.url)) },
  },
});

// They are read at every start, and no user of a fresh machine has them.
delete process.env.NODE_EXTRA_CA_CERTS;
delete process.env.NODE_OPTIONS;

const size = values.size === undefined ? null : SIZES[values.size];
if (size === undefined) fail(`--size is one of ${Object.keys(SIZES).join(', ')}`);
const parts = values.only.split(',').map((name) => PARTS[name] ?? fail(`no part is called ${name}`));

const folder = folderOutside ?? mkdtempSync(`${tmpdir()}/porttop-bench-`);
try {
  const status = size && !folderOutside ? await runApart(folder) : null;
  if (status !== null) {
    process.exitCode = status;
  } else if (size) {
    await measure(size);
  } else {
    console.log(`${machine()}\n`);
    await measureQuickly(values.porttop, folder);
  }
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  if (!folderOutside) rmSync(folder, { recursive: true });
}
process.exit();

async function measure(size: Size): Promise<void> {
  const began = performance.now();
  // Of before the load.
  const where = machine();
  const meter = new Meter(compile('measure', folder));
  progress(`the host of size ${size.name}`);
  await using host = await LoadedHost.start(size.load, compile('host', folder), folder);
  const bed: Bed = {
    size,
    host,
    meter,
    folder,
    porttop: values.porttop,
    runs: values.runs === undefined ? undefined : Number(values.runs),
    seconds: Number(values.seconds),
  };
  const reached = loadReached();
  const reports: Report[] = [];
  for (const part of parts) reports.push(await part(bed));
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);

  const commands = new Map(reports.flatMap((report) => [...report.commands]));
  const further = reports.flatMap((report) => report.further);
  console.log(`**${size.name}**: ${reached}; ${minutes} minutes\n`);
  for (const limit of host.limits) console.log(`Not reached: ${limit}\n`);
  console.log(`${where}; ${tools()}; ${new Date().toISOString().slice(0, 10)}\n`);
  console.log(`${rowsTable(reports.flatMap((report) => report.rows))}\n`);
  if (commands.size > 0) console.log(`${commandsTable(commands)}\n`);
  if (further.length > 0) console.log(table(['further', 'figure'], further));
}

function machine(): string {
  const [cpu] = cpus();
  const load = loadavg().map((average) => average.toFixed(1));
  return `node ${process.version}, Linux ${release()}, ${cpus().length} × ${cpu?.model}, load ${load.join(' ')}`;
}

function tools(): string {
  const asked = [
    ['ss', '-V'],
    ['lsof', '-v'],
    ['netstat', '-V'],
    ['fuser', '-V'],
  ] as const;
  const versions = asked.map(([tool, flag]) => {
    const { stdout, stderr, error } = spawnSync(tool, [flag]);
    return `${tool} ${error ? 'not installed' : /\d+(?:\.\d+)+/.exec(`${stdout}${stderr}`)?.[0]}`;
  });
  return versions.join(', ');
}

function fail(message: string): never {
  console.error(`bench: ${message}`);
  process.exit(1);
}
