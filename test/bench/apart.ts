import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Tells the program that it runs inside, and the folder of who runs it there. */
const INSIDE = 'PORTTOP_BENCH_INSIDE';

/** The folder that runApart() was called with; undefined outside. */
export const folderOutside = process.env[INSIDE];

/** sh is process 1 in there: it waits for all who lose their parent, where node would leave them as zombies. */
const FIRST_PROCESS = 'ip link set lo up; "$@"; exit $?';

/**
 * Runs this program again with processes, network and mounts of its own, so that all that it and its rivals see
 * is the load. Its exit status; null where that cannot be.
 */
export async function runApart(folder: string): Promise<number | null> {
  const flags = ['--pid', '--net', '--mount', '--fork', '--kill-child', '--mount-proc'];
  if (process.geteuid?.() !== 0) flags.unshift('--user', '--map-root-user');
  const { error, status, stderr } = spawnSync('unshare', [...flags, 'ip', 'link', 'set', 'lo', 'up']);
  if (status !== 0) {
    const reason = error ? 'no unshare(1)' : stderr.toString().trim();
    console.error(`no namespaces of its own (${reason}): what else runs here is in the figures too`);
    return null;
  }
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn('unshare', [...flags, 'sh', '-c', FIRST_PROCESS, 'sh', ...again], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: folder },
  });
  // unshare lets these pass while it waits; without it, nothing is left inside.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => child.kill('SIGKILL'));
  }
  const [code] = await once(child, 'exit');
  return code ?? 1;
}
