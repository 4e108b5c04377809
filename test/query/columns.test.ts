import { describe, expect, it, test } from 'vitest';
import { COLUMNS, type Column, endpoint, pidsOf, UNKNOWN_OWNER } from '../../src/query/columns.ts';
import { comparator } from '../../src/query/sort.ts';
import type { Socket } from '../../src/sockets/socket.ts';
import { safe } from '../../src/text/safe.ts';
import { end, NOON, owner, socketOf } from '../sockets/fixture.ts';

const now = NOON.getTime();
const ALL = Object.entries(COLUMNS) as [string, Column][];
const bare: Partial<Socket> = {
  uid: null,
  user: null,
  inode: 0,
  acceptQueue: null,
  owners: [],
  ownerUnknown: null,
};

/** The values of a column, in the order that it sorts them in. */
function sorted(column: Column, ...sockets: Partial<Socket>[]): unknown[] {
  return sockets
    .map((socket) => socketOf(socket))
    .sort(comparator(column, false))
    .map((socket) => column.value(socket));
}

const at = (...ends: string[]) => ends.map((each) => ({ local: end(each) }));

describe('every column', () => {
  test.each(ALL)('%s goes by its key, and has a title, an alignment and a width', (key, column) => {
    expect(column.key).toBe(key);
    expect(key).toMatch(/^[a-z]+$/);
    expect(column.title.length).toBeGreaterThan(0);
    expect(column.maxWidth).toBeGreaterThan(0);
    expect(['left', 'right']).toContain(column.align);
  });

  test.each(ALL)('%s is never empty for a person, even where nothing is known', (_, column) => {
    const nothing = socketOf({ ...bare, local: end('0.0.0.0:0') });
    expect(column.text(nothing, now)).not.toBe('');
    expect(column.tone(nothing)).toMatch(/^(plain|strong|accent|quiet|warning|danger)$/);
  });

  test.each(ALL)('%s is safe, whatever the system says', (_, column) => {
    const hostile = '\x1b]0;x\x07\u202e\n';
    const socket = socketOf({
      state: 'ESTABLISHED',
      local: end('[fe80::1]:80', hostile, hostile),
      remote: end('[fe80::2]:81', hostile, hostile),
      user: hostile,
      owners: [owner(1, hostile), owner(2, null)],
      device: hostile,
    });
    const shown = column.text(socket, now);
    expect(safe(shown)).toBe(shown);
  });

  const nothing = socketOf(bare);
  const unsure = ALL.filter(([, column]) => column.value(nothing) === null);
  test.each(unsure)('%s puts what is not known last', (_, column) => {
    const something = socketOf({
      local: end('127.0.0.1:80', 'http'),
      remote: end('127.0.0.1:81'),
      exposure: 'loopback',
      recvQueue: 1,
      sendQueue: 1,
      owners: [{ ...owner(1, 'x'), startTime: NOON.toISOString() }],
    });
    expect(column.value(something)).not.toBeNull();
    expect(comparator(column, false)(something, nothing)).toBeLessThan(0);
    expect(comparator(column, false)(nothing, something)).toBeGreaterThan(0);
    expect(comparator(column, false)(nothing, nothing)).toBe(0);
  });
});

describe('an order', () => {
  it('of ports, pids, uids and queues is of numbers', () => {
    expect(sorted(COLUMNS.port, ...at('0.0.0.0:8080', '0.0.0.0:80', '0.0.0.0:9'))).toEqual([9, 80, 8080]);
    const pids = [1000, 9, 99].map((pid) => ({ owners: [owner(pid)] }));
    expect(sorted(COLUMNS.pid, ...pids)).toEqual([9, 99, 1000]);
    expect(sorted(COLUMNS.pids, ...pids)).toEqual(['9', '99', '1000']);
    expect(sorted(COLUMNS.uid, { uid: 1000 }, { uid: null }, { uid: 0 }, { uid: 33 })).toEqual([
      0,
      33,
      1000,
      null,
    ]);
    expect(sorted(COLUMNS.queue, { acceptQueue: 128 }, { acceptQueue: 9 })).toEqual([9, 128]);
  });

  it('of IPv4 addresses is of their numbers, not of their digits', () => {
    const addresses = ['10.0.0.10:1', '9.9.9.9:1', '10.0.0.9:1', '192.168.0.1:1', '0.0.0.0:1', '127.0.0.1:1'];
    expect(sorted(COLUMNS.addr, ...at(...addresses))).toEqual([
      '0.0.0.0',
      '9.9.9.9',
      '10.0.0.9',
      '10.0.0.10',
      '127.0.0.1',
      '192.168.0.1',
    ]);
  });

  it('of IPv6 addresses is of their bytes, not of how they are shortened', () => {
    expect(
      sorted(
        COLUMNS.addr,
        ...at(
          '[fe80::1]:1',
          '[2001:db8::]:1',
          '[::1]:1',
          '[::]:1',
          '[::ffff:1.2.3.4]:1',
          '[2001:db8::10]:1',
          '[2001:db8::9]:1',
        ),
      ),
    ).toEqual(['::', '::1', '::ffff:1.2.3.4', '2001:db8::', '2001:db8::9', '2001:db8::10', 'fe80::1']);
  });

  test.each(['addr', 'local'] as const)('of %s has IPv4 before IPv6', (key) => {
    const [four, six] = at('255.0.0.1:1', '[::1]:1').map((each) => socketOf(each));
    expect(comparator(COLUMNS[key], false)(four as Socket, six as Socket)).toBeLessThan(0);
  });

  it('of endpoints is by address, then by port as a number', () => {
    const ends = ['10.0.0.10:80', '10.0.0.9:30000', '10.0.0.9:443', '10.0.0.9:8', '10.0.0.9:65535'];
    const expected = ['10.0.0.9:8', '10.0.0.9:443', '10.0.0.9:30000', '10.0.0.9:65535', '10.0.0.10:80'];
    expect(sorted(COLUMNS.local, ...at(...ends))).toEqual(expected);
    const remotes = [...ends.map((each) => ({ remote: end(each) })), { remote: null }];
    expect(sorted(COLUMNS.remote, ...remotes)).toEqual([...expected, null]);
  });

  it('of owners is of what a person calls them, not of what the kernel does', () => {
    const [node, nginx] = [
      socketOf({ owners: [{ ...owner(1, 'MainThread'), name: 'node' }] }),
      socketOf({ owners: [owner(2, 'nginx')] }),
    ];
    expect(COLUMNS.command.text(node as Socket, now)).toBe('node');
    expect(COLUMNS.command.value(node as Socket)).toBe('MainThread');
    expect(comparator(COLUMNS.command, false)(nginx as Socket, node as Socket)).toBeLessThan(0);
  });

  it('of names does not mind capitals', () => {
    const named = ['nginx', 'Xorg', 'apache'].map((name) => ({ owners: [owner(1, name)] }));
    expect(sorted(COLUMNS.command, ...named)).toEqual(['apache', 'nginx', 'Xorg']);
  });

  it('of starts has the oldest first', () => {
    const started = ['2026-11-23T12:00:00.000Z', '2025-12-31T23:59:59.000Z', null].map((startTime) => ({
      owners: [{ ...owner(1), startTime }],
    }));
    expect(sorted(COLUMNS.started, ...started)).toEqual([
      '2025-12-31T23:59:59.000Z',
      '2026-11-23T12:00:00.000Z',
      null,
    ]);
  });
});

describe('an end of a socket', () => {
  test.each([
    [end('127.0.0.1:80'), '127.0.0.1:80'],
    [end('[::1]:80'), '[::1]:80'],
    [end('[::]:0'), '[::]:0'],
    [end('[::ffff:127.0.0.1]:80'), '[::ffff:127.0.0.1]:80'],
    [end('[fe80::1]:80', null, 'eth0'), '[fe80::1%eth0]:80'],
  ])('%j is %s', (each, text) => {
    expect(endpoint(each)).toBe(text);
  });
});

describe('what a person reads', () => {
  const shown = (column: Column, socket: Partial<Socket>) => column.text(socketOf(socket), now);

  it('of the protocol has a 6 for IPv6, as in netstat', () => {
    expect(shown(COLUMNS.proto, {})).toBe('tcp');
    expect(shown(COLUMNS.proto, { local: end('[::1]:80') })).toBe('tcp6');
    expect(shown(COLUMNS.proto, { protocol: 'udp', local: end('[::1]:80') })).toBe('udp6');
  });

  it('of the owners is each name once, with how many processes have it', () => {
    const owners = [
      owner(1, 'nginx'),
      owner(2, 'nginx'),
      owner(2, 'nginx', 9),
      owner(3, 'php'),
      owner(4, null),
    ];
    expect(shown(COLUMNS.command, { owners })).toBe('nginx ×2, php, (ended)');
    expect(shown(COLUMNS.pids, { owners })).toBe('1,2,3,4');
    expect(shown(COLUMNS.pid, { owners })).toBe('1');
    expect(pidsOf(socketOf({ owners }))).toEqual([1, 2, 3, 4]);
  });

  test.each(Object.keys(UNKNOWN_OWNER) as (keyof typeof UNKNOWN_OWNER)[])(
    'of a missing owner is why: %s',
    (ownerUnknown) => {
      expect(shown(COLUMNS.command, { ownerUnknown })).toBe(UNKNOWN_OWNER[ownerUnknown]);
      // A question mark only where somebody may have it.
      const asks = ['permission', 'no-process', 'gone'].includes(ownerUnknown);
      expect(UNKNOWN_OWNER[ownerUnknown].startsWith(asks ? '?' : '–')).toBe(true);
    },
  );

  it('of a user is the name, else the number', () => {
    expect(shown(COLUMNS.user, { uid: 33, user: 'www-data' })).toBe('www-data');
    expect(shown(COLUMNS.user, { uid: 4711, user: null })).toBe('4711');
    expect(shown(COLUMNS.user, { uid: 0, user: null })).toBe('0');
    expect(shown(COLUMNS.user, { uid: null, user: null })).toBe('–');
  });

  it('of a queue is how full, and of how much', () => {
    expect(shown(COLUMNS.queue, { acceptQueue: 3, backlog: 128 })).toBe('3/128');
    expect(shown(COLUMNS.queue, { acceptQueue: 3, backlog: null })).toBe('3');
    expect(shown(COLUMNS.queue, { acceptQueue: null })).toBe('–');
  });

  it('of the netstat queues is what netstat and ss say', () => {
    const listener = { acceptQueue: 3, backlog: 128, recvQueue: null, sendQueue: null };
    expect([shown(COLUMNS.recvq, listener), shown(COLUMNS.sendq, listener)]).toEqual(['3', '128']);
    const connection = { acceptQueue: null, recvQueue: 17, sendQueue: 0 };
    expect([shown(COLUMNS.recvq, connection), shown(COLUMNS.sendq, connection)]).toEqual(['17', '0']);
  });

  it('of a start is how long ago, coarsely', () => {
    const startTime = new Date(now - 3 * 3_600_000 - 59_000).toISOString();
    expect(shown(COLUMNS.started, { owners: [{ ...owner(1), startTime }] })).toBe('3h');
    expect(shown(COLUMNS.started, { owners: [owner(1)] })).toBe('–');
  });

  it('of a socket without an inode is no number', () => {
    expect(shown(COLUMNS.inode, { inode: 0 })).toBe('–');
    expect(shown(COLUMNS.inode, { inode: 4294967295 })).toBe('4294967295');
  });
});

describe('a colour', () => {
  it('warns of what other machines can reach, and of nothing else', () => {
    for (const exposure of ['all', 'public'] as const) {
      expect(COLUMNS.exposure.tone(socketOf({ exposure }))).toBe('warning');
      expect(COLUMNS.addr.tone(socketOf({ exposure }))).toBe('warning');
    }
    for (const exposure of ['loopback', 'private', 'link-local'] as const)
      expect(COLUMNS.exposure.tone(socketOf({ exposure }))).toBe('plain');
  });

  it('warns of a leak: CLOSE_WAIT', () => {
    expect(COLUMNS.state.tone(socketOf({ state: 'CLOSE_WAIT' }))).toBe('warning');
    expect(COLUMNS.state.tone(socketOf({ state: 'LISTEN' }))).toBe('quiet');
  });
});
