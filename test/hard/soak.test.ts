import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openNamespace } from '../helpers/namespace.ts';
import { PORTTOP } from '../helpers/porttop.ts';
import { openTerminal } from '../helpers/terminal.ts';
import { needsNamespace } from '../helpers/tools.ts';
import { Random } from './fuzz/mutate.ts';
import { type Active, said, typical, type Usage, usageOf } from './usage.ts';

const MINUTES = Number(process.env.SOAK_MINUTES ?? 2);
const SEED = Number(process.env.SOAK_SEED ?? 4000);

/** Every key that moves, shows or asks; none that ends, stops, signals or copies. */
const KEYS = [
  ...['Up', 'Down', 'Left', 'Right', 'PageUp', 'PageDown', 'Home', 'End', 'Enter', 'Esc', 'Tab', 'Shift-Tab'],
  ...[
    '1',
    '2',
    '3',
    '4',
    '[',
    ']',
    's',
    'S',
    '<',
    '>',
    't',
    'u',
    'x',
    'T',
    'n',
    'e',
    'p',
    '+',
    '-',
    'r',
    '?',
    'F1',
  ],
  ...['j', 'k', 'g', 'G', 'Ctrl-U', 'Ctrl-D', 'Ctrl-B', 'Ctrl-F', '/'],
];
const FILTERS = ['/80', '/tcp or udp\r', '/port:>1000 not (user:x', '/"', '/cmd:/^n[^x]/\r', '/日本\r'];

/** Opens and closes listeners and connections without an end. */
const CHURN = `
  const net = require('node:net');
  const turn = () => {
    const server = net.createServer((socket) => socket.end()).listen(0, '127.0.0.1', () => {
      const client = net.connect(server.address().port, '127.0.0.1');
      client.on('error', () => {});
      client.on('close', () => setTimeout(() => server.close(), Math.random() * 400));
      client.resume();
      setTimeout(turn, 20);
    });
  };
  turn();`;

/** Has the screen's process write of itself, when it is asked by SIGUSR2. */
const ACTIVE = fileURLToPath(new URL('active.ts', import.meta.url));

const problem = needsNamespace();

describe.skipIf(problem)(
  `the screen, for ${MINUTES} minutes${problem ? ` (skipped: ${problem})` : ''}`,
  () => {
    it('takes no more as time goes by, and ends as it should', {
      timeout: MINUTES * 60_000 + 60_000,
    }, async () => {
      const random = new Random(SEED);
      await using namespace = await openNamespace();
      namespace.spawn(process.execPath, ['-e', CHURN], { stdio: 'ignore' });
      const { command, args } = namespace.wrap(process.execPath, [PORTTOP, '-d', '0.1', '-a', '-x']);
      const folder = mkdtempSync(`${tmpdir()}/porttop-soak-`);
      const file = `${folder}/active`;
      const env = { NODE_OPTIONS: `--import=${ACTIVE}`, PORTTOP_TEST_ACTIVE: file };
      await using screen = openTerminal({ columns: 120, rows: 40, command, args, env });
      await screen.waitFor(/\d+ listening/);
      const modes = screen.modes();

      const usages: Usage[] = [];
      let pressed = 0;
      let resizes = 0;
      const end = performance.now() + MINUTES * 60_000;
      for (let turn = 0; performance.now() < end; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        if (turn % 20 === 0) {
          usages.push(usageOf(screen.pid));
          screen.kill('SIGUSR2');
        }
        if (turn % 40 === 39) {
          resizes++;
          screen.resize(20 + random.below(200), 5 + random.below(60));
        } else if (random.below(12) === 0) {
          screen.type(random.among(FILTERS));
          screen.press('Esc', 'Esc');
        } else {
          pressed++;
          screen.press(random.among(KEYS));
        }
        // All of it is kept, for those who ask what was written.
        screen.writes.length = 0;
      }

      const actives = readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Active);
      rmSync(folder, { recursive: true });
      // What it was asked while it was busy it answers once.
      expect(actives.length).toBeGreaterThan(usages.length / 2);
      const [early, late] = quarters(usages);
      const [earlyActive, lateActive] = quarters(actives);
      const [earlyLive, lateLive] = quarters(
        actives.flatMap(({ live }) => (live === undefined ? [] : [{ bytes: live }])),
      );
      console.log(
        `soak: seed ${SEED}, ${MINUTES} minutes at 10 looks a second, ${pressed} keys, ${resizes} resizes; ` +
          `at the start ${said(usages[0] as Usage)}; ` +
          `in the second quarter ${said(early)}, ${saidActive(earlyActive)}, ${inUse(earlyLive)}; ` +
          `in the last ${said(late)}, ${saidActive(lateActive)}, ${inUse(lateLive)}; ` +
          `at most ${saidActive(most(actives))}`,
      );
      // What the allocators keep goes on growing for a quarter of an hour, with nothing more in use.
      expect(late.rss - early.rss).toBeLessThan(64 << 20);
      expect(lateLive.bytes - earlyLive.bytes).toBeLessThan(16 << 20);
      expect(late.fds - early.fds).toBeLessThanOrEqual(4);
      expect(late.threads - early.threads).toBeLessThanOrEqual(1);
      for (const kind of ['handles', 'timers', 'listeners'] as const)
        expect(lateActive[kind] - earlyActive[kind], kind).toBeLessThanOrEqual(1);

      screen.resize(100, 30);
      // Out of whatever is open, one step at a time.
      screen.press(...Array<string>(8).fill('Esc'), 'Tab', '1', 'Esc');
      await screen.waitFor(/q quit/);
      screen.press('q');
      expect(await screen.exit).toEqual({ code: 0, signal: null });
      expect(screen.isAlternateScreen()).toBe(false);
      expect(screen.cursorVisible()).toBe(true);
      expect(screen.modes()).toEqual({ ...modes, bracketedPasteMode: false, mouseTrackingMode: 'none' });
      expect(screen.text()).not.toMatch(/^ +at |Error/m);
    });
  },
);

/** What is typical of the second quarter, once everything has been seen, and of the last. */
function quarters<Counts extends Record<string, number>>(all: readonly Counts[]): [Counts, Counts] {
  const quarter = all.length >> 2;
  return [typical(all.slice(quarter, 2 * quarter)), typical(all.slice(-quarter))];
}

function saidActive({ handles, timers, listeners }: Active): string {
  return `${handles} handles, ${timers} timers, ${listeners} listeners`;
}

function inUse({ bytes }: { bytes: number }): string {
  return `${Math.round(bytes / (1 << 20))} MiB in use`;
}

function most(all: readonly Active[]): Active {
  const most = (kind: 'handles' | 'timers' | 'listeners') => Math.max(...all.map((active) => active[kind]));
  return { handles: most('handles'), timers: most('timers'), listeners: most('listeners') };
}
