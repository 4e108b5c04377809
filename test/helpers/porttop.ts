import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The program as built: what a user starts, and in a third of the time that its source takes. */
export const PORTTOP = fileURLToPath(new URL('../../dist/porttop.js', import.meta.url));

export type Outcome = { status: number | null; stdout: string; stderr: string };

/** Runs a command to its end, whatever that is, with nothing to read. */
export function outcomeOf(command: string, args: readonly string[]): Promise<Outcome> {
  const { NODE_DEBUG: _, ...env } = process.env;
  return new Promise((resolve) => {
    const child = execFile(command, args, { env, maxBuffer: 64 << 20 }, (_, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    );
    child.stdin?.end();
  });
}
