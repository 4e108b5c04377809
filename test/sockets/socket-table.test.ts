import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { SocketTable, UNKNOWN } from '../../src/sockets/socket-table.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { addRow, type Row, STATE, tableOf } from './fixture.ts';

fc.configureGlobal({ seed: 4000 });

/** As many different rows as are wanted, of every protocol and family. */
function row(at: number): Required<Omit<Row, 'cookie'>> {
  const six = at % 3 === 0;
  const low = (at % 65_535) + 1;
  return {
    protocol: at % 2 === 0 ? 'tcp' : 'udp',
    local: six ? `2001:db8::${low.toString(16)}` : `10.0.${low >> 8}.${low & 255}`,
    remote: six ? `2001:db8:1::${low.toString(16)}` : `10.1.${low >> 8}.${low & 255}`,
    localPort: at % 65_536,
    remotePort: 65_535 - (at % 65_536),
    state: 'ESTABLISHED',
    sendQueue: 0xffffffff - at,
    recvQueue: at * 3,
    uid: at * 5,
    inode: 0xffffffff - at * 7,
    netns: 0xf000_0000 + (at % 5),
  };
}

function factsOf(table: SocketTable, at: number): unknown {
  return {
    protocol: table.protocolOf(at),
    local: table.localAddressOf(at),
    remote: table.remoteAddressOf(at),
    localPort: table.localPort[at],
    remotePort: table.remotePort[at],
    state: table.stateOf(at),
    sendQueue: table.sendQueue[at],
    recvQueue: table.recvQueue[at],
    uid: table.uid[at],
    inode: table.inode[at],
    netns: table.netns[at],
  };
}

/** Adds a unix socket: its path and peer are kept apart from the columns. */
function addUnix(table: SocketTable, cookie: number, path: string | null, peer = 0): void {
  const at = table.add('unix', 'unix');
  table.identity[at] = cookie;
  table.inode[at] = cookie + 1000;
  if (path !== null) table.paths.set(at, path);
  if (peer !== 0) table.peers.set(at, peer);
}

describe('a table of sockets', () => {
  it('is empty at first', () => {
    expect(new SocketTable().length).toBe(0);
    expect(tableOf().rowOf(1)).toBe(-1);
  });

  it.each([1, 255, 256, 257, 512, 513, 5000])('keeps every fact of %i rows while it grows', (count) => {
    const table = tableOf(...Array.from({ length: count }, (_, at) => row(at)));
    expect(table.length).toBe(count);
    for (let at = 0; at < count; at++) {
      expect(factsOf(table, at)).toEqual(row(at));
      expect(table.familyOf(at)).toBe(at % 3 === 0 ? 'ipv6' : 'ipv4');
    }
  });

  it('keeps the largest numbers of the kernel', () => {
    const most = 0xffffffff;
    const table = tableOf({ inode: most, uid: most, sendQueue: most, recvQueue: most, localPort: 65_535 });
    expect([table.inode[0], table.uid[0], table.sendQueue[0], table.recvQueue[0]]).toEqual(
      Array(4).fill(most),
    );
    expect(table.localPort[0]).toBe(65_535);
  });

  it('says where the rows of a protocol come from; of one that nobody read, the lesser', () => {
    const table = tableOf({}, { protocol: 'udp' });
    table.sources.tcp = 'sock_diag';
    expect([table.sourceOf(0), table.sourceOf(1)]).toEqual(['sock_diag', 'proc']);
  });
});

describe('sockets of several network namespaces', () => {
  const [home, blue] = [4_026_531_840, 4_026_532_177];
  const same: Row = { local: '127.0.0.1', localPort: 4000, inode: 0 };
  const connection: Row = { ...same, remote: '127.0.0.1', remotePort: 5000, state: 'TIME_WAIT' };

  it.each([
    ['listeners', same],
    ['connections without an inode', connection],
    ['UDP sockets', { ...same, protocol: 'udp' } as Row],
  ])('are not the same where all else is: %s', (_, facts) => {
    const table = tableOf({ ...facts, netns: home }, { ...facts, netns: blue });
    expect(table.length).toBe(2);
    expect(table.identity[0]).not.toBe(table.identity[1]);
    // Each is known by itself: its identity does not depend on who is beside it.
    for (const at of [0, 1]) {
      const alone = tableOf({ ...facts, netns: table.netns[at] as number });
      expect(alone.identity[0]).toBe(table.identity[at]);
    }
  });

  it('are kept apart where a kernel before 5.3 gives them the same cookie', () => {
    const table = tableOf(
      { ...same, inode: 1, cookie: 7, netns: home },
      { ...same, inode: 2, cookie: 7, netns: blue },
      { ...same, inode: 2, cookie: 7, netns: blue },
    );
    expect(Array.from(table.netns.subarray(0, table.length))).toEqual([home, blue]);
    expect(table.identity[0]).toBe(7);
    expect(table.identity[1]).toBeLessThan(0);
    expect(table.rowOf(table.identity[1] as number)).toBe(1);
  });

  it('make a difference between tables', () => {
    expect(tableOf({ cookie: 7, netns: home }).equals(tableOf({ cookie: 7, netns: blue }))).toBe(false);
    expect(tableOf({ cookie: 7, netns: blue }).equals(tableOf({ cookie: 7, netns: blue }))).toBe(true);
  });

  it('may come from other sources each, and say so wherever they are copied', () => {
    const table = tableOf({ inode: 1, netns: home }, { inode: 2, netns: blue });
    table.sources.tcp = 'sock_diag';
    table.sourcesOfAnother(blue).tcp = 'proc';
    const copy = new SocketTable();
    for (const row of [1, 0]) copy.copy(table, row);
    expect([table.sourceOf(0), table.sourceOf(1)]).toEqual(['sock_diag', 'proc']);
    expect([copy.sourceOf(0), copy.sourceOf(1)]).toEqual(['proc', 'sock_diag']);
    expect(Array.from(copy.netns.subarray(0, 2))).toEqual([blue, home]);
  });
});

describe('timers', () => {
  const timed = (table: SocketTable, at: number, kind = 1) => {
    const place = addRow(table, { inode: at + 1, localPort: at, cookie: (at % 600) + 1 });
    [table.timer[place], table.timerExpires[place], table.retransmits[place]] = [kind, at * 10, at % 256];
  };

  it('are kept where they are wanted, and stay with their rows', () => {
    const table = new SocketTable(0, { timers: true });
    for (let at = 0; at < 1000; at++) timed(table, at);
    // Half of them came twice.
    runAtOnce(table.seal());
    expect(table.length).toBe(600);
    const copy = new SocketTable(0, { timers: true });
    for (const of of [table, copy]) {
      expect(of.timerOf(of === copy ? copy.copy(table, 599) : 599)).toEqual({
        kind: 'on',
        expiresInMs: 5990,
        retransmits: 599 % 256,
      });
    }
    table.truncate(599);
    addRow(table, {});
    expect(table.timerOf(599)).toBeNull();
  });

  it.each([
    [0, undefined],
    [1, 'on'],
    [2, 'keepalive'],
    [3, 'timewait'],
    [4, 'persist'],
    [5, undefined],
  ])('%d is %s', (number, kind) => {
    const table = new SocketTable(0, { timers: true });
    timed(table, 0, number);
    expect(table.timerOf(0)?.kind).toBe(kind);
  });

  it('are not kept where nobody asks: a table without them is the same at the next look', () => {
    const [one, other] = [new SocketTable(), new SocketTable()];
    timed(one, 1, 1);
    timed(other, 1, 2);
    expect([one.keepsTimers, one.timerOf(0)]).toEqual([false, null]);
    expect(one.equals(other)).toBe(true);
    const kept = [1, 2].map((kind) => {
      const table = new SocketTable(0, { timers: true });
      timed(table, 1, kind);
      return table;
    }) as [SocketTable, SocketTable];
    expect(kept[0].equals(kept[1])).toBe(false);
    expect(kept[0].equals(one)).toBe(false);
  });
});

describe('a new row', () => {
  it('knows nothing yet', () => {
    const table = new SocketTable();
    const at = table.add('tcp', 'ipv6');
    expect(factsOf(table, at)).toMatchObject({ local: '::', localPort: 0, uid: 0, inode: 0, netns: 0 });
    expect([table.v6only[at], table.device[at], table.cgroup[at], table.identity[at]]).toEqual([
      UNKNOWN,
      0,
      0,
      0,
    ]);
  });

  it('knows nothing of a row that stood there before and was forgotten', () => {
    const table = new SocketTable();
    addRow(table, { localPort: 1 });
    addRow(table, { ...row(3), cookie: 7 });
    addUnix(table, 9, '/run/x', 5);
    table.truncate(1);
    expect([table.length, table.paths.size, table.peers.size]).toEqual([1, 0, 0]);
    const fresh = new SocketTable();
    fresh.add('udp', 'ipv4');
    table.add('udp', 'ipv4');
    expect(factsOf(table, 1)).toEqual(factsOf(fresh, 0));
    expect(table.identity[1]).toBe(0);
    expect(factsOf(table, 0)).toMatchObject({ localPort: 1 });
  });
});

describe('a sealed table', () => {
  it('finds a socket by its cookie', () => {
    const table = tableOf({ cookie: 40 }, { cookie: 2 }, { cookie: 2 ** 40 });
    expect([40, 2, 2 ** 40, 41, 0, -1].map((cookie) => table.rowOf(cookie))).toEqual([0, 1, 2, -1, -1, -1]);
  });

  it('gives what has no cookie an identity below zero, and finds it by that', () => {
    const table = tableOf(...Array.from({ length: 2000 }, (_, at) => row(at)));
    for (let at = 0; at < table.length; at++) {
      const identity = table.identity[at] as number;
      expect(identity).toBeLessThan(0);
      expect(Number.isSafeInteger(identity)).toBe(true);
      expect(table.rowOf(identity)).toBe(at);
    }
  });

  it('knows a socket again in the next one, wherever it stands there', () => {
    const rows = Array.from({ length: 100 }, (_, at) => row(at));
    const before = tableOf(...rows);
    const after = tableOf(...rows.toReversed());
    for (let at = 0; at < rows.length; at++) {
      expect(after.rowOf(before.identity[at] as number)).toBe(rows.length - 1 - at);
    }
  });

  const connection: Row = { remote: '10.0.0.2', remotePort: 5000, state: 'ESTABLISHED', inode: 7 };

  it('knows a connection in TIME_WAIT, without an inode, for the one that it was', () => {
    const before = tableOf(connection);
    const after = tableOf({ ...connection, state: 'TIME_WAIT', inode: 0 });
    expect(after.rowOf(before.identity[0] as number)).toBe(0);
  });

  it.each<[string, Row, Row]>([
    ['listeners that share a port', { inode: 1 }, { inode: 2 }],
    ['sockets of another protocol', { protocol: 'udp' }, { protocol: 'raw' }],
    ['sockets of another family', { protocol: 'udp' }, { protocol: 'udp', local: '::' }],
    ['connections of other peers', connection, { ...connection, remote: '10.0.0.3' }],
    ['connections of other ports', connection, { ...connection, remotePort: 5001 }],
    ['connections of one inode (MPTCP)', connection, { ...connection, local: '127.0.0.2' }],
    [
      'connections of the same ends, bound to other devices',
      { ...connection, inode: 1 },
      { ...connection, inode: 2 },
    ],
    ['bound sockets', { state: 'CLOSE', inode: 1 }, { state: 'CLOSE', inode: 2 }],
  ])('tells %s apart', (_, one, other) => {
    const table = tableOf(one, other);
    expect(table.length).toBe(2);
    expect(table.identity[0]).not.toBe(table.identity[1]);
    expect([0, 1].map((at) => table.rowOf(table.identity[at] as number))).toEqual([0, 1]);
  });

  it.each<[string, Row]>([
    ['by its cookie', { cookie: 3, inode: 0 }],
    ['by its inode', { inode: 12 }],
    ['by its ends', connection],
  ])('has a socket once that came twice: it is known %s', (_, twice) => {
    const table = tableOf({ localPort: 1, inode: 1 }, twice, { localPort: 2, inode: 2 }, twice, {
      localPort: 3,
      inode: 3,
    });
    expect(Array.from(table.localPort.subarray(0, table.length))).toEqual([1, 80, 2, 3]);
    for (let at = 0; at < table.length; at++) expect(table.rowOf(table.identity[at] as number)).toBe(at);
  });

  it('takes the facts of every row with it when it closes gaps, whatever came twice', () => {
    const cookies = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 40 });
    fc.assert(
      fc.property(cookies, (list) => {
        const table = new SocketTable();
        for (const cookie of list) {
          addUnix(
            table,
            cookie,
            cookie % 3 === 0 ? null : `/run/${cookie}`,
            cookie % 2 === 0 ? cookie * 10 : 0,
          );
        }
        runAtOnce(table.seal());
        const once = [...new Set(list)];
        expect(Array.from(table.identity.subarray(0, table.length))).toEqual(once);
        expect(Array.from(table.inode.subarray(0, table.length))).toEqual(once.map((each) => each + 1000));
        const paths = once.flatMap((each, at) => (each % 3 === 0 ? [] : [[at, `/run/${each}`] as const]));
        expect(new Map(table.paths)).toEqual(new Map(paths));
        const peers = once.flatMap((each, at) => (each % 2 === 0 ? [[at, each * 10] as const] : []));
        expect(new Map(table.peers)).toEqual(new Map(peers));
        for (const [at, each] of once.entries()) expect(table.rowOf(each)).toBe(at);
      }),
    );
  });

  it('is sealed in steps, for keys to be heard', () => {
    const table = new SocketTable();
    for (let at = 0; at < 40_000; at++) addRow(table, { inode: at + 1, localPort: at % 65_536 });
    let pauses = 0;
    for (const _ of table.seal()) pauses++;
    expect(pauses).toBeGreaterThanOrEqual(4);
    expect(table.length).toBe(40_000);
  });

  it('is equal to another of the same facts, and to no other', () => {
    const rows = [row(1), row(2), row(3)];
    const table = tableOf(...rows);
    expect(table.equals(tableOf(...rows))).toBe(true);
    expect(table.equals(tableOf(...rows.slice(1)))).toBe(false);
    expect(table.equals(tableOf(row(1), row(2), { ...row(3), recvQueue: 1 }))).toBe(false);
    const [unix, same, other] = ['/run/a', '/run/a', '/run/b'].map((path) => {
      const made = new SocketTable();
      addUnix(made, 1, path);
      runAtOnce(made.seal());
      return made;
    }) as [SocketTable, SocketTable, SocketTable];
    expect([unix.equals(same), unix.equals(other)]).toEqual([true, false]);
  });

  it('is equal though one of them was read twice over', () => {
    const twice = tableOf(row(1), row(2), row(2));
    expect(twice.equals(tableOf(row(1), row(2)))).toBe(true);
  });
});

describe('the state of a socket', () => {
  test.each(Object.entries(STATE))('of TCP: %s is number %i', (name) => {
    const table = tableOf({ state: name as keyof typeof STATE, localPort: 0 });
    expect(table.stateOf(0)).toBe(name === 'NEW_SYN_RECV' ? 'SYN_RECV' : name);
    expect(table.isListener(0)).toBe(name === 'LISTEN');
    expect(table.isEstablished(0)).toBe(name === 'ESTABLISHED');
  });

  it('of TCP that has a port and does nothing with it is BOUND', () => {
    const table = tableOf({ state: 'CLOSE' }, { state: 'CLOSE', remotePort: 9 });
    expect([table.stateOf(0), table.stateOf(1)]).toEqual(['BOUND', 'CLOSE']);
  });

  it('of TCP that no kernel has is CLOSE, and no listener', () => {
    for (const number of [0, 13, 255]) {
      const table = tableOf({});
      table.state[0] = number;
      expect(table.stateOf(0)).toBe('CLOSE');
      expect(table.isListener(0)).toBe(false);
    }
  });

  it('of UDP is connected or not', () => {
    const table = tableOf({ protocol: 'udp', state: 'ESTABLISHED' }, { protocol: 'udp', inode: 1 });
    expect([0, 1].map((at) => table.stateOf(at))).toEqual(['ESTABLISHED', 'UNCONN']);
    expect([0, 1].map((at) => table.isOpen(at))).toEqual([false, true]);
    expect([0, 1].some((at) => table.isListener(at) || table.isEstablished(at))).toBe(false);
  });

  it('of unix is connected, or not, or it listens', () => {
    const table = new SocketTable();
    for (const state of [STATE.ESTABLISHED, STATE.CLOSE, STATE.LISTEN]) {
      table.state[table.add('unix', 'unix')] = state;
    }
    expect([0, 1, 2].map((at) => table.stateOf(at))).toEqual(['ESTABLISHED', 'UNCONN', 'LISTEN']);
    expect([0, 1, 2].map((at) => table.isListener(at))).toEqual([false, false, true]);
  });
});
