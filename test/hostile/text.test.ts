import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { FIELDS } from '../../src/processes/fields.ts';
import { COLUMNS } from '../../src/query/columns.ts';
import type { Socket } from '../../src/sockets/socket.ts';
import { safe } from '../../src/text/safe.ts';
import { PORTTOP } from '../helpers/porttop.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';
import { needsNamespace } from '../helpers/tools.ts';
import { cellsOfCsv, harmlessly, wrongIn, wrongOnScreen } from './scan.ts';
import { type Beast, HostileZoo, NAMES } from './zoo.ts';

const problem = needsNamespace();
const WITHOUT_NETLINK = fileURLToPath(new URL('../helpers/without-netlink.ts', import.meta.url));

const HOSTILE = '\x1b]0;owned\x07\u202e\n\u200b\x9b31m';
const VISIBLE = '\\e]0;owned\\x07\\u202e\\n\\u200b\\x9b31m';
/** All columns but what asks DNS. */
const EVERY_COLUMN = [
  'proto',
  ...Object.keys(COLUMNS).filter((key) => !['proto', 'host'].includes(key)),
].join();

describe.skipIf(problem)(`text that others chose${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let zoo: HostileZoo;
  let services: string;

  beforeAll(async () => {
    zoo = await HostileZoo.open();
    services = join(zoo.folder, 'services');
    const rows = zoo.beasts.map(({ name, port }) => {
      const word = (NAMES[name] as Buffer)
        .toString('latin1')
        .replaceAll(/[ \t\v\f\r\n#]/g, '_')
        .slice(0, 300);
      return `${word} ${port}/tcp alias-${word} # ${word}`;
    });
    writeFileSync(services, Buffer.from(`${rows.join('\n')}\n`, 'latin1'));
  }, 60_000);
  afterAll(async () => {
    await zoo?.[Symbol.asyncDispose]();
  });

  const run = (...args: string[]) => zoo.namespace.run(process.execPath, [PORTTOP, ...args]);
  const beast = (name: keyof typeof NAMES) => zoo.beasts.find((each) => each.name === name) as Beast;

  /** Runs it, and what it printed, once that is known to be harmless. */
  const harmless = async (...args: string[]) => harmlessly(await run(...args));

  test.each([
    ['list', '-tuxl'],
    ['list', '-tuxa', '--wide'],
    ['list', '-tuxa', '--columns', EVERY_COLUMN],
    ['list', '-tuxa', '-n', '--columns', EVERY_COLUMN],
    ['ps'],
    ['ps', '--tree'],
  ])('does nothing in a table: porttop %s %s %s', async (...args) => {
    const output = await harmless(...args, ...(args[0] === 'list' ? ['--services', services] : []));
    expect(output).toContain('\\e]0;owned\\x07');
    expect(output).toContain('x) R 1 (y');
    // A row for each, and none that was forged.
    if (args[0] === 'list') expect(output.match(/^tcp /gm)).toHaveLength(zoo.beasts.length);
  });

  it('is in CSV no formula, no row and no cell of its own', async () => {
    for (const args of [
      ['list', '-tuxa', '--csv', '--columns', EVERY_COLUMN, '--services', services],
      ['ps', '--csv'],
    ]) {
      const lines = cellsOfCsv(await harmless(...args));
      const [head = []] = lines;
      expect(lines.filter((line) => line.length !== head.length)).toEqual([]);
      expect(lines.flat().filter((cell) => /^[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(cell))).toEqual([]);
    }
  });

  it('is in JSON whole, and escaped', async () => {
    const document = JSON.parse(await harmless('list', '-tuxa', '--json', '--services', services));
    const lines = (await harmless('list', '-tuxa', '--ndjson'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(document.sockets.length);
    for (const { name, pid, port } of zoo.beasts) {
      const [socket] = document.sockets.filter(
        (each: { local?: { port: number } }) => each.local?.port === port,
      );
      const comm = (NAMES[name] as Buffer).subarray(0, 15).toString('utf8');
      expect(socket.owners).toMatchObject([{ pid, command: comm }]);
    }
    const names = document.sockets.map(({ path }: { path: string | null }) => path);
    for (const bytes of Object.values(NAMES))
      expect(names).toContain(`@${bytes.subarray(0, 100).toString('utf8')}`);
    expect(names).not.toContain('/run/forged');
    const { processes } = JSON.parse(await harmless('ps', '--json'));
    for (const { name, pid } of zoo.beasts) {
      const [process] = processes.filter((each: { pid: number }) => each.pid === pid);
      expect(process.cmdline.at(-1)).toBe((NAMES[name] as Buffer).toString('utf8'));
    }
  });

  it('makes no row that is believed where only /proc/net/unix may be read', async () => {
    const list = async (...words: string[]) => {
      const args = [...words, PORTTOP, 'list', '-x', '-a', '--json'];
      const { code, stdout, stderr } = await zoo.namespace.run(process.execPath, args);
      expect([code, stderr]).toEqual([0, '']);
      return JSON.parse(stdout) as { source: { unix: string }; sockets: Socket[] };
    };
    const known = await list();
    expect(known.source.unix).toBe('sock_diag');
    // Its row is longer than any name has room for: so it is certain.
    const victim = known.sockets.find(({ path }) => path?.startsWith('@long-long-')) as Socket;
    await using _ = await zoo.lie(
      `x\n0000000000000000: 00000002 00000000 00010000 0001 01 ${victim.inode} /run/mine`,
    );
    const { source, sockets } = await list(WITHOUT_NETLINK, process.execPath);
    expect(source.unix).toBe('proc');
    expect(sockets.filter(({ inode }) => inode === victim.inode)).toMatchObject([
      { path: victim.path, doubtful: false },
    ]);
    // Nobody has the inode that this one claims, and nobody can tell: that is what is said.
    expect(sockets.filter(({ path }) => path === '/run/forged')).toMatchObject([{ doubtful: true }]);
    expect(known.sockets.filter(({ doubtful }) => doubtful)).toEqual([]);
  });

  it('does nothing in what is told of a process', async () => {
    const shown = zoo.beasts.filter(({ name }) =>
      ['sets the title', 'C1 as bytes', 'newlines', 'the other way round', 'a formula', 'long'].includes(
        name,
      ),
    );
    await Promise.all(
      shown.map(async ({ name, pid }) => {
        await harmless('show', String(pid));
        const fields = await harmless('show', String(pid), ...FIELDS, '--reveal');
        expect(fields).toContain(safe((NAMES[name] as Buffer).subarray(0, 15).toString('utf8')));
        const { fields: told } = JSON.parse(
          await harmless('show', String(pid), ...FIELDS, '--json', '--reveal'),
        );
        expect(told.cmdline.value.at(-1)).toBe((NAMES[name] as Buffer).toString('utf8'));
        expect(told.environ.value.USER).toBe((NAMES[name] as Buffer).toString('utf8'));
      }),
    );
  });

  it('does nothing in services, nor where there are none', async () => {
    for (const format of [[], ['--json']]) {
      const output = await harmless(
        'service',
        String(beast('sets the title').port),
        '--services',
        services,
        ...format,
      );
      expect(output).toContain(format.length ? '\\u001b]0;owned\\u0007' : '\\e]0;owned\\x07');
    }
  });

  it('does nothing in what is watched', async () => {
    const watch = zoo.namespace.spawn(process.execPath, [PORTTOP, 'watch', '-x', '-d', '0.1'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const closed = once(watch, 'close');
    let told = Buffer.alloc(0);
    watch.stdout?.on('data', (piece) => {
      told = Buffer.concat([told, piece]);
      if (told.includes('"closed"') && told.includes('"opened"')) watch.kill();
    });
    // What is there when it starts is not told: so until it has started.
    const stirring = setInterval(() => void zoo.stir(), 300);
    await closed;
    clearInterval(stirring);
    expect(wrongIn(told)).toBeNull();
    for (const line of told.toString().trimEnd().split('\n')) JSON.parse(line);
    expect(told.toString()).toContain('\\u001b]0;owned\\u0007');
  });

  // Of what is mistyped, test/commands/bad-inputs.test.ts has more.
  test.each([
    ['list', '--services', HOSTILE],
    ['list', '--procfs', HOSTILE],
    ['list', '-N', HOSTILE],
    ['show', '1', HOSTILE],
  ])('does nothing in what is said of a mistake: porttop %j %j %j', async (...args) => {
    const { code, stdout, stderr } = await run(...args);
    expect([1, 2]).toContain(code);
    expect(stdout).toBe('');
    expect(wrongIn(Buffer.from(stderr))).toBeNull();
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain(VISIBLE);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  describe('on the screen', () => {
    async function open(args: string[] = [], size = { columns: 160, rows: 50 }): Promise<Terminal> {
      const { command, args: wrapped } = zoo.namespace.wrap(process.execPath, [
        PORTTOP,
        '-d',
        '0.2',
        '--services',
        services,
        ...args,
      ]);
      const terminal = openTerminal({ ...size, command, args: wrapped });
      await terminal.waitFor(
        (screen) => /\d+ listening/.test(screen[0] ?? '') && !/finding owners/.test(screen[0] ?? ''),
      );
      return terminal;
    }

    function check(terminal: Terminal): void {
      expect(terminal.writes.map(({ text }) => text).join('')).not.toMatch(/owned\x07|\x1b\]/);
      expect(wrongOnScreen(terminal.writes.map(({ text }) => text).join(''))).toBeNull();
      expect(terminal.title).toBe('');
      expect(terminal.bells).toBe(0);
      expect(terminal.hasWrapped).toBe(false);
    }

    /** The cells of a row from one column to another, as a person sees them. */
    function cells(terminal: Terminal, row: number, from: number, to: number): string {
      let seen = '';
      for (let column = from; column < to; column++) seen += terminal.cell(row, column).text || ' ';
      return seen;
    }

    it('it moves nothing: every owner stands in its column, in every row', async () => {
      await using terminal = await open(['--columns', 'port,command,pid,user']);
      for (const { port } of zoo.beasts) await terminal.waitFor(new RegExp(`^[▌ ][+ ] +${port} `, 'm'));
      const head = terminal.rowOf(/PORT.* PID /);
      const end = (terminal.screen()[head] as string).indexOf(' PID ') + 4;
      for (const { pid, port } of zoo.beasts) {
        const row = terminal.rowOf(new RegExp(`^[▌ ][+ ] +${port} `));
        expect(cells(terminal, row, end - String(pid).length - 1, end + 1)).toBe(` ${pid} `);
      }
      check(terminal);
    });

    it('it does nothing in any view, nor in the details', async () => {
      await using terminal = await open(['-tux']);
      for (const [key, heading] of [
        ['2', ' LOCAL '],
        ['3', '%CPU'],
        ['4', 'look up'],
        ['[', '%CPU'],
        ['1', 'PORT▲'],
      ] as const) {
        terminal.press(key);
        await terminal.waitFor(heading);
      }
      for (const { port, pid } of zoo.beasts.slice(0, 8)) {
        terminal.type(`/${port}\r`);
        await terminal.waitFor(new RegExp(`^▌[+ ] +${port} `, 'm'));
        terminal.press('Enter');
        await terminal.waitFor(new RegExp(`┌─ .*${pid}`));
        terminal.press('PageDown', 'PageDown', 'Esc', 'Esc');
        await terminal.waitFor((screen) => !screen.join('\n').includes('┌─'));
      }
      // By threes: lines may be too short for a frame of the widest.
      terminal.resize(80, 24);
      await terminal.waitFor((screen) => screen.length === 24 && /listening/.test(screen[0] ?? ''));
      terminal.press('?');
      await terminal.waitFor((screen) => /quit/.test(screen.join('\n')));
      check(terminal);
    });

    it('its frame stays whole, whatever is in it', async () => {
      await using terminal = await open([], { columns: 100, rows: 40 });
      for (const name of [
        'vowels after one letter',
        'of a skin',
        'combining',
        'wide',
        'one in many',
        'flags',
      ]) {
        const { port, pid } = beast(name);
        terminal.type(`/${port}\r`);
        await terminal.waitFor(new RegExp(`^▌[+ ] +${port} `, 'm'));
        terminal.press('Enter');
        await terminal.waitFor(new RegExp(`┌─ .*${pid}`));
        await terminal.waitFor((screen) => screen.some((line) => line.includes('cmdline')));
        const [top, bottom] = [terminal.rowOf('┌─'), terminal.rowOf('└─')];
        for (let row = top + 1; row < bottom; row++) {
          expect([terminal.cell(row, 0).text, terminal.cell(row, 99).text]).toEqual(['│', '│']);
        }
        terminal.press('Esc', 'Esc');
        await terminal.waitFor((screen) => !screen.join('\n').includes('┌─'));
      }
      check(terminal);
    });

    it('it does nothing typed or pasted into the filter and the look-up', async () => {
      await using terminal = await open();
      terminal.type('/');
      await terminal.waitFor(/filter/i);
      for (const bytes of Object.values(NAMES)) {
        const typed = bytes.subarray(0, 40).toString('utf8');
        terminal.paste(typed);
        // Without what would leave the line.
        terminal.type(typed.replaceAll(/[\x00-\x1f]/g, ''));
      }
      terminal.press('Esc', 'Esc', '4');
      await terminal.waitFor(/service/i);
      terminal.type(`own${HOSTILE.replaceAll(/[\x00-\x1f\x9b]/g, '')}`);
      await terminal.waitFor(/own/);
      check(terminal);
    });
  });
});
