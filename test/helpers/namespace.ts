import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

export type NamespaceOptions = {
  /** Also a host name of its own. */
  hostname?: string;
  /** Also processes of its own: /proc in there shows only what was started in there. */
  processes?: boolean;
  /** Also mounts of its own. */
  mounts?: boolean;
};

export type Command = { command: string; args: string[] };
export type Result = { code: number | null; stdout: string; stderr: string };

const isRoot = process.geteuid?.() === 0;

/** Why there can be no network namespace here; null when there can. */
export function namespaceProblem(options: NamespaceOptions = {}): string | null {
  for (const tool of ['unshare', 'nsenter', 'ip']) {
    if (spawnSync(tool, ['-V']).error) return `no ${tool}(8)`;
  }
  const { status, stderr } = spawnSync('unshare', [
    ...unshareFlags(options),
    'ip',
    'link',
    'set',
    'lo',
    'up',
  ]);
  return status === 0 ? null : `no network namespace: ${stderr.toString().trim()}`;
}

/** A network namespace with nothing in it but `lo`, which is up. It ends with who made it. */
export async function openNamespace(options: NamespaceOptions = {}): Promise<Namespace> {
  const steps = ['ip link set lo up', 'echo up', 'exec cat'];
  if (options.hostname) steps.unshift(`hostname ${options.hostname}`);
  const args = [...unshareFlags(options), 'sh', '-c', steps.join(' && ')];
  const keeper = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const complaint = text(keeper.stderr);
  for await (const _ of createInterface(keeper.stdout)) return new Namespace(keeper, options);
  throw new Error(`unshare: ${await complaint}`);
}

export class Namespace {
  readonly #keeper: ChildProcess;
  readonly #entering: string[];
  readonly #spawned: ChildProcess[] = [];

  constructor(keeper: ChildProcess, options: NamespaceOptions) {
    this.#keeper = keeper;
    // `unshare --fork` stays outside, and its child is the one within.
    const pid = options.processes ? onlyChildOf(keeper.pid as number) : keeper.pid;
    this.#entering = ['--target', `${pid}`, '--net'];
    if (!isRoot) this.#entering.push('--user', '--preserve-credentials');
    if (options.hostname) this.#entering.push('--uts');
    if (options.processes) this.#entering.push('--pid');
    if (options.processes || options.mounts) this.#entering.push('--mount');
  }

  /**
   * The command that runs another in here, and becomes it; except where processes are its own: there it waits
   * for the other, which starts in `/`.
   */
  wrap(command: string, args: readonly string[] = []): Command {
    return { command: 'nsenter', args: [...this.#entering, '--', command, ...args] };
  }

  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): ChildProcess {
    const wrapped = this.wrap(command, args);
    const child = spawn(wrapped.command, wrapped.args, options);
    this.#spawned.push(child);
    return child;
  }

  async run(command: string, args: readonly string[] = []): Promise<Result> {
    const wrapped = this.wrap(command, args);
    const child = spawn(wrapped.command, wrapped.args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const closed = once(child, 'close');
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    await closed;
    return { code: child.exitCode, stdout, stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // nsenter stops with the process that it waits for, and then waits for nothing any more.
    for (const child of this.#spawned) child.kill('SIGKILL');
    if (this.#keeper.exitCode !== null) return;
    const closed = once(this.#keeper, 'close');
    this.#keeper.stdin?.end();
    await closed;
  }
}

function unshareFlags({ hostname, processes, mounts }: NamespaceOptions): string[] {
  const flags = isRoot ? ['--net'] : ['--user', '--map-root-user', '--net'];
  if (hostname) flags.push('--uts');
  if (mounts) flags.push('--mount');
  if (processes) flags.push('--pid', '--fork', '--kill-child', '--mount-proc');
  return flags;
}

function onlyChildOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}
