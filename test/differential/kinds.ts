import { expect } from 'vitest';
import type { Socket, State } from '../../src/sockets/socket.ts';
import { HEIR_NAME, HOSTILE_NAME } from './names.ts';
import type { ZooReport } from './zoo.ts';

export type Expected = Partial<Record<keyof Socket, unknown>>;

/** What a kind of socket in the zoo must look like, so that two empty lists are not a success. */
export const KINDS: Record<string, (zoo: ZooReport, port: number) => Expected> = {
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
    const owner = { pid: pids.hostile, command: HOSTILE_NAME };
    return listener('ipv4', '127.0.0.1', port, { owners: [expect.objectContaining(owner)] });
  },
  shared: ({ pids }, port) => {
    // It has it twice.
    const holders = [...pids.shared, pids.heir].toSorted((a, b) => a - b);
    const owners = holders.map((pid) =>
      expect.objectContaining(pid === pids.heir ? { pid, command: HEIR_NAME } : { pid }),
    );
    return listener('ipv4', '127.0.0.1', port, { owners });
  },
  ofNobody: (_, port) => listener('ipv4', '127.0.0.1', port, { uid: 65534 }),
  duplicated: (_, port) => {
    const twice = [expect.anything(), expect.anything()];
    return listener('ipv4', '127.0.0.1', port, { owners: twice, backlog: 7 });
  },
  onDevice: (_, port) => listener('ipv4', '127.0.0.1', port, { device: 'lo' }),
  mapped: (_, port) => listener('ipv6', '::ffff:127.0.0.1', port, { v6only: false }),
  bound: (_, port) => ({ ...listener('ipv4', '127.0.0.1', port, {}), state: 'BOUND' }),
  mptcp: (_, port) => listener('ipv4', '127.0.0.1', port, { backlog: 5 }),
  unaccepted: (_, port) => listener('ipv4', '127.0.0.1', port, { acceptQueue: 3 }),
  full: (_, port) => listener('ipv4', '127.0.0.1', port, { acceptQueue: 2 }),
  established4: (zoo, port) => connection('ESTABLISHED', '127.0.0.1', port, '127.0.0.1', zoo.ports.listen4),
  established6: (zoo, port) => connection('ESTABLISHED', '::1', port, '::1', zoo.ports.listen6),
  establishedMapped: (zoo, port) => {
    return connection('ESTABLISHED', '::ffff:127.0.0.1', zoo.ports.listenDual, '::ffff:127.0.0.1', port);
  },
  establishedLinkLocal: ({ ports, linkLocalDevice }, port) => ({
    state: 'ESTABLISHED',
    local: at('fe80::1', port, linkLocalDevice),
    remote: at('fe80::1', ports.listenLinkLocal, linkLocalDevice),
  }),
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
