import type { DestroyEvents } from '../netlink/destroy-events.ts';
import { decodeInetRow, decodeProtocol, IPPROTO_TCP, IPPROTO_UDP, newInetRow } from '../netlink/messages.ts';
import { addInetRow, familyOf } from './diag-source.ts';
import type { Protocol } from './socket.ts';
import { SocketTable } from './socket-table.ts';

const PROTOCOLS: Record<number, Protocol> = { [IPPROTO_TCP]: 'tcp', [IPPROTO_UDP]: 'udp' };

function newTable(): SocketTable {
  const table = new SocketTable();
  table.sources.tcp = 'sock_diag';
  table.sources.udp = 'sock_diag';
  return table;
}

/** Mostly nothing has come. */
const NONE = newTable();

/**
 * Reads what destroy events have come, as a table; without inodes and users, which the kernel does not tell. One
 * that had no port is left out: it was in no table while it lived.
 */
export function readDestroyed(events: DestroyEvents): SocketTable {
  let table = NONE;
  const row = newInetRow();
  events.drain((message, start, end) => {
    decodeInetRow(message, start, end, row);
    const protocol = PROTOCOLS[decodeProtocol(message, start, end)];
    const family = familyOf(row);
    // Its queues are no more either, and of UDP are told as -1 (sk_wmem_alloc_get in net/ipv4/udp_diag.c).
    row.recvQueue = 0;
    row.sendQueue = 0;
    if (!protocol || !family || row.localPort === 0) return;
    if (table === NONE) table = newTable();
    addInetRow(table, protocol, family, row, message);
  });
  return table;
}
