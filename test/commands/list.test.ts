import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, copyFileSync, readFileSync } from 'node:fs';
import { type AddressInfo, type Socket as Connection, connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { run as runHere } from '../../src/commands/list.ts';
import type { Socket } from '../../src/sockets/socket.ts';
import { type Outcome, outcomeOf, PORTTOP } from '../helpers/porttop.ts';
import { printedBy } from '../helpers/printed.ts';
import { needs } from '../helpers/tools.ts';
import { NET, TemporaryTree } from '../sockets/fixture.ts';

fc.configureGlobal({ seed: 4000 });

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

type Listing = Outcome & { lines: string[] };

async function porttop(...args: string[]): Promise<Listing> {
  const outcome = await outcomeOf(process.execPath, [PORTTOP, ...args]);
  return { ...outcome, lines: linesOf(outcome.stdout) };
}
const list = (...args: string[]) => porttop('list', ...args);

/** The same without a process of its own, for what has nothing to do with one. */
async function listHere(...args: string[]): Promise<Listing> {
  const { status, output, complaint, lines } = await printedBy(runHere, args);
  return { status, stdout: output, stderr: complaint, lines };
}

function linesOf(text: string): string[] {
  return text.trimEnd().split('\n');
}

/** The sockets of `--json`, whatever the exit status. */
async function socketsOf(...args: string[]): Promise<Socket[]> {
  return JSON.parse((await listHere('--json', ...args)).stdout).sockets;
}

/** A line of /proc/PID/stat; `ticks` since boot is when it started. */
function stat(pid: number, comm: string, ticks: number): string {
  return `${pid} (${comm}) S 1 ${'0 '.repeat(17)}${ticks} ${'0 '.repeat(29)}0\n`;
}

/** Of the captured namespace: the port of a listener on 127.0.0.1, with 15 ends of connections; see its file `ss`. */
const BUSY = '35759';
const HOSTILE = '\x1b]0;owned\x07\u202e) R 1';

const trees: TemporaryTree[] = [];
function treeOf(...args: ConstructorParameters<typeof TemporaryTree>): string {
  const tree = new TemporaryTree(...args);
  trees.push(tree);
  return tree.root;
}

/** The captured namespace, with two processes that hold some of it. */
const zoo = treeOf({
  '1/net': { link: NET },
  '1/fd/': '',
  '1/stat': stat(1, 'init', 0),
  '500/fd/9': { link: 'socket:[88347]' },
  '500/fd/11': { link: 'socket:[88347]' },
  '500/fd/12': { link: 'socket:[88358]' },
  '500/stat': stat(500, 'zoo', 100),
  '1000/fd/3': { link: 'socket:[88347]' },
  '1000/fd/4': { link: 'socket:[87408]' },
  '1000/stat': stat(1000, HOSTILE, 12_345),
  stat: 'cpu 0\nbtime 1700000000\n',
});
/** The same, but nobody may see what pid 1 holds. */
const locked = treeOf({ '1/net': { link: NET }, '1/fd': 'not a folder', '1/stat': stat(1, 'init', 0) });
const services = join(treeOf({ services: `zoo ${BUSY}/tcp\nhostile\x1b[31m 44495/tcp\n` }), 'services');
const inZoo = ['--procfs', zoo, '--services', services];

afterAll(() => {
  for (const tree of trees) tree[Symbol.dispose]();
});

describe.concurrent('porttop list, on this system', () => {
  let server: Server;
  let port: string;
  let client: Connection;
  let accepted: Connection;
  const datagrams = createSocket('udp4');

  beforeAll(async () => {
    server = createServer((connection) => {
      accepted = connection;
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = String((server.address() as AddressInfo).port);
    client = connect(Number(port), '127.0.0.1');
    await Promise.all([once(client, 'connect'), once(server, 'connection')]);
    datagrams.bind(0, '127.0.0.1');
    await once(datagrams, 'listening');
  });
  afterAll(() => {
    datagrams.close();
    client.destroy();
    accepted.destroy();
    server.close();
  });

  it('names who holds a port, and every use of it', async () => {
    const { status, lines, stderr } = await list(port);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(lines[0]).toMatch(/^PROTO +STATE +RECV-Q +SEND-Q +LOCAL +REMOTE +SERVICE +USER +PID +OWNER$/);
    const pid = `\\b${process.pid}\\b`;
    const uses = lines.slice(1);
    expect(uses).toHaveLength(3);
    const near = client.localPort;
    expect(
      uses.filter((line) => new RegExp(`LISTEN .* 127\\.0\\.0\\.1:${port} .*${pid}`).test(line)),
    ).toHaveLength(1);
    for (const ends of [`127.0.0.1:${port} +127.0.0.1:${near}`, `127.0.0.1:${near} +127.0.0.1:${port}`])
      expect(uses.filter((line) => new RegExp(`ESTABLISHED .* ${ends} .*${pid}`).test(line))).toHaveLength(1);
  });

  it('tells it by the name that the kernel has, and since when', async () => {
    const [socket]: Socket[] = JSON.parse((await list('--json', '-l', port)).stdout).sockets;
    const own = socket?.owners.filter(({ pid }) => pid === process.pid);
    expect(own).toHaveLength(1);
    expect(own?.[0]?.command).toBe(readFileSync('/proc/self/comm', 'utf8').trimEnd());
    const started = Date.now() - process.uptime() * 1000;
    // /proc/stat has the time of boot in whole seconds.
    expect(Math.abs(Date.parse(own?.[0]?.startTime ?? '') - started)).toBeLessThan(5000);
    expect(socket).toMatchObject({ uid: process.getuid?.(), acceptQueue: 0, exposure: 'loopback' });
  });

  it('tells which ports a process holds', async () => {
    const { stdout } = await list('--json', '--pid', String(process.pid));
    const sockets: Socket[] = JSON.parse(stdout).sockets;
    expect(sockets.length).toBeGreaterThanOrEqual(4);
    for (const { owners } of sockets) expect(owners.map(({ pid }) => pid)).toContain(process.pid);
    const locals = sockets.map(({ protocol, state, local }) => `${protocol} ${state} ${local?.port}`);
    expect(locals).toContain(`tcp LISTEN ${port}`);
    expect(locals).toContain(`udp UNCONN ${datagrams.address().port}`);
    expect(locals).toContain(`tcp ESTABLISHED ${client.localPort}`);
  });

  it('is what porttop is without a terminal', async () => {
    const [whole, short] = [await list('-ln', port), await porttop('-ln', port)];
    expect(short).toEqual(whole);
    expect(short.status).toBe(0);
  });
});

describe('which sockets are listed', () => {
  const counts = async (...args: string[]) => {
    const sockets = await socketsOf('--procfs', zoo, ...args);
    const count = (protocol: string, family: string) =>
      sockets.filter((each) => each.protocol === protocol && each.family === family).length;
    return [count('tcp', 'ipv4'), count('tcp', 'ipv6'), count('udp', 'ipv4'), count('udp', 'ipv6')];
  };

  // TCP and TCP over IPv6, UDP and UDP over IPv6.
  test.each([
    ['nothing: listening TCP and bound UDP', [], [10, 4, 5, 4]],
    ['-l: the same', ['-l'], [10, 4, 5, 4]],
    ['-a: every state', ['-a'], [38, 7, 6, 4]],
    ['-t', ['-t'], [10, 4, 0, 0]],
    ['-u', ['-u'], [0, 0, 5, 4]],
    ['-4', ['-4'], [10, 0, 5, 0]],
    ['-6', ['-6'], [0, 4, 0, 4]],
    ['netstat -tuapn', ['-tuapn'], [38, 7, 6, 4]],
    ['ss -tulpn', ['-tulpn'], [10, 4, 5, 4]],
    ['ss -tlnp', ['-tlnp'], [10, 4, 0, 0]],
    ['-ua6', ['-ua6'], [0, 0, 0, 4]],
    ['the long names', ['--tcp', '--udp', '--all', '--numeric', '--processes'], [38, 7, 6, 4]],
    ['a TARGET: every state', [BUSY], [16, 0, 0, 0]],
    ['a TARGET with -l', ['-l', BUSY], [1, 0, 0, 0]],
    ['a TARGET of both families', ['36645'], [1, 2, 0, 0]],
    ['a TARGET and -6', ['-6', '36645'], [0, 2, 0, 0]],
    ['two TARGETs', ['36645', '50271'], [1, 2, 1, 0]],
    ['one TARGET twice', ['50271', '50271'], [0, 0, 1, 0]],
    ['--pid', ['--pid', '500'], [2, 0, 0, 0]],
    ['--pid with -l', ['--pid', '500', '-l'], [1, 0, 0, 0]],
    ['several --pid', ['--pid', '500,1000'], [3, 0, 0, 0]],
    ['--pid twice', ['--pid', '500', '--pid', '1000'], [3, 0, 0, 0]],
    ['--pid with all its children', ['--pid', '1', '--children'], [3, 0, 0, 0]],
    ['--state: whatever else is not asked for', ['--state', 'estab', '-t'], [14, 3, 0, 0]],
    ['--state with -l: of what listens', ['--state', 'estab', '-tl'], [0, 0, 0, 0]],
    ['several --state', ['--state', 'listen,estab', '-t'], [24, 7, 0, 0]],
    ['several -i', ['-i', `tcp:${BUSY}`, '-i', 'udp:50271'], [16, 0, 1, 0]],
    ['--pid and a TARGET that it has not', ['--pid', '500', '44495'], [0, 0, 0, 0]],
  ])('%s', async (_, args, expected) => {
    expect(await counts(...args)).toEqual(expected);
  });

  test.each([
    [':', `:${BUSY}`],
    ['tcp:', `tcp:${BUSY}`],
    ['/tcp', `${BUSY}/tcp`],
    ['a range', '35758-35760'],
    ['a list', `1,${BUSY}`],
    ['a name', 'zoo'],
    ['an address', `@127.0.0.1:${BUSY}`],
    ['all of it', `tcp@127.0.0.1:${BUSY}`],
  ])('a TARGET with %s is the same', async (_, target) => {
    const [plain, other] = [await listHere(...inZoo, BUSY), await listHere(...inZoo, target)];
    expect(plain.lines).toHaveLength(17);
    expect(other).toEqual(plain);
  });

  it('a port is never the beginning of another: 3575 is not 35759', async () => {
    expect(await listHere(...inZoo, '3575')).toMatchObject({ status: 1, stdout: '' });
  });

  it('a port is compared as a number, exactly, at both ends, whatever its digits', async () => {
    const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
    const line = (from: number, to: number, at: number) =>
      `${at}: 0100007F:${hex(from)} 0100007F:${hex(to)} ${to === 0 ? '0A' : '01'} 0:0 0:0 0 0 0 ${at + 1} 1\n`;
    // Each is the beginning, the end or a part of another.
    const ports = [3, 30, 300, 3000, 3001, 30_000, 30_001, 13_000, 23_000, 53_000, 1, 10, 65_535, 6553, 5535];
    const pairs = ports.flatMap((port, at) => [
      [port, 0],
      [port, ports[(at * 4 + 1) % ports.length] as number],
    ]);
    const lines = pairs.map(([from, to], at) => line(from as number, to as number, at));
    const root = treeOf({ '1/net/tcp': `sl\n${lines.join('')}`, '1/fd/': '' });
    const near = fc.tuple(fc.constantFrom(...ports), fc.integer({ min: -1, max: 1 }));
    const asked = fc.oneof(
      near.map(([port, by]) => Math.min(port + by, 65_535)),
      near.map(([port]) => Number(`${port}`.slice(0, -1) || '0')),
    );
    await fc.assert(
      fc.asyncProperty(asked, fc.option(fc.nat(700)), async (from, more) => {
        const to = Math.min(from + (more ?? 0), 65_535);
        const sockets = await socketsOf('--procfs', root, more === null ? `${from}` : `tcp:${from}-${to}`);
        const used = sockets.map(({ local, remote }) => [local?.port, remote?.port ?? 0].join()).sort();
        // There is no port 0 at an end that is not there.
        const within = (port: number) => port !== 0 && from <= port && port <= to;
        expect(used).toEqual(
          pairs
            .filter((ends) => ends.some(within))
            .map(String)
            .sort(),
        );
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    [`port:${BUSY}`, 1],
    [`cmd:zoo port:${BUSY}`, 1],
    ['service:=zoo', 1],
    ['service:hostile', 1],
    [`${BUSY}`, 1],
    [`${BUSY.slice(0, 4)}`, 0],
    ['', 0],
  ])('--filter %j leaves what it says of those, and exactly', async (filter, listeners) => {
    const all = await socketsOf(...inZoo);
    const left = await socketsOf(...inZoo, '--filter', filter);
    expect(left).toHaveLength(filter === '' ? all.length : listeners);
    expect(all).toEqual(expect.arrayContaining(left));
  });

  it('--filter looks in the columns that are shown, and by a key in any', async () => {
    const left = async (...args: string[]) => (await socketsOf(...inZoo, ...args)).length;
    expect(await left('--columns', 'port', '--filter', 'LISTEN')).toBe(0);
    expect(await left('--columns', 'port', '--filter', 'state:LISTEN')).toBeGreaterThan(0);
  });

  it('they come by their port', async () => {
    const ports = (await socketsOf('-a', ...inZoo)).map(({ local }) => local?.port ?? 0);
    expect(ports).toEqual(ports.toSorted((a, b) => a - b));
    expect(ports).toHaveLength(55);
  });
});

describe('the exit status', () => {
  test.each([
    ['0: something matched', [...inZoo, BUSY], 0],
    ['0: an unselected listing, of nothing too', ['--procfs', treeOf({ '1/net/tcp': 'sl\n' })], 0],
    ['0: an unselected listing whose owners may not be read', ['--procfs', locked], 0],
    ['1: nobody uses the port', [...inZoo, '1'], 1],
    ['1: nobody listens there', [...inZoo, '-l', '53076'], 1],
    ['1: another protocol', [...inZoo, `udp:${BUSY}`], 1],
    ['1: a process that holds nothing', [...inZoo, '--pid', '1'], 1],
    ['1: a process that is not there', [...inZoo, '--pid', '4194304'], 1],
    ['0: one of two matched', [...inZoo, BUSY, '1'], 0],
    ['0: matched, nobody owns it, and all was read', [...inZoo, '50271'], 0],
    ['3: matched, and the owner may not be read', ['--procfs', locked, BUSY], 3],
    ['3: a process whose descriptors may not be read', ['--procfs', locked, '--pid', '1'], 3],
    ['1: nothing matched, whatever may not be read', ['--procfs', locked, '1'], 1],
    ['1: another process than the one that may not be read', ['--procfs', locked, '--pid', '7'], 1],
    ['0: what nobody can own needs no rights', ['--procfs', locked, '53108'], 0],
    ['0: a filter matched', [...inZoo, '--filter', `port:${BUSY}`], 0],
    ['0: a filter matched what has no owner that may be read', ['--procfs', locked, '--filter', BUSY], 0],
    ['1: a filter matched nothing', [...inZoo, '--filter', `${BUSY} not cmd:zoo`], 1],
    ['3: --command, and no owner may be read', ['--procfs', locked, '--command', 'zoo'], 3],
    [
      '3: a filter for an owner, and none may be read',
      ['--procfs', locked, '--filter', `cmd:zoo port:${BUSY}`],
      3,
    ],
    [
      '3: a filter for anybody else, and no owner may be read',
      ['--procfs', locked, '--filter', 'not cmd:zoo port:1 or not not cmd:/zoo/'],
      3,
    ],
    ['1: a filter that no owner could pass', ['--procfs', locked, '--filter', 'cmd:zoo port:1'], 1],
    ['1: --command, and all owners were read', [...inZoo, '--command', 'nosuch'], 1],
    ['1: a user is known without owners', ['--procfs', locked, '--user', 'nobody-has-this'], 1],
    ['3: one of several processes may not be read', ['--procfs', locked, '--pid', '7,1'], 3],
    ['1: a filter left nothing of a TARGET', [...inZoo, BUSY, '--filter', 'user:nobody-has-this'], 1],
  ] as const)('is %s', async (name, args, status) => {
    const outcome = await listHere(...args);
    expect(outcome.status).toBe(status);
    // Why there is nothing, or no owner, is said in one line.
    expect(outcome.stderr).toMatch(
      name.startsWith('0') ? /^(porttop: nothing matches in this network namespace\n)?$/ : /^porttop: .+\n$/,
    );
  });

  it.each([
    [0, [...inZoo, BUSY]],
    [1, [...inZoo, '1']],
    [3, ['--procfs', locked, BUSY]],
  ] as const)('is %i of the process too', async (status, args) => {
    expect((await list(...args)).status).toBe(status);
  });
});

describe('for a script', () => {
  test.each(['--json', '--csv'])(
    '%s has the same exit status, and nothing is said beside it',
    async (form) => {
      for (const [args, status] of [
        [[...inZoo, BUSY], 0],
        [[...inZoo, '1'], 1],
        [['--procfs', locked, BUSY], 3],
      ] as const)
        expect(await listHere(form, ...args)).toMatchObject({ status, stderr: '' });
    },
  );
});

describe('the table', () => {
  it('is aligned, and nothing is cut', async () => {
    const { stdout } = await listHere(...inZoo, '-l', BUSY, '44495');
    expect(stdout).toBe(
      [
        'PROTO  STATE   RECV-Q  SEND-Q  LOCAL            REMOTE  SERVICE        USER  PID       OWNER',
        'tcp    LISTEN       0       –  127.0.0.1:35759  –       zoo            root  500,1000  zoo, \\e]0;owned\\x07\\u202e) R 1',
        'tcp    LISTEN       0       –  127.0.0.1:44495  –       hostile\\e[31m  root  1000      \\e]0;owned\\x07\\u202e) R 1',
        '',
      ].join('\n'),
    );
  });

  it('has a uid, and neither users nor services, with -n', async () => {
    const { lines } = await listHere(...inZoo, '-nl', BUSY);
    expect(lines[0]).toMatch(/^PROTO +STATE +RECV-Q +SEND-Q +LOCAL +REMOTE +UID +PID +OWNER$/);
    expect(lines[1]).toMatch(/^tcp +LISTEN +0 +– +127\.0\.0\.1:35759 +– +0 +500,1000 +zoo, /);
  });

  it('has colours where they are asked for, and only there', async () => {
    const [plain, coloured] = [
      await listHere(...inZoo, '-l', BUSY),
      await listHere(...inZoo, '-l', BUSY, '--color', 'always'),
    ];
    expect(plain.stdout).not.toContain('\x1b');
    expect(coloured.stdout).toContain('\x1b[2mLISTEN\x1b[22m');
    expect(coloured.stdout.replaceAll(/\x1b\[\d+m/g, '')).toBe(plain.stdout);
    expect((await listHere(...inZoo, '--csv', '--color', 'always')).stdout).not.toContain('\x1b');
  });

  it('has the names of addresses with -r, beside their numbers', async () => {
    const { lines, stderr } = await listHere(...inZoo, '-rl', BUSY, '--columns', 'local,host');
    expect(stderr).toBe('');
    expect(lines[0]).toMatch(/^LOCAL +HOST$/);
    const [socket] = await socketsOf(...inZoo, '-rl', BUSY);
    expect(lines[1]).toMatch(/^127\.0\.0\.1:35759 +\S+$/);
    expect(lines[1]).toContain(socket?.local?.host ?? '–');
    expect((await socketsOf(...inZoo, '-l', BUSY))[0]?.local?.host).toBeNull();
  });

  it('has no heading with -H', async () => {
    const [plain, bare] = [await listHere(...inZoo, '-n', BUSY), await listHere(...inZoo, '-nH', BUSY)];
    expect(plain.lines[0]).toMatch(/^PROTO/);
    expect(bare.lines.map((line) => line.split(/ +/))).toEqual(
      plain.lines.slice(1).map((line) => line.split(/ +/)),
    );
  });

  it('says of each socket without an owner why', async () => {
    const { stdout } = await listHere(...inZoo, '-a');
    for (const why of [
      '– closed, waiting',
      '– not yet accepted',
      '– closed by its owner',
      '? kernel or namespace',
    ])
      expect(stdout).toContain(why);
    expect((await listHere('--procfs', locked)).stdout).toContain('? not allowed');
  });

  it.each([[['-p', BUSY]], [[`-p${BUSY}`]], [[`-tunp${BUSY}`]]])(
    'answers %s, which is no process here',
    async (args) => {
      const { status, stderr, lines } = await listHere(...inZoo, ...args);
      expect(status).toBe(0);
      expect(lines).toHaveLength(17);
      expect(stderr).toBe(`porttop: -p ${BUSY}: read as port ${BUSY}; for a process use --pid ${BUSY}\n`);
    },
  );

  it('does not answer so what nobody asked', async () => {
    for (const args of [
      ['-tlnp', BUSY],
      ['-p', 'zoo'],
      [BUSY, '-p'],
      ['--pid', '500'],
    ])
      expect((await listHere(...inZoo, ...args)).stderr).toBe('');
  });
});

describe('a user of whom only getent knows', () => {
  const row = '  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 424242 0 1 1 0\n';
  const tree = treeOf({
    '1/net/tcp': `sl\n${row}`,
    'bin/getent': '#!/bin/sh\n[ "$1 $2" = "passwd 424242" ] && echo ada:x:424242:1::/:/bin/sh\n',
  });
  chmodSync(join(tree, 'bin/getent'), 0o755);
  const path = `PATH=${join(tree, 'bin')}:${process.env.PATH}`;
  const asked = async (...args: string[]) =>
    (await outcomeOf('env', [path, process.execPath, PORTTOP, 'list', '--procfs', tree, ...args])).stdout;

  it.each([
    ['in a table', []],
    ['in a column of CSV', ['--csv', '--columns', 'port,user']],
    ['in JSON', ['--json']],
    ['line by line', ['--ndjson']],
    ['where a filter asks', ['--filter', 'user:ada', '--columns', 'user']],
  ])('is named %s', async (_, args) => {
    expect(await asked(...args)).toContain('ada');
  });

  it('is not asked for where nobody wants names', async () => {
    expect(await asked('-n')).toContain('424242');
    expect(await asked('-n')).not.toContain('ada');
  });
});

describe('--json', () => {
  it('is one document of the promised shape', async () => {
    const before = Date.now();
    const { stdout, lines } = await listHere('--json', ...inZoo, '-l', BUSY);
    expect(lines).toHaveLength(1);
    const { time, version, ...document } = JSON.parse(stdout);
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Math.abs(Date.parse(time) - before)).toBeLessThan(60_000);
    expect(document).toEqual({
      schema: 1,
      host: { name: null, kernel: null, uid: process.getuid?.() },
      source: { tcp: 'proc', udp: 'proc' },
      unattributed: 0,
      sockets: [
        {
          protocol: 'tcp',
          family: 'ipv4',
          type: 'stream',
          state: 'LISTEN',
          local: { address: '127.0.0.1', port: 35759, service: 'zoo', scope: null, host: null },
          remote: null,
          path: null,
          peer: null,
          doubtful: false,
          v6only: null,
          device: null,
          exposure: 'loopback',
          inode: 88347,
          cookie: null,
          netns: null,
          netnsName: null,
          uid: 0,
          user: 'root',
          recvQueue: null,
          sendQueue: null,
          acceptQueue: 0,
          backlog: null,
          connections: null,
          timer: null,
          cgroup: null,
          unit: null,
          container: null,
          owners: [
            owner(500, 9, 'zoo', '2023-11-14T22:13:21.000Z'),
            owner(500, 11, 'zoo', '2023-11-14T22:13:21.000Z'),
            owner(1000, 3, HOSTILE, '2023-11-14T22:15:23.450Z'),
          ],
          ownerUnknown: null,
        },
      ],
    });
  });

  function owner(pid: number, fd: number, command: string, startTime: string) {
    return expect.objectContaining({ pid, fd, mode: 'u', command, startTime });
  }

  it('has facts for every row, of the promised values', async () => {
    const sockets = await socketsOf('-a', ...inZoo);
    expect(sockets).toHaveLength(55);
    const by = (port: number, state: string) =>
      sockets.find((socket) => socket.local?.port === port && socket.state === state);
    expect(by(53108, 'TIME_WAIT')).toMatchObject({
      remote: { address: '127.0.0.1', port: 35759 },
      inode: 0,
      uid: null,
      user: null,
      recvQueue: 0,
      acceptQueue: null,
      exposure: null,
      owners: [],
      ownerUnknown: 'time-wait',
    });
    expect(by(33281, 'SYN_RECV')).toMatchObject({ uid: 0, inode: 0, ownerUnknown: 'unaccepted' });
    expect(by(53126, 'ESTABLISHED')).toMatchObject({ sendQueue: 3791494, recvQueue: 0, uid: 0 });
    expect(by(53128, 'FIN_WAIT1')).toMatchObject({ uid: null, ownerUnknown: 'orphaned' });
    expect(by(44797, 'LISTEN')).toMatchObject({ acceptQueue: 3, recvQueue: null, sendQueue: null });
    expect(by(42589, 'LISTEN')).toMatchObject({
      family: 'ipv6',
      local: { address: 'fe80::1', scope: 'zoo0' },
      exposure: 'link-local',
    });
    expect(by(36645, 'ESTABLISHED')).toMatchObject({
      family: 'ipv6',
      local: { address: '::ffff:127.0.0.1' },
      remote: { address: '::ffff:127.0.0.1', port: 43858 },
    });
    expect(by(60562, 'UNCONN')).toMatchObject({
      protocol: 'udp',
      family: 'ipv6',
      remote: null,
      exposure: 'all',
    });
    expect(by(53513, 'UNCONN')).toMatchObject({ uid: 1000 });
    for (const socket of sockets) {
      expect(socket.owners.length === 0).toBe(socket.ownerUnknown !== null);
      expect(socket.acceptQueue === null).toBe(socket.state !== 'LISTEN');
      expect(socket.remote === null).toBe(['LISTEN', 'UNCONN'].includes(socket.state));
    }
  });

  it('counts who might have an owner, and says so of each', async () => {
    const { stdout, status } = await listHere('--json', '--procfs', locked);
    const { unattributed, sockets } = JSON.parse(stdout);
    expect(status).toBe(0);
    expect(unattributed).toBe(23);
    expect(new Set(sockets.map((socket: Socket) => socket.ownerUnknown))).toEqual(new Set(['permission']));
  });

  it('is one document where nothing matches, too', async () => {
    const { stdout, stderr } = await listHere('--json', ...inZoo, '1');
    expect(JSON.parse(stdout).sockets).toEqual([]);
    expect(stderr).toBe('');
  });

  it('has the text of the system whole, and escaped', async () => {
    const { stdout } = await listHere('--json', ...inZoo, '44495');
    expect(stdout).toMatch(/^[ -~]*\n$/);
    const [socket] = JSON.parse(stdout).sockets;
    expect(socket.owners[0].command).toBe(HOSTILE);
    expect(socket.local.service).toBe('hostile\x1b[31m');
  });

  it('calls a port the same, whatever else is listed', async () => {
    const row = (slot: number, port: string, remote: string, state: string) =>
      `${slot}: 0100007F:${port} ${remote} ${state} 00000000:00000000 00:00000000 00000000 0 0 ${slot + 5} 1\n`;
    const [listener, connection, other] = [
      row(0, '0050', '00000000:0000', '0A'),
      row(1, '0050', '0100007F:0FA0', '01'),
      row(2, 'F230', '00000000:0000', '0A'),
    ] as const;
    const named = join(treeOf({ services: 'http 80/tcp\n' }), 'services');
    const remotes = async (...rows: string[]) => {
      const tree = treeOf({ '1/net/tcp': rows.join('') });
      const sockets = await socketsOf('-a', '--procfs', tree, '--services', named);
      return sockets.flatMap(({ remote }) => remote?.service ?? []);
    };
    expect(await remotes(listener, connection, other)).toEqual(['terabase']);
    expect(await remotes(listener, connection)).toEqual(['terabase']);
  });
});

describe('--csv', () => {
  it('is the keys of the columns, and the bare facts', async () => {
    const { stdout } = await listHere('--csv', ...inZoo, '-l', BUSY);
    expect(stdout).toBe(
      'proto,state,recvq,sendq,local,remote,service,user,pids,command\n' +
        'tcp,LISTEN,0,,127.0.0.1:35759,,zoo,root,"500,1000",zoo\n',
    );
  });

  it('has no keys with -H, and a uid with -n', async () => {
    expect((await listHere('--csv', '-Hn', ...inZoo, '-l', BUSY)).stdout).toBe(
      'tcp,LISTEN,0,,127.0.0.1:35759,,0,"500,1000",zoo\n',
    );
  });

  it('has its keys where nothing matches', async () => {
    const { status, stdout } = await listHere('--csv', ...inZoo, '1');
    expect(status).toBe(1);
    expect(stdout).toBe('proto,state,recvq,sendq,local,remote,service,user,pids,command\n');
  });

  it('has nothing in it that acts, hides or calculates', async () => {
    const { stdout } = await listHere('--csv', ...inZoo, '44495');
    expect(stdout).toMatch(/^[ -~\n]*$/);
    expect(stdout).toContain(',hostile\\e[31m,root,1000,\\e]0;owned\\x07\\u202e) R 1\n');
  });
});

describe.concurrent('a reader who leaves', () => {
  const row = (slot: number) =>
    `${slot}: 0100007F:${(slot + 1).toString(16).padStart(4, '0')} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 ${slot + 9} 1\n`;
  // More than a pipe holds.
  const large = treeOf({
    '1/net/tcp': Array.from({ length: 5000 }, (_, slot) => row(slot)).join(''),
    '1/fd/': '',
  });

  test.each([
    ['a table', []],
    ['JSON', ['--json']],
    ['CSV', ['--csv']],
  ])('of %s, as in `| head -1`, ends it quietly', async (_, args) => {
    // The status of the first of the two.
    const script = 'set -o pipefail; "$@" | head -c 20 >/dev/null; echo $?';
    const command = [process.execPath, PORTTOP, 'list', '-n', '--procfs', large, ...args];
    const outcome = await outcomeOf('bash', ['-c', script, 'bash', ...command]);
    expect(outcome).toMatchObject({ stdout: '0\n', stderr: '' });
  });

  it('who stays gets all of it', async () => {
    expect((await list('-n', '--procfs', large)).lines).toHaveLength(5001);
  });

  it.skipIf(needs('perl'))('who is slow gets all of it, also where a write does not wait', async () => {
    const unwaiting = 'use Fcntl; fcntl(STDOUT, F_SETFL, O_NONBLOCK | fcntl(STDOUT, F_GETFL, 0)); exec @ARGV';
    const slow = 'set -o pipefail; "$@" | (sleep 0.5; cat)';
    const command = [process.execPath, PORTTOP, 'list', '--procfs', large, '--ndjson'];
    const { status, stdout, stderr } = await outcomeOf('bash', [
      '-c',
      slow,
      'bash',
      'perl',
      '-e',
      unwaiting,
      ...command,
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const ports = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).local.port);
    expect(ports).toEqual(Array.from({ length: 5000 }, (_, at) => at + 1));
  });

  it('because the disk is full is told so in one line', async () => {
    const script = '"$@" >/dev/full';
    const outcome = await outcomeOf('bash', [
      '-c',
      script,
      'bash',
      process.execPath,
      PORTTOP,
      'list',
      ...inZoo,
    ]);
    expect(outcome.stderr).toMatch(/^porttop: .*no space is left.*\n$/);
    expect(outcome.status).toBe(2);
  });
});

describe('the help of the screen', () => {
  it.each(['--help', '--version', '-h', '-V'])('needs no screen: %s', async (word) => {
    const alone = treeOf({});
    for (const file of ['porttop.js', 'top-help.js', 'package.json'])
      copyFileSync(join(DIST, file), join(alone, file));
    const { status, stdout, stderr } = await outcomeOf(process.execPath, [join(alone, 'porttop.js'), word]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/h|help/.test(word) ? /porttop service 4000/ : /^porttop \d+\.\d+\.\d+/);
  });
});

describe.concurrent('help', () => {
  it('has examples, and what the exit status means', async () => {
    const { status, stdout, stderr } = await list('--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('porttop list 4000');
    expect(stdout).toMatch(/Exit status:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}3 /);
  });

  it('has a version', async () => {
    expect(await list('--version')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^porttop \d+\.\d+\.\d+/),
    });
  });
});

describe('what users of lsof, ss and ps type', () => {
  const at = (...args: string[]) => socketsOf('--procfs', zoo, ...args);

  it('is every state of a port after -i, and of one family or protocol', async () => {
    const all = await at(BUSY);
    expect(all.length).toBeGreaterThan(10);
    expect(await at('-i', `:${BUSY}`)).toEqual(all);
    expect(await at(`-iTCP:${BUSY}`, '-nP')).toHaveLength(all.length);
    expect(await at('-i', `udp:${BUSY}`)).toEqual([]);
    expect(new Set((await at('-i6')).map(({ family }) => family))).toEqual(new Set(['ipv6']));
    expect((await at('-i')).length).toBe((await at('-a')).length);
  });

  it("is one state by lsof's -s, by --state, or by a filter", async () => {
    const listening = (await at('-at', '--filter', 'state:=LISTEN')).map(({ inode }) => inode);
    expect(listening.length).toBeGreaterThan(3);
    const inodes = async (...args: string[]) => (await at(...args)).map(({ inode }) => inode);
    expect(await inodes('-iTCP', '-sTCP:LISTEN')).toEqual(listening);
    expect(await inodes('-at', '--state', 'listen')).toEqual(listening);
    const others = await inodes('-iTCP', '-sTCP:^LISTEN');
    expect(others.length).toBe((await at('-at')).length - listening.length);
  });

  it('is a user, by name or number, or a program', async () => {
    const mine = await at('-a', '--user', '0');
    expect(mine.length).toBeGreaterThan(0);
    expect(mine.every(({ uid }) => uid === 0)).toBe(true);
    expect(await at('-a', '--user', 'root')).toEqual(mine);
    expect(
      (await at('-a', '--command', 'ZOO')).every(({ owners }) => owners.some(({ pid }) => pid === 500)),
    ).toBe(true);
    expect((await listHere('--procfs', zoo, '-a', '--command', 'nosuch')).status).toBe(1);
    expect((await listHere('--procfs', zoo, '-a', '--user', 'no"such')).status).toBe(1);
  });

  it('is unix sockets after -x, with their paths', async () => {
    await using server = createServer().listen(join(treeOf(), 'x.sock'));
    await once(server, 'listening');
    const unix = await socketsOf('-x');
    expect(unix.every(({ protocol, local }) => protocol === 'unix' && local === null)).toBe(true);
    const own = unix.find(({ path }) => path === server.address());
    expect(own).toMatchObject({ state: 'LISTEN', owners: [{ pid: process.pid }] });
  });

  it('is sorted by any column, either way up', async () => {
    const ports = async (sort: string) =>
      (await at('-t', '--sort', sort)).flatMap(({ local }) => local?.port ?? []);
    const ascending = await ports('port');
    expect(ascending).toEqual(ascending.toSorted((a, b) => a - b));
    expect(await ports('port:desc')).toEqual(ascending.toSorted((a, b) => b - a));
  });

  it('has uid, inode and network namespace after -e, and timers after -o', async () => {
    const heading = async (...args: string[]) => (await listHere('--procfs', zoo, '-t', ...args)).lines[0];
    expect(await heading('-e')).toMatch(/ OWNER +UID +INODE +NETNS$/);
    expect(await heading('-neo')).toMatch(/ UID +PID +OWNER +INODE +NETNS +TIMER$/);
    expect(await heading('-e', '--columns', 'port')).toBe(' PORT');
  });

  it('has the timers of TCP wherever they are asked for', async () => {
    const { lines } = await listHere('--procfs', zoo, '-Hato', '--filter', 'remote::35759 state:fin-wait1');
    expect(lines).toMatchObject([expect.stringMatching(/ persist \d+ms$/)]);
    const found = await at('-a', '--filter', 'timer:persist');
    expect(found.map(({ state, timer }) => [state, timer?.kind, timer?.retransmits])).toEqual(
      ['ESTABLISHED', 'FIN_WAIT1', 'CLOSING', 'LAST_ACK'].map((state) => [state, 'persist', 0]),
    );
    const csv = await listHere('--procfs', zoo, '-Hat', '--csv', '--columns', 'state', '--sort', 'timer');
    const waiting = (await at('-at')).filter(({ timer }) => timer).length;
    expect(waiting).toBeGreaterThan(5);
    expect(csv.lines.slice(0, waiting)).not.toContain('LISTEN');
    expect(csv.lines.slice(waiting)).not.toContain('FIN_WAIT1');
  });

  it('is UDP-Lite after -U, as netstat, or where the filter names it', async () => {
    const row = '0: 0100007F:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 77 2\n';
    const tree = treeOf({ '1/net/udp': '', '1/net/udplite': row, '7/fd/4': { link: 'socket:[77]' } });
    const facts = { protocol: 'udplite', type: 'dgram', state: 'UNCONN', owners: [{ pid: 7, fd: 4 }] };
    for (const args of [['-U'], ['--udplite'], ['--filter', 'proto:udplite']])
      expect(await socketsOf('--procfs', tree, ...args)).toMatchObject([facts]);
    expect(await socketsOf('--procfs', tree)).toEqual([]);
  });

  it('tells the cgroup, unit and container of who holds it', async () => {
    const id = '0123456789abcdef'.repeat(4);
    const tree = treeOf({
      '1/net/tcp': '0: 0100007F:0050 00000000:0000 0A 0:0 00:0 0 0 0 77 1\n',
      '7/fd/4': { link: 'socket:[77]' },
      '7/cgroup': `0::/system.slice/docker-${id}.scope\n`,
    });
    const columns = ['--columns', 'fd,unit,container,cgroup'];
    const unit = `docker-${id}.scope`;
    const cgroup = `/system.slice/${unit}`;
    expect(await socketsOf('--procfs', tree)).toMatchObject([{ unit, container: id, cgroup }]);
    const { lines } = await listHere('--procfs', tree, '-H', ...columns);
    expect(lines[0]?.split(/ +/)).toEqual(['4u', unit, '0123456789ab', cgroup]);
    expect((await listHere('--procfs', tree, '-H', '--csv', ...columns)).lines).toEqual([
      `4u,${unit},${id},${cgroup}`,
    ]);
  });

  it('is one JSON object a line after --ndjson', async () => {
    const { lines } = await listHere('--procfs', zoo, '--ndjson', '-t');
    expect(lines.map((line) => JSON.parse(line))).toEqual(await at('-t'));
  });
});
