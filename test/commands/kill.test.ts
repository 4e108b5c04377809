import { once } from 'node:events';
import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { helperOf, type Listener, openListener, SHARES } from '../e2e/porttop.ts';
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
    expect(stdout).toMatch(
      new RegExp(`\nweb ${pid}: (gone|ended) .*0\\.\\d s.*\nnothing listens on port ${port}/tcp now\n$`),
    );
    expect([status, stderr]).toEqual([0, '']);
  });

  it('refuses where nobody can be asked, and where nothing listens', async () => {
    await using listener = await openListener();
    const port = String(listener.port);
    expect(await kill(port)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: 'porttop: nobody to ask: there is no terminal; --yes signals without a question\n',
    });
    // That there is nobody is said first: it needs no question.
    expect(await kill('-u', port)).toMatchObject({ status: 1, stdout: '' });
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
      stderr: `porttop: ${who}: SIGTERM sent, still there after 3 s (-s KILL ends it at once)\n`,
    });
    expect(hup).toMatchObject({ status: 0, stderr: '' });
    expect(hup.stdout).toContain(`${who}: SIGHUP sent, it goes on\n`);
    const end = ended(listener);
    expect(await kill('--yes', '-s', '9', port)).toMatchObject({ status: 0, stderr: '' });
    expect(await end).toEqual([null, 'SIGKILL']);
  });

  it('of several owners signals those that are called so, and says who has the port still', async () => {
    await using listener = await openListener({ title: 'web', also: SHARES });
    const child = await helperOf(listener);
    const port = String(listener.port);
    const none = await kill('--yes', '--command', 'nginx', port);
    expect(none).toMatchObject({ status: 1, stdout: '' });
    expect(none.stderr).toContain(`who listens there is not meant: web ${listener.pid}, helper ${child}\n`);
    const { stdout, status } = await kill('--yes', '--command', 'WEB', port);
    expect([status, listener.child.signalCode]).toEqual([0, 'SIGTERM']);
    expect(stdout).toMatch(
      new RegExp(
        `\nport ${port}/tcp is still open: helper ${child} \\(child of web ${listener.pid}\\) has it too\n$`,
      ),
    );
    const end = await kill('--yes', '--command', 'helper', port);
    expect(end.stdout).toContain(`nothing listens on port ${port}/tcp now\n`);
  });

  it('with --json prints one document: the signal, whom, and what became of each', async () => {
    await using listener = await openListener({ title: 'web' });
    await using stubborn = await openListener({
      title: 'stubborn',
      also: STUBBORN,
      port: listener.port,
      address: '127.0.0.2',
    });
    const { status, stdout, stderr } = await kill('--yes', '--json', String(listener.port));
    const { signal, recipients, ports, ...head } = JSON.parse(stdout);
    expect([status, stderr.split('\n').length]).toEqual([2, 2]);
    expect(head).toMatchObject({ schema: 1, host: { uid: process.getuid?.() } });
    expect(signal).toEqual({ number: 15, name: 'SIGTERM' });
    const byPid = new Map(recipients.map((each: { pid: number }) => [each.pid, each]));
    expect([...byPid.keys()].sort()).toEqual([listener.pid, stubborn.pid].sort());
    expect(byPid.get(listener.pid)).toMatchObject({
      command: 'web',
      ports: [{ protocol: 'tcp', port: listener.port }],
      outcome: 'ended',
      tookSeconds: expect.any(Number),
    });
    expect(byPid.get(stubborn.pid)).toMatchObject({
      command: 'stubborn',
      outcome: 'there',
      tookSeconds: null,
    });
    expect(ports).toEqual([
      {
        protocol: 'tcp',
        port: listener.port,
        listeners: [
          {
            since: 'still',
            owners: [{ pid: stubborn.pid, command: 'stubborn', name: 'stubborn' }],
            ownerUnknown: null,
          },
        ],
      },
    ]);
  });

  it('with --json prints a document, too, where nobody is hit', async () => {
    await using listener = await openListener();
    const { status, stdout } = await kill('--yes', '--json', '-u', String(listener.port));
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ recipients: [], ports: [] });
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
