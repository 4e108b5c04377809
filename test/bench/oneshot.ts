import { readFileSync } from 'node:fs';
import { parseSs } from '../differential/ss.ts';
import { type Bed, isInstalled, progress, Samples, wordsOf } from './bed.ts';
import { SERVICE_PORT } from './host.ts';
import { median } from './numbers.ts';
import { compared, emptyReport, type Report } from './report.ts';

const LIST_LISTENING = 'porttop list -tulpn';
const LIST_ALL = 'porttop list -tuapn';
const LIST_PORT = `porttop list :${SERVICE_PORT}`;
const LSOF_PORT = `lsof -nP -i :${SERVICE_PORT}`;

const COMMANDS = [
  LIST_LISTENING,
  'ss -tulpn',
  'netstat -tulpn',
  LIST_ALL,
  'ss -tuanp',
  'netstat -tuapn',
  'lsof -nP -i',
  LIST_PORT,
  LSOF_PORT,
  `fuser -n tcp ${SERVICE_PORT}`,
  'node -e 0',
];

/** (b): the listings that print once, from start to end, and whether they name the same owners. */
export async function measureOneShots(bed: Bed): Promise<Report> {
  const report = emptyReport();
  const samples = new Samples(bed);
  // Fills the caches too.
  report.further.push(...(await compareOwners(bed)));
  const runs = bed.runs ?? bed.size.runs;
  for (let round = 0; round < runs; round++) {
    progress(`one-shots, round ${round + 1} of ${runs}`);
    for (const command of COMMANDS) await samples.take(command);
  }
  report.commands = samples.runs;

  const { targets } = bed.size;
  const rows = (what: string, command: string, rival: string, target: number | undefined) => {
    for (const time of ['wall', 'cpu'] as const) {
      const porttop = median(samples.of(command, time));
      const figure = median(samples.of(rival, time));
      const unit = time === 'cpu' ? 'ms CPU' : 'ms';
      report.rows.push(compared({ what, porttop, rival, figure, unit, target, as: 'factor' }));
    }
  };
  rows('`list -tulpn`', LIST_LISTENING, targets.listListening.rival, targets.listListening.share);
  rows('`list -tuapn`', LIST_ALL, 'ss -tuanp', targets.listAll);
  rows('`list :PORT`', LIST_PORT, LSOF_PORT, targets.listPort);
  return report;
}

/** Every socket's inode, and the pid and fd of each of its owners. */
type Owners = Set<string>;

async function compareOwners(bed: Bed): Promise<[string, string][]> {
  const output = async (command: string) => {
    progress(`owners of ${command}`);
    const file = `${bed.folder}/output`;
    await bed.meter.run(wordsOf(command, bed), file);
    return readFileSync(file, 'utf8');
  };
  const found: [string, string][] = [];
  const compare = async (ours: string, theirs: string, parse: (text: string) => Owners) => {
    if (!isInstalled(theirs)) return;
    const porttop = ofPorttop(await output(`${ours} --json`));
    found.push([`owners: ${ours} and ${theirs}`, difference(porttop, parse(await output(theirs)))]);
  };
  await compare(LIST_LISTENING, 'ss -HOtulpne', ofSs);
  await compare(LIST_ALL, 'ss -HOtuanpe', ofSs);
  await compare(LIST_ALL, 'lsof -nP -i -F pfd', ofLsof);
  await compare(LIST_PORT, `${LSOF_PORT} -F pfd`, ofLsof);
  return found;
}

function difference(ours: Owners, theirs: Owners): string {
  const missing = countWithout(theirs, ours);
  const surplus = countWithout(ours, theirs);
  if (missing + surplus === 0) return `the same ${ours.size.toLocaleString('en')}`;
  return `${ours.size.toLocaleString('en')}: ${missing} missing, ${surplus} that it has not`;
}

function countWithout(owners: Owners, others: Owners): number {
  return [...owners].filter((owner) => !others.has(owner)).length;
}

function ofPorttop(json: string): Owners {
  const { sockets } = JSON.parse(json) as {
    sockets: { inode: number; owners: { pid: number; fd: number }[] }[];
  };
  return new Set(
    sockets.flatMap(({ inode, owners }) => owners.map(({ pid, fd }) => `${inode} ${pid} ${fd}`)),
  );
}

function ofSs(output: string): Owners {
  return new Set(
    parseSs(output).flatMap(({ inode, owners }) => owners.map(({ pid, fd }) => `${inode} ${pid} ${fd}`)),
  );
}

/** Lines `pPID`, then `fFD` and `dINODE` of each file. */
function ofLsof(output: string): Owners {
  const owners: Owners = new Set();
  let pid = '';
  let fd = '';
  for (const line of output.split('\n')) {
    const value = line.slice(1);
    if (line.startsWith('p')) pid = value;
    else if (line.startsWith('f')) fd = value;
    else if (line.startsWith('d')) owners.add(`${value} ${pid} ${fd}`);
  }
  return owners;
}
