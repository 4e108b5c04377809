import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PORTTOP } from '../helpers/porttop.ts';
import { openShell, openTerminal, PROMPT, type Terminal } from '../helpers/terminal.ts';
import { buildFaulty, type Faulty, LAYERS } from './faulty.ts';
import { openPorttop } from './porttop.ts';

const START = `${process.execPath} ${PORTTOP}`;

/** A shell with something on its screen, and porttop over it. */
async function openOverShell(environment = ''): Promise<Terminal> {
  const shell = await openShell({ columns: 100, rows: 30 });
  shell.type('echo what was before\r');
  await shell.waitFor(/\nwhat was before/);
  shell.type(`${environment} ${START}\r`);
  await shell.waitFor(/\d+ listening/);
  return shell;
}

/** Waits until the shell has the terminal again, and asks it how porttop ended. */
async function statusIn(shell: Terminal): Promise<number> {
  await shell.waitFor(
    (screen) => !shell.isAlternateScreen() && screen.findLast((line) => line !== '') === PROMPT,
  );
  shell.type('echo "status $?"\r');
  await shell.waitFor(/\nstatus \d+\nrig\$\s*$/);
  return Number(/\nstatus (\d+)/.exec(shell.text())?.[1]);
}

function expectRestored(shell: Terminal): void {
  expect(shell.text()).toContain('what was before');
  expect(shell.isAlternateScreen()).toBe(false);
  expect(shell.cursorVisible()).toBe(true);
  expect(shell.modes()).toMatchObject({
    bracketedPasteMode: true, // readline's own, in bash
    mouseTrackingMode: 'none',
    applicationCursorKeysMode: false,
    wraparoundMode: true,
  });
}

describe('the terminal is as it was', () => {
  it.each(['q', 'Ctrl-C', 'F10'])('after %s, with status 0', async (key) => {
    await using shell = await openOverShell();
    expect(shell.isAlternateScreen()).toBe(true);
    await shell.waitFor(() => shell.modes().mouseTrackingMode === 'vt200');
    shell.press(key);
    expect(await statusIn(shell)).toBe(0);
    expectRestored(shell);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const)('after %s, with status %i', async (signal, status) => {
    await using shell = await openOverShell();
    execFileSync('pkill', ['-x', `-${signal}`, '--parent', String(shell.pid)]);
    expect(await statusIn(shell)).toBe(status);
    expectRestored(shell);
  });

  it('after something was thrown: one line says what, with status 2', async () => {
    const thrown = "data:text/javascript,setTimeout(()=>{throw%20new%20Error('boom')},1500)";
    await using shell = await openOverShell(`NODE_OPTIONS=--import="${thrown}"`);
    expect(await statusIn(shell)).toBe(2);
    expectRestored(shell);
    expect(shell.text()).toMatch(/\nporttop: internal error: boom\n/);
    expect(shell.text()).not.toMatch(/\n +at /);
  });
});

describe('whatever throws', () => {
  let faulty: Faulty;
  beforeAll(async () => {
    faulty = await buildFaulty();
  }, 60_000);
  afterAll(() => faulty?.[Symbol.dispose]());

  it.each(LAYERS)(
    'the %s, the terminal is as it was, and one line says what, with status 2',
    async (layer) => {
      await using shell = await openShell({ columns: 100, rows: 30 });
      shell.type('echo what was before\r');
      await shell.waitFor(/\nwhat was before/);
      shell.type(`PORTTOP_FAULT=${layer} ${process.execPath} ${faulty.program} -d 0.2\r`);
      if (layer === 'key') {
        await shell.waitFor(/\d+ listening/);
        shell.press('r');
      }
      await shell.waitFor(/internal error/);
      expect(await statusIn(shell)).toBe(2);
      expectRestored(shell);
      expect(shell.text()).toContain(`\nporttop: internal error: boom in the ${layer}\n`);
      expect(shell.text()).not.toMatch(/\n +at /);
    },
  );
});

describe('a window that closes', () => {
  const ended = (pid: number) => {
    try {
      return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    } catch {
      return true;
    }
  };
  const onlyChildOf = (pid: number) =>
    Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);

  it.each([
    ['ends it by SIGHUP', [], (pid: number) => pid],
    ['ends it where another session keeps SIGHUP from it', ['setsid', '--wait'], onlyChildOf],
    [
      'ends it where SIGHUP is for its shell alone',
      ['sh', '-c', 'trap "" HUP; "$0" "$@"; exec true'],
      onlyChildOf,
    ],
  ] as const)('%s', async (_, inside, pidIn) => {
    const [command = '', ...args] = [...inside, process.execPath, PORTTOP];
    await using terminal = openTerminal({ command, args, columns: 100, rows: 30 });
    await terminal.waitFor(/\d+ listening/);
    const pid = pidIn(terminal.pid);
    expect(ended(pid)).toBe(false);
    const closed = performance.now();
    terminal.hangUp();
    while (!ended(pid)) {
      expect(performance.now() - closed).toBeLessThan(5000);
      await delay(10);
    }
  });
});

describe('Ctrl-Z', () => {
  it.each([
    [100, 30],
    [130, 35],
    [90, 26],
    [100, 24],
  ])(
    'gives the shell its screen, and fg comes back, in a window that is %i×%i by then',
    async (columns, rows) => {
      await using shell = await openOverShell();
      shell.press('Ctrl-Z');
      await shell.waitFor(
        (screen) => /Stopped/.test(screen.join('\n')) && screen.findLast((line) => line !== '') === PROMPT,
      );
      expectRestored(shell);
      shell.resize(columns, rows);
      shell.type('fg\r');
      await shell.waitFor(
        (screen) => /\d+ listening/.test(screen[0] ?? '') && /q quit/.test(screen[rows - 1] ?? ''),
      );
      expect(shell.screen().filter((line) => /listening/i.test(line))).toHaveLength(2);
      await shell.waitFor(() => shell.modes().mouseTrackingMode === 'vt200');
      shell.press('q');
      expect(await statusIn(shell)).toBe(0);
    },
  );

  it('is heard from the first frame on, and from kill -TSTP too', async () => {
    await using shell = await openShell({ columns: 100, rows: 30 });
    shell.type('echo what was before\r');
    await shell.waitFor(/\nwhat was before/);
    shell.type(`${START}\r`);
    await shell.waitFor(() => shell.isAlternateScreen());
    shell.press('Ctrl-Z');
    const stopped = (screen: string[]) =>
      /Stopped/.test(screen.join('\n')) && screen.findLast((line) => line !== '') === PROMPT;
    await shell.waitFor(stopped);
    expectRestored(shell);
    shell.type('clear; echo what was before; fg\r');
    await shell.waitFor(/\d+ listening/);
    execFileSync('pkill', ['-TSTP', '--parent', String(shell.pid)]);
    await shell.waitFor(stopped);
    expectRestored(shell);
    shell.type('fg\r');
    await shell.waitFor(/\d+ listening/);
    shell.press('q');
    expect(await statusIn(shell)).toBe(0);
  });

  it('goes on where there is no shell to stop for', async () => {
    await using screen = await openPorttop();
    screen.press('Ctrl-Z');
    await screen.waitFor(() => !screen.isAlternateScreen());
    await screen.waitFor((lines) => screen.isAlternateScreen() && /\d+ listening/.test(lines[0] ?? ''));
    screen.press('q');
    expect(await screen.exit).toEqual({ code: 0, signal: null });
  });
});
