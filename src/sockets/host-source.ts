import type { Libc } from '../libc/libc.ts';
import { SockDiagError, type SocketDetails } from '../netlink/messages.ts';
import { openSockDiag } from '../netlink/sock-diag.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import { DiagReader } from './diag-source.ts';
import { ownNamespace } from './namespaces.ts';
import { ProcReader } from './proc-source.ts';
import type { Protocol } from './socket.ts';
import { SocketTable, type Sources } from './socket-table.ts';
import type { SocketSource, Wanted } from './source.ts';

/** What a busy kernel says, and what it may not say the next time. */
const PASSING = new Set(['EAGAIN', 'EBUSY', 'EINTR', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

/** Rows that a first look at every state has room for: what is not used is no memory, and to grow costs a copy. */
const FIRST_ROOM = 30_000;

/** The sockets of one network namespace: by sock_diag where there is one, protocol by protocol; else /proc/net. */
export class HostSource implements SocketSource {
  readonly #diag: DiagReader | null;
  readonly #proc: ProcReader | null;
  readonly #netns: number;
  /** What the kernel's sock_diag does not have. */
  readonly #refused = new Set<Protocol>();
  /** How many rows there were the last time of each kind of look. */
  readonly #lengths = new Map<string, number>();

  /** `netns`: the inode of the network namespace that these read; 0: not known. */
  constructor(diag: DiagReader | null, proc: ProcReader | null, netns = 0) {
    this.#diag = diag;
    this.#proc = proc;
    this.#netns = netns;
  }

  *read(wanted: Wanted): Generator<void, SocketTable> {
    const kind = `${wanted.scope} ${wanted.ports === null}`;
    const many = wanted.scope === 'all' && wanted.ports === null;
    // There will be about as many as there were.
    const room = (this.#lengths.get(kind) ?? 0) * 1.1 || (many ? FIRST_ROOM : 0);
    const table = new SocketTable(room, wanted);
    yield* this.add(wanted, table, table.sources);
    this.#lengths.set(kind, table.length);
    yield* table.seal();
    return table;
  }

  /**
   * Adds the sockets to a table that others go on with, and tells where they are from. Throws a ProcError, or a
   * SockDiagError where there is no /proc/net to read, when nothing at all could be read.
   */
  *add(wanted: Wanted, table: SocketTable, sources: Sources): Generator<void, void> {
    const before = table.length;
    let failure: Error | null = null;
    let read = 0;
    for (const protocol of wanted.protocols) {
      if (!wanted.families.some((family) => (family === 'unix') === (protocol === 'unix'))) continue;
      try {
        yield* this.#readProtocol(protocol, wanted, table, sources);
        read++;
      } catch (error) {
        // A protocol that this kernel was built without has no file.
        if (!(error instanceof SockDiagError || (error instanceof ProcError && error.gone))) throw error;
        failure ??= error;
      }
    }
    if (read === 0 && failure) throw failure;
    table.netns.fill(this.#netns, before, table.length);
  }

  /** What is too dear to be read of every socket; null when it is gone, or sock_diag did not tell of it. */
  inspect(table: SocketTable, row: number): SocketDetails | null {
    if (table.sourceOf(row) !== 'sock_diag') return null;
    try {
      return this.#diag?.inspect(table, row) ?? null;
    } catch (error) {
      if (!(error instanceof SockDiagError)) throw error;
      return null;
    }
  }

  *#readProtocol(
    protocol: Protocol,
    wanted: Wanted,
    table: SocketTable,
    sources: Sources,
  ): Generator<void, void> {
    const before = table.length;
    if (this.#diag && !this.#refused.has(protocol)) {
      try {
        yield* this.#diag.read(protocol, wanted, table);
        sources[protocol] = this.#diag.name;
        return;
      } catch (error) {
        if (!(error instanceof SockDiagError)) throw error;
        if (!PASSING.has(error.code)) this.#refused.add(protocol);
        table.truncate(before);
        if (!this.#proc) throw error;
      }
    }
    if (!this.#proc) throw new SockDiagError('ENOTSUP');
    yield* this.#proc.read(protocol, wanted, table);
    sources[protocol] = this.#proc.name;
  }
}

const NO_NAMES = new Map();

/** The sockets of a /proc tree; of the running kernel's own, by the best way there is. In our own namespace. */
export function openSource(procfs: ProcFs, libc: Libc | null): HostSource {
  return new HostSource(
    libc && procfs.live ? new DiagReader(openSockDiag(libc)) : null,
    new ProcReader(procfs),
    ownNamespace(procfs, NO_NAMES).inode,
  );
}
