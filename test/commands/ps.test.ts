import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/commands/ps.ts';
import { printedBy } from '../helpers/printed.ts';
import { start, startTitled } from '../processes/child.ts';

afterEach(() => vi.restoreAllMocks());

const ps = (...args: string[]) => printedBy(run, args);

describe('porttop ps', () => {
  it('has a heading of ps aux and the ports, and a line for each process', async () => {
    const { status, lines } = await ps();
    expect(status).toBe(0);
    expect(lines[0]?.split(/ +/)).toEqual([
      'USER',
      'PID',
      '%CPU',
      '%MEM',
      'VSZ',
      'RSS',
      'TTY',
      'STAT',
      'START',
      'TIME',
      'PORTS',
      'COMMAND',
    ]);
    expect(lines.slice(1).map((line) => Number(line.trim().split(/ +/)[1]))).toContain(process.pid);
  });

  it.each([[['aux']], [['-ef']], [['axu', '-H']]])(
    'takes what the fingers of ps users type: %s',
    async (args) => {
      expect((await ps(...args)).lines.length).toBeGreaterThan(2);
    },
  );

  it('tells which ports a process holds, whatever else it has open', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { lines } = await ps(String(process.pid), '--columns', 'pid,ports', '-H');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.split(/ +/).slice(-1)[0]?.split(',')).toContain(String(port));
    const { processes } = JSON.parse((await ps(String(process.pid), '--json')).output);
    expect(processes[0].ports).toContainEqual({ protocol: 'tcp', port });
    expect((await ps('--filter', `ports:${port}`, '--csv', '--columns', 'pid')).lines).toEqual([
      'pid',
      String(process.pid),
    ]);
    server.close();
  });

  it('finds processes by pid, by a part of the command line, by user, and by a filter', async () => {
    const { pid } = await startTitled('porttop-ps-test one');
    const found = async (...args: string[]) =>
      (await ps(...args, '-H', '--columns', 'pid')).lines.map(Number);
    expect(await found(String(pid))).toEqual([pid]);
    expect(await found('PORTTOP-ps-test')).toEqual([pid]);
    expect(await found('--user', String(process.getuid?.()))).toContain(pid);
    expect(await found('--user', `nobody-has-this-name,${process.getuid?.()}`)).toContain(pid);
    expect(await found('--filter', 'cmd:porttop-ps-test not user:nosuch')).toEqual([pid]);
    expect(await found('--filter', 'porttop-ps-test')).toEqual([pid]);
    expect(await found('--filter', `name:porttop-ps rss:>1M start:<1h threads:>=1 nice:>=-20`)).toEqual([
      pid,
    ]);
    expect((await ps('porttop-ps-nobody')).status).toBe(1);
    expect((await ps('--user', 'nobody-has-this-name')).status).toBe(1);
  });

  it('is sorted as it is told, and a tree has children under their parents', async () => {
    // It ends with its stdin, and so with the test.
    const child = await start('sh', ['-c', 'exec 3<&0; cat <&3 >&2 & echo up; wait']);
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    const filter = `ppid:${child.pid} or pid:${child.pid}`;
    const { lines } = await ps('--tree', '--filter', filter, '--columns', 'command', '-H');
    expect(lines).toEqual(['sh -c exec 3<&0; cat <&3 >&2 & echo up; wait', ' \\_ cat']);
    const down = await ps('--sort', 'pid:desc', '--columns', 'pid', '-H');
    expect(down.lines.map(Number)).toEqual(down.lines.map(Number).sort((a, b) => b - a));
  });

  it('tells everything of ps aux in JSON', async () => {
    const { processes } = JSON.parse((await ps(String(process.pid), '--json')).output);
    expect(processes).toEqual([
      {
        pid: process.pid,
        ppid: process.ppid,
        uid: process.getuid?.(),
        user: expect.any(String),
        command: expect.any(String),
        cmdline: expect.arrayContaining([expect.any(String)]),
        state: expect.stringMatching(/^[RSD]$/),
        stat: expect.stringMatching(/^[RSD][<N]?L?s?l\+?$/),
        tty: null,
        startTime: expect.stringMatching(/^\d{4}-.*Z$/),
        cpuPercent: expect.any(Number),
        memoryPercent: expect.any(Number),
        vszBytes: expect.any(Number),
        rssBytes: expect.any(Number),
        cpuTimeSeconds: expect.any(Number),
        threads: expect.any(Number),
        nice: expect.any(Number),
        ports: expect.any(Array),
      },
    ]);
  });

  it('makes hostile command lines visible', async () => {
    const { pid } = await start('sh', ['-c', 'echo up; read x', '\x1b]0;owned\x07\u202e\n']);
    const { lines } = await ps(String(pid), '--columns', 'command', '-H');
    expect(lines).toEqual(['sh -c echo up; read x \\e]0;owned\\x07\\u202e\\n']);
  });

  it.each([
    [['--sort', 'port'], "'port' is no column of processes: there are user, "],
    [['--columns', 'pid,x'], "'x' is no column of processes: there are user, "],
    [['--filter', 'rss:>big'], 'filter, character 6: expected a size such as'],
    [['--filter', 'prot:80'], "expected a key such as 'port'"],
    [['--json', '--csv'], '--json and --csv exclude each other'],
    [['--procfs', '/nowhere'], 'cannot read /nowhere/1/net'],
  ])('%s is answered in one line', async (args, message) => {
    await expect(ps(...args)).rejects.toThrow(message);
  });
});
