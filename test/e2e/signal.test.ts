import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { helperOf, type Listener, openListener, openPorttop, SHARES, showsPort } from './porttop.ts';

const isAlive = ({ child }: Listener) => child.exitCode === null && child.signalCode === null;
const ended = ({ child }: Listener) => once(child, 'exit');

/** The first of these at which nobody listens. */
async function freeOf(...ports: number[]): Promise<number> {
  for (const port of ports) {
    const server = createServer();
    const listens = await new Promise<boolean>((resolve) => {
      server.on('error', () => resolve(false)).listen(port, () => resolve(true));
    });
    await new Promise((closed) => server.close(closed));
    if (listens) return port;
  }
  throw new Error(`somebody listens at each of ${ports}`);
}

describe('K', () => {
  it('stops who holds a port: two keys, and the row is seen to go', async () => {
    await using listener = await openListener({ title: 'web' });
    await using screen = await openPorttop({ args: [String(listener.port)], columns: 80, rows: 24 });
    const end = ended(listener);
    screen.press('K');
    await screen.waitFor(`y sends SIGTERM to web ${listener.pid}`);
    expect(screen.text()).toMatch(new RegExp(` web ${listener.pid} .* ports ${listener.port} `));
    screen.press('y');
    expect(await end).toEqual([null, 'SIGTERM']);
    await screen.waitFor(/┌─ Done /);
    await screen.waitFor(`nothing listens on port ${listener.port}/tcp now`);
    expect(screen.text()).toMatch(/(gone|ended) (within|after) 0\.\d s/);
    await screen.waitFor(new RegExp(`^▌-.* 127\\.0\\.0\\.1:${listener.port} `, 'm'));
  });

  it('finds who holds 8080, and stops it, in six keys', async () => {
    const port = await freeOf(8080, 9080, 7080);
    await using listener = await openListener({ title: 'web', port });
    await using screen = await openPorttop();
    const end = ended(listener);
    screen.press('/', ...String(port).slice(0, 3), 'F9');
    await screen.waitFor(`y sends SIGTERM to web ${listener.pid}`);
    screen.press('y');
    expect(await end).toEqual([null, 'SIGTERM']);
  });

  it('goes on telling who has the port, as long as it is looked at: a child, nobody, another process', async () => {
    await using listener = await openListener({ title: 'web', also: SHARES });
    const helper = await helperOf(listener);
    const { pid, port } = listener;
    await using screen = await openPorttop({ args: [String(port)], columns: 200 });
    await screen.waitFor(/web, helper/);
    screen.press('K');
    await screen.waitFor('y sends SIGTERM to all 2 of them');
    screen.press('Right');
    await screen.waitFor(`y sends SIGTERM to web ${pid}`);
    const end = ended(listener);
    screen.press('y');
    await end;
    await screen.waitFor(`port ${port}/tcp is still open: helper ${helper}`);
    process.kill(helper);
    await screen.waitFor(`nothing listens on port ${port}/tcp now`);
    await using next = await openListener({ title: 'next', port });
    await screen.waitFor(`port ${port}/tcp is open again: next ${next.pid}`);
    screen.press('Enter');
    await screen.waitFor((lines) => !lines.join('\n').includes('┌─'));
  });

  it('says that one that was still there after 3 s has gone since', async () => {
    const also = "process.on('SIGTERM', () => {});";
    await using listener = await openListener({ title: 'web', also });
    await using screen = await openPorttop({ args: [String(listener.port)] });
    screen.press('K');
    await screen.waitFor(`y sends SIGTERM to web ${listener.pid}`);
    screen.press('y');
    await screen.waitFor(/After 3 s it is still there\./);
    listener.child.kill('SIGKILL');
    await screen.waitFor(/┌─ Done /);
    await screen.waitFor(`nothing listens on port ${listener.port}/tcp now`);
  });

  it('takes no yes that was typed before it said who is hit', async () => {
    await using listener = await openListener({ title: 'web' });
    await using screen = await openPorttop({ args: [String(listener.port)] });
    screen.type('Ky');
    await screen.waitFor(`y sends SIGTERM to web ${listener.pid}`);
    screen.press('Enter');
    await screen.waitFor(`Send SIGTERM to web ${listener.pid}?`);
    expect(isAlive(listener)).toBe(true);
  });

  it('asks after Enter, and the dialog goes with Enter', async () => {
    await using listener = await openListener({ title: 'web' });
    await using screen = await openPorttop({ args: [String(listener.port)], columns: 80, rows: 24 });
    const end = ended(listener);
    screen.press('1', 'K');
    await screen.waitFor(
      new RegExp(`▸ 15 SIGTERM .*\n.*\n.* web ${listener.pid} .* ports ${listener.port} `),
    );
    screen.press('Enter');
    await screen.waitFor(`Send SIGTERM to web ${listener.pid}? y sends it`);
    expect(isAlive(listener)).toBe(true);
    screen.press('y');
    expect(await end).toEqual([null, 'SIGTERM']);
    await screen.waitFor(/┌─ Done /);
    await screen.waitFor(showsPort(listener.port, { mark: '-' }));
    screen.press('Enter');
    await screen.waitFor((lines) => !lines.join('\n').includes('┌─'));
  });

  it('offers SIGKILL when the process is still there after 3 s', async () => {
    await using listener = await openListener({ also: "process.on('SIGTERM', () => {});" });
    await using screen = await openPorttop({ args: [String(listener.port)] });
    screen.press('F9');
    await screen.waitFor(/Who is hit/);
    screen.press('Enter');
    await screen.waitFor(`Send SIGTERM to node ${listener.pid}?`);
    screen.press('y');
    await screen.waitFor(/After 3 s it is still there\. Enter asks about SIGKILL/);
    // As one that is held down.
    screen.press('y', 'y', 'y', 'Enter');
    await screen.waitFor(`Send SIGKILL to node ${listener.pid}?`);
    expect(isAlive(listener)).toBe(true);
    const end = ended(listener);
    screen.press('y');
    expect(await end).toEqual([null, 'SIGKILL']);
    await screen.waitFor(/┌─ Done /);
  });

  it('means the process in the view of processes, with the signal that was typed', async () => {
    await using listener = await openListener({ title: 'web' });
    await using screen = await openPorttop();
    screen.press('3');
    await screen.waitFor(/ COMMAND/);
    screen.type(`/${listener.pid}\r`);
    await screen.waitFor(new RegExp(`^▌ +${listener.pid} `, 'm'));
    screen.press('K');
    await screen.waitFor(new RegExp(`web ${listener.pid} `));
    screen.type('usr2\r');
    await screen.waitFor(`Send SIGUSR2 to web ${listener.pid}?`);
    const end = ended(listener);
    screen.press('y');
    expect(await end).toEqual([null, 'SIGUSR2']);
  });

  it('asks twice about what it runs under, and sends nothing on Esc', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await using screen = await openPorttop({ args: [String(port)] });
    screen.press('K');
    await screen.waitFor(/! porttop runs under it/);
    screen.press('Enter');
    await screen.waitFor(/Sure\?/);
    screen.press('y');
    await screen.waitFor(/Really\?.*\n.*porttop runs under it/);
    screen.type('1\r');
    await screen.waitFor(/That is not it/);
    screen.press('Esc');
    await screen.waitFor(/Who is hit/);
    screen.press('Esc');
    await screen.waitFor((lines) => !lines.join('\n').includes('┌─'));
    server.close();
  });

  it.each([
    ['at once', ['y']],
    ['after Enter', ['Enter', 'y']],
  ] as const)(
    'spares who has closed the socket meanwhile, and who has opened another on its port: y %s',
    async (_, keys) => {
      const also = `
      setInterval(() => {}, 60_000);
      process.on('SIGUSR2', () => server.close(() => console.log('closed')));`;
      await using first = await openListener({ also });
      await using screen = await openPorttop({ args: [String(first.port)] });
      screen.press('K');
      await screen.waitFor(new RegExp(`y sends SIGTERM to node ${first.pid}`));
      const closed = once(first.child.stdout as NodeJS.ReadableStream, 'data');
      first.child.kill('SIGUSR2');
      await closed;
      await using second = await openListener({ port: first.port });
      screen.press(...keys);
      await screen.waitFor(/it does not hold the socket any more: nothing sent/);
      expect([isAlive(first), isAlive(second)]).toEqual([true, true]);
    },
  );

  it('does nothing but say so with --readonly, and is in neither footer nor help', async () => {
    await using listener = await openListener();
    await using screen = await openPorttop({ args: ['--readonly', String(listener.port)] });
    expect(screen.text()).not.toMatch(/K signal/);
    screen.press('K');
    await screen.waitFor(/nobody is signalled: --readonly/);
    screen.press('?');
    await screen.waitFor(/▸ Moving/);
    expect(screen.text()).not.toMatch(/F9|▸ Acting/);
  });
});
