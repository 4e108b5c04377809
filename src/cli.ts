import { Answered, UsageError } from './commands/usage.ts';
import { ProcError } from './procfs/procfs.ts';
import { QueryError } from './query/query-error.ts';
import { safe } from './text/safe.ts';

/** Every subcommand, loaded only when it is called: `list` never loads React. */
const COMMANDS = {
  top: () => {
    hideFetch();
    return import('./commands/top.tsx');
  },
  list: () => import('./commands/list.ts'),
  show: () => import('./commands/show.ts'),
  service: () => import('./commands/service.ts'),
} satisfies Record<string, () => Promise<{ run(args: string[]): Promise<number> }>>;

/**
 * Yoga, in Ink, fetches its WebAssembly from a data: URL where there is a fetch: that loads the whole HTTP client, a
 * quarter of the time to the first paint. Without one it decodes the bytes itself.
 */
function hideFetch(): void {
  Object.defineProperty(globalThis, 'fetch', { value: undefined, configurable: true, writable: true });
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const [first = ''] = args;
  if (first !== 'top' && Object.hasOwn(COMMANDS, first)) {
    const command = await COMMANDS[first as keyof typeof COMMANDS]();
    return command.run(args.slice(1));
  }
  const command = await (isForScreen(args) ? COMMANDS.top() : COMMANDS.list());
  return command.run(args);
}

/** Without a terminal to draw on and hear keys from, `porttop` is `porttop list`. */
function isForScreen(args: readonly string[]): boolean {
  if (args.includes('--help') || args.includes('--version')) return true;
  const forScript = args.includes('--json') || args.includes('--csv');
  return !forScript && process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** One line for a person: what went wrong. A stack trace is for who debugs porttop (NODE_DEBUG=porttop). */
function explain(error: unknown): string {
  if (error instanceof UsageError || error instanceof QueryError || error instanceof ProcError) {
    return error.message;
  }
  return `internal error: ${error instanceof Error ? error.message : String(error)}`;
}

// `porttop list | head`: the reader left, and nobody waits for the rest.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Answered)) {
    process.stderr.write(`porttop: ${safe(explain(error))}\n`);
    if (process.env.NODE_DEBUG?.includes('porttop')) console.error(error);
    process.exitCode = 2;
  }
}
