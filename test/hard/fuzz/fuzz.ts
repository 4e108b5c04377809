import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type Fault, fuzz, type Tally } from './run.ts';
import { TARGETS } from './targets.ts';

/*
 *     node test/hard/fuzz/fuzz.ts [--inputs N] [--seed N] [--only NAME] [--from N]
 *
 * Gives every parser inputs of its own, N in all, made of captured files by a seed, and prints for each how many
 * there were and how long they took. An input is known by its number: `--only NAME --from NUMBER --inputs 1` with the
 * same seed tries it again. Ends with 1 where there was a fault.
 */

type Job = { at: number; seed: number; from: number; to: number };
type News = { fault: Fault } | { tally: Tally };

/** A worker that says nothing new for so long hangs in one input, in ms. */
const HANGS = 60_000;
/** Inputs between two looks at the clock, after which timers run too. */
const BLOCK = 2000;

async function work({ at, seed, from, to }: Job): Promise<void> {
  const target = TARGETS[at];
  if (!target) return;
  const total: Tally = { inputs: 0, refused: 0, ms: 0, slowest: 0, slowestAt: from };
  // Of what is dear fewer, so that a block does not pass for one that hangs.
  const block = Math.max(50, BLOCK * (target.share ?? 1));
  for (let start = from; start < to; start += block) {
    const steps = fuzz(target, seed, start, Math.min(to, start + block));
    let step = steps.next();
    for (; !step.done; step = steps.next()) parentPort?.postMessage({ fault: step.value } satisfies News);
    const tally = step.value;
    total.inputs += tally.inputs;
    total.refused += tally.refused;
    total.ms += tally.ms;
    if (tally.slowest > total.slowest) {
      total.slowest = tally.slowest;
      total.slowestAt = tally.slowestAt;
    }
    Atomics.store(progress(), 0, start);
    await new Promise(setImmediate);
  }
  parentPort?.postMessage({ tally: total } satisfies News);
}

const progress = () => new Int32Array((workerData as { progress: SharedArrayBuffer }).progress);

/** All inputs of a target in a thread of its own, so that one that never ends can be named and stopped. */
function runJob(job: Job): Promise<{ tally: Tally | null; faults: Fault[] }> {
  const shared = new SharedArrayBuffer(4);
  const seen = new Int32Array(shared);
  const worker = new Worker(new URL(import.meta.url), { workerData: { job, progress: shared } });
  return new Promise((resolve, reject) => {
    const faults: Fault[] = [];
    let tally: Tally | null = null;
    let last = -1;
    const watch = setInterval(() => {
      const now = Atomics.load(seen, 0);
      if (now !== last) {
        last = now;
        return;
      }
      const target = (TARGETS[job.at] as (typeof TARGETS)[number]).name;
      faults.push({
        target,
        number: now,
        what: `hangs within ${BLOCK} inputs from there`,
        input: Buffer.alloc(0),
      });
      void worker.terminate();
    }, HANGS);
    worker.on('message', (news: News) => {
      if ('fault' in news) faults.push(news.fault);
      else tally = news.tally;
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      clearInterval(watch);
      resolve({ tally, faults });
    });
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: process.env.FUZZ_INPUTS ?? '1000000' },
      seed: { type: 'string', default: process.env.FUZZ_SEED ?? '4000' },
      only: { type: 'string' },
      from: { type: 'string', default: '0' },
    },
  });
  const seed = Number(values.seed);
  const from = Number(values.from);
  const chosen = [...TARGETS.entries()].filter(([, { name }]) => !values.only || name === values.only);
  if (chosen.length === 0)
    throw new Error(`--only: there are ${TARGETS.map(({ name }) => name).join(' · ')}`);
  const shares = chosen.reduce((sum, [, { share = 1 }]) => sum + share, 0);
  const each = Number(values.inputs) / shares;
  console.log(
    `fuzz: seed ${seed}, ${Number(values.inputs).toLocaleString('en')} inputs for ${chosen.length} parsers`,
  );
  const began = performance.now();
  let inputs = 0;
  let faulty = 0;
  const one = async () => {
    for (let next = chosen.shift(); next; next = chosen.shift()) {
      const [at, { name, share = 1 }] = next;
      const { tally, faults } = await runJob({ at, seed, from, to: from + Math.ceil(each * share) });
      inputs += tally?.inputs ?? 0;
      faulty += faults.length;
      if (tally) console.log(line(name, tally));
      for (const fault of faults.slice(0, 5)) console.log(report(fault));
      if (faults.length > 5) console.log(`  … and ${faults.length - 5} more`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, one));
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${inputs.toLocaleString('en')} inputs in ${seconds} s, ${faulty} faults`);
  if (faulty > 0) process.exitCode = 1;
}

function line(name: string, { inputs, refused, ms, slowest, slowestAt }: Tally): string {
  const cells = [
    name.padEnd(24),
    inputs.toLocaleString('en').padStart(11),
    `${Math.round((100 * refused) / inputs)}% refused`.padStart(13),
    `${(ms / 1000).toFixed(1)} s`.padStart(9),
    `slowest ${slowest.toFixed(1)} ms (input ${slowestAt})`,
  ];
  return cells.join('  ');
}

function report({ target, number, what, input }: Fault): string {
  return `  FAULT ${target}, input ${number}: ${what}\n  ${Buffer.from(input).toString('base64')}`;
}

if (isMainThread) await main();
else await work((workerData as { job: Job }).job);
