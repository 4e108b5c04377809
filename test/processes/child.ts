import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';

export type Child = ChildProcess & { pid: number };

/**
 * A process that lives until the test ends (its stdin closes, or it is killed). When this resolves, exec(2)
 * is done: /proc shows the program, and not the fork of this one.
 */
export async function start(
  command: string,
  args: string[] = [],
  options: SpawnOptions = {},
): Promise<Child> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child, 'spawn');
  return child as Child;
}

/** The first line that the child says. */
export async function lineOf(stream: Readable | null): Promise<string> {
  for await (const line of createInterface(stream as Readable)) return line;
  throw new Error('the child said nothing');
}

/** Node with a title of its own, which it sets as comm too. */
export async function startTitled(title: string, ...args: string[]): Promise<Child> {
  const script = 'process.title = process.env.TITLE; console.log("ready"); process.stdin.resume()';
  const child = await start(process.execPath, ['-e', script, ...args], { env: { TITLE: title } });
  await lineOf(child.stdout);
  return child;
}

/** A zombie: its parent has become `cat`, which never waits for it. Resolves with its pid when it is one. */
export async function startZombie(): Promise<number> {
  // fd 3 is the zombie's alone, so its end of file says that exit(2) has begun.
  const script = 'sh -c "echo \\$\\$ >&3" & exec cat 3>&-';
  const parent = await start('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit', 'pipe'] });
  const pid = await lineOf(parent.stdio[3] as Readable);
  return Number(pid);
}
