import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/*
 *     npm run test:hard -- [--inputs N] [--seed N] [--seconds N] [--minutes N]
 *
 * The fuzzer with so many inputs in all, the storm for so many seconds in each of its parts, the soak for so many
 * minutes. By default some ten minutes.
 */
const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '2000000' },
    seed: { type: 'string', default: '4000' },
    seconds: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '2' },
  },
});

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

function run(command: string, args: string[], env: Record<string, string> = {}): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) process.exitCode = 1;
}

run(process.execPath, [here('fuzz/fuzz.ts'), '--inputs', values.inputs, '--seed', values.seed]);
run('vitest', ['run', '--config', here('../vitest.config.ts'), '--project', 'hard'], {
  STORM_SECONDS: values.seconds,
  SOAK_MINUTES: values.minutes,
  SOAK_SEED: values.seed,
});
