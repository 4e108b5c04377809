import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { vi } from 'vitest';
import { PORTTOP } from '../helpers/porttop.ts';
import { openTerminal, type Terminal, type TerminalOptions } from '../helpers/terminal.ts';

type Options = Partial<Omit<TerminalOptions, 'command'>> & {
  /** What the screen shows when it is ready; by default the owners of the sockets. */
  ready?: RegExp;
};

/** The real program, as built, in a terminal of its own; ready once it has looked for owners. */
export async function openPorttop({ args = [], ready, ...options }: Options = {}): Promise<Terminal> {
  const terminal = openTerminal({
    columns: 120,
    rows: 40,
    ...options,
    command: process.execPath,
    args: [PORTTOP, '--interval', '0.2', ...args],
  });
  const known = (screen: string[]) =>
    /\d+ listening/.test(screen[0] ?? '') && !/finding owners/.test(screen[0] ?? '');
  await terminal.waitFor(ready ?? known);
  return terminal;
}

export type Listener = AsyncDisposable & { port: number; pid: number; child: ChildProcess };

/** A process of its own that listens on a port of 127.0.0.1, and says which. */
export async function openListener({
  title,
  port = 0,
  address = '127.0.0.1',
  env = {},
  cwd,
  uid,
  also = '',
  alsoAt,
  ipc = false,
}: {
  title?: string;
  port?: number;
  address?: string;
  /** Another address to listen at, on the same port. */
  alsoAt?: string;
  env?: Record<string, string>;
  cwd?: string;
  /** Whose it is; only root may say. */
  uid?: number;
  /** What else its program does. */
  also?: string;
  /** Whether it can be sent messages. */
  ipc?: boolean;
} = {}): Promise<Listener> {
  const program = `
    ${title === undefined ? '' : `process.title = ${JSON.stringify(title)};`}
    const server = require('node:net').createServer().listen(${port}, '${address}', () => {
      const { port } = server.address();
      const tell = () => console.log(port);
      ${alsoAt === undefined ? 'tell()' : `require('node:net').createServer().listen(port, ${JSON.stringify(alsoAt)}, tell)`};
    });
    ${also}`;
  const child = spawn(process.execPath, ['-e', program], {
    cwd,
    uid,
    env: { ...process.env, ...env },
    stdio: ipc ? ['ignore', 'pipe', 'inherit', 'ipc'] : ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(child.stdout as NodeJS.ReadableStream)) {
    return {
      port: Number(line),
      pid: child.pid as number,
      child,
      async [Symbol.asyncDispose]() {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      },
    };
  }
  throw new Error('the listener ended before it listened');
}

/** The row of the table that begins with this port. */
export function rowOfPort(terminal: Terminal, port: number): number {
  return terminal.rowOf(new RegExp(`^[▌ ][+ ·-] +${port} `));
}

/** Whether the port's row is on the screen, and, if asked, selected. */
export function showsPort(port: number, { selected = false, mark = '' } = {}): (screen: string[]) => boolean {
  const row = new RegExp(`^${selected ? '▌' : '[▌ ]'}${mark || '[+ ·-]'} +${port} `);
  return (screen) => screen.some((line) => row.test(line));
}

/** The value of a field in the details, without its source. */
export function fieldOf(terminal: Terminal, label: string): string | undefined {
  const field = new RegExp(`│[▸─ ] ${label} +(.*?) *(?:│|  /proc/|  sock_diag)`);
  return terminal.text().match(field)?.[1];
}

/** The line of the details that has the cursor. */
export function cursorLine(terminal: Terminal): string | undefined {
  return terminal.screen().find((line) => line.startsWith('│▸'));
}

/** What makes a listener share its socket with a child, which is called `helper`: see {@link helperOf}. */
export const SHARES = `
  const program = "process.title = 'helper'; setTimeout(() => {}, 60_000)";
  server.once('listening', () => require('node:child_process').spawn(
    process.execPath, ['-e', program], { stdio: ['ignore', 'ignore', 'ignore', server._handle.fd] }));`;

/** The pid of that child, once it is there. It ends by itself after a minute. */
export async function helperOf({ pid }: Listener): Promise<number> {
  let helper = 0;
  await vi.waitUntil(
    () => {
      helper = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
      return helper > 0 && readFileSync(`/proc/${helper}/comm`, 'utf8') === 'helper\n';
    },
    { timeout: 10_000 },
  );
  return helper;
}
