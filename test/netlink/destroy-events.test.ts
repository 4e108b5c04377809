import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { endianness } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { LibcError, openLibc } from '../../src/libc/libc.ts';
import { DestroyEvents, openDestroyEvents } from '../../src/netlink/destroy-events.ts';
import { decodeDetails, decodeInetRow, decodeProtocol, newInetRow } from '../../src/netlink/messages.ts';
import { captured, piece, ROW, rowOnPort } from './fixture.ts';

type Step = Buffer | string;

/** Events of a kernel that answers each read as it is told: with a message, or an error's code; then EAGAIN. */
function eventsOf(...steps: Step[]): DestroyEvents {
  return new DestroyEvents({
    read(buffer) {
      const step = steps.shift() ?? 'EAGAIN';
      if (typeof step === 'string') throw Object.assign(new Error(step), { code: step });
      buffer.set(step);
      return step.length;
    },
    close() {},
  });
}

const closing = (port: number) => piece({ type: ROW, flags: 0, sequence: 0, payload: rowOnPort(port) });

type Heard = ReturnType<typeof hear>[number];

function hear(events: DestroyEvents) {
  const heard: {
    protocol: number;
    family: number;
    state: number;
    ports: [number, number];
    cookie: number;
    inode: number;
    acked: number | null | undefined;
  }[] = [];
  const row = newInetRow();
  events.drain((message, start, end) => {
    decodeInetRow(message, start, end, row);
    const { family, state, localPort, remotePort, cookie, inode } = row;
    heard.push({
      protocol: decodeProtocol(message, start, end),
      family,
      state,
      ports: [localPort, remotePort],
      cookie,
      inode,
      acked: decodeDetails(message, start, end).tcpInfo?.bytesAcked,
    });
  });
  return heard;
}

const portsOf = (heard: readonly Heard[]) => heard.map(({ ports: [local] }) => local);

describe('announcements of destroyed sockets', () => {
  it('are read until there are no more', () => {
    const events = eventsOf(closing(1), closing(2), 'EAGAIN', closing(3));
    expect(portsOf(hear(events))).toEqual([1, 2]);
    expect(portsOf(hear(events))).toEqual([3]);
    expect(portsOf(hear(events))).toEqual([]);
    expect(events.overruns).toBe(0);
  });

  it('that the kernel dropped are counted, and those that it kept still read', () => {
    const events = eventsOf(closing(1), 'ENOBUFS', closing(2), 'EAGAIN', 'ENOBUFS');
    expect(portsOf(hear(events))).toEqual([1, 2]);
    expect(events.overruns).toBe(1);
    expect(portsOf(hear(events))).toEqual([]);
    expect(events.overruns).toBe(2);
  });

  it('that make no sense, or cannot be read, are an error with its code', () => {
    expect(() => hear(eventsOf(Buffer.alloc(20)))).toThrow(expect.objectContaining({ code: 'EBADMSG' }));
    const short = piece({ type: ROW, flags: 0, sequence: 0, payload: new Uint8Array(8) });
    expect(() => hear(eventsOf(short))).toThrow(expect.objectContaining({ code: 'EBADMSG' }));
    expect(() => hear(eventsOf('EBADF'))).toThrow(
      expect.objectContaining({ code: 'EBADF', name: 'SockDiagError' }),
    );
  });

  it('leave the stack traces of others as they were', () => {
    const before = Error.stackTraceLimit;
    hear(eventsOf('ENOBUFS'));
    expect(() => hear(eventsOf('EIO'))).toThrow();
    expect(Error.stackTraceLimit).toBe(before);
  });

  it.skipIf(endianness() !== 'LE')('tell the protocol, the ends, the cookie, and what TCP knew', () => {
    const bytes = captured('destroyed');
    const messages: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at)) {
      messages.push(bytes.subarray(at, at + bytes.readUInt32LE(at)));
    }
    const none = { state: 7, inode: 0 };
    expect(hear(eventsOf(...messages))).toEqual([
      { ...none, protocol: 6, family: 2, ports: [5000, 48852], cookie: 788217, acked: 51 },
      { ...none, protocol: 6, family: 2, ports: [48852, 5000], cookie: 788216, acked: 1002 },
      { ...none, protocol: 6, family: 10, ports: [5001, 0], cookie: 781836, acked: 0 },
      // UDP has no CLOSE to go to.
      {
        ...none,
        state: 1,
        protocol: 17,
        family: 2,
        ports: [39041, 7001],
        cookie: 788218,
        acked: undefined,
      },
      { ...none, protocol: 17, family: 10, ports: [7002, 0], cookie: 788219, acked: undefined },
    ]);
  });
});

describe('a kernel that does not announce', () => {
  it.each(['socket', 'bind'] as const)('at %s is told as none, and nothing stays open', (call) => {
    const libc = openLibc();
    if (!libc) return;
    const before = readdirSync('/proc/self/fd').length;
    const refusing = {
      ...libc,
      [call]: () => {
        throw new LibcError(call, 1);
      },
    };
    expect(openDestroyEvents(refusing)).toBeNull();
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  });

  it('to more room is listened to all the same', () => {
    const libc = openLibc();
    if (!libc) return;
    const events = openDestroyEvents({
      ...libc,
      setSocketOption: () => {
        throw new LibcError('setsockopt', 1);
      },
    });
    expect(events).not.toBeNull();
    events?.close();
  });
});

const libc = openLibc();

describe.skipIf(!libc)(`the running kernel${libc ? '' : ' (skipped: no foreign calls)'}`, () => {
  it('announces both ends of a connection, a listener and a UDP socket', async () => {
    const events = openDestroyEvents(libc as NonNullable<typeof libc>) as DestroyEvents;
    const server = createServer((accepted) => accepted.on('end', () => accepted.end()).resume());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1');
    await once(client, 'connect');
    const clientPort = client.localPort as number;
    client.end().resume();
    await once(client, 'close');
    server.close();
    await once(server, 'close');
    const datagrams = createSocket('udp4').bind(0, '127.0.0.1');
    await once(datagrams, 'listening');
    const udpPort = datagrams.address().port;
    datagrams.close();
    await once(datagrams, 'close');

    const heard: string[] = [];
    await vi.waitFor(() => {
      for (const { protocol, ports } of hear(events)) heard.push(`${protocol} ${ports}`);
      for (const ends of [`6 ${port},${clientPort}`, `6 ${clientPort},${port}`, `6 ${port},0`]) {
        expect(heard.filter((each) => each === ends)).toHaveLength(1);
      }
      expect(heard.filter((each) => each === `17 ${udpPort},0`)).toHaveLength(1);
    });
    events.close();
  });
});
