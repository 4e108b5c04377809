import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
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

/**
 * Runs every command once, and keeps beside each file of dist/ what V8 compiled of it: for this V8, another compiles for
 * itself. Nobody needs it to be there.
 */
export async function keepCompiled() {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const run = (args) => promisify(execFile)(process.execPath, [...KEEPING, ...args], { env });
  const outcomes = await Promise.allSettled([...RUNS.map(run), runScreen(env)]);
  for (const { reason } of outcomes) if (reason) console.warn(`no compiled code: ${reason.message}`);
}

/** Until it shows its rows; then it quits. */
function runScreen(env) {
  return new Promise((resolve, reject) => {
    const screen = spawn(process.execPath, KEEPING, {
      cols: 120,
      rows: 40,
      env: { ...env, TERM: 'xterm-256color' },
    });
    let shown = '';
    screen.onData((data) => {
      shown += data;
      if (/ listening/.test(shown)) screen.write('q');
    });
    screen.onExit(({ exitCode }) =>
      exitCode === 0 ? resolve() : reject(new Error(`the screen ended with ${exitCode}`)),
    );
  });
}
