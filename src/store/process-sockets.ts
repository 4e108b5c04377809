import type { Libc } from '../libc/libc.ts';
import { SockDiagError } from '../netlink/messages.ts';
import type { Users } from '../processes/users.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import type { Services } from '../services/services.ts';
import { openSource } from '../sockets/host-source.ts';
import { namespaceOf } from '../sockets/namespaces.ts';
import { NamespacesSource } from '../sockets/namespaces-source.ts';
import type { Socket } from '../sockets/socket.ts';
import { FAMILIES, PROTOCOLS } from '../sockets/socket-table.ts';
import { HostNames } from './names.ts';
import { readOnce } from './read.ts';
import { runAtOnce } from './slices.ts';

const WANTED = {
  protocols: PROTOCOLS,
  families: FAMILIES,
  scope: 'all',
  ports: null,
  timers: true,
  cgroups: true,
} as const;

/**
 * The sockets of one process by their inodes, in whichever network namespace it is, with every owner; null where
 * they cannot be read. One that is of no protocol that is read (netlink, packet), or was made in another network
 * namespace, is not among them.
 */
export async function readProcessSockets(
  procfs: ProcFs,
  libc: Libc | null,
  pid: number,
  { services, users }: { services: Services; users: Users },
): Promise<ReadonlyMap<number, Socket> | null> {
  const inodes = new Set<number>();
  try {
    procfs.sockets(pid, (_, inode) => inodes.add(inode));
    if (inodes.size === 0) return new Map();
    const namespace = namespaceOf(procfs, pid);
    const namespaces =
      namespace.process === procfs.self ? null : new NamespacesSource(procfs, libc, [namespace]);
    const source = namespaces ?? openSource(procfs, libc);
    const names = new HostNames(procfs, services, users, { namespaceOf: namespaces?.namespace });
    const keep = ({ table }: { table: { inode: ArrayLike<number> } }, row: number) =>
      inodes.has(table.inode[row] as number);
    const { snapshot, rows } = runAtOnce(readOnce({ procfs, source, names }, WANTED, keep));
    for (const row of rows) snapshot.user(row);
    await users.settle();
    const named = snapshot.renamed();
    return new Map(rows.map((row) => [named.table.inode[row] as number, named.socket(row)]));
  } catch (error) {
    if (error instanceof ProcError || error instanceof SockDiagError) return null;
    throw error;
  }
}
