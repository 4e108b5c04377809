import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { cursorLine, fieldOf, openListener, openPorttop, rowOfPort, showsPort } from './porttop.ts';

const folder = realpathSync(mkdtempSync(`${tmpdir()}/porttop-e2e-`));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the listening view', () => {
  it('shows a listener with its address, reach and owner', async () => {
    await using listener = await openListener({ title: 'web-server' });
    await using screen = await openPorttop();
    screen.type(`/${listener.port}\r`);
    await screen.waitFor(showsPort(listener.port));
    const row = screen.screen()[rowOfPort(screen, listener.port)];
    expect(row).toMatch(/ tcp +127\.0\.0\.1 +loopback +web-server /);
    expect(row).toContain(` ${listener.pid} `);
    expect(row).toContain(userInfo().username);
  });

  it('moves the selection with the arrow keys over every row, and no further', async () => {
    await using one = await openListener();
    await using two = await openListener();
    await using three = await openListener();
    const ports = [one.port, two.port, three.port].sort((a, b) => a - b);
    await using screen = await openPorttop({ args: ports.map(String) });
    screen.press('1');
    for (const port of ports) {
      await screen.waitFor(showsPort(port, { selected: true }));
      screen.press('Down');
    }
    screen.press('Down', 'Up');
    await screen.waitFor(showsPort(ports[1] as number, { selected: true }));
    screen.press('g');
    await screen.waitFor(showsPort(ports[0] as number, { selected: true }));
    screen.press('G');
    await screen.waitFor(showsPort(ports[2] as number, { selected: true }));
  });

  it('marks a new listener, and one that closes, by itself; and forgets the closed one', async () => {
    await using screen = await openPorttop();
    await using listener = await openListener();
    screen.type(`/${listener.port}\r`);
    await screen.waitFor(showsPort(listener.port, { mark: '\\+' }));
    listener.child.kill();
    await once(listener.child, 'exit');
    await screen.waitFor(showsPort(listener.port, { mark: '-' }));
    await screen.waitFor(/nothing matches/);
  });

  it('keeps the selected socket selected when rows come before it', async () => {
    await using one = await openListener();
    await using other = await openListener();
    const [low, high] = one.port < other.port ? [one, other] : [other, one];
    await low[Symbol.asyncDispose]();
    await using screen = await openPorttop({ args: [`${low.port},${high.port}`] });
    screen.press('1');
    await screen.waitFor(showsPort(high.port, { selected: true }));
    await using _low = await openListener({ port: low.port });
    await screen.waitFor(showsPort(low.port));
    expect(rowOfPort(screen, low.port)).toBeLessThan(rowOfPort(screen, high.port));
    expect(showsPort(high.port, { selected: true })(screen.screen())).toBe(true);
  });

  it('says nothing new while it is paused, and catches up', async () => {
    await using screen = await openPorttop();
    screen.press('p');
    await screen.waitFor(/paused/);
    await using listener = await openListener();
    screen.type(`/${listener.port}\r`);
    await screen.waitFor(/nothing matches/);
    screen.press('p');
    await screen.waitFor(showsPort(listener.port));
    expect(screen.screen()[0]).not.toContain('paused');
  });
});

describe('Enter', () => {
  it('reveals what the process is: arguments, folder, program, user, parents', async () => {
    await using listener = await openListener({ cwd: folder, env: { USER: userInfo().username } });
    await using screen = await openPorttop({ args: [String(listener.port)], columns: 400 });
    screen.press('Enter');
    await screen.waitFor(/│ {2}parents/);
    expect(fieldOf(screen, 'cwd')).toBe(folder);
    expect(fieldOf(screen, 'exe')).toBe(process.execPath);
    expect(fieldOf(screen, 'cmdline')).toContain(`${process.execPath} -e`);
    expect(fieldOf(screen, 'environ')).toBe(`USER=${userInfo().username}, as its owner`);
    expect(fieldOf(screen, 'user')).toContain(`(uid ${userInfo().uid})`);
    expect(fieldOf(screen, 'started')).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d, \d+s ago$/);
    expect(screen.text()).toMatch(new RegExp(`parents(.|\n)* ${process.pid} (.|\n)*└ .* ${listener.pid} `));
  });

  it('says where each field was read: of the one with the cursor, on the lower edge', async () => {
    await using listener = await openListener();
    await using screen = await openPorttop({ args: [String(listener.port)], columns: 80, rows: 24 });
    screen.press('Enter');
    await screen.waitFor(/└─ (sock_diag|\/proc\/net\/tcp)/);
    while (!/│▸ exe/.test(screen.text())) {
      const before = cursorLine(screen);
      screen.press('Down');
      await screen.waitFor(() => cursorLine(screen) !== before);
    }
    await screen.waitFor(`└─ /proc/${listener.pid}/exe`);
  });

  it('warns where USER is somebody else than the owner, and masks secrets until e is pressed', async () => {
    await using listener = await openListener({ env: { USER: 'somebody', API_TOKEN: 'hush' } });
    await using screen = await openPorttop({ args: [String(listener.port)], rows: 80 });
    screen.press('Enter');
    await screen.waitFor(/! USER=somebody, but it runs as/);
    screen.press('Right', 'Right', 'Right');
    await screen.waitFor(/\[env\]/);
    screen.type('/api_t\r');
    await screen.waitFor(/│▸ API_TOKEN +\? \*{4} /);
    expect(screen.text()).not.toContain('hush');
    screen.press('e');
    await screen.waitFor(/API_TOKEN +hush/);
  });

  it('has a page for each kind of fact, and in each finds what is searched for', async () => {
    await using listener = await openListener({ title: 'web-server' });
    await using screen = await openPorttop({ args: [String(listener.port)] });
    screen.press('Enter');
    const page = (name: string, line: RegExp) =>
      screen.waitFor(
        (lines) => lines.some((each) => each.includes(`[${name}]`)) && lines.some((each) => line.test(each)),
      );
    await page('overview', /│ {2}exe /);
    screen.press('Right');
    await page(
      'sockets',
      new RegExp(`│▸ fd \\d+ +tcp 127\\.0\\.0\\.1:${listener.port} LISTEN, 0 of 511 waiting`),
    );
    screen.press('Right');
    await page('files', /│▸ open +\d+ open, of \d+/);
    screen.type(`/${listener.port}`);
    await page(
      'files',
      new RegExp(`│▸ \\d+u +socket:\\[\\d+\\] +tcp 127\\.0\\.0\\.1:${listener.port} LISTEN`),
    );
    // Enter keeps it, Esc shows all again, and only then the details are closed.
    screen.press('Enter');
    await screen.waitFor(new RegExp(`└─ .* /${listener.port} `));
    screen.press('Esc');
    await page('files', /│▸ open /);
    screen.press('Right', 'Right');
    await page('memory', /│▸ statm +─ /);
    screen.type('/libc');
    await page('memory', /│▸ maps +─ /);
    screen.press('Esc');
    await page('memory', /│▸ statm /);
    screen.press('Right');
    await page('limits', /│ {2}Max open files +\d+ /);
    screen.press('Right');
    await page('kernel', /│▸ wchan /);
    // After the last comes the first.
    screen.press('Right');
    await page('overview', /│▸ socket /);
    screen.press('Esc');
    await screen.waitFor((lines) => !lines.join('\n').includes('┌─'));
  });

  it('stands beside the table where the terminal is wide', async () => {
    await using listener = await openListener();
    await using screen = await openPorttop({ args: [String(listener.port)], columns: 160 });
    screen.press('Enter');
    await screen.waitFor(
      (lines) => /^▌.* +│▸ socket /.test(lines[4] ?? '') && /│ {2}exe /.test(lines.join('\n')),
    );
    expect(screen.text()).toMatch(/┌─ port \d+\/tcp ─/);
  });

  it('says that the process ended when it does', async () => {
    await using listener = await openListener();
    await using screen = await openPorttop({ args: [String(listener.port)] });
    screen.press('Enter');
    await screen.waitFor(/│▸ socket/);
    listener.child.kill();
    await screen.waitFor(new RegExp(`! pid ${listener.pid} has ended`));
    screen.press('Esc');
    await screen.waitFor((lines) => !lines.join('\n').includes('┌─'));
  });
});

describe('the processes', () => {
  it('are there with their ports, as list, tree and details, and marked when they end', async () => {
    await using listener = await openListener({ title: 'web-server' });
    await using screen = await openPorttop();
    screen.press('3');
    // The busiest come first: until there are two looks, that is of their whole life.
    await screen.waitFor(/ %CPU▼ .* PORTS +COMMAND/);
    screen.type(`/${listener.pid}\r`);
    const told = `${listener.pid} +${userInfo().username} .* ${listener.port} +web-server`;
    await screen.waitFor(new RegExp(`^▌ +${told}`, 'm'));
    screen.press('Enter');
    await screen.waitFor(new RegExp(`┌─ .* ${listener.pid} ─(.|\n)*│▸ sockets (.|\n)* exe `));
    expect(fieldOf(screen, 'exe')).toBe(process.execPath);
    expect(fieldOf(screen, 'sockets')).toContain(`tcp 127.0.0.1:${listener.port} LISTEN`);
    screen.press('Esc');
    await screen.waitFor((lines) => !lines.join('\n').includes('┌─'));
    screen.press('T', '/', 'Ctrl-U');
    screen.type(`pid:${listener.pid},${process.pid}\r`);
    // In the tree it stands under this test.
    await screen.waitFor(new RegExp(`^▌ +${listener.pid} .* \\\\_ .*web-server`, 'm'));
    listener.child.kill();
    await once(listener.child, 'exit');
    await screen.waitFor(new RegExp(`^▌- +${listener.pid} `, 'm'));
  });
});

describe('the filter', () => {
  it('matches a number by its beginning while it is typed, and exactly once Enter keeps it', async () => {
    await using listener = await openListener();
    const beginning = String(listener.port).slice(0, 3);
    await using screen = await openPorttop();
    screen.type(`/${beginning}`);
    await screen.waitFor(showsPort(listener.port));
    screen.press('Enter');
    await screen.waitFor((lines) => !showsPort(listener.port)(lines));
    screen.press('/', 'Up', 'Esc');
    await screen.waitFor(/Esc back/);
    expect(showsPort(listener.port)(screen.screen())).toBe(false);
    screen.press('Esc');
    await screen.waitFor(showsPort(listener.port));
  });

  it('matches text in any column, and Esc clears it', async () => {
    await using listener = await openListener({ title: 'sought' });
    await using other = await openListener({ title: 'other' });
    await using screen = await openPorttop();
    screen.type('/SOUGHT\r');
    await screen.waitFor((lines) => showsPort(listener.port)(lines) && !showsPort(other.port)(lines));
    screen.press('Esc');
    await screen.waitFor(showsPort(other.port));
  });

  it('that --filter gives is there from the start, until Esc', async () => {
    await using listener = await openListener();
    await using other = await openListener();
    await using screen = await openPorttop({ args: ['--filter', `port:${listener.port}`] });
    await screen.waitFor((lines) => showsPort(listener.port)(lines) && !showsPort(other.port)(lines));
    screen.press('Esc');
    await screen.waitFor(showsPort(other.port));
  });

  it('that is not finished says what it needs, and stays until it has it', async () => {
    await using listener = await openListener();
    await using screen = await openPorttop();
    screen.type('/port:\r');
    await screen.waitFor(/character 6: expected a number after 'port:'/);
    screen.type(`${listener.port}\r`);
    await screen.waitFor(new RegExp(`/port:${listener.port}  1 shown`));
  });

  it('takes text that is pasted', async () => {
    await using listener = await openListener();
    await using screen = await openPorttop();
    screen.press('/');
    await screen.waitFor(/Enter keep/);
    screen.paste(String(listener.port));
    await screen.waitFor(showsPort(listener.port));
  });
});

describe('a process that was asked for', () => {
  it('is alone on the screen, until Esc', async () => {
    await using listener = await openListener();
    await using other = await openListener();
    await using screen = await openPorttop({ args: ['--pid', String(listener.pid)] });
    screen.press('1');
    await screen.waitFor((lines) => showsPort(listener.port)(lines) && !showsPort(other.port)(lines));
    screen.press('Esc');
    await screen.waitFor(showsPort(other.port));
  });
});

describe('what users of lsof, ss and netstat type', () => {
  it('is understood on the screen too: a port, its state, numbers, the order', async () => {
    await using listener = await openListener();
    const { connect } = await import('node:net');
    const client = connect(listener.port, '127.0.0.1');
    await once(client, 'connect');
    const args = ['-nP', '-i', `TCP:${listener.port}`, '-s', 'TCP:^LISTEN', '--sort', 'uid:desc', '-e', '-H'];
    await using screen = await openPorttop({ args, columns: 160, ready: /ESTABLISHED/ });
    expect(screen.text()).toMatch(/UID▼ .* INODE/);
    expect(screen.text()).toMatch(
      new RegExp(`127\\.0\\.0\\.1:${client.localPort} +127\\.0\\.0\\.1:${listener.port}`),
    );
    expect(screen.text()).toMatch(/2 shown/);
    client.destroy();
  });

  it('is unix sockets, by -x and by their key', async () => {
    const path = `${folder}/x.sock`;
    const server = createServer().listen(path);
    await once(server, 'listening');
    await using screen = await openPorttop({ args: ['-x', '--filter', 'x.sock'], ready: /1 shown/ });
    expect(screen.screen()[1]).toContain('only unix');
    screen.press('x');
    await screen.waitFor(/no tcp {2}no udp.* 0 shown/);
    screen.press('x');
    await screen.waitFor(/only unix.* 1 shown/);
    server.close();
  });

  it.skipIf(process.geteuid?.() !== 0)('is shown with the number of a user whom nobody knows', async () => {
    await using listener = await openListener({ uid: 54_321 });
    await using screen = await openPorttop({ args: [String(listener.port)] });
    await screen.waitFor(/54321/);
    screen.press('p');
    await screen.waitFor(/paused/);
  });
});

describe('views, sorting, services', () => {
  it('shows connections in the second view', async () => {
    await using listener = await openListener();
    const { connect } = await import('node:net');
    const client = connect(listener.port, '127.0.0.1');
    await once(client, 'connect');
    await using screen = await openPorttop();
    screen.type(`/${listener.port}\r`);
    screen.press('2');
    screen.type(`/${listener.port}\r`);
    await screen.waitFor(/ESTABLISHED +127\.0\.0\.1:\d+ +127\.0\.0\.1:\d+/);
    expect(screen.text()).toContain(`127.0.0.1:${client.localPort}`);
    client.destroy();
  });

  it('sorts by the column that is chosen, and the other way up', async () => {
    await using one = await openListener({ title: 'aaa' });
    await using two = await openListener({ title: 'zzz' });
    await using screen = await openPorttop({ args: [String(one.port), String(two.port)] });
    screen.press('1', 's');
    await screen.waitFor(/sort by/);
    while (!/OWNER▲/.test(screen.text())) {
      const sorted = () => screen.screen().find((line) => line.includes('▲'));
      const before = sorted();
      screen.press('Right');
      await screen.waitFor(() => sorted() !== before);
    }
    screen.press('Enter');
    await screen.waitFor(() => screen.rowOf('aaa') < screen.rowOf('zzz'));
    screen.press('S');
    await screen.waitFor(() => screen.rowOf('zzz') < screen.rowOf('aaa') && screen.rowOf('OWNER▼') > 0);
  });

  it('looks up a port that only IANA knows, and says so', async () => {
    await using screen = await openPorttop();
    screen.type('44000');
    await screen.waitFor(/terabase +4000\/tcp .* iana/);
    screen.press('Ctrl-U');
    screen.type('ssh/tcp');
    await screen.waitFor(/ssh +22\/tcp .*\/etc\/services/);
    screen.press('Esc', 'Esc');
    await screen.waitFor(/PORT▲/);
  });

  it('tells every key that works, in the help', async () => {
    await using screen = await openPorttop({ rows: 130 });
    screen.press('?');
    await screen.waitFor(/Moving/);
    for (const said of ['PgUp PgDn', 'choose the column to sort by', 'Ctrl-Z', 'quit']) {
      expect(screen.text()).toContain(said);
    }
    screen.press('Esc');
    await screen.waitFor(/PORT▲/);
  });
});

describe('the screen', () => {
  it('fits itself to the terminal, and says so where that is too small', async () => {
    await using listener = await openListener();
    await using screen = await openPorttop({ args: [String(listener.port)] });
    screen.press('1', 'Enter');
    await screen.waitFor(/┌─ port/);
    for (const [columns, rows] of [
      [80, 24],
      [250, 80],
    ] as const) {
      screen.resize(columns, rows);
      await screen.waitFor((lines) => /quit/.test(lines[rows - 1] ?? '') && showsPort(listener.port)(lines));
      expect(screen.screen()[0]).toMatch(/porttop/);
    }
    screen.resize(20, 5);
    await screen.waitFor(/needs 80×24/);
    screen.resize(120, 40);
    await screen.waitFor(showsPort(listener.port));
  });

  it('has no colour where NO_COLOR is set, and still shows the selection', async () => {
    await using listener = await openListener();
    await using screen = await openPorttop({ args: [String(listener.port)], env: { NO_COLOR: '1' } });
    screen.press('1');
    await screen.waitFor(showsPort(listener.port, { selected: true }));
    const coloured = screen
      .screen()
      .flatMap((_, row) =>
        Array.from({ length: screen.columns }, (_, column) => screen.cell(row, column)).filter(
          ({ fg, bg }) => fg !== null || bg !== null,
        ),
      );
    expect(coloured).toEqual([]);
    expect(screen.cell(rowOfPort(screen, listener.port), 5).inverse).toBe(true);
  });

  it('shows control characters of a process name, and obeys none', async () => {
    await using listener = await openListener({ title: '\x1b]0;owned\x07\x1b[31m' });
    await using screen = await openPorttop({ args: [String(listener.port)] });
    await screen.waitFor(/\\e\]0;owned\\x07/);
    expect(screen.title).not.toContain('owned');
    expect(screen.bells).toBe(0);
  });
});
