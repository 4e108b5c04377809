import { availableParallelism } from 'node:os';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  SHARE_ENV,
  Worker,
} from 'node:worker_threads';
import type { ProcessFacts } from '../processes/process-facts.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import type { Walk } from '../sockets/holder-walk.ts';
import type { Walkers } from '../sockets/owners.ts';
import { type Report, STEP, type Task, Turns } from './turns.ts';

/** Files that a thread is worth starting for: to start takes it some 35 ms, and to ask for a file some 3 µs. */
const FILES = 40_000;
/** The most of them: beyond, the kernel's own locks are what is waited for. */
const MOST = 3;
/** How long one may take longer than the others, in ms: then it is stuck, or has died. */
const PATIENCE = 10_000;

/** In dist/ it is a file of its own beside the command's. */
const WALKER = new URL(import.meta.url.endsWith('.ts') ? 'walker.ts' : 'walker.js', import.meta.url);

/**
 * Threads that look for owners too, where there are so many open files, and processors, that it pays. They start at
 * once, while the sockets are read; null: it does not pay.
 */
export function openWalkers(procfs: ProcFs): WalkerThreads | null {
  const count = Math.min(MOST, availableParallelism() - 1, Math.floor(openFiles(procfs) / FILES));
  return count < 1 ? null : new WalkerThreads(procfs.root, count);
}

/** How many files the host has open, roughly (proc(5), /proc/sys/fs/file-nr); 0: not known. */
function openFiles(procfs: ProcFs): number {
  try {
    return Number.parseInt(procfs.text('sys/fs/file-nr'), 10) || 0;
  } catch (error) {
    if (error instanceof ProcError) return 0;
    throw error;
  }
}

export class WalkerThreads {
  readonly #ports: MessagePort[] = [];

  constructor(root: string, count: number) {
    for (let thread = 0; thread < count; thread++) {
      const { port1, port2 } = new MessageChannel();
      const worker = new Worker(WALKER, {
        workerData: { root, port: port2 },
        transferList: [port2],
        env: SHARE_ENV,
        execArgv: [],
        trackUnmanagedFds: false,
      });
      // One that cannot start is late for every process: the others walk through all.
      worker.on('error', () => {});
      worker.unref();
      port1.unref();
      this.#ports.push(port1);
    }
  }

  /** For one walk. `told`: what those are called whom they met. */
  walk(told: (pid: number, facts: ProcessFacts | null) => void): Walkers {
    const ports = this.#ports.splice(0);
    let turns = new Turns(0);
    let pids: Uint32Array = new Uint32Array();
    return {
      begin: (all, wanted) => {
        pids = Uint32Array.from(all);
        turns = new Turns(pids.length);
        for (const [at, port] of ports.entries()) {
          port.postMessage({ number: at + 1, pids, wanted, turns: turns.shared } satisfies Task);
        }
        return () => turns.next(0);
      },
      end() {
        const walks: Walk[] = [];
        const missed: number[] = [];
        for (const [at, port] of ports.entries()) {
          const report = reportOf(port, turns, at + 1);
          if (report) walks.push(report);
          else for (const place of turns.placesOf(at + 1)) missed.push(pids[place] as number);
          for (const [pid, facts] of report?.facts ?? []) told(pid, facts);
          port.close();
        }
        return { walks, missed: missed.sort((a, b) => a - b) };
      },
    };
  }
}

/** null: it has none. One that had not begun by now is not waited for. */
function reportOf(port: MessagePort, turns: Turns, thread: number): Report | null {
  if (turns.step(thread, STEP.waiting, STEP.late)) return null;
  turns.wait(thread, PATIENCE);
  return (receiveMessageOnPort(port)?.message as Report | undefined) ?? null;
}
