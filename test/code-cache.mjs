import { spawn as spawnPlainly } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { spawn } from '@lydell/node-pty';
import { root } from './bundling.mjs';

/** Each command, doing the most usual that it can do and nobody notices. */
const RUNS = [
  ['list', '-tulpn'],
  ['ps'],
  ['show', `${process.pid}`],
  ['service', '80'],
  ['kill', '--help'],
  ['watch', '--help'],
  ['--help'],
];
const KEEPING = ['--require', `${root}test/keep-compiled.cjs`, `${root}dist/porttop.js`];

/** Nobody's settings, and no flags of V8 that others will not have. */
const ENV = { PATH: process.env.PATH, TERM: 'xterm-256color', XDG_CONFIG_HOME: `${root}dist` };

/** In ms. */
const PATIENCE = 10_000;

/** Run by other means: what has no compiled code of its own. */
const WITHOUT = ['porttop.js', 'walker.js'];

/**
 * Runs every command once, and keeps beside each file of dist/ what V8 compiled of it: for this V8, another compiles for
 * itself. Nobody needs it to be there, so whatever the commands say of this machine, the build goes on.
 */
export async function keepCompiled() {
  await Promise.all([...RUNS.map(run), runScreen()]);
  const files = readdirSync(`${root}dist`).filter((file) => file.endsWith('.js') && !WITHOUT.includes(file));
  for (const file of files) {
    const kept = existsSync(`${root}dist/${file.replace(/\.js$/, '.cache')}`);
    if (!kept) console.warn(`no compiled code of ${file}: it starts slower`);
  }
}

async function run(args) {
  const child = spawnPlainly(process.execPath, [...KEEPING, ...args], {
    env: ENV,
    stdio: 'ignore',
    timeout: PATIENCE,
  });
  await once(child, 'exit');
}

/** Until it shows its rows; then it quits. */
function runScreen() {
  return new Promise((resolve) => {
    const screen = spawn(process.execPath, KEEPING, { cols: 120, rows: 40, env: ENV });
    const late = setTimeout(() => screen.kill('SIGKILL'), PATIENCE);
    let shown = '';
    screen.onData((data) => {
      shown += data;
      if (/ listening/.test(shown)) screen.write('q');
    });
    screen.onExit(() => {
      clearTimeout(late);
      resolve();
    });
  });
}
