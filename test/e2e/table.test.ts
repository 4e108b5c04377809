import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { openListener, openPorttop, rowOfPort, showsPort } from './porttop.ts';

it('sockets of one port are one row, which z shows each for itself and T puts under its process', async () => {
  await using listener = await openListener({ alsoAt: '::1' });
  const { port } = listener;
  await using screen = await openPorttop({ args: [String(port)] });
  screen.press('1');
  const rows = () => screen.screen().filter((line) => line.includes(` ${port} `) && / tcp6? /.test(line));
  await screen.waitFor(() => rows().some((line) => /127\.0\.0\.1 {2}::1 /.test(line)));
  expect(rows()).toHaveLength(1);
  expect(rows()[0]).toMatch(/^▌ ▸ /);
  screen.press('z');
  await screen.waitFor(() => rows().length === 2);
  expect(rows().map((line) => line.slice(2, 3))).toEqual(['▾', '└']);
  expect(rows()[1]).toMatch(/ tcp6 +::1 /);
  screen.press('Down', 'z');
  await screen.waitFor(() => rows().length === 1);
  expect(rows()[0]).toMatch(/^▌ ▸ /);
  screen.press('T');
  await screen.waitFor(() => rows().length === 2);
});

it('columns without room come in sideways, and are chosen in a list', async () => {
  await using listener = await openListener();
  const { port } = listener;
  await using screen = await openPorttop({ args: [String(port)], columns: 80, rows: 24 });
  screen.press('1');
  await screen.waitFor(showsPort(port));
  const heading = () => screen.screen().find((line) => / PORT[▲‹]/.test(line)) ?? '';
  expect(heading()).toMatch(/ PORT▲ .* OWNER .* ›$/);
  while (heading().includes('›')) {
    const before = heading();
    screen.press('Right');
    await screen.waitFor(() => heading() !== before);
    expect(heading()).toMatch(/ PORT▲‹/);
  }
  expect(heading()).toContain('COMMAND LINE');
  expect(screen.screen()[rowOfPort(screen, port)]).toContain(process.execPath);
  while (heading().includes('‹')) {
    const before = heading();
    screen.press('Left');
    await screen.waitFor(() => heading() !== before);
  }

  screen.press('c');
  await screen.waitFor(/─ Listening: 14 of \d+ columns ─/);
  // Of SERVICE the space is taken away; PROTO goes before PORT.
  screen.press('Down', 'Space');
  await screen.waitFor(() => !heading().includes('SERVICE'));
  screen.press('Down', 'Left', 'Left');
  await screen.waitFor(() => screen.screen().some((line) => /PROTO +PORT▲ +ADDRESS/.test(line)));
  screen.press('Enter');
  await screen.waitFor(
    (lines) => !lines.some((line) => line.includes('of 3')) && !/columns ─/.test(lines.join()),
  );
  expect(screen.text()).toMatch(/PROTO +PORT▲ +ADDRESS/);
  screen.press('c', 'Space', 'Esc');
  await screen.waitFor((lines) => !/columns ─/.test(lines.join()));
  expect(screen.text()).toMatch(/PROTO +PORT▲ +ADDRESS/);
});

describe('which listener hangs', () => {
  const BACKLOG = 2;
  /** It accepts nobody, and one more is connected than its backlog is: that is all that the kernel lets in. */
  async function openFull(): Promise<AsyncDisposable & { port: number }> {
    const program = `
      const server = require('node:net').createServer();
      server.listen({ port: 0, host: '127.0.0.1', backlog: ${BACKLOG} }, () => {
        require('node:fs').writeSync(1, server.address().port + '\\n');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      });`;
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(createInterface(child.stdout), 'line')) as [string];
    const port = Number(said);
    const clients = await Promise.all(
      Array.from({ length: BACKLOG + 1 }, async () => {
        const client: Socket = connect(port, '127.0.0.1');
        await once(client, 'connect');
        return client;
      }),
    );
    return {
      port,
      async [Symbol.asyncDispose]() {
        for (const client of clients) client.destroy();
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      },
    };
  }

  it.each([
    [80, 24],
    [120, 40],
  ])('is seen at %i × %i without a key', async (columns, rows) => {
    await using listener = await openFull();
    const { port } = listener;
    await using screen = await openPorttop({ args: [String(port)], columns, rows });
    screen.press('1');
    await screen.waitFor(() => screen.screen()[rowOfPort(screen, port)]?.includes(' 3/2!') === true);
    expect(screen.screen().find((line) => / PORT/.test(line))).toContain(' QUEUE');
    screen.press('2');
    const listening = () => screen.screen()[screen.rowOf(new RegExp(` LISTEN .*:${port} `))] ?? '';
    await screen.waitFor(() => (columns === 80 ? /^[▌ ]! / : / 3 +2( |$)/).test(listening()));
  });
});
