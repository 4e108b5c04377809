import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { COLUMNS, type Column } from '../../src/query/columns.ts';
import { comparator } from '../../src/query/sort.ts';
import type { Socket } from '../../src/sockets/socket.ts';
import { end, owner, socketOf } from '../sockets/fixture.ts';

fc.configureGlobal({ seed: 4000 });

const ALL = Object.entries(COLUMNS) as [string, Column][];

const anyEnd = fc
  .tuple(
    fc.constantFrom(
      '0.0.0.0',
      '127.0.0.1',
      '10.0.0.9',
      '10.0.0.10',
      '[::]',
      '[::1]',
      '[fe80::1]',
      '[::ffff:10.0.0.9]',
    ),
    fc.constantFrom(9, 80, 443, 8080, 65535),
    fc.constantFrom(null, 'http', 'ssh'),
  )
  .map(([address, port, service]) => end(`${address}:${port}`, service));

/** Sockets as a kernel could have them, much alike; only the inode tells each from all others. */
const sockets = fc
  .array(
    fc.record({
      protocol: fc.constantFrom('tcp', 'udp'),
      state: fc.constantFrom('LISTEN', 'ESTABLISHED', 'UNCONN'),
      local: anyEnd,
      remote: fc.option(anyEnd),
      uid: fc.option(fc.constantFrom(0, 33)),
      user: fc.option(fc.constantFrom('root', 'Ada')),
      exposure: fc.constantFrom('all', 'loopback', null),
      recvQueue: fc.option(fc.nat(2)),
      acceptQueue: fc.option(fc.nat(2)),
      owners: fc.array(
        fc
          .tuple(fc.constantFrom(1, 7, 1000), fc.constantFrom('nginx', 'Xorg', null))
          .map(([pid, name]) => owner(pid, name)),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 20 },
  )
  .map((list) => list.map((facts, at) => socketOf({ ...(facts as Partial<Socket>), inode: at + 1 })));

const shuffled = sockets.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
);

describe('an order of sockets', () => {
  test.each(ALL)('by %s is the same, however they came, either way up', (_, column) => {
    fc.assert(
      fc.property(shuffled, fc.boolean(), ([list, other], descending) => {
        const order = comparator(column, descending);
        expect(other.toSorted(order)).toEqual(list.toSorted(order));
      }),
      { numRuns: 60 },
    );
  });

  test.each(ALL)('by %s holds no two sockets equal, and agrees with itself', (_, column) => {
    fc.assert(
      fc.property(sockets, fc.boolean(), (list, descending) => {
        const order = comparator(column, descending);
        const ordered = list.toSorted(order);
        ordered.forEach((one, at) => {
          expect(order(one, one)).toBe(0);
          for (const later of ordered.slice(at + 1)) {
            expect(order(one, later)).toBeLessThan(0);
            expect(order(later, one)).toBeGreaterThan(0);
          }
        });
      }),
      { numRuns: 30 },
    );
  });

  test.each(ALL)('by %s goes by that column first', (_, column) => {
    fc.assert(
      fc.property(sockets, (list) => {
        const up = list.toSorted(comparator(column, false));
        const down = list.toSorted(comparator(column, true));
        const compare = (a: Socket, b: Socket) => {
          const [left, right] = [column.rank(a), column.rank(b)];
          if (left === right) return 0;
          return right === null || (left !== null && left < right) ? -1 : 1;
        };
        const known = (socket?: Socket) => socket !== undefined && column.value(socket) !== null;
        for (let at = 1; at < list.length; at++) {
          expect(compare(up[at - 1] as Socket, up[at] as Socket)).toBeLessThanOrEqual(0);
          if (known(down[at - 1]) && known(down[at]))
            expect(compare(down[at - 1] as Socket, down[at] as Socket)).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('has those that the column holds equal by port, then protocol, then address, either way up', () => {
    const [one, two, three, four] = [
      socketOf({ local: end('0.0.0.0:80'), user: 'root', inode: 9 }),
      socketOf({ local: end('10.0.0.1:80'), user: 'root', inode: 8 }),
      socketOf({ local: end('0.0.0.0:80'), protocol: 'udp', user: 'root', inode: 7 }),
      socketOf({ local: end('0.0.0.0:443'), user: 'root', inode: 6 }),
    ] as const;
    const expected = [one, two, three, four];
    expect([four, three, two, one].sort(comparator(COLUMNS.user, false))).toEqual(expected);
    expect([four, three, two, one].sort(comparator(COLUMNS.user, true))).toEqual(expected);
  });

  it('turned round has the largest first', () => {
    const list = [80, 8080, 9].map((port) => socketOf({ local: end(`0.0.0.0:${port}`) }));
    expect(list.sort(comparator(COLUMNS.port, true)).map(({ local }) => local.port)).toEqual([8080, 80, 9]);
  });

  it('has what is not known last', () => {
    const list = [null, 0, 33].map((uid, at) => socketOf({ uid, inode: at + 1 }));
    expect(list.sort(comparator(COLUMNS.uid, false)).map(({ uid }) => uid)).toEqual([0, 33, null]);
  });

  test('has what is not known last, turned round too', () => {
    const list = [null, 0, 33].map((uid, at) => socketOf({ uid, inode: at + 1 }));
    expect(list.sort(comparator(COLUMNS.uid, true)).map(({ uid }) => uid)).toEqual([33, 0, null]);
  });
});
