import { spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Socket as AnySocket, Endpoint, State } from '../../src/sockets/socket.ts';
import { type Namespace, namespaceProblem, openNamespace } from '../helpers/namespace.ts';
import { parseSs, SS_ARGUMENTS, type SsSocket } from './ss.ts';
import type { ZooReport } from './zoo.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/porttop.js', import.meta.url));
const ZOO = fileURLToPath(new URL('zoo.ts', import.meta.url));

const problem = namespaceProblem() ?? (spawnSync('ss', ['-V']).error ? 'no ss(8)' : null);
const title = `list -a --json and ss name the same sockets${problem ? ` (skipped: ${problem})` : ''}`;

type Expected = Partial<Record<keyof Socket, unknown>>;

/** What a kind of socket in the zoo must look like, so that two empty lists are not a success. */
const KINDS: Record<string, (zoo: ZooReport, port: number) => Expected> = {
  listen4: (_, port) => listener('ipv4', '127.0.0.1', port, { exposure: 'loopback' }),
  listen4Any: (_, port) => listener('ipv4', '0.0.0.0', port, { exposure: 'all' }),
  listen6: (_, port) => listener('ipv6', '::1', port, { exposure: 'loopback' }),
  listen6Only: (_, port) => listener('ipv6', '::', port, { exposure: 'all' }),
  listenDual: (_, port) => listener('ipv6', '::', port, { exposure: 'all' }),
  listenLinkLocal: ({ linkLocalDevice }, port) => {
    return listener('ipv6', 'fe80::1', port, {
      exposure: 'link-local',
      local: at('fe80::1', port, linkLocalDevice),
    });
  },
  hostile: ({ pids }, port) => {
    const owner = { pid: pids.hostile, command: 'x",pid=1,fd=2)' };
    return listener('ipv4', '127.0.0.1', port, { owners: [expect.objectContaining(owner)] });
  },
  unaccepted: (_, port) => listener('ipv4', '127.0.0.1', port, { acceptQueue: 3 }),
  full: (_, port) => listener('ipv4', '127.0.0.1', port, { acceptQueue: 2 }),
  established4: (zoo, port) => connection('ESTABLISHED', '127.0.0.1', port, '127.0.0.1', zoo.ports.listen4),
  established6: (zoo, port) => connection('ESTABLISHED', '::1', port, '::1', zoo.ports.listen6),
  establishedMapped: (zoo, port) => {
    return connection('ESTABLISHED', '::ffff:127.0.0.1', zoo.ports.listenDual, '::ffff:127.0.0.1', port);
  },
  finWait2: (zoo, port) => connection('FIN_WAIT2', '127.0.0.1', port, '127.0.0.1', zoo.ports.listen4),
  timeWait: () => ({ state: 'TIME_WAIT', inode: 0, uid: null, owners: [], ownerUnknown: 'time-wait' }),
  orphanFinWait1: () => orphan('FIN_WAIT1'),
  orphanFinWait2: () => orphan('FIN_WAIT2'),
  closing: () => orphan('CLOSING'),
  lastAck: () => orphan('LAST_ACK'),
  synSent: (zoo, port) => connection('SYN_SENT', '127.0.0.1', port, '127.0.0.1', zoo.ports.full),
  synRecv: () => ({ state: 'SYN_RECV', inode: 0, ownerUnknown: 'unaccepted' }),
  recvQueue: () => ({ state: 'ESTABLISHED', recvQueue: 'nobody reads this'.length }),
  sendQueue: () => ({ state: 'ESTABLISHED', sendQueue: expect.toSatisfy((bytes: number) => bytes > 0) }),
  udp4: (_, port) => bound('ipv4', '127.0.0.1', port),
  udp4Any: (_, port) => bound('ipv4', '0.0.0.0', port),
  udp6: (_, port) => bound('ipv6', '::1', port),
  udp6Only: (_, port) => bound('ipv6', '::', port),
  udpDual: (_, port) => bound('ipv6', '::', port),
  udpShared: (_, port) => bound('ipv4', '0.0.0.0', port),
  udpQueue: () => ({ state: 'UNCONN', recvQueue: expect.toSatisfy((bytes: number) => bytes > 0) }),
  udpConnected: (zoo, port) => {
    return { ...connection('ESTABLISHED', '127.0.0.1', port, '127.0.0.1', zoo.ports.udp4), protocol: 'udp' };
  },
};

describe.skipIf(problem)(title, () => {
  let namespace: Namespace;
  let zoo: ZooReport;
  let sockets: Socket[];
  let ofSs: SsSocket[];

  beforeAll(async () => {
    namespace = await openNamespace();
    zoo = await openZoo(namespace);
    [sockets, ofSs] = await atTheSameMoment(namespace);
  }, 60_000);

  afterAll(() => namespace?.[Symbol.asyncDispose]());

  test('addresses, states, inodes, users, and every owner', () => {
    expect(sockets.map(identity).sort()).toEqual(ofSs.map(identityInSs).sort());
  });

  test('queues, backlog, and whether IPv6 alone', () => {
    const byIdentity = new Map(ofSs.map((socket) => [identityInSs(socket), socket]));
    for (const socket of sockets) {
      const expected = byIdentity.get(identity(socket));
      expect(details(socket), identity(socket)).toEqual(expected && detailsInSs(expected, socket));
    }
  });

  for (const [kind, expected] of Object.entries(KINDS)) {
    test(`there is one that is ${kind}`, ({ skip }) => {
      const reason = zoo.missing[kind];
      if (reason) skip(reason);
      const port = zoo.ports[kind] ?? Number.NaN;
      const atPort = sockets.filter((socket) => socket.local.port === port || socket.remote?.port === port);
      expect(atPort, `sockets at port ${port}`).toContainEqual(expect.objectContaining(expected(zoo, port)));
    });
  }

  test('a shared listener has all its owners', () => {
    const shared = sockets.find((socket) => socket.local.port === zoo.ports.shared);
    expect(shared?.owners.map(({ pid }) => pid)).toEqual(zoo.pids.shared.toSorted((a, b) => a - b));
  });

  test.each(['reusePort', 'udpShared'])('%s: two sockets at one address', (kind) => {
    const both = sockets.filter((socket) => socket.local.port === zoo.ports[kind]);
    expect(new Set(both.map(({ inode }) => inode)).size).toBe(2);
  });

  test('an accept queue holds connections that no process has yet', () => {
    const waiting = sockets.filter((socket) => socket.local.port === zoo.ports.unaccepted && socket.remote);
    expect(waiting.map(({ state, inode, ownerUnknown }) => ({ state, inode, ownerUnknown }))).toEqual(
      expect.arrayContaining([
        { state: 'ESTABLISHED', inode: 0, ownerUnknown: 'unaccepted' },
        { state: 'ESTABLISHED', inode: 0, ownerUnknown: 'unaccepted' },
        { state: 'CLOSE_WAIT', inode: 0, ownerUnknown: 'unaccepted' },
      ]),
    );
  });
});

function at(address: string, port: number | undefined, scope: string | null = null): unknown {
  return expect.objectContaining({ address, port, scope });
}

function listener(family: string, address: string, port: number, more: Expected): Expected {
  return { protocol: 'tcp', family, state: 'LISTEN', local: at(address, port), remote: null, ...more };
}

function bound(family: string, address: string, port: number): Expected {
  return { protocol: 'udp', family, state: 'UNCONN', local: at(address, port), remote: null };
}

function connection(
  state: State,
  from: string,
  port: number | undefined,
  to: string,
  toPort?: number,
): Expected {
  return { protocol: 'tcp', state, local: at(from, port), remote: at(to, toPort) };
}

function orphan(state: State): Expected {
  return { state, inode: 0, uid: null, owners: [], ownerUnknown: 'orphaned' };
}

async function openZoo(namespace: Namespace): Promise<ZooReport> {
  // Its stdin ends with this process, and it with its stdin.
  const zoo = namespace.spawn(process.execPath, [ZOO], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (zoo.stdout) for await (const line of createInterface(zoo.stdout)) return JSON.parse(line);
  throw new Error('the zoo did not open');
}

/** What both say of a moment in which ss saw nothing move. */
async function atTheSameMoment(namespace: Namespace): Promise<[Socket[], SsSocket[]]> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const before = await runSs(namespace);
    const { code, stdout, stderr } = await namespace.run(process.execPath, [PROGRAM, 'list', '-a', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    if (isDeepStrictEqual(await runSs(namespace), before)) return [JSON.parse(stdout).sockets, before];
  }
  throw new Error('the sockets did not keep still');
}

async function runSs(namespace: Namespace): Promise<SsSocket[]> {
  const { code, stdout, stderr } = await namespace.run('ss', SS_ARGUMENTS);
  if (code !== 0) throw new Error(`ss: ${stderr}`);
  const sockets = parseSs(stdout);
  return sockets.sort((a, b) => (identityInSs(a) < identityInSs(b) ? -1 : 1));
}

/** One line that says all that has to be the same. ss knows no scope of a peer. */
function identity({ protocol, family, state, inode, uid, local, device, remote, owners }: Socket): string {
  const scope = local.scope ?? device;
  const from = `${local.address}${scope ? `%${scope}` : ''} ${local.port}`;
  return line(protocol, family, state, inode, uid ?? 0, from, remote, owners);
}

function identityInSs({ protocol, family, state, inode, uid, local, remote, owners }: SsSocket): string {
  const from = `${local.address}${local.scope ? `%${local.scope}` : ''} ${local.port}`;
  return line(protocol, family, state, inode, uid, from, remote, owners);
}

function line(
  protocol: string,
  family: string,
  state: string,
  inode: number,
  uid: number,
  from: string,
  remote: { address: string; port: number } | null,
  owners: { pid: number; fd: number }[],
): string {
  const to = remote ? `${remote.address} ${remote.port}` : '*';
  const held = owners.map(({ pid, fd }) => `${pid}/${fd}`).join();
  return `${protocol} ${family} ${state} ${from} > ${to} inode ${inode} uid ${uid} held ${held || 'by none'}`;
}

/** None of them is unix. */
type Socket = AnySocket & { local: Endpoint };

type Details = Pick<Socket, 'v6only' | 'recvQueue' | 'sendQueue' | 'acceptQueue' | 'backlog'>;

function details({ v6only, recvQueue, sendQueue, acceptQueue, backlog }: Socket): Details {
  return { v6only, recvQueue, sendQueue, acceptQueue, backlog };
}

/** /proc/net tells neither v6only nor the backlog; the kernel tells ss the first of some states alone. */
function detailsInSs({ state, recvQ, sendQ, v6only }: SsSocket, known: Details): Details {
  const listens = state === 'LISTEN';
  return {
    v6only: known.v6only === null ? null : (v6only ?? known.v6only),
    recvQueue: listens ? null : recvQ,
    sendQueue: listens ? null : sendQ,
    acceptQueue: listens ? recvQ : null,
    backlog: listens && known.backlog !== null ? sendQ : null,
  };
}
