import type { Ownership } from './owners.ts';
import type { Protocol } from './socket.ts';
import type { SocketTable } from './socket-table.ts';

/** A port at which a process can be reached. */
export type HeldPort = { protocol: Protocol; port: number };

/** The ports that a process holds, each once, in their order; null: its descriptors may not be read. */
export type HeldPorts = (pid: number) => readonly HeldPort[] | null;

const NONE: readonly HeldPort[] = [];

/** Who holds which ports: those on which it listens or takes datagrams from anybody. */
export function heldPorts(table: SocketTable, ownership: Ownership): HeldPorts {
  const held = new Map<number, Map<string, HeldPort>>();
  for (const row of openRows(table)) {
    const protocol = table.protocolOf(row);
    const port = table.localPort[row] as number;
    for (const pid of ownership.pids(table.inode[row] as number)) {
      const ports = held.get(pid) ?? new Map<string, HeldPort>();
      ports.set(`${protocol} ${port}`, { protocol, port });
      held.set(pid, ports);
    }
  }
  const ordered = new Map(Array.from(held, ([pid, ports]) => [pid, [...ports.values()].sort(byPort)]));
  return (pid) => ordered.get(pid) ?? (ownership.unreadable.has(pid) ? null : NONE);
}

function byPort(a: HeldPort, b: HeldPort): number {
  return a.port - b.port || (a.protocol < b.protocol ? -1 : 1);
}

/** The sockets with a port at which somebody can be reached, and of which it can be said who. */
export function* openRows(table: SocketTable): Generator<number, void> {
  for (let row = 0; row < table.length; row++)
    if (table.inode[row] !== 0 && table.familyOf(row) !== 'unix' && table.isOpen(row)) yield row;
}
