import fc from 'fast-check';
import { describe, expect, it, test, vi } from 'vitest';
import type { Ownership } from '../../src/sockets/owners.ts';
import { Snapshot } from '../../src/sockets/snapshot.ts';
import { pidsOf } from '../../src/sockets/socket.ts';
import { UNKNOWN_UID } from '../../src/sockets/socket-table.ts';
import { isUnattributed } from '../../src/sockets/unattributed.ts';
import { snapshot, tcp, unix } from '../helpers/snapshots.ts';
import { rowsOf, worlds } from '../query/random-sockets.ts';
import { ALL, end, NAMELESS, NOBODY, NOON, type Row, STATE, snapshotOf, tableOf } from './fixture.ts';

fc.configureGlobal({ seed: 4000 });

const CONNECTION: Row = {
  state: 'ESTABLISHED',
  local: '10.0.0.1',
  localPort: 80,
  remote: '10.0.0.9',
  remotePort: 40_000,
};

const identities = (...rows: Row[]) => rows.map((row) => snapshotOf([row]).identity(0));
const only = (row: Row, options?: Parameters<typeof snapshotOf>[1]) => snapshotOf([row], options).socket(0);
const inodesIn = ({ table }: Snapshot) => [...table.inode.subarray(0, table.length)];

/** Everybody was asked, and these were found. */
const heldBy = (inode: number, ...pids: number[]): Ownership => ({
  ...NOBODY,
  holders: (asked) => (asked === inode ? pids.map((pid) => ({ pid, fd: 3 })) : []),
  firstPid: (asked) => (asked === inode ? (pids[0] ?? 0) : 0),
});

describe('the identity of a connection', () => {
  it('stays from its first SYN to TIME_WAIT, with an inode and without', () => {
    const life = identities(
      { ...CONNECTION, state: 'SYN_SENT', inode: 77, uid: 1000 },
      { ...CONNECTION, state: 'ESTABLISHED', inode: 77, uid: 1000, sendQueue: 5 },
      { ...CONNECTION, state: 'FIN_WAIT1', inode: 77 },
      { ...CONNECTION, state: 'FIN_WAIT2', inode: 0, uid: 0 },
      { ...CONNECTION, state: 'TIME_WAIT', inode: 0, uid: 0 },
    );
    expect(new Set(life).size).toBe(1);
  });

  it('stays when its listener accepts it', () => {
    const [before, waiting, after] = identities(
      { ...CONNECTION, state: 'SYN_RECV', inode: 0 },
      { ...CONNECTION, state: 'ESTABLISHED', inode: 0 },
      { ...CONNECTION, state: 'ESTABLISHED', inode: 5 },
    );
    expect(waiting).toBe(before);
    expect(after).toBe(before);
  });

  test.each([
    ['the local port', { localPort: 81 }],
    ['the local address', { local: '10.0.0.2' }],
    ['the remote port', { remotePort: 40_001 }],
    ['the remote address', { remote: '10.0.0.8' }],
    ['the family, though the bytes be the same', { local: 'a00:1::', remote: 'a00:9::' }],
    ['the family, though it be a mapped address', { local: '::ffff:10.0.0.1', remote: '::ffff:10.0.0.9' }],
    ['the protocol', { protocol: 'udp' as const }],
    ['the end that is local', { local: '10.0.0.9', localPort: 40_000, remote: '10.0.0.1', remotePort: 80 }],
  ])('differs with %s', (_, change) => {
    const [one, other] = identities(CONNECTION, { ...CONNECTION, ...change });
    expect(other).not.toBe(one);
  });

  it('of IPv6 depends on the whole address', () => {
    const six = { ...CONNECTION, local: '2001:db8::1', remote: '2001:db8::2' };
    const all = identities(
      six,
      { ...six, remote: '2001:db9::2' },
      { ...six, remote: '2001:db8:0:0:1::2' },
      { ...six, remote: '2001:db8::1:0:2' },
      { ...six, local: '2001:db8:1::1' },
    );
    expect(new Set(all).size).toBe(5);
  });
});

describe('the identity of what is no connection', () => {
  it('is its inode, for listeners that share a port by SO_REUSEPORT', () => {
    const [one, other] = identities({ inode: 1 }, { inode: 2 });
    expect(other).not.toBe(one);
  });

  it('is its inode, for UDP sockets that share a port', () => {
    const [one, other] = identities({ protocol: 'udp', inode: 1 }, { protocol: 'udp', inode: 2 });
    expect(other).not.toBe(one);
  });

  it('stays when a UDP socket is connected, or bound to another address', () => {
    const [bound, connected] = identities(
      { protocol: 'udp', state: 'CLOSE', local: '0.0.0.0' },
      { protocol: 'udp', state: 'ESTABLISHED', local: '10.0.0.1', remote: '10.0.0.2', remotePort: 53 },
    );
    expect(connected).toBe(bound);
  });

  it('stays while the queue of a listener fills', () => {
    const [empty, full] = identities({ recvQueue: 0 }, { recvQueue: 128 });
    expect(full).toBe(empty);
  });

  it('is not a connection’s that has the same numbers', () => {
    const [listener, connection] = identities({ inode: 0 }, { inode: 0, state: 'ESTABLISHED' });
    expect(connection).not.toBe(listener);
  });
});

describe('the rows of a snapshot', () => {
  it('are all of a table without doubles, in its order, each found by its identity', () => {
    const snapshot = snapshotOf([{ inode: 3 }, { inode: 1 }, { ...CONNECTION, inode: 2 }]);
    expect(inodesIn(snapshot)).toEqual([3, 1, 2]);
    expect(snapshot.length).toBe(3);
    for (const row of [0, 1, 2]) expect(snapshot.table.rowOf(snapshot.identity(row))).toBe(row);
  });

  it('leave out what was read twice while the kernel’s table changed', () => {
    const snapshot = snapshotOf([
      { inode: 1 },
      { ...CONNECTION, inode: 7 },
      { inode: 1 },
      { ...CONNECTION, inode: 7 },
      { inode: 2 },
    ]);
    expect(inodesIn(snapshot)).toEqual([1, 7, 2]);
    expect([0, 1, 2].map((row) => snapshot.table.rowOf(snapshot.identity(row)))).toEqual([0, 1, 2]);
  });

  it('keep every row that has no inode: nothing says that two of them are one', () => {
    const waiting: Row = { ...CONNECTION, state: 'TIME_WAIT', inode: 0 };
    const snapshot = snapshotOf([waiting, waiting, waiting]);
    expect(snapshot.length).toBe(3);
    expect(new Set([0, 1, 2].map((row) => snapshot.identity(row))).size).toBe(3);
  });

  it('keep the listeners of one port apart', () => {
    expect(inodesIn(snapshotOf([{ inode: 1 }, { inode: 2 }, { protocol: 'udp', inode: 3 }]))).toEqual([
      1, 2, 3,
    ]);
  });

  test('keep two connections of the same ends whose inodes differ', () => {
    expect(
      inodesIn(
        snapshotOf([
          { ...CONNECTION, inode: 91_149 },
          { ...CONNECTION, inode: 91_148 },
        ]),
      ),
    ).toEqual([91_149, 91_148]);
  });
});

describe('a socket', () => {
  it('has the keys of the contract, in its order', () => {
    expect(Object.keys(only({}))).toEqual([
      'protocol',
      'family',
      'type',
      'state',
      'local',
      'remote',
      'path',
      'peer',
      'doubtful',
      'v6only',
      'device',
      'exposure',
      'inode',
      'cookie',
      'netns',
      'netnsName',
      'uid',
      'user',
      'recvQueue',
      'sendQueue',
      'acceptQueue',
      'backlog',
      'connections',
      'timer',
      'cgroup',
      'unit',
      'container',
      'owners',
      'ownerUnknown',
    ]);
  });

  it('that listens has no peer, and connections that wait instead of bytes', () => {
    expect(only({ local: '0.0.0.0', recvQueue: 3, sendQueue: 0 })).toMatchObject({
      protocol: 'tcp',
      family: 'ipv4',
      state: 'LISTEN',
      local: end('0.0.0.0:80'),
      remote: null,
      exposure: 'all',
      recvQueue: null,
      sendQueue: null,
      acceptQueue: 3,
      backlog: null,
    });
  });

  it('that is connected has a peer and bytes, and no exposure of its own', () => {
    expect(only({ ...CONNECTION, recvQueue: 17, sendQueue: 4 })).toMatchObject({
      state: 'ESTABLISHED',
      local: end('10.0.0.1:80'),
      remote: end('10.0.0.9:40000'),
      exposure: null,
      recvQueue: 17,
      sendQueue: 4,
      acceptQueue: null,
      backlog: null,
    });
  });

  it('of UDP that is bound has an exposure, bytes, and no peer', () => {
    expect(only({ protocol: 'udp', local: '::1', localPort: 53, recvQueue: 832 })).toMatchObject({
      protocol: 'udp',
      family: 'ipv6',
      state: 'UNCONN',
      remote: null,
      exposure: 'loopback',
      recvQueue: 832,
      acceptQueue: null,
    });
  });

  it('has a peer if either its address or its port is set', () => {
    const udp: Row = { protocol: 'udp', state: 'ESTABLISHED' };
    expect(only({ ...udp, remote: '10.0.0.1', remotePort: 0 }).remote).toEqual(end('10.0.0.1:0'));
    expect(only({ ...udp, remote: '0.0.0.0', remotePort: 53 }).remote).toEqual(end('0.0.0.0:53'));
    expect(only({ ...udp, local: '::1', remotePort: 0 }).remote).toBeNull();
  });

  it('is made once', () => {
    const snapshot = snapshotOf([{}]);
    expect(snapshot.socket(0)).toBe(snapshot.socket(0));
  });
});

describe('the names of a socket', () => {
  it('are asked of the rooms beside it', () => {
    const service = vi.fn((port: number, protocol: string) => `${protocol}-${port}`);
    const socket = only({ ...CONNECTION, uid: 7 }, { names: { service, user: (uid) => `user${uid}` } });
    expect(socket.local?.service).toBe('tcp-80');
    expect(socket.remote?.service).toBe('tcp-40000');
    expect(socket.user).toBe('user7');
  });

  it('may come later', () => {
    let name: string | null = null;
    const snapshot = snapshotOf([{}], { names: { service: () => name } });
    expect(snapshot.socket(0).local?.service).toBeNull();
    name = 'http';
    expect(snapshot.socket(0).local?.service).toBeNull();
    expect(snapshot.renamed().socket(0).local?.service).toBe('http');
  });

  it('have the interface of a link-local address, at both ends', () => {
    const scope = (address: string) => (address === 'fe80::1' ? 'eth0' : null);
    const talking: Row = { ...CONNECTION, local: 'fe80::1', remote: 'fe80::2' };
    expect(only(talking, { names: { scope } })).toMatchObject({
      local: { address: 'fe80::1', scope: 'eth0' },
      remote: { address: 'fe80::2', scope: 'eth0' },
    });
  });

  it('do not have it for a peer that is not link-local', () => {
    const scope = () => 'eth0';
    const talking: Row = { ...CONNECTION, local: 'fe80::1', remote: '2001:db8::2' };
    expect(only(talking, { names: { scope } }).remote?.scope).toBeNull();
  });

  it('never have it for IPv4', () => {
    const scope = vi.fn(() => 'eth0');
    expect(only({ local: '169.254.0.1' }, { names: { scope } }).local?.scope).toBeNull();
    expect(scope).not.toHaveBeenCalled();
  });
});

describe('the uid of a socket', () => {
  const states = Object.keys(STATE) as (keyof typeof STATE)[];

  test.each(states)('in %s is the kernel’s word where there is an inode', (state) => {
    expect(only({ ...CONNECTION, state, inode: 5, uid: 0 }).uid).toBe(0);
    expect(only({ ...CONNECTION, state, inode: 5, uid: 1000 }).uid).toBe(1000);
  });

  test.each(states.filter((state) => !state.includes('SYN_RECV')))(
    'in %s is not known where the kernel says 0 for want of an owner',
    (state) => {
      expect(only({ ...CONNECTION, state, inode: 0, uid: 0 })).toMatchObject({ uid: null, user: null });
      expect(only({ ...CONNECTION, state, inode: 0, uid: 1000 }).uid).toBe(1000);
    },
  );

  test.each(['SYN_RECV', 'NEW_SYN_RECV'] as const)('in %s is its listener’s', (state) => {
    expect(only({ ...CONNECTION, state, inode: 0, uid: 0 }).uid).toBe(0);
  });

  it('is not known where its source does not tell, of a unix socket or a connection that is being made', () => {
    expect(only({ ...CONNECTION, state: 'SYN_RECV', inode: 0, uid: UNKNOWN_UID })).toMatchObject({
      uid: null,
    });
    const names = { user: (uid: number) => (uid === 0 ? 'root' : null) };
    const silent = snapshot([unix('/run/a', { inode: 5 })]);
    expect([silent.uid(0), silent.user(0), silent.socket(0).uid]).toEqual([null, null, null]);
    expect(only({ protocol: 'unix', uid: 0, inode: 5 }, { names })).toMatchObject({ uid: 0, user: 'root' });
  });

  it('is not asked a name for when it is not known', () => {
    const user = vi.fn(() => 'root');
    expect(only({ ...CONNECTION, state: 'TIME_WAIT', inode: 0 }, { names: { user } }).user).toBeNull();
    expect(user).not.toHaveBeenCalled();
  });
});

describe('the owners of a socket', () => {
  it('are every descriptor that leads to it, with the name and start of the process', () => {
    const facts = { command: 'MainThread', name: 'node', startTime: '2026-11-23T06:41:22.980Z' };
    const process = (pid: number) => (pid === 7 ? facts : null);
    expect(only({ inode: 5 }, { ownership: heldBy(5, 7, 9), names: { process } })).toMatchObject({
      owners: [
        { pid: 7, fd: 3, mode: 'u', ...facts },
        { pid: 9, fd: 3, mode: 'u', command: null, name: null, startTime: null },
      ],
      ownerUnknown: null,
    });
  });

  it('are none where there is no inode, even if somebody has number 0', () => {
    const socket = only({ ...CONNECTION, state: 'TIME_WAIT', inode: 0 }, { ownership: heldBy(0, 7) });
    expect(socket).toMatchObject({ owners: [], ownerUnknown: 'time-wait' });
  });

  it('may come later', () => {
    const snapshot = snapshotOf([{ inode: 5 }]);
    expect(snapshot.socket(0).owners).toEqual([]);
    const later = snapshot.attributed(heldBy(5, 7));
    expect(later.socket(0).owners).toHaveLength(1);
    expect(later).toMatchObject({ time: NOON, wanted: ALL, length: 1 });
    expect(later.table).toBe(snapshot.table);
  });
});

describe('why a socket has no owner', () => {
  test.each([
    ['TIME_WAIT', 'time-wait'],
    ['SYN_RECV', 'unaccepted'],
    ['NEW_SYN_RECV', 'unaccepted'],
    ['ESTABLISHED', 'unaccepted'],
    ['CLOSE_WAIT', 'unaccepted'],
    ['FIN_WAIT1', 'orphaned'],
    ['FIN_WAIT2', 'orphaned'],
    ['CLOSING', 'orphaned'],
    ['LAST_ACK', 'orphaned'],
  ] as const)('in %s without an inode: %s, whoever may read what', (state, why) => {
    const row: Row = { ...CONNECTION, state, inode: 0 };
    const locked: Ownership = { ...NOBODY, unreadable: new Map([[1, 'EACCES']]), hidden: true };
    for (const ownership of [NOBODY, locked]) {
      const socket = only(row, { ownership });
      expect(socket.ownerUnknown).toBe(why);
      expect(isUnattributed(socket)).toBe(false);
    }
  });

  const states = Object.keys(STATE) as (keyof typeof STATE)[];
  test.each(states)('in %s with an inode: nobody has it, or not all could be read', (state) => {
    const row: Row = { ...CONNECTION, state, inode: 5 };
    const refused: Ownership = { ...NOBODY, unreadable: new Map([[1, 'EACCES']]) };
    expect(only(row).ownerUnknown).toBe('no-process');
    expect(only(row, { ownership: refused }).ownerUnknown).toBe('permission');
    expect(only(row, { ownership: { ...NOBODY, hidden: true } }).ownerUnknown).toBe('permission');
    expect(isUnattributed(only(row))).toBe(true);
    expect(isUnattributed(only(row, { ownership: refused }))).toBe(true);
  });

  it('is nothing where it has one, though not all could be read', () => {
    const ownership = { ...heldBy(5, 7), unreadable: new Map([[1, 'EACCES']]), hidden: true };
    const socket = only({ inode: 5 }, { ownership });
    expect(socket.ownerUnknown).toBeNull();
    expect(isUnattributed(socket)).toBe(false);
  });

  it('is that it closed, where a second look did not find it', () => {
    const snapshot = snapshotOf([{ inode: 5 }, { inode: 6 }]);
    const refused: Ownership = { ...NOBODY, unreadable: new Map([[1, 'EACCES']]) };
    const later = snapshot.attributed(refused, new Set([snapshot.identity(0)]));
    expect(later.socket(0).ownerUnknown).toBe('gone');
    expect(later.socket(1).ownerUnknown).toBe('permission');
    expect(isUnattributed(later.socket(0))).toBe(true);
    expect(later.renamed().socket(0).ownerUnknown).toBe('gone');
  });
});

describe('a unix socket', () => {
  it('has a path instead of ends, and is exposed to no network', () => {
    const socket = snapshot([unix('@abstract', { inode: 5 })], { scopes: {} }).socket(0);
    expect(socket).toMatchObject({
      protocol: 'unix',
      family: 'unix',
      state: 'LISTEN',
      local: null,
      remote: null,
      path: '@abstract',
      exposure: null,
    });
    expect(snapshot([unix('', { inode: 5 })]).socket(0).path).toBeNull();
  });
});

describe('what sock_diag tells', () => {
  const listening = { recvQueue: 3, sendQueue: 128, cookie: 4097 };

  it('is the backlog of a listener, and the cookie, which is its identity', () => {
    const told = snapshot([tcp('0.0.0.0:80', listening)], { source: 'sock_diag' });
    expect(told.socket(0)).toMatchObject({ acceptQueue: 3, backlog: 128, cookie: '4097' });
    expect(told.identity(0)).toBe(4097);
    const silent = snapshot([tcp('0.0.0.0:80', { ...listening, cookie: 0 })]);
    expect(silent.socket(0)).toMatchObject({ acceptQueue: 3, backlog: null, cookie: null });
  });

  it('is the interface that a socket is bound to, which is the scope of its link-local addresses', () => {
    const table = tableOf({ local: 'fe80::1', remote: 'fe80::2', remotePort: 1, state: 'ESTABLISHED' });
    table.device[0] = 2;
    table.v6only[0] = 1;
    const facts = { time: NOON, table, wanted: ALL, ownership: NOBODY };
    const names = { ...NAMELESS, device: (index: number) => `eth${index}`, scope: () => 'lo' };
    expect(new Snapshot(facts, names).socket(0)).toMatchObject({
      device: 'eth2',
      v6only: true,
      local: { scope: 'eth2' },
      remote: { scope: 'eth2' },
    });
  });
});

describe('what is asked of a row without an object', () => {
  it('is what the object says', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        for (const { rows, row, socket } of rowsOf(world)) {
          expect({
            service: rows.service(row),
            user: rows.user(row),
            uid: rows.uid(row),
            pid: rows.pid(row),
            started: rows.started(row),
            ownerUnknown: rows.ownerUnknown(row),
            connections: rows.connections(row),
            pids: rows.processes(row).map(({ pid }) => pid),
          }).toEqual({
            service: socket.local?.service ?? null,
            user: socket.user ?? (socket.uid === null ? null : String(socket.uid)),
            uid: socket.uid,
            pid: socket.owners[0]?.pid ?? 0,
            started: socket.owners[0]?.startTime ?? null,
            ownerUnknown: socket.ownerUnknown,
            connections: socket.connections,
            pids: pidsOf(socket),
          });
          for (const { pid, name, command } of rows.processes(row)) {
            expect(socket.owners).toContainEqual(expect.objectContaining({ pid, name, command }));
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('an owner that is still looked for', () => {
  const asked = (looked: (inode: number) => boolean, found: Ownership = NOBODY) =>
    snapshotOf([{ inode: 5 }, { inode: 0, state: 'TIME_WAIT' }], { ownership: { ...found, looked } });

  it('is pending until somebody is found or everybody was asked', () => {
    expect(asked(() => false).isPending(0)).toBe(true);
    expect(asked(() => true).isPending(0)).toBe(false);
    expect(asked(() => false, heldBy(5, 7)).isPending(0)).toBe(false);
  });

  it('is never pending where there is no inode to look for', () => {
    expect(asked(() => false).isPending(1)).toBe(false);
  });
});
