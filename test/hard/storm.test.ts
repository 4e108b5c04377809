import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Namespace, openNamespace } from '../helpers/namespace.ts';
import { PORTTOP } from '../helpers/porttop.ts';
import { openTerminal } from '../helpers/terminal.ts';
import { needs, needsNamespace } from '../helpers/tools.ts';
import { said, usageOf } from './usage.ts';

/** How long each part goes on. */
const SECONDS = Number(process.env.STORM_SECONDS ?? 20);
/** Processes that are there at a time; the machine says how many a second that makes. */
const AT_ONCE = 200;
/** In ms. */
const LIVES = 40;
/** Few enough that each pid comes again several times a minute. */
const PIDS = 3000;

const problem = needs('cc') ?? needsNamespace({ processes: true });

type Listed = {
  protocol: string;
  state: string;
  local: { port: number } | null;
  /** Without a name: it ended before it could be asked. */
  owners: { pid: number; command: string | null }[];
};

describe.skipIf(problem)(`a storm of processes${problem ? ` (skipped: ${problem})` : ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'porttop-storm-'));
  const storm = join(folder, 'storm');
  let namespace: Namespace;

  beforeAll(async () => {
    const source = fileURLToPath(new URL('storm.c', import.meta.url));
    const { status, stderr } = spawnSync('cc', ['-O2', '-o', storm, source]);
    if (status !== 0) throw new Error(`cc storm.c: ${stderr}`);
    namespace = await openNamespace({ processes: true });
    // Before Linux 6.14 it is the whole machine's.
    const [major = 0, minor = 0] = release().split('.').map(Number);
    if (major > 6 || (major === 6 && minor >= 14))
      await namespace.run('sh', ['-c', `echo ${PIDS} > /proc/sys/kernel/pid_max`]);
  });
  afterAll(async () => {
    await namespace?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  /** Lets it rage until `work` is done, and says how many processes there were. */
  async function during(what: string, work: () => Promise<string>): Promise<void> {
    const child = namespace.spawn('setsid', ['-w', storm, String(AT_ONCE), String(LIVES)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout as Readable)[Symbol.asyncIterator]();
    await lines.next();
    const ended = once(child, 'close');
    const told = await work();
    child.stdin?.end();
    const { value: line } = await lines.next();
    await ended;
    const [processes = 0, ms = 0] = String(line).split(' ').map(Number);
    console.log(
      `${what}: ${processes} processes in ${(ms / 1000).toFixed(1)} s, ${Math.round((1000 * processes) / ms)} a second; ${told}`,
    );
    expect(processes).toBeGreaterThan(0);
  }

  const run = (...args: string[]) => namespace.run(process.execPath, [PORTTOP, ...args]);
  const later = () => performance.now() + SECONDS * 1000;

  it('has none of its listeners listed with another owner', {
    timeout: SECONDS * 3000 + 60_000,
  }, async () => {
    await during('list', async () => {
      let listings = 0;
      let listeners = 0;
      let named = 0;
      const wrong: string[] = [];
      for (const end = later(); performance.now() < end; listings++) {
        const { code, stdout, stderr } = await run('list', '-tuapn', '--json');
        expect(stderr).toBe('');
        expect(code).toBe(0);
        for (const { state, local, owners } of JSON.parse(stdout).sockets as Listed[]) {
          if (state !== 'LISTEN' || local === null) continue;
          listeners++;
          if (owners.some(({ command }) => command !== null)) named++;
          for (const { pid, command } of owners)
            if (command !== null && command !== `p${local.port}`)
              wrong.push(`${local.port}: ${command} (${pid})`);
        }
      }
      expect(wrong).toEqual([]);
      expect(named).toBeGreaterThan(0);
      return `${listings} listings, ${listeners} listeners, ${named} with their owner`;
    });
  });

  it('breaks neither ps nor show', { timeout: SECONDS * 3000 + 60_000 }, async () => {
    await during('ps and show', async () => {
      let shown = 0;
      let gone = 0;
      for (const end = later(); performance.now() < end; ) {
        const ps = await run('ps', '--json');
        expect([ps.code, ps.stderr]).toEqual([0, '']);
        const { processes } = JSON.parse(ps.stdout) as { processes: { pid: number; command: string }[] };
        const dying = processes.filter(({ command }) => /^p\d+$/.test(command)).slice(-4);
        await Promise.all(
          dying.map(async ({ pid }) => {
            const { code, stdout, stderr } = await run('show', String(pid), '--json');
            expect([0, 1, 2]).toContain(code);
            expect(stderr).not.toMatch(/^ +at |TypeError|RangeError/m);
            if (code === 0) JSON.parse(stdout);
            else gone++;
            shown++;
          }),
        );
      }
      return `${shown} shown, ${gone} of them had ended`;
    });
  });

  it('is shown with the right owners, and leaves nothing behind', {
    timeout: SECONDS * 6000 + 60_000,
  }, async () => {
    const { command, args } = namespace.wrap(process.execPath, [
      PORTTOP,
      '-d',
      '0.1',
      '--columns',
      'port,command,pid',
    ]);
    await using screen = openTerminal({ columns: 80, rows: 60, command, args });
    await screen.waitFor(/\d+ listening/);
    const pid = onlyNodeUnder(screen.pid);
    await during('screen', async () => {
      const wrong = new Set<string>();
      let rows = 0;
      let measured = usageOf(pid);
      const began = performance.now();
      for (const end = later(); performance.now() < end; ) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        for (const line of screen.screen()) {
          const [, port, owner] = /^[▌ ][+ -] +(\d+) +(\S.*?) {2,}/.exec(line) ?? [];
          if (port === undefined || !owner?.startsWith('p')) continue;
          rows++;
          // An owner that is not known says so; several are `p1 ×2`.
          if (!new RegExp(`^p${port}(?: |$)`).test(owner)) wrong.add(line);
        }
        if (performance.now() - began < (SECONDS * 1000) / 2) measured = usageOf(pid);
      }
      const now = usageOf(pid);
      expect([...wrong]).toEqual([]);
      expect(rows).toBeGreaterThan(0);
      expect(now.fds - measured.fds).toBeLessThan(64);
      expect(now.rss - measured.rss).toBeLessThan(64 << 20);
      return `${rows} rows with their owner; at half time ${said(measured)}, at the end ${said(now)}`;
    });
    screen.press('q');
    expect(await screen.exit).toEqual({ code: 0, signal: null });
    expect(screen.text()).not.toMatch(/^ +at |Error/m);
  });
});

/** nsenter waits for what it runs. */
function onlyNodeUnder(pid: number): number {
  const child = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return child === '' ? pid : Number(child);
}
