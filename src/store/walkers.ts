import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { ProcessFacts } from '../processes/process-facts.ts';
import type { Walk } from '../sockets/holder-walk.ts';
import type { Walkers } from '../sockets/owners.ts';
import { NOBODY, OURS, type Report, STEP, type Task, Turns } from './turns.ts';

/**
 * How long all of them may take longer than we did, in ms, or else as long again: each has one process left, and what
 * one takes that is stuck or has died is done by us.
 */
const PATIENCE = 1000;

/** In dist/ it is a file of its own beside the command's. */
const WALKER = new URL(import.meta.url.endsWith('.ts') ? 'walker.ts' : 'walker.js', import.meta.url);

/** Threads that look for owners too. They start at once, while the sockets are read. */
export class WalkerThreads {
  readonly #ports: MessagePort[];

  /** `walker`: what each runs. */
  constructor(root: string, count: number, walker = WALKER) {
    const started = Array.from({ length: count }, () => startThread(root, walker));
    this.#ports = started.filter((port) => port !== null);
  }

  /** For one walk. `told`: what those are called whom they met. */
  walk(told: (pid: number, facts: ProcessFacts | null) => void): Walkers {
    const ports = this.#ports.splice(0);
    let turns = new Turns(0);
    let pids: Uint32Array = new Uint32Array();
    let began = 0;
    return {
      begin: (all, wanted) => {
        began = performance.now();
        pids = Uint32Array.from(all);
        turns = new Turns(pids.length);
        for (const [at, port] of ports.entries()) {
          port.postMessage({ number: OURS + at + 1, pids, wanted, turns: turns.shared } satisfies Task);
        }
        return () => turns.next(OURS);
      },
      end() {
        const walks: Walk[] = [];
        const failed: number[] = [];
        const now = performance.now();
        const until = now + Math.max(PATIENCE, now - began);
        for (const [at, port] of ports.entries()) {
          const report = reportOf(port, turns, OURS + at + 1, until);
          if (report) walks.push(report);
          else failed.push(OURS + at + 1);
          for (const [pid, facts] of report?.facts ?? []) told(pid, facts);
          port.close();
        }
        const missed = failed.length === 0 ? [] : turns.placesOf(...failed, NOBODY);
        return { walks, missed: missed.map((place) => pids[place] as number) };
      },
    };
  }
}

/** Its end of a channel; null: no thread can be started, as where a user may have no more (ulimit -u, pids.max). */
function startThread(root: string, walker: URL): MessagePort | null {
  const { port1, port2 } = new MessageChannel();
  try {
    const worker = new Worker(walker, {
      workerData: { root, port: port2 },
      transferList: [port2],
      // What is in NODE_OPTIONS has been done, and what a thread has to say is for nobody.
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
      trackUnmanagedFds: false,
    });
    // One that fails is late for every process, or has missed those that it took.
    worker.on('error', () => {});
    worker.unref();
    port1.unref();
    return port1;
  } catch {
    port1.close();
    return null;
  }
}

/** null: it has none. One that had not begun by now is not waited for. `until`: as of performance.now(). */
function reportOf(port: MessagePort, turns: Turns, thread: number, until: number): Report | null {
  if (turns.step(thread, STEP.waiting, STEP.late)) return null;
  turns.wait(thread, Math.max(0, until - performance.now()));
  return (receiveMessageOnPort(port)?.message as Report | undefined) ?? null;
}
