import type { Libc } from '../libc/libc.ts';
import { SockDiagError } from '../netlink/messages.ts';
import { readNumbers, targetOf } from '../processes/fields/fd.ts';
import type { Users } from '../processes/users.ts';
import { socketInode } from '../procfs/fd.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import type { Services } from '../services/services.ts';
import { type HostSource, openSource } from '../sockets/host-source.ts';
import { namespaceOf } from '../sockets/namespaces.ts';
import { NamespacesSource } from '../sockets/namespaces-source.ts';
import { type Holder, NO_OWNERSHIP } from '../sockets/owners.ts';
import { Snapshot } from '../sockets/snapshot.ts';
import type { Socket } from '../sockets/socket.ts';
import { FAMILIES, PROTOCOLS, type SocketTable } from '../sockets/socket-table.ts';
import { HostNames } from './names.ts';
import { type Host, readOnce } from './read.ts';
import { runAtOnce } from './slices.ts';

const WANTED = {
  protocols: PROTOCOLS,
  families: FAMILIES,
  scope: 'all',
  ports: null,
  timers: true,
  cgroups: true,
} as const;

type NamedBy = { services: Services; users: Users };

/** What reads the network namespace that a process is in. */
function hostOf(
  procfs: ProcFs,
  libc: Libc | null,
  pid: number,
  { services, users }: NamedBy,
  own: HostSource = openSource(procfs, libc),
): Host {
  const namespace = namespaceOf(procfs, pid);
  const namespaces =
    namespace.process === procfs.self ? null : new NamespacesSource(procfs, libc, [namespace]);
  const source = namespaces ?? own;
  const names = new HostNames(procfs, services, users, { namespaceOf: namespaces?.namespace });
  return { procfs, source, names };
}

/**
 * The sockets of one process by their inodes, in whichever network namespace it is, with every owner; null where
 * they cannot be read. One that is of no protocol that is read (netlink, packet), or was made in another network
 * namespace, is not among them.
 */
export async function readProcessSockets(
  procfs: ProcFs,
  libc: Libc | null,
  pid: number,
  named: NamedBy,
): Promise<ReadonlyMap<number, Socket> | null> {
  const inodes = new Set<number>();
  try {
    procfs.sockets(pid, (_, inode) => inodes.add(inode));
    if (inodes.size === 0) return new Map();
    const keep = ({ table }: { table: { inode: ArrayLike<number> } }, row: number) =>
      inodes.has(table.inode[row] as number);
    const { snapshot, rows } = runAtOnce(readOnce(hostOf(procfs, libc, pid, named), WANTED, keep));
    for (const row of rows) snapshot.user(row);
    await named.users.settle();
    const renamed = snapshot.renamed();
    return new Map(rows.map((row) => [renamed.table.inode[row] as number, renamed.socket(row)]));
  } catch (error) {
    if (error instanceof ProcError || error instanceof SockDiagError) return null;
    throw error;
  }
}

/** What a process holds: the first of its sockets, what is open to others before the rest. */
export type HeldSockets = {
  sockets: readonly Socket[];
  /** How many more there are, and of how many descriptors nothing is known: of other protocols or namespaces. */
  more: number;
  untold: number;
};

/** Reads what one process holds, for who may pause meanwhile: other owners are not looked for. */
export class ProcessSockets {
  readonly #procfs: ProcFs;
  readonly #libc: Libc | null;
  readonly #named: NamedBy;
  /** Kept: each has a descriptor. */
  readonly #own: HostSource;

  constructor(procfs: ProcFs, libc: Libc | null, named: NamedBy) {
    this.#procfs = procfs;
    this.#libc = libc;
    this.#named = named;
    this.#own = openSource(procfs, libc);
  }

  /** null: they cannot be read. Throws a {@link ProcError} when the process is gone. */
  *read(pid: number, most: number): Generator<void, HeldSockets | null> {
    try {
      const holders = yield* this.#holders(pid);
      if (holders.size === 0) return { sockets: [], more: 0, untold: 0 };
      const { source, names } = hostOf(this.#procfs, this.#libc, pid, this.#named, this.#own);
      const time = new Date();
      const table = yield* source.read(WANTED);
      const rows: number[] = [];
      for (let row = 0; row < table.length; row++) {
        if (holders.has(table.inode[row] as number)) rows.push(row);
        if (row % AT_ONCE === AT_ONCE - 1) yield;
      }
      const ownership = {
        ...NO_OWNERSHIP,
        holders: (inode: number) => holders.get(inode) ?? [],
        pids: (inode: number) => (holders.has(inode) ? [pid] : []),
        firstPid: (inode: number) => (holders.has(inode) ? pid : 0),
        looked: () => true,
      };
      const snapshot = new Snapshot({ time, table, wanted: WANTED, ownership }, names);
      const shown = inOrder(table, rows).slice(0, most);
      return {
        sockets: shown.map((row) => snapshot.socket(row)),
        more: rows.length - shown.length,
        untold: holders.size - rows.length,
      };
    } catch (error) {
      if (error instanceof SockDiagError || (error instanceof ProcError && !error.gone)) return null;
      throw error;
    }
  }

  /** Its descriptors of each socket. */
  *#holders(pid: number): Generator<void, Map<number, Holder[]>> {
    const holders = new Map<number, Holder[]>();
    for (const fd of yield* readNumbers(this.#procfs, pid)) {
      const inode = socketInode(targetOf(this.#procfs, pid, fd) ?? '');
      const known = holders.get(inode);
      if (known) known.push({ pid, fd });
      else if (inode !== 0) holders.set(inode, [{ pid, fd }]);
      yield;
    }
    return holders;
  }
}

/** Rows between two pauses. */
const AT_ONCE = 4096;

function inOrder(table: SocketTable, rows: number[]): number[] {
  const rank = (row: number) => (table.isOpen(row) ? 0 : 1);
  const port = (row: number) => table.localPort[row] as number;
  const protocol = (row: number) => table.protocol[row] as number;
  return rows.sort((a, b) => rank(a) - rank(b) || protocol(a) - protocol(b) || port(a) - port(b) || a - b);
}
