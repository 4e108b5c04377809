import fc from 'fast-check';
import { ClosedSockets } from '../../src/sockets/closed-sockets.ts';
import type { RowFacts } from '../../src/sockets/snapshot.ts';
import type { Socket } from '../../src/sockets/socket.ts';
import { EVERYTHING, NOON, type SocketLiteral, snapshot } from '../helpers/snapshots.ts';

export const HOSTILE = '\x1b]0;x\x07\u202e\n';

const port = fc.constantFrom(0, 9, 80, 443, 8080, 65_535);
const four = fc.constantFrom('0.0.0.0', '127.0.0.1', '10.0.0.9', '10.0.0.10', '169.254.0.1', '255.0.0.1');
const six = fc.constantFrom(
  '::',
  '::1',
  'fe80::1',
  'fe80::2',
  '::ffff:10.0.0.9',
  '2001:db8::9',
  '2001:db8::10',
);

const owners = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom('nginx', 'Xorg', 'node', 'écoute', HOSTILE),
      pid: fc.constantFrom(1, 7, 1000, 4_194_304),
      fd: fc.constantFrom(3, 9, 10),
      command: fc.constantFrom('nginx', 'MainThread', HOSTILE),
      started: fc.constantFrom(
        null,
        '2026-11-23T11:59:18.020Z',
        '2026-11-23T11:59:18.990Z',
        '2025-01-31T01:02:03.000Z',
      ),
      ended: fc.constantFrom(false, false, true),
    }),
    { maxLength: 3, selector: ({ pid, fd }) => `${pid} ${fd}` },
  )
  // One process is the same wherever it is seen.
  .map((all) =>
    all.map((one) => ({ ...(all.find(({ pid }) => pid === one.pid) as typeof one), fd: one.fd })),
  );

const queues = {
  uid: fc.constantFrom(0, 33, 1000, 0xffff_ffff),
  netns: fc.constantFrom(0, 4_026_531_840, 4_026_532_177, 4_026_532_999),
  device: fc.constantFrom(0, 1, 2),
  cgroup: fc.constantFrom(0, 1, 77, 78, 999),
  recvQueue: fc.constantFrom(0, 1, 256, 0xffff_ffff),
  sendQueue: fc.constantFrom(0, 2, 511, 0xffff_ffff),
  owners,
};
const ends = fc.oneof(
  fc.tuple(four, port, four, port).map(([from, a, to, b]) => [`${from}:${a}`, `${to}:${b}`] as const),
  fc.tuple(six, port, six, port).map(([from, a, to, b]) => [`[${from}]:${a}`, `[${to}]:${b}`] as const),
);

const tcpSocket = fc
  .record({
    ends,
    state: fc.constantFrom(
      'LISTEN',
      'BOUND',
      'ESTABLISHED',
      'SYN_RECV',
      'TIME_WAIT',
      'CLOSE_WAIT',
      'LAST_ACK',
    ),
    timer: fc.tuple(fc.nat(5), fc.constantFrom(0, 200, 7_190_530, 0xffff_ffff), fc.constantFrom(0, 2, 255)),
    ...queues,
  })
  .map(({ ends: [local, remote], state, ...more }) => {
    const alone = state === 'LISTEN' || state === 'BOUND';
    return { protocol: 'tcp', local, state, ...(alone ? {} : { remote }), ...more } as SocketLiteral;
  });
const datagrams = fc
  .record({
    ends,
    protocol: fc.constantFrom('udp', 'udplite', 'raw', 'icmp'),
    connected: fc.boolean(),
    ...queues,
  })
  .map(({ ends: [local, remote], protocol, connected, ...more }) => {
    const state = connected ? { remote, state: 'ESTABLISHED' } : { state: 'UNCONN' };
    return { protocol, local, ...state, ...more } as SocketLiteral;
  });
const unixSocket = fc
  .record({
    type: fc.constantFrom(0, 1, 2, 5),
    peer: fc.constantFrom(undefined, 1, 2, 2_654_435_762),
    local: fc.constantFrom('', '@abstract', '@a\0b\0\0', '/run/a.sock', '/run/B.sock', `/run/${HOSTILE}`),
    state: fc.constantFrom('LISTEN', 'ESTABLISHED', 'UNCONN'),
    ...queues,
  })
  .map((facts) => ({ protocol: 'unix', ...facts }) as SocketLiteral);

/** Sockets as a kernel could have them, much alike; each has an inode of its own, or none. */
const literals = fc
  .array(fc.tuple(fc.oneof(tcpSocket, datagrams, unixSocket), fc.nat(9)), { maxLength: 24 })
  .map((list) =>
    list.map(([socket, chance], at): SocketLiteral => {
      const none = chance === 0 && socket.protocol === 'tcp' && socket.state !== 'LISTEN';
      // Far apart and near, in no order: what is compared is more than one byte.
      return { ...socket, inode: none ? 0 : 1 + ((at * 2_654_435_761) % 4_000_000_000) };
    }),
  );

/** Sockets that are there and some that closed, with whatever is known of them. */
export type World = { live: RowFacts; closed: RowFacts; now: number };

export const worlds: fc.Arbitrary<World> = fc
  .record({
    sockets: literals,
    split: fc.nat(24),
    source: fc.constantFrom('proc', 'sock_diag'),
    counted: fc.boolean(),
    refused: fc.boolean(),
    timers: fc.boolean(),
    seconds: fc.constantFrom(0, 59, 86_400),
  })
  .map(({ sockets: all, split, source, counted, refused, timers, seconds }) => {
    const sockets = timers ? all : all.map(({ timer: _, ...rest }): SocketLiteral => rest);
    const circumstances = {
      at: seconds,
      source,
      wanted: { ...EVERYTHING, cgroups: true },
      users: { 0: 'root', 33: 'Ada', 1000: HOSTILE },
      services: { '80/tcp': 'http', '443/tcp': 'https', '9/udp': HOSTILE },
      netns: { 4026532177: 'blue', 4026532999: HOSTILE },
      cgroups: {
        1: '/',
        77: `/system.slice/docker-${'0123456789abcdef'.repeat(4)}.scope`,
        78: `/system.slice/${HOSTILE}.service/lxc/${HOSTILE}`,
        'pid 7': '/user.slice/user-1000.slice/session-3.scope',
      },
      hosts: { '127.0.0.1': 'localhost', '10.0.0.9': HOSTILE, '::1': 'ip6-localhost', 'fe80::1': 'B.lan' },
      scopes: { 'fe80::1': 'eth0', 'fe80::2': HOSTILE },
      ...(refused ? { unreadable: { 7: 'EACCES' } } : {}),
      ...(counted
        ? { connections: Object.fromEntries(sockets.map(({ inode = 0 }) => [inode, inode % 300])) }
        : {}),
    } as const;
    const live = snapshot(sockets.slice(split), circumstances);
    const before = snapshot(sockets.slice(0, split), circumstances);
    const closed = new ClosedSockets();
    for (let row = 0; row < before.length; row++) closed.add(before, row, NOON);
    return { live, closed, now: NOON + seconds * 1000 };
  });

/** Every row of a world with the object that a person sees of it. */
export function* rowsOf({ live, closed }: World): Generator<{ rows: RowFacts; row: number; socket: Socket }> {
  for (const rows of [live, closed]) {
    for (let row = 0; row < rows.table.length; row++) yield { rows, row, socket: rows.socket(row) };
  }
}
