import { describe, expect, it, test } from 'vitest';
import { SocketTable } from '../../src/sockets/socket-table.ts';
import { factsOf, type Row, STATE, tableOf } from './fixture.ts';

/** As many different rows as are wanted, of every protocol and family. */
function row(at: number): Row {
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
  };
}

describe('a table of sockets', () => {
  it('is empty at first', () => {
    expect(new SocketTable().length).toBe(0);
  });

  it.each([1, 255, 256, 257, 512, 513, 5000])('keeps every fact of %i rows while it grows', (count) => {
    const table = new SocketTable();
    for (let at = 0; at < count; at++) {
      const { protocol, family, facts } = factsOf(row(at));
      table.add(protocol, family, facts);
    }
    expect(table.length).toBe(count);
    for (let at = 0; at < count; at++) {
      const expected = row(at);
      const kept = {
        protocol: table.protocolOf(at),
        local: table.localAddressOf(at),
        remote: table.remoteAddressOf(at),
        localPort: table.localPort[at],
        remotePort: table.remotePort[at],
        state: 'ESTABLISHED',
        sendQueue: table.sendQueue[at],
        recvQueue: table.recvQueue[at],
        uid: table.uid[at],
        inode: table.inode[at],
      };
      expect(kept).toEqual(expected);
      expect(table.familyOf(at)).toBe(at % 3 === 0 ? 'ipv6' : 'ipv4');
    }
  });

  it('copies what it is given: the same row may be used for the next', () => {
    const { facts } = factsOf({ local: '10.0.0.1' });
    const table = new SocketTable();
    table.add('tcp', 'ipv4', facts);
    facts.localAddress[0] = 0;
    facts.localPort = 1;
    table.add('tcp', 'ipv4', facts);
    expect([table.localAddressOf(0), table.localPort[0]]).toEqual(['10.0.0.1', 80]);
    expect([table.localAddressOf(1), table.localPort[1]]).toEqual(['0.0.0.0', 1]);
  });

  it('keeps the largest numbers of the kernel', () => {
    const most = 0xffffffff;
    const table = tableOf({ inode: most, uid: most, sendQueue: most, recvQueue: most, localPort: 65_535 });
    expect([table.inode[0], table.uid[0], table.sendQueue[0], table.recvQueue[0]]).toEqual(
      Array(4).fill(most),
    );
    expect(table.localPort[0]).toBe(65_535);
  });
});

describe('the state of a socket', () => {
  test.each(Object.entries(STATE))('of TCP: %s is number %i', (name, number) => {
    const table = new SocketTable();
    table.add('tcp', 'ipv4', { ...factsOf({}).facts, state: number });
    expect(table.stateOf(0)).toBe(name === 'NEW_SYN_RECV' ? 'SYN_RECV' : name);
    expect(table.isListener(0)).toBe(name === 'LISTEN');
    expect(table.isEstablished(0)).toBe(name === 'ESTABLISHED');
  });

  it('of TCP that no kernel has is CLOSE, and no listener', () => {
    for (const number of [0, 13, 255]) {
      const table = new SocketTable();
      table.add('tcp', 'ipv4', { ...factsOf({}).facts, state: number });
      expect(table.stateOf(0)).toBe('CLOSE');
      expect(table.isListener(0)).toBe(false);
    }
  });

  it('of UDP is connected or not, and it never listens', () => {
    const table = tableOf(
      { protocol: 'udp', state: 'ESTABLISHED' },
      { protocol: 'udp', state: 'CLOSE' },
      { protocol: 'udp', state: 'LISTEN' },
    );
    expect([0, 1, 2].map((at) => table.stateOf(at))).toEqual(['ESTABLISHED', 'UNCONN', 'UNCONN']);
    expect([0, 1, 2].some((at) => table.isListener(at) || table.isEstablished(at))).toBe(false);
  });
});
