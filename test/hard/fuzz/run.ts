import { inputOf } from './mutate.ts';
import type { Target } from './targets.ts';

/** What an input may take of the processor, in ms, in the best of three tries more: the first compiles. */
const PATIENCE = 200;
/** Of what it is made into, characters and entries for each byte, and for an input of none. */
const GROWTH = 64;
const GROUND = 8192;

export type Fault = { target: string; number: number; what: string; input: Buffer };
export type Tally = { inputs: number; refused: number; ms: number; slowest: number; slowestAt: number };

/**
 * Gives a target its inputs from one number to another. It may refuse one by an error of its own; else an error,
 * too long a time and too large an output are faults.
 */
export function* fuzz(target: Target, seed: number, from: number, to: number): Generator<Fault, Tally> {
  const tally: Tally = { inputs: 0, refused: 0, ms: 0, slowest: 0, slowestAt: from };
  for (let number = from; number < to; number++) {
    const input = inputOf(seed, number, target.corpus);
    tally.inputs++;
    const outcome = tryOne(target, input);
    tally.ms += outcome.ms;
    if (outcome.refused) tally.refused++;
    if (outcome.ms > tally.slowest && outcome.ms < PATIENCE) {
      tally.slowest = outcome.ms;
      tally.slowestAt = number;
    }
    if (outcome.what !== null) yield { target: target.name, number, what: outcome.what, input };
  }
  return tally;
}

type Outcome = { ms: number; refused: boolean; what: string | null };

/** What is wrong with what a target makes of an input; null: nothing. */
export function faultOf(target: Target, input: Buffer): string | null {
  return tryOne(target, input).what;
}

function tryOne(target: Target, input: Buffer): Outcome {
  const start = performance.now();
  let size = 0;
  let refused = false;
  let what: string | null = null;
  try {
    size = sizeOf(target.run(Buffer.from(input)));
  } catch (error) {
    refused = target.throws?.some((kind) => error instanceof kind) ?? false;
    if (!refused) what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const ms = performance.now() - start;
  if (what === null && size > GROUND + GROWTH * input.length) what = `${input.length} bytes became ${size}`;
  if (what === null && ms > PATIENCE && bestOf(target, input) > PATIENCE)
    what = `it took ${Math.round(ms)} ms`;
  return { ms, refused, what };
}

function bestOf(target: Target, input: Buffer): number {
  let best = Infinity;
  for (let attempt = 0; attempt < 3; attempt++) {
    const before = process.threadCpuUsage();
    try {
      target.run(Buffer.from(input));
    } catch {
      // Only the time counts.
    }
    const { user, system } = process.threadCpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

/** Roughly how much there is in a value: characters, and entries. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  let size = 1;
  if (value instanceof Map) for (const [key, entry] of value) size += sizeOf(key) + sizeOf(entry);
  else for (const entry of Object.values(value)) size += sizeOf(entry);
  return size;
}
