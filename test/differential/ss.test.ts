import { expect, test } from 'vitest';
import { parseSs, parseSsUnix, type SsSocket } from './ss.ts';

/** Lines of ss, iproute2 6.1.0, on Linux 6.18 (less padding), and what a hostile name could make of one. */
const cases: { name: string; line: string; socket: Partial<SsSocket> }[] = [
  {
    name: 'a listener with its accept queue and backlog',
    line: 'tcp LISTEN     3      16     127.0.0.1:45387    0.0.0.0:*     users:(("MainThread",pid=19964,fd=22)) ino:69484 sk:1a cgroup:/ <->     ',
    socket: {
      protocol: 'tcp',
      family: 'ipv4',
      state: 'LISTEN',
      local: { address: '127.0.0.1', port: 45387, scope: null },
      remote: null,
      inode: 69484,
      uid: 0,
      cookie: '26',
      v6only: null,
      recvQ: 3,
      sendQ: 16,
      owners: [{ pid: 19964, fd: 22, command: 'MainThread' }],
    },
  },
  {
    name: 'several owners, sorted',
    line: 'tcp LISTEN     0      511    127.0.0.1:34017    0.0.0.0:*     users:(("MainThread",pid=19944,fd=22),("MainThread",pid=9943,fd=23),("MainThread",pid=9943,fd=8)) uid:1000 ino:69440 sk:1e cgroup:/user.slice/a.scope <->',
    socket: {
      uid: 1000,
      inode: 69440,
      owners: [
        { pid: 9943, fd: 8, command: 'MainThread' },
        { pid: 9943, fd: 23, command: 'MainThread' },
        { pid: 19944, fd: 22, command: 'MainThread' },
      ],
    },
  },
  {
    name: 'a dual-stack wildcard',
    line: 'tcp LISTEN     0      511            *:42481            *:*     users:(("MainThread",pid=19932,fd=23)) ino:69411 sk:3e cgroup:/ v6only:0 <->',
    socket: {
      family: 'ipv6',
      local: { address: '::', port: 42481, scope: null },
      remote: null,
      v6only: false,
    },
  },
  {
    name: 'a wildcard for IPv6 alone',
    line: 'tcp LISTEN     0      511         [::]:35945         [::]:*     users:(("MainThread",pid=19932,fd=25)) ino:69413 sk:40 cgroup:/ v6only:1 <->',
    socket: {
      family: 'ipv6',
      local: { address: '::', port: 35945, scope: null },
      remote: null,
      v6only: true,
    },
  },
  {
    name: 'a link-local address with its device',
    line: 'tcp LISTEN     0      511         [fe80::1]%zoo0:46535               [::]:*     users:(("MainThread",pid=19932,fd=26)) ino:69415 sk:3d cgroup:/ v6only:1 <->',
    socket: { family: 'ipv6', local: { address: 'fe80::1', port: 46535, scope: 'zoo0' } },
  },
  {
    name: 'an IPv4 address bound to a device',
    line: 'udp UNCONN 0 0 0.0.0.0%lo:68 0.0.0.0:* ino:7 sk:1',
    socket: {
      protocol: 'udp',
      family: 'ipv4',
      local: { address: '0.0.0.0', port: 68, scope: 'lo' },
      owners: [],
    },
  },
  {
    name: 'a mapped address',
    line: 'tcp ESTAB      0      0       [::ffff:127.0.0.1]:42481 [::ffff:127.0.0.1]:44648 users:(("MainThread",pid=19932,fd=34)) ino:69424 sk:40 cgroup:/ <->',
    socket: {
      family: 'ipv6',
      state: 'ESTABLISHED',
      v6only: null,
      local: { address: '::ffff:127.0.0.1', port: 42481, scope: null },
      remote: { address: '::ffff:127.0.0.1', port: 44648, scope: null },
    },
  },
  {
    name: 'TIME_WAIT: no owner, no inode',
    line: 'tcp TIME-WAIT  0      0      127.0.0.1:60310    127.0.0.1:35247 timer:(timewait,59sec,0) ino:0 sk:29    ',
    socket: {
      state: 'TIME_WAIT',
      inode: 0,
      owners: [],
      remote: { address: '127.0.0.1', port: 35247, scope: null },
    },
  },
  {
    name: 'a timer after the owners',
    line: 'tcp ESTAB      0      3791494   127.0.0.1:60330  127.0.0.1:35247 users:(("MainThread",pid=19932,fd=41)) timer:(persist,780ms,1) ino:69432 sk:2b cgroup:/ <->',
    socket: { sendQ: 3791494, inode: 69432, owners: [{ pid: 19932, fd: 41, command: 'MainThread' }] },
  },
  {
    name: 'FIN_WAIT1 of an orphan',
    line: 'tcp FIN-WAIT-1 0      3791495    127.0.0.1:60340   127.0.0.1:35247 timer:(persist,780ms,1) ino:0 sk:2c cgroup:/ ---',
    socket: { state: 'FIN_WAIT1', inode: 0, sendQ: 3791495 },
  },
  {
    name: 'a connected UDP socket',
    line: 'udp ESTAB      0      0     127.0.0.1:59285  127.0.0.1:44344 users:(("MainThread",pid=19932,fd=61)) ino:69725 sk:f cgroup:/ <->',
    socket: {
      protocol: 'udp',
      state: 'ESTABLISHED',
      remote: { address: '127.0.0.1', port: 44344, scope: null },
    },
  },
  {
    name: 'a name that closes the quotes and brackets (ss has cut it at its own bracket)',
    line: 'tcp LISTEN     0      511       127.0.0.1:43387   0.0.0.0:*     users:(("x",pid=1,fd=2",pid=19957,fd=22)) ino:69472 sk:17 cgroup:/ <->',
    socket: { inode: 69472, owners: [{ pid: 19957, fd: 22, command: 'x",pid=1,fd=2' }] },
  },
  {
    name: 'a name that ends in what follows a name',
    line: 'tcp LISTEN 0 511 127.0.0.1:1 0.0.0.0:* users:(("a",pid=1,fd=2))",pid=5,fd=6),("b",pid=7,fd=8)) ino:3 sk:17',
    socket: {
      inode: 3,
      owners: [
        { pid: 5, fd: 6, command: 'a",pid=1,fd=2))' },
        { pid: 7, fd: 8, command: 'b' },
      ],
    },
  },
  {
    name: 'a name that claims an inode and a user',
    line: 'tcp LISTEN 0 511 127.0.0.1:1 0.0.0.0:* users:(("uid:9 ino:8 ",pid=5,fd=6)) ino:3 sk:17',
    socket: { inode: 3, uid: 0, owners: [{ pid: 5, fd: 6, command: 'uid:9 ino:8 ' }] },
  },
  {
    name: 'a state that only newer versions know',
    line: 'tcp BOUND-INACTIVE 0 0 127.0.0.1:5000 0.0.0.0:* users:(("a",pid=5,fd=6)) ino:3 sk:17',
    socket: { state: 'BOUND', local: { address: '127.0.0.1', port: 5000, scope: null }, remote: null },
  },
];

test.each(cases)('$name', ({ line, socket }) => {
  expect(parseSs(`${line}\n`)).toEqual([expect.objectContaining(socket)]);
});

test('many lines, one broken by the name of a process', () => {
  const output = `${cases[0]?.line}
tcp LISTEN 0 511 127.0.0.1:1 0.0.0.0:* users:(("a
tcp LISTEN 0",pid=5,fd=6)) ino:3 sk:17
${cases[7]?.line}
`;
  const sockets = parseSs(output);
  expect(sockets.map((socket) => socket.inode)).toEqual([69484, 3, 0]);
  expect(sockets[1]?.owners).toEqual([{ pid: 5, fd: 6, command: 'a\ntcp LISTEN 0' }]);
});

test('nothing', () => {
  expect(parseSs('')).toEqual([]);
});

test('what is no row of ss is an error, not an empty list', () => {
  expect(() => parseSs('Error: ipv4: something\n')).toThrow('not a row of ss');
});

test('where one protocol alone was asked for, ss does not name it', () => {
  const row = 'ESTAB  0      0      127.0.0.1:89 127.0.0.1:* users:(("MainThread",pid=48,fd=44))\n';
  expect(parseSs(row, 'raw')).toMatchObject([
    { protocol: 'raw', state: 'ESTABLISHED', cookie: null, remote: { address: '127.0.0.1', port: 0 } },
  ]);
  expect(() => parseSs(row)).toThrow('of no protocol');
});

test('unix sockets: a name with blanks, none, and a peer', () => {
  const rows = `u_seq LISTEN 0      3               @a@b @ c 4574952 * 0       users:(("MainThread",pid=48,fd=53)) <-> peers:
u_str ESTAB  0      768                    * 4574947 * 4574948 users:(("an (heir",pid=35,fd=1)) <->
`;
  expect(parseSsUnix(rows)).toEqual([
    {
      protocol: 'unix',
      type: 'seqpacket',
      state: 'LISTEN',
      path: '@a@b @ c',
      inode: 4574952,
      peer: 0,
      recvQ: 0,
      sendQ: 3,
      owners: [{ pid: 48, fd: 53, command: 'MainThread' }],
    },
    {
      protocol: 'unix',
      type: 'stream',
      state: 'ESTABLISHED',
      path: null,
      inode: 4574947,
      peer: 4574948,
      recvQ: 0,
      sendQ: 768,
      owners: [{ pid: 35, fd: 1, command: 'an (heir' }],
    },
  ]);
  expect(() => parseSsUnix('Error: something\n')).toThrow('not a row of ss -x');
});
