import { endianness } from 'node:os';
import { expect, it } from 'vitest';
import { DestroyEvents } from '../../src/netlink/destroy-events.ts';
import { readDestroyed } from '../../src/sockets/destroyed-sockets.ts';
import { captured, piece, ROW, rowOnPort } from '../netlink/fixture.ts';

function tableOf(...messages: Buffer[]) {
  return readDestroyed(
    new DestroyEvents({
      read(buffer) {
        const message = messages.shift();
        if (!message) throw Object.assign(new Error(), { code: 'EAGAIN' });
        buffer.set(message);
        return message.length;
      },
      close() {},
    }),
  );
}

const little = endianness() === 'LE';

it.skipIf(!little)('announced sockets are rows, with empty queues', () => {
  const bytes = captured('destroyed');
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at)) {
    messages.push(bytes.subarray(at, at + bytes.readUInt32LE(at)));
  }
  const table = tableOf(...messages);
  const rows = Array.from({ length: table.length }, (_, row) => [
    table.protocolOf(row),
    `${table.localAddressOf(row)} ${table.localPort[row]}`,
    `${table.remoteAddressOf(row)} ${table.remotePort[row]}`,
    table.identity[row],
    table.recvQueue[row],
    table.sendQueue[row],
  ]);
  expect(rows).toEqual([
    ['tcp', '127.0.0.1 5000', '127.0.0.1 48852', 788217, 0, 0],
    ['tcp', '127.0.0.1 48852', '127.0.0.1 5000', 788216, 0, 0],
    ['tcp', '::1 5001', ':: 0', 781836, 0, 0],
    ['udp', '127.0.0.1 39041', '127.0.0.1 7001', 788218, 0, 0],
    ['udp', '::1 7002', ':: 0', 788219, 0, 0],
  ]);
});

it('of an unknown protocol there is none', () => {
  expect(tableOf(piece({ type: ROW, flags: 0, sequence: 0, payload: rowOnPort(1) })).length).toBe(0);
});
