import type { ProcessFacts } from '../processes/process-facts.ts';
import type { Walk } from '../sockets/holder-walk.ts';

/** Who takes a process: a thread by its number, above ours; or one that ended before it could say so. */
export const [NOBODY, OURS] = [0, 1];

/** What a thread is asked to walk through: `number` is its own; of these pids whichever is its turn. */
export type Task = { number: number; pids: Uint32Array; wanted: Uint32Array; turns: Turns['shared'] };

/** What it found, and what those are called that it met. */
export type Report = Walk & { facts: Map<number, ProcessFacts | null> };

/** Where a thread is: it waits for its task, walks, is through; or was late, when the others had done all. */
export const STEP = { waiting: 0, walking: 1, through: 2, late: 3 } as const;
type Step = (typeof STEP)[keyof typeof STEP];

/** The most threads. */
const THREADS = 8;

/** Whose turn each process is, in memory that threads share: each is taken by one of them. */
export class Turns {
  readonly shared: { steps: Int32Array; takers: Uint8Array };
  readonly #steps: Int32Array;
  readonly #takers: Uint8Array;

  /** Of so many processes; or those of another thread. */
  constructor(of: number | Turns['shared']) {
    this.shared =
      typeof of === 'number'
        ? {
            // Before them the next turn, and our own step, which nobody asks for.
            steps: new Int32Array(new SharedArrayBuffer(4 * (2 + THREADS))),
            takers: new Uint8Array(new SharedArrayBuffer(of)),
          }
        : of;
    this.#steps = this.shared.steps;
    this.#takers = this.shared.takers;
  }

  /** The place of the next process, which is this thread's from now on; beyond the last: there is none. */
  next(thread: number): number {
    const place = Atomics.add(this.#steps, 0, 1);
    if (place < this.#takers.length) this.#takers[place] = thread;
    return place;
  }

  /** Moves a thread on, if it is where it is thought to be; who waits for it is woken. Whether it was. */
  step(thread: number, from: Step, to: Step): boolean {
    if (Atomics.compareExchange(this.#steps, thread, from, to) !== from) return false;
    Atomics.notify(this.#steps, thread);
    return true;
  }

  /** Blocks while the thread walks, for at most so long, in ms. */
  wait(thread: number, milliseconds: number): void {
    Atomics.wait(this.#steps, thread, STEP.walking, milliseconds);
  }

  /** The places of the processes that these took, ascending. */
  placesOf(...threads: number[]): number[] {
    const places: number[] = [];
    this.#takers.forEach((taker, place) => {
      if (threads.includes(taker)) places.push(place);
    });
    return places;
  }
}
