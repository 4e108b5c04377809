import { describe, expect, it } from 'vitest';
import type { Terminal } from '../helpers/terminal.ts';
import { TemporaryTree } from '../sockets/fixture.ts';
import { cursorLine, openListener, openPorttop, rowOfPort, showsPort } from './porttop.ts';

/** What the program wrote to the clipboard. */
function clipboard(terminal: Terminal): string[] {
  const written = terminal.writes.map(({ text }) => text).join('');
  return [...written.matchAll(/\x1b\]52;c;([^\x07]*)\x07/g)].map(([, base64 = '']) =>
    Buffer.from(base64, 'base64').toString(),
  );
}

describe('the mouse', () => {
  it('selects, opens, sorts, scrolls and shows views, until m leaves it to the terminal', async () => {
    await using one = await openListener();
    await using two = await openListener();
    const [low, high] = [one.port, two.port].sort((a, b) => a - b) as [number, number];
    await using screen = await openPorttop({ args: [`${low},${high}`] });
    screen.press('1');
    await screen.waitFor(showsPort(low, { selected: true }));
    await screen.waitFor(() => screen.modes().mouseTrackingMode === 'vt200');

    screen.click(rowOfPort(screen, high), 10);
    await screen.waitFor(showsPort(high, { selected: true }));
    screen.click(rowOfPort(screen, high), 10);
    await screen.waitFor(/│▸ socket/);
    screen.wheel('down', screen.rowOf(/│▸ socket/), 10);
    await screen.waitFor((lines) => !lines.some((line) => /│▸ socket/.test(line)));
    screen.press('Esc');
    await screen.waitFor((lines) => !lines.join('\n').includes('┌─'));

    const heading = screen.rowOf(/ PORT▲/);
    screen.click(heading, (screen.screen()[heading] as string).indexOf('PORT'));
    await screen.waitFor((lines) => / PORT▼/.test(lines[heading] as string));
    expect(rowOfPort(screen, high)).toBeLessThan(rowOfPort(screen, low));

    screen.click(1, (screen.screen()[1] as string).indexOf('Processes'));
    await screen.waitFor(/ PORTS +COMMAND/);
    screen.press('m');
    await screen.waitFor("the mouse is the terminal's");
    expect(screen.modes().mouseTrackingMode).toBe('none');
    screen.press('q');
    expect(await screen.exit).toEqual({ code: 0, signal: null });
  });
});

describe('y', () => {
  it('hands the row, and a value of the details, to the clipboard, safe to paste', async () => {
    await using listener = await openListener({ title: 'web\x1b[31m' });
    await using screen = await openPorttop({ args: [String(listener.port)] });
    screen.press('1');
    await screen.waitFor(showsPort(listener.port, { selected: true }));
    screen.press('y');
    await screen.waitFor(new RegExp(`copied ${listener.port} .*if the terminal allows it`));
    expect(clipboard(screen)[0]).toMatch(new RegExp(`^${listener.port} .* ${listener.pid} `));
    screen.press('Enter');
    await screen.waitFor(/│▸ socket/);
    while (!/│▸ cmdline/.test(screen.text())) {
      const before = cursorLine(screen);
      screen.press('Down');
      await screen.waitFor(() => cursorLine(screen) !== before);
    }
    screen.press('y');
    await screen.waitFor(() => clipboard(screen).length === 2);
    expect(clipboard(screen)[1]).toContain("'web\\e[31m'".slice(1, -1));
  });
});

describe('the settings', () => {
  it('are where the screen begins; what is typed goes before them', async () => {
    using home = new TemporaryTree({
      'porttop/config.toml': `
        interval = 5
        theme = "mono"
        mouse = false
        [listening]
        columns = ["pid", "port"]
        sort = "port:desc"
        [processes]
        columns = ["command", "pid"]
        sort = "pid:desc"`,
    });
    const env = { XDG_CONFIG_HOME: home.root };
    const ready = /every 0\.2s/;
    await using screen = await openPorttop({ env, ready });
    await screen.waitFor(/^ +PID +PORT▼$/m);
    expect(screen.modes().mouseTrackingMode).toBe('none');
    const coloured = screen
      .screen()
      .flatMap((_, row) =>
        Array.from({ length: screen.columns }, (_, column) => screen.cell(row, column)).filter(
          ({ fg }) => fg !== null,
        ),
      );
    expect(coloured).toEqual([]);
    screen.press('3');
    await screen.waitFor(/^ +COMMAND +PID▼$/m);

    await using other = await openPorttop({
      env,
      ready,
      args: ['--mouse', '--columns', 'port,user', '--sort', 'user'],
    });
    await other.waitFor(/^ +PORT +USER▲$/m);
    await other.waitFor(() => other.modes().mouseTrackingMode === 'vt200');
  });

  it('are not needed: without a home it starts as well', async () => {
    await using screen = await openPorttop({ env: { XDG_CONFIG_HOME: undefined, HOME: undefined } });
    screen.press('q');
    expect(await screen.exit).toEqual({ code: 0, signal: null });
  });
});

describe('a terminal without UTF-8', () => {
  it('is sent nothing else than ASCII, wherever one goes', async () => {
    await using listener = await openListener({ title: 'größe' });
    await using screen = await openPorttop({ args: [String(listener.port)], env: { LANG: 'C' } });
    screen.press('1');
    await screen.waitFor(new RegExp(`^>. +${listener.port} .* gr\\?\\?e `, 'm'));
    screen.press('Enter');
    await screen.waitFor(/^\|> socket/m);
    screen.press('?');
    await screen.waitFor(/^> Moving/m);
    screen.press('q', '4');
    await screen.waitFor(/look up/);
    const written = screen.writes.map(({ text }) => text).join('');
    expect(written.replaceAll('\x1b', '')).toMatch(/^[ -~\r\n]*$/);
  });
});
