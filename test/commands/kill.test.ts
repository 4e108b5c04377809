import { once } from 'node:events';
import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { type Listener, openListener } from '../e2e/porttop.ts';
import { outcomeOf, PORTTOP } from '../helpers/porttop.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';

const kill = (...args: string[]) => outcomeOf(process.execPath, [PORTTOP, 'kill', ...args]);

/** The same at a terminal, where questions can be asked. */
function killHere(...args: string[]): Terminal {
  return openTerminal({
    columns: 160,
    rows: 30,
    command: process.execPath,
    args: [PORTTOP, 'kill', ...args],
  });
}

const STUBBORN = "process.on('SIGTERM', () => {});";
const GIVES_UP = `
  setInterval(() => {}, 60_000);
  process.on('SIGUSR2', () => server.close(() => console.log('closed')));`;

const isAlive = ({ child }: Listener) => child.exitCode === null && child.signalCode === null;
const ended = ({ child }: Listener) => once(child, 'exit');

describe('porttop kill', () => {
  it('stops who listens, not who is connected, and says so', async () => {
    await using listener = await openListener({ title: 'web' });
    await using client = await openListener({
      also: `require('node:net').connect(${listener.port}, '127.0.0.1');`,
    });
    const end = ended(listener);
    const { status, stdout, stderr } = await kill('--yes', String(listener.port));
    expect(await end).toEqual([null, 'SIGTERM']);
    expect(isAlive(client)).toBe(true);
    const { pid, port } = listener;
    expect(stdout).toMatch(
      new RegExp(
        `^ *PID +NAME +USER +PORTS +CHILDREN +UNIT\n *${pid} +web +${userInfo().username} +${port} +0 `,
      ),
    );
    expect(stdout).toMatch(new RegExp(`\nweb ${pid}: (gone|ended; a zombie.*)\n$`));
    expect([status, stderr]).toEqual([0, '']);
  });

  it('refuses where nobody can be asked, and where nothing listens', async () => {
    await using listener = await openListener();
    const port = String(listener.port);
    expect(await kill(port)).toMatchObject({ status: 2, stdout: '' });
    expect(await kill('--yes', '--readonly', port)).toMatchObject({ status: 2, stdout: '' });
    expect(await kill('--yes', '-u', port)).toMatchObject({ status: 1, stdout: '' });
    expect(await kill('--yes', '-6', port)).toMatchObject({ status: 1, stdout: '' });
    expect(await kill('--yes', '--pid', '1', port)).toMatchObject({ status: 1, stdout: '' });
    expect(await kill('--yes', '--user', 'nosuchuser', port)).toMatchObject({ status: 1, stdout: '' });
    expect(isAlive(listener)).toBe(true);
  });

  it('does not signal what it runs under without an extra question, whatever --yes says', async () => {
    await using listener = await openListener({
      also: `
        process.on('message', (port) => require('node:child_process').execFile(
          process.execPath, [${JSON.stringify(PORTTOP)}, 'kill', '--yes', String(port)],
          (error, stdout, stderr) => process.send({ code: error.code, stderr })));`,
      ipc: true,
    });
    listener.child.send(listener.port);
    const [answer] = await once(listener.child, 'message');
    expect(answer.code).toBe(2);
    expect(answer.stderr).toMatch(/is to be asked about at a terminal.*porttop runs under it/);
    expect(isAlive(listener)).toBe(true);
  });

  it('says which is still there after 3 s, and ends with 2; a signal that ends nothing is no failure', async () => {
    await using listener = await openListener({
      title: 'stubborn',
      also: `${STUBBORN} process.on('SIGHUP', () => {});`,
    });
    const port = String(listener.port);
    const [term, hup] = await Promise.all([kill('--yes', port), kill('--yes', '-s', 'hup', port)]);
    const who = `stubborn ${listener.pid}`;
    expect(term).toMatchObject({
      status: 2,
      stderr: `porttop: ${who}: still there after 3 s (-s KILL ends it at once)\n`,
    });
    expect(hup).toMatchObject({ status: 0, stderr: '' });
    expect(hup.stdout).toContain(`${who}: SIGHUP sent, it goes on\n`);
    const end = ended(listener);
    expect(await kill('--yes', '-s', '9', port)).toMatchObject({ status: 0, stderr: '' });
    expect(await end).toEqual([null, 'SIGKILL']);
  });

  it.skipIf(process.getuid?.() !== 0)('says who may, of a process that one may not signal', async () => {
    await using listener = await openListener();
    const args = ['--reuid=65534', '--clear-groups', process.execPath, PORTTOP, 'kill', '--yes'];
    const { status, stderr } = await outcomeOf('setpriv', [...args, String(listener.port)]);
    expect(status).toBe(3);
    expect(stderr).toMatch(/its owner is not known: .*run porttop as root/);
    expect(isAlive(listener)).toBe(true);
  });
});

describe('at a terminal', () => {
  it('asks before, and after 3 s offers SIGKILL', async () => {
    await using listener = await openListener({ title: 'stubborn', also: STUBBORN });
    await using terminal = killHere(String(listener.port));
    await terminal.waitFor(`Send SIGTERM to stubborn ${listener.pid}? [y/N]`);
    terminal.type('y\r');
    await terminal.waitFor(/still there after 3 s\n.*Send SIGKILL\? \[y\/N\]/);
    expect(isAlive(listener)).toBe(true);
    terminal.type('y\r');
    expect(await ended(listener)).toEqual([null, 'SIGKILL']);
    expect(await terminal.exit).toEqual({ code: 0, signal: null });
  });

  it.each([
    ['no', 'n\r'],
    ['Enter', '\r'],
    ['the end of input', '\x04'],
  ])('takes %s for no', async (_, typed) => {
    await using listener = await openListener();
    await using terminal = killHere(String(listener.port));
    await terminal.waitFor('[y/N]');
    terminal.type(typed);
    expect(await terminal.exit).toEqual({ code: 1, signal: null });
    expect(terminal.text()).toContain('nothing was sent');
    expect(isAlive(listener)).toBe(true);
  });

  it('spares who gave the port to another before the question was answered, and the other', async () => {
    await using first = await openListener({ also: GIVES_UP });
    await using terminal = killHere(String(first.port));
    await terminal.waitFor('[y/N]');
    const closed = once(first.child.stdout as NodeJS.ReadableStream, 'data');
    first.child.kill('SIGUSR2');
    await closed;
    await using second = await openListener({ port: first.port });
    terminal.type('y\r');
    expect(await terminal.exit).toEqual({ code: 2, signal: null });
    expect(terminal.text()).toContain('it does not hold the socket any more: nothing sent');
    expect([isAlive(first), isAlive(second)]).toEqual([true, true]);
  });
});
