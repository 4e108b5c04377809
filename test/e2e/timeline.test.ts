import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openListener, openPorttop, showsPort } from './porttop.ts';

/** A row of the timeline, with this in it. */
const told = (what: string) => new RegExp(`^[▌ ]   \\d\\d:\\d\\d:\\d\\d .*${what}`, 'm');

async function connected(port: number): Promise<Socket> {
  const client = connect(port, '127.0.0.1');
  await once(client, 'connect');
  return client;
}

describe('the timeline', () => {
  it('tells what opened and closed beside the screen, its connections, and whether the process still lives', async () => {
    await using screen = await openPorttop();
    screen.press('5');
    await screen.waitFor(/ WHEN▼ /);
    await using listener = await openListener({ title: 'web-server' });
    await screen.waitFor(told(` opened +${listener.port} .* web-server +${listener.pid} `));
    expect(screen.screen()[0]).toMatch(/ \+\d/);

    screen.type(`/port:${listener.port}\r`);
    await screen.waitFor(/1 shown/);
    screen.press('Enter');
    await screen.waitFor(/│[▸ ] event +opened at /);
    await screen.waitFor(new RegExp(`│[▸ ] exe +${process.execPath}`));
    screen.press('Esc');
    await screen.waitFor((lines) => !lines.join('\n').includes('┌─'));

    screen.type('a');
    await screen.waitFor(/with connections/);
    const openedFrom = (port: number | undefined) =>
      told(` opened +${listener.port} .*:${port} +web-server +${listener.pid} `);
    // One that is there when connections are first read is not told; the next one is.
    let client = await connected(listener.port);
    const first = await screen.waitFor(openedFrom(client.localPort), { timeout: 2000 }).catch(() => null);
    if (first === null) {
      client.destroy();
      client = await connected(listener.port);
      await screen.waitFor(openedFrom(client.localPort));
    }
    const { localPort } = client;
    client.destroy();
    await screen.waitFor(told(` closed +${listener.port} .*:${localPort} +web-server +${listener.pid} `));

    screen.type('a');
    listener.child.kill();
    await screen.waitFor(told(` closed +${listener.port} .* web-server +${listener.pid} `));
    screen.press('g', 'Enter');
    await screen.waitFor(new RegExp(`! pid ${listener.pid} has ended`));
  });

  it('tells of what opened and closed between two looks, where the kernel announces it', async () => {
    await using screen = await openPorttop({ args: ['--interval', '1'] });
    screen.press('5');
    await screen.waitFor(/ WHEN▼ /);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await screen.waitFor(told(` closed +${port} `));
  });
});

describe('a row', () => {
  it('that is pinned stays when it closes, until it is let go', async () => {
    await using listener = await openListener();
    await using other = await openListener();
    await using screen = await openPorttop({ args: [`${listener.port},${other.port}`] });
    screen.press('1');
    screen.type(listener.port < other.port ? 'g ' : 'G ');
    await screen.waitFor(showsPort(listener.port, { selected: true, mark: '·' }));
    expect(screen.screen().findIndex((line) => line.startsWith('▌'))).toBe(
      screen.screen().findIndex((line) => line.includes('PORT▲')) + 1,
    );
    listener.child.kill();
    other.child.kill();
    await screen.waitFor(new RegExp(`^▌- +${listener.port} .* (?:closed |-)\\ds`, 'm'));
    await screen.waitFor((lines) => !showsPort(other.port)(lines));
    expect(showsPort(listener.port, { mark: '-' })(screen.screen())).toBe(true);
    screen.type(' ');
    await screen.waitFor((lines) => !showsPort(listener.port)(lines));
  });

  it('that is followed is followed over a restart', async () => {
    await using listener = await openListener({ title: 'before' });
    await using screen = await openPorttop({ args: [String(listener.port)] });
    screen.press('1');
    await screen.waitFor(showsPort(listener.port, { selected: true }));
    screen.type('F');
    await screen.waitFor(`following :${listener.port}`);
    listener.child.kill();
    await screen.waitFor(`following :${listener.port} (closed)`);
    await using again = await openListener({ title: 'after', port: listener.port });
    await screen.waitFor(new RegExp(`^▌\\+ +${again.port} .* after +${again.pid} `, 'm'));
    await screen.waitFor(`(pid ${listener.pid} → ${again.pid})`);
    screen.type('F');
    await screen.waitFor((lines) => !lines.join('\n').includes('following'));
  });
});
