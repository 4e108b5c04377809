import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

/** In milliseconds; CPU time is user's and kernel's, of all that the command waited for too. */
export type Run = { wall: number; cpu: number };

const NANOSECONDS = 1e6;
/** USER_HZ is 100 on every architecture that Node runs on. */
const TICK = 10;

/** measure.c, and what it can tell of processes. */
export class Meter {
  readonly #program: string;

  constructor(program: string) {
    this.#program = program;
  }

  async run(command: readonly string[], file = '/dev/null'): Promise<Run> {
    const [wall = 0, cpu = 0, code] = await this.#ask(['run', file, ...command]);
    // 1 and 3: nothing matched, or not all could be read.
    if (code !== 0 && code !== 1 && code !== 3) throw new Error(`${command.join(' ')} ended with ${code}`);
    return { wall: wall / NANOSECONDS, cpu: cpu / NANOSECONDS };
  }

  /** The CPU time so far of a process and all below it, ended ones too: in milliseconds. */
  async cpuOfTree(root: number): Promise<number> {
    const pids = treeOf(root);
    const clocks = await this.#ask(['clock', ...pids.map(String)]);
    const living = clocks.reduce((sum, clock) => sum + clock, 0) / NANOSECONDS;
    return living + pids.reduce((sum, pid) => sum + ticksOfEnded(pid), 0) * TICK;
  }

  async #ask(args: readonly string[]): Promise<number[]> {
    const child = spawn(this.#program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const closed = once(child, 'close');
    const [answer, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
    await closed;
    if (answer === '') throw new Error(`measure ${args.join(' ')}: ${complaint}`);
    return answer.trim().split(/\s+/).map(Number);
  }
}

/** The memory of a process and all below it, in megabytes (10^6 bytes; the kernel's kB has 1,024). */
export function residentOfTree(root: number): number {
  return treeOf(root).reduce((sum, pid) => {
    return sum + Number(/^VmRSS:\s*(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1.024e-3;
  }, 0);
}

function treeOf(root: number): number[] {
  const children = read(`/proc/${root}/task/${root}/children`).split(' ').filter(Boolean).map(Number);
  return [root, ...children.flatMap(treeOf)];
}

/** cutime and cstime: of children that ended and were waited for. */
function ticksOfEnded(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  const [user, kernel] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15);
  return Number(user ?? 0) + Number(kernel ?? 0);
}

/** Empty when the process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
