import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Connections, connectionsTo, countConnections } from '../../src/sockets/connections.ts';
import { FAMILIES } from '../../src/sockets/socket-table.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import {
  asked,
  connection,
  NOON,
  type SocketLiteral,
  tableOf,
  tcp,
  udp,
  unix,
} from '../helpers/snapshots.ts';

fc.configureGlobal({ seed: 4000 });

/**
 * What is counted on each listener, in their order: in a table that has all, which is the same as in one that has only
 * what has to be asked for.
 */
function counted(...literals: SocketLiteral[]): (number | null)[] {
  const sockets = literals.map((socket, at) => ({ inode: at + 1, ...socket }));
  const table = tableOf(sockets);
  const connections = runAtOnce(countConnections(table, table, NOON, true));
  for (const byState of [true, false]) {
    const wanted = connectionsTo(table, { families: FAMILIES, byState });
    const alone = tableOf(asked(sockets, wanted));
    for (let row = 0; row < alone.length; row++) expect(alone.isListener(row)).toBe(false);
    const found = runAtOnce(countConnections(table, alone, NOON, byState));
    const same = byState ? connections : runAtOnce(countConnections(table, table, NOON));
    expect(found.equals(same)).toBe(true);
  }
  const listeners = Array.from({ length: table.length }, (_, row) => row).filter((row) =>
    table.isListener(row),
  );
  return listeners.map((row) => connections.of(table.identity[row] as number));
}

/** Connections to an address from so many clients. */
function clients(local: string, count: number, more: Partial<SocketLiteral> = {}): SocketLiteral[] {
  const peer = local.startsWith('[') ? '[2001:db8::9]' : '10.9.9.9';
  return Array.from({ length: count }, (_, at) => connection(local, `${peer}:${30_000 + at}`, more));
}

describe('the connections of a listener', () => {
  it('are those to its address and port', () => {
    expect(
      counted(
        tcp('10.0.0.1:80'),
        tcp('10.0.0.1:443'),
        ...clients('10.0.0.1:80', 3),
        ...clients('10.0.0.2:80', 5),
        ...clients('10.0.0.1:443', 1),
      ),
    ).toEqual([3, 1]);
  });

  it('are those of its own network namespace', () => {
    const [home, blue] = [{ netns: 4_026_531_840 }, { netns: 4_026_532_177 }];
    expect(
      counted(
        tcp('0.0.0.0:80', { ...home, cookie: 1 }),
        ...clients('10.0.0.1:80', 2, home),
        tcp('0.0.0.0:80', { ...blue, cookie: 2 }),
        ...clients('10.0.0.1:80', 3, blue).map((each, at) => ({ ...each, inode: 900 + at })),
      ),
    ).toEqual([2, 3]);
  });

  it('are none, and that is known, where nobody is connected', () => {
    expect(counted(tcp('10.0.0.1:80'))).toEqual([0]);
    expect(counted()).toEqual([]);
  });

  it('of every address are those to any that no other listener has', () => {
    expect(
      counted(
        tcp('0.0.0.0:80'),
        tcp('10.0.0.1:80'),
        tcp('0.0.0.0:81'),
        ...clients('10.0.0.1:80', 2),
        ...clients('10.0.0.2:80', 3),
        ...clients('127.0.0.1:80', 1),
      ),
    ).toEqual([4, 2, 0]);
  });

  it('of every IPv6 address are those of IPv4 too, which come as mapped ones', () => {
    expect(
      counted(
        tcp('[::]:80'),
        tcp('[::1]:80'),
        ...clients('[::1]:80', 1),
        ...clients('[2001:db8::1]:80', 2),
        ...clients('[::ffff:10.0.0.1]:80', 4),
      ),
    ).toEqual([6, 1]);
  });

  it('are of its family: with the same port, those of IPv4 are not those of IPv6', () => {
    expect(
      counted(
        tcp('0.0.0.0:80'),
        tcp('[::]:80'),
        ...clients('10.0.0.1:80', 3),
        ...clients('[2001:db8::1]:80', 2),
      ),
    ).toEqual([3, 2]);
    // The bytes of one are the first of the other.
    expect(counted(tcp('32.1.13.184:80'), ...clients('[2001:db8::]:80', 2))).toEqual([0]);
  });

  it('of an IPv6 address depends on all of it', () => {
    const near = ['[2001:db8::1]', '[2001:db8:0:1::1]', '[2001:db8::1:0:1]', '[2001:db9::1]'];
    const sockets = near.flatMap((address, at) => [
      tcp(`${address}:80`),
      ...clients(`${address}:80`, at + 1),
    ]);
    expect(counted(...sockets)).toEqual([1, 2, 3, 4]);
  });

  it('are counted for each of those that share an address by SO_REUSEPORT', () => {
    const shared = [1, 2, 3].map((inode) => tcp('0.0.0.0:80', { inode }));
    expect(counted(...shared, ...clients('10.0.0.1:80', 4))).toEqual([4, 4, 4]);
  });

  it('are those that are up, and no others', () => {
    const down = [
      'SYN_SENT',
      'SYN_RECV',
      'FIN_WAIT1',
      'FIN_WAIT2',
      'TIME_WAIT',
      'CLOSE_WAIT',
      'LAST_ACK',
      'CLOSING',
    ] as const;
    const others = down.flatMap((state) => clients('10.0.0.1:80', 1, { state, inode: 0 }));
    expect(counted(tcp('0.0.0.0:80'), ...others)).toEqual([0]);
    expect(counted(tcp('0.0.0.0:80'), ...others, ...clients('10.0.0.1:80', 1))).toEqual([1]);
  });

  it('are in one of the states of a connection: what is closed, and still bound, is none', () => {
    const sockets = [
      tcp('0.0.0.0:80', { inode: 1 }),
      ...clients('10.0.0.1:80', 1, { inode: 2 }),
      ...clients('10.0.0.1:80', 2, { state: 'CLOSE_WAIT', inode: 0 }),
      ...clients('10.0.0.3:80', 1, { state: 'CLOSE', inode: 5 }),
    ];
    expect(counted(...sockets)).toEqual([1]);
    const table = tableOf(sockets);
    const states = runAtOnce(countConnections(table, table, NOON, true)).statesOf(
      table.identity[0] as number,
    );
    expect(states).toEqual([
      { state: 'ESTABLISHED', count: 1 },
      { state: 'CLOSE_WAIT', count: 2 },
    ]);
  });

  it('are no UDP or unix sockets, and not those of a client whose own port is the number', () => {
    expect(
      counted(
        tcp('0.0.0.0:80'),
        unix('/run/a', { inode: 4_000_000_000 }),
        unix('', { inode: 4_000_000_001, state: 'ESTABLISHED' }),
        udp('10.0.0.1:80', { remote: '10.0.0.2:1', state: 'ESTABLISHED' }),
        connection('10.0.0.1:40000', '10.0.0.2:80'),
      ),
    ).toEqual([0, null]);
  });

  it('are as many as a person would count, of any table', () => {
    const four = fc.constantFrom('0.0.0.0', '10.0.0.1', '10.0.0.2');
    const six = fc.constantFrom('[::]', '[::1]', '[::ffff:10.0.0.1]');
    const port = fc.constantFrom(80, 81);
    const addresses = fc.oneof(four, six);
    const listeners = fc.array(fc.tuple(addresses, port), { maxLength: 8 });
    const peers = fc.array(
      fc.tuple(
        addresses.filter((address) => address !== '0.0.0.0' && address !== '[::]'),
        port,
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(listeners, peers, (bound, connected) => {
        const sockets = [
          ...bound.map(([address, at]) => tcp(`${address}:${at}`)),
          ...connected.map(([address, at], index) =>
            connection(`${address}:${at}`, `${address}:${1000 + index}`),
          ),
        ];
        const every = (address: string) => (address.startsWith('[') ? '[::]' : '0.0.0.0');
        const listens = (address: string, at: number) =>
          bound.some(([other, its]) => other === address && its === at);
        const expected = bound.map(
          ([address, at]) =>
            connected.filter(
              ([local, its]) =>
                its === at && (local === address || (every(local) === address && !listens(local, its))),
            ).length,
        );
        expect(counted(...sockets)).toEqual(expected);
      }),
    );
  });
});

describe('what is asked for to count them', () => {
  const ports = (...listeners: SocketLiteral[]) =>
    connectionsTo(tableOf(listeners), { families: FAMILIES, byState: false }).ports;

  it('are the connections that are up, or all, whose own port is that of a listener', () => {
    const table = tableOf([
      tcp('0.0.0.0:80'),
      tcp('[::]:80'),
      udp('0.0.0.0:53'),
      unix('/run/a', { inode: 9 }),
    ]);
    const only80 = [{ from: 80, to: 80 }];
    expect(connectionsTo(table, { families: ['ipv4'], byState: false })).toEqual({
      protocols: ['tcp'],
      families: ['ipv4'],
      scope: 'established',
      ports: only80,
      end: 'local',
    });
    expect(connectionsTo(table, { families: FAMILIES, byState: true })).toMatchObject({
      scope: 'connected',
      ports: only80,
    });
  });

  it('are none where nothing listens', () => {
    expect(ports()).toEqual([]);
    expect(ports(udp('0.0.0.0:53'))).toEqual([]);
  });

  it('are few ranges that leave out the widest gaps', () => {
    const far = Array.from({ length: 8 }, (_, at) => 1000 * (at + 1));
    const near = far.map((port) => port + 7);
    expect(ports(...[...near, ...far].map((port) => tcp(`0.0.0.0:${port}`)))).toEqual(
      far.map((from) => ({ from, to: from + 7 })),
    );
  });

  it('are every port of a listener, of any of them', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 40 }), (listening) => {
        const ranges = ports(...listening.map((port) => tcp(`0.0.0.0:${port}`))) ?? [];
        expect(ranges.length).toBe(Math.min(8, ranges.length));
        for (const port of listening)
          expect(ranges.filter(({ from, to }) => from <= port && port <= to)).toHaveLength(1);
        // Each begins and ends with one.
        for (const { from, to } of ranges)
          expect(listening.includes(from) && listening.includes(to)).toBe(true);
      }),
    );
  });
});

describe('a count', () => {
  it('says when it was made, and knows nothing of a listener that came since', () => {
    const table = tableOf([tcp('0.0.0.0:80')]);
    const connections = runAtOnce(countConnections(table, table, NOON));
    expect(connections.at).toBe(NOON);
    expect(connections.of(table.identity[0] as number)).toBe(0);
    expect(connections.of(4711)).toBeNull();
  });

  it('is the same as another of the same numbers, whenever that was made', () => {
    const of = (...counts: [number, number][]) => new Connections(counts.length, new Map(counts));
    expect(of([1, 5], [2, 0]).equals(of([2, 0], [1, 5]))).toBe(true);
    expect(of([1, 5]).equals(of([1, 6]))).toBe(false);
    expect(of([1, 5]).equals(of([2, 5]))).toBe(false);
    expect(of([1, 5]).equals(of([1, 5], [2, 0]))).toBe(false);
    expect(of().equals(null)).toBe(false);
  });

  it('pauses on the way through many', () => {
    const sockets = Array.from({ length: 20_000 }, (_, at) =>
      connection('10.0.0.1:80', `10.0.0.2:${at + 1}`),
    );
    let steps = 0;
    const table = tableOf([tcp('0.0.0.0:80'), ...sockets]);
    for (const _ of countConnections(table, table, NOON)) steps++;
    expect(steps).toBe(2);
  });
});
