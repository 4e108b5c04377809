import { describe, expect, it, test, vi } from 'vitest';
import type { Ownership } from '../../src/sockets/owners.ts';
import type { Snapshot } from '../../src/sockets/snapshot.ts';
import { isUnattributed } from '../../src/sockets/unattributed.ts';
import { end, NOBODY, NOON, type Row, STATE, snapshotOf } from './fixture.ts';

const CONNECTION: Row = {
  state: 'ESTABLISHED',
  local: '10.0.0.1',
  localPort: 80,
  remote: '10.0.0.9',
  remotePort: 40_000,
};

const identities = (...rows: Row[]) => rows.map((row) => snapshotOf([row]).identity(0));
const only = (row: Row, options?: Parameters<typeof snapshotOf>[1]) => snapshotOf([row], options).socket(0);
const inodesIn = (snapshot: Snapshot) => [...snapshot.rows.values()].map((row) => snapshot.table.inode[row]);

const heldBy = (inode: number, ...pids: number[]): Ownership => ({
  ...NOBODY,
  holders: new Map([[inode, pids.map((pid) => ({ pid, fd: 3 }))]]),
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
  it('are all of a table without doubles, in its order, each by its identity', () => {
    const snapshot = snapshotOf([{ inode: 3 }, { inode: 1 }, { ...CONNECTION, inode: 2 }]);
    expect([...snapshot.rows]).toEqual([0, 1, 2].map((row) => [snapshot.identity(row), row]));
    expect(snapshot.length).toBe(3);
  });

  it('leave out what was read twice while the kernel’s table changed', () => {
    const snapshot = snapshotOf([{ inode: 1 }, CONNECTION, { inode: 1 }, CONNECTION, { inode: 2 }]);
    expect([...snapshot.rows.values()]).toEqual([0, 1, 4]);
  });

  it('keep every row that has no inode: nothing says that two of them are one', () => {
    const waiting: Row = { ...CONNECTION, state: 'TIME_WAIT', inode: 0 };
    const snapshot = snapshotOf([waiting, waiting, waiting]);
    expect([...snapshot.rows.values()]).toEqual([0, 1, 2]);
    expect(new Set(snapshot.rows.keys()).size).toBe(3);
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
      'state',
      'local',
      'remote',
      'path',
      'v6only',
      'device',
      'exposure',
      'inode',
      'cookie',
      'netns',
      'uid',
      'user',
      'recvQueue',
      'sendQueue',
      'acceptQueue',
      'backlog',
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
    expect(socket.local.service).toBe('tcp-80');
    expect(socket.remote?.service).toBe('tcp-40000');
    expect(socket.user).toBe('user7');
  });

  it('may come later', () => {
    let name: string | null = null;
    const snapshot = snapshotOf([{}], { names: { service: () => name } });
    expect(snapshot.socket(0).local.service).toBeNull();
    name = 'http';
    expect(snapshot.socket(0).local.service).toBeNull();
    expect(snapshot.renamed().socket(0).local.service).toBe('http');
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
    expect(only({ local: '169.254.0.1' }, { names: { scope } }).local.scope).toBeNull();
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
    expect(later).toMatchObject({ time: NOON, source: 'proc', length: 1 });
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
