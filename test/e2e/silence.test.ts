import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Namespace, openNamespace } from '../helpers/namespace.ts';
import { PORTTOP } from '../helpers/porttop.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';
import { needsNamespace } from '../helpers/tools.ts';

/** Processes and sockets of its own: whatever else runs on this machine changes nothing in there. */
const APART = { processes: true };
const problem = needsNamespace(APART);

const LISTENER = `require('node:net').createServer().listen(8080, '127.0.0.1', () => console.log('listening'))`;
/** Ages count seconds in the first minute. */
const AGELESS = 'port,service,proto,addr,exposure,command,pid,user,conns,queue';

describe.skipIf(problem)(`a steady host${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let namespace: Namespace;
  beforeAll(async () => {
    namespace = await openNamespace(APART);
    const listener = namespace.spawn(process.execPath, ['-e', LISTENER], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const _ of createInterface(listener.stdout as NodeJS.ReadableStream)) break;
  });
  afterAll(() => namespace[Symbol.asyncDispose]());

  async function open(...args: string[]): Promise<Terminal> {
    const options = ['-d', '0.1', '--no-mouse', '--columns', AGELESS, ...args];
    const screen = openTerminal({
      ...namespace.wrap(process.execPath, [PORTTOP, ...options]),
      columns: 120,
      rows: 40,
    });
    await screen.waitFor(
      (lines) => / 8080 .* node /.test(lines.join('\n')) && !/finding/.test(lines[0] ?? ''),
    );
    return screen;
  }

  /** So many looks at the host later: each reads files. */
  async function looks(screen: Terminal, count: number): Promise<void> {
    // nsenter waits for the program.
    const [pid] = readFileSync(`/proc/${screen.pid}/task/${screen.pid}/children`, 'utf8').split(' ');
    const reads = () => Number(/^syscr: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
    // One look at the very least: the dump, and its end.
    const until = reads() + count * 2;
    await vi.waitUntil(() => reads() >= until, { timeout: 20_000, interval: 20 });
  }

  it('is looked at again and again, and nothing is written', async () => {
    await using screen = await open();
    // The last that comes: how many are connected was counted, on a machine that is busy a while ago.
    await screen.waitFor(/:8080 ▁+(?: <1m ago)?$/m);
    const before = screen.writes.length;
    await looks(screen, 100);
    expect(screen.writes.slice(before).map(({ text }) => text)).toEqual([]);
    screen.press('p');
    await screen.waitFor(/paused/);
    expect(screen.writes.length).toBeGreaterThan(before);
  });

  it('a key draws what it changed: the screen is never cleared', async () => {
    await using screen = await open();
    const before = screen.writes.length;
    const bytes = screen.bytesWritten;
    screen.press('Down', 'Up', 'Enter');
    await screen.waitFor('┌─');
    screen.press('Down', 'Right');
    await screen.waitFor('[sockets]');
    screen.press('Esc', 'Esc');
    await screen.waitFor((lines) => !lines.join('').includes('┌─'));
    for (const [view, heading] of [
      ['2', ' LOCAL '],
      ['3', '%CPU'],
      ['1', 'PORT▲'],
    ] as const) {
      screen.press(view);
      await screen.waitFor(heading);
    }
    const written = screen.writes.slice(before).map(({ text }) => text);
    expect(written.join('')).not.toMatch(/\x1b\[[0-3]?J|\x1bc/);
    expect(screen.bytesWritten - bytes).toBeLessThan(120 * 40 * 6);
  });
});
