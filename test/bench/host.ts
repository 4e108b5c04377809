import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Load } from './sizes.ts';

/** Where host.c lets its first service listen, with IPv4. */
export const SERVICE_PORT = 10_000;
/** From here on host.c uses none; below its own, so that these rows come first by port. */
export const FREE_PORTS = 2_000;

/** Into the folder; the path of the program. Ends all with one line where there is no compiler. */
export function compile(name: 'host' | 'floor' | 'measure', folder: string): string {
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
  const { error, status, stderr } = spawnSync('cc', ['-O2', '-o', `${folder}/${name}`, source]);
  if (error) throw new Error(`the loaded host is made by ${name}.c: a C compiler (cc, gcc) is needed`);
  if (status !== 0) throw new Error(`cc ${name}.c: ${stderr}`);
  return `${folder}/${name}`;
}

/** host.c, running. */
export class LoadedHost {
  /** How many idle processes it has, named w0, w1, …. */
  readonly workers: number;
  /** What could not be reached, and why. */
  readonly limits: readonly string[];
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, workers: number, limits: string[]) {
    this.#child = child;
    this.#lines = lines;
    this.workers = workers;
    this.limits = limits;
  }

  static async start(load: Load, program: string, folder: string): Promise<LoadedHost> {
    const { processes, fds, listeners, connections, udp } = load;
    const args = [processes, fds, listeners, connections, udp].map(String);
    const child = spawn(program, args, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const limits: string[] = [];
    for (;;) {
      const { value: line, done } = await lines.next();
      if (done) throw new Error('the loaded host ended before it was ready');
      const ready = /^READY (\d+)$/.exec(line);
      if (ready) return new LoadedHost(child, lines, Number(ready[1]), limits);
      limits.push(line.replace(/^limit /, ''));
    }
  }

  /** So many connections open and close each second from now on; they live a second. */
  async churn(connections: number): Promise<void> {
    await this.#order(`churn ${connections}`);
  }

  /** A worker that was idle so far listens on 127.0.0.1. */
  async listen(port: number, worker: number): Promise<void> {
    await this.#order(`listen ${port} ${worker}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.stdin?.end();
    await closed;
  }

  async #order(order: string): Promise<void> {
    this.#child.stdin?.write(`${order}\n`);
    const { value: answer = 'it has ended' } = await this.#lines.next();
    if (answer !== 'done') throw new Error(`the loaded host, told to ${order}: ${answer}`);
  }
}

/** What is really there, as /proc and ss tell. */
export function loadReached(): string {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const fds = pids.reduce((sum, pid) => sum + countOfFds(pid), 0);
  const lines = (args: string) => spawnSync('ss', [args], BIG).stdout.toString().split('\n').length - 1;
  const counts = [
    [pids.length, 'processes'],
    [fds, 'fds'],
    [lines('-Htln'), 'TCP listeners'],
    [lines('-Htn') / 2, 'connections'],
    [lines('-Huan'), 'UDP sockets'],
  ] as const;
  return counts.map(([count, of]) => `${count.toLocaleString('en')} ${of}`).join(', ');
}

const BIG = { maxBuffer: 1 << 30 };

function countOfFds(pid: string): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0; // ended meanwhile, or another user's
  }
}
