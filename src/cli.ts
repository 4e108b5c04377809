#!/usr/bin/env node
import { fstatSync } from 'node:fs';
import { safe } from './text/safe.ts';

/** Every subcommand, loaded only when it is called: `list` never loads React. */
const COMMANDS = {
  top: () => import('./commands/top.tsx'),
  list: () => import('./commands/list.ts'),
  ps: () => import('./commands/ps.ts'),
  show: () => import('./commands/show.ts'),
  service: () => import('./commands/service.ts'),
  kill: () => import('./commands/kill.ts'),
  watch: () => import('./commands/watch.ts'),
} satisfies Record<string, () => Promise<CommandModule>>;

type CommandModule = { run(args: string[]): Promise<number> };

const PRINTS = ['-h', '--help', '-V', '--version', '--print-config'];

/** Errors whose message is meant for the user. By name: each command is a bundle with classes of its own. */
const FOR_THE_USER = ['UsageError', 'QueryError', 'ProcError', 'ConfigFileError'];

/** What the system is short of, and what to do: no fault of this program's. */
const REASONS: Record<string, string | undefined> = {
  EMFILE: 'too many files are open: raise the limit (ulimit -n 1024)',
  ENFILE: 'too many files are open on this host',
  ENOMEM: 'the memory is full',
  ENOSPC: 'no space is left there',
};

const FAILED = 2;

/** Ink 8 asks for Node 22; on 20 the bundle was seen to run, slower. */
const OLDEST_NODE = 20;

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const [first = ''] = args;
  if (first !== 'top' && Object.hasOwn(COMMANDS, first)) {
    return (await COMMANDS[first as keyof typeof COMMANDS]()).run(args.slice(1));
  }
  if (args.some((word) => PRINTS.includes(word))) {
    const helped = await (await import('./commands/top-help.ts')).run(args);
    if (helped !== null) return helped;
  }
  if (!isForScreen(args)) return (await COMMANDS.list()).run(args);
  hideFetch();
  return (await COMMANDS.top()).run(args);
}

/**
 * Without a terminal to draw on and hear keys from, `porttop` is `porttop list`: one that is `dumb` (an editor's, a
 * build's) can put nothing in its place.
 */
function isForScreen(args: readonly string[]): boolean {
  const forScript = ['--json', '--ndjson', '--csv'].some((form) => args.includes(form));
  const terminal =
    process.stdin.isTTY === true && process.stdout.isTTY === true && process.env.TERM !== 'dumb';
  return !forScript && terminal;
}

/**
 * Yoga, in Ink, fetches its WebAssembly from a data: URL where there is a fetch, and that loads the whole HTTP
 * client: a quarter of the time to the first paint. Without one it decodes the bytes itself.
 */
function hideFetch(): void {
  Object.defineProperty(globalThis, 'fetch', { value: undefined, configurable: true, writable: true });
}

// `porttop list | head`: the reader left, and nobody waits for the rest. What cannot be written now (a full disk) will
// not be later: `watch` would go on for nobody.
whenMade('stdout', (stdout) => {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    // The terminal is gone (and none any more), and SIGHUP did not tell: it went to its shell alone.
    if (error.code === 'EIO' && fstatSync(1).isCharacterDevice())
      return void process.kill(process.pid, 'SIGHUP');
    fail(`cannot write: ${REASONS[error.code ?? ''] ?? error.message}`);
    process.exit();
  });
});
// What went wrong cannot be told then; the status still tells that it did.
whenMade('stderr', (stderr) => void stderr.on('error', () => {}));

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  const { versions, execPath } = process;
  fail(
    `needs Node ${OLDEST_NODE} or newer, and this is ${versions.node} (${execPath}): start it with a newer one`,
  );
} else {
  main().then((code) => {
    process.exitCode ??= code;
  }, fail);
}

/** Node makes a standard stream when it is asked for, in some 4 ms, and few commands ask for both. */
function whenMade(name: 'stdout' | 'stderr', prepare: (stream: NodeJS.WriteStream) => void): void {
  const get = Object.getOwnPropertyDescriptor(process, name)?.get;
  if (!get) {
    prepare(process[name]);
    return;
  }
  let stream: NodeJS.WriteStream | null = null;
  const getOnce = () => {
    if (!stream) {
      stream = get.call(process) as NodeJS.WriteStream;
      prepare(stream);
    }
    return stream;
  };
  Object.defineProperty(process, name, { configurable: true, enumerable: true, get: getOnce });
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return `internal error: ${error}`;
  const short = REASONS[(error as NodeJS.ErrnoException).code ?? ''];
  if (short !== undefined) return short;
  return FOR_THE_USER.includes(error.name) ? error.message : `internal error: ${error.message}`;
}

/** Says in one line what went wrong. The stack is for who debugs porttop (NODE_DEBUG=porttop). */
function fail(error: unknown): void {
  process.stderr.write(`porttop: ${safe(typeof error === 'string' ? error : explain(error))}\n`);
  if (process.env.NODE_DEBUG?.includes('porttop')) console.error(error);
  process.exitCode = FAILED;
}
