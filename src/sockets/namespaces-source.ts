import type { Libc } from '../libc/libc.ts';
import { SockDiagError, type SocketDetails } from '../netlink/messages.ts';
import { openSockDiag } from '../netlink/sock-diag.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import { DiagReader } from './diag-source.ts';
import { HostSource, openSource } from './host-source.ts';
import { type FoundNamespaces, findNamespaces, isThere, NAMED, type Namespace } from './namespaces.ts';
import { ProcReader } from './proc-source.ts';
import { SocketTable, type Sources } from './socket-table.ts';
import type { SocketSource, Wanted } from './source.ts';

/** A network namespace that is there and could not be read, and the kernel's word for why. */
export type Unread = { namespace: Namespace; code: string };

/** Which namespaces are read: these, all, or all but our own. */
export type Which = readonly Namespace[] | 'all' | 'others';

/** What a look could not tell. */
export type Missed = {
  unread: readonly Unread[];
  /** How many were read, and their numbers not: what has a name may be among them. */
  unnumbered: number;
  /** How many processes may be in namespaces that were not found. */
  untold: number;
};

/**
 * The sockets of several network namespaces in one table, one namespace after the other. Which there are is asked
 * before each look, and nothing is held open between two: that would keep a namespace alive that all have left.
 */
export class NamespacesSource implements SocketSource {
  readonly #procfs: ProcFs;
  readonly #libc: Libc | null;
  readonly #which: Which;
  readonly #folder: string;
  readonly #own: HostSource;
  /** Those that the last look read, by inode. */
  #read: ReadonlyMap<number, Namespace> = new Map();
  #missed: Missed = { unread: [], unnumbered: 0, untold: 0 };
  #lastLength = 0;

  /** `folder`: where names are. */
  constructor(procfs: ProcFs, libc: Libc | null, which: Which, folder: string = NAMED) {
    this.#procfs = procfs;
    this.#libc = procfs.live ? libc : null;
    this.#which = which;
    this.#folder = folder;
    this.#own = openSource(procfs, libc);
  }

  /** What the last look could not tell. */
  get missed(): Missed {
    return this.#missed;
  }

  /** One of those that the last look read, by its inode. */
  readonly namespace = (inode: number): Namespace | null => this.#read.get(inode) ?? null;

  /** One that ends meanwhile has no sockets any more. Throws a {@link ProcError} where none that is left may be read. */
  *read(wanted: Wanted): Generator<void, SocketTable> {
    const { namespaces, untold } = yield* this.#find();
    const table = new SocketTable(this.#lastLength * 1.1, wanted);
    const read: Namespace[] = [];
    const unread: Unread[] = [];
    for (const namespace of namespaces) {
      const sources = read.length === 0 ? table.sources : table.sourcesOfAnother(namespace.inode);
      const code = yield* this.#add(namespace, wanted, table, sources);
      if (code === null) read.push(namespace);
      else if (isThere(this.#procfs, namespace)) unread.push({ namespace, code });
    }
    const [first] = unread;
    if (first && read.length === 0) {
      const { file, process } = first.namespace;
      const path = file ?? this.#procfs.path(`${process}/net`);
      throw new ProcError(first.code, path, { remedy: remedyFor(first.code) });
    }
    // Of several that have no number nobody knows which is meant.
    const known = read.filter(({ inode, process }) => inode !== 0 || process === this.#procfs.self);
    this.#read = new Map(known.map((namespace) => [namespace.inode, namespace]));
    this.#missed = { unread, unnumbered: read.length - known.length, untold };
    this.#lastLength = table.length;
    yield* table.seal();
    return table;
  }

  *#find(): Generator<void, FoundNamespaces> {
    const which = this.#which;
    if (typeof which !== 'string') return { namespaces: which, untold: 0 };
    const { namespaces, untold } = yield* findNamespaces(this.#procfs, this.#folder);
    if (which === 'all') return { namespaces, untold };
    return { namespaces: namespaces.filter(({ process }) => process !== this.#procfs.self), untold };
  }

  inspect(table: SocketTable, row: number): SocketDetails | null {
    const namespace = this.namespace(table.netns[row] as number);
    if (!namespace) return null;
    const { source, close } = this.#open(namespace);
    try {
      return source.inspect(table, row);
    } finally {
      close();
    }
  }

  /** Returns why it could not be read; null: it could. */
  *#add(
    namespace: Namespace,
    wanted: Wanted,
    table: SocketTable,
    sources: Sources,
  ): Generator<void, string | null> {
    const before = table.length;
    const { source, close } = this.#open(namespace);
    try {
      yield* source.add(wanted, table, sources);
      // sock_diag's socket is known to be in there. The files of a pid are another's once it is given out anew.
      const byPid = Object.values(sources).includes('proc');
      if (!byPid || isThere(this.#procfs, namespace)) return null;
      table.truncate(before);
      return 'ESRCH';
    } catch (error) {
      if (!(error instanceof ProcError || error instanceof SockDiagError)) throw error;
      table.truncate(before);
      return error.code;
    } finally {
      close();
    }
  }

  #open(namespace: Namespace): { source: HostSource; close(): void } {
    const { inode, file, process } = namespace;
    if (process === this.#procfs.self) return { source: this.#own, close: () => {} };
    const diag = this.#libc && file !== null ? openSockDiag(this.#libc, { path: file, inode }) : null;
    const source = new HostSource(
      diag && new DiagReader(diag),
      process === null ? null : new ProcReader(this.#procfs, `${process}/net`),
      inode,
    );
    return { source, close: () => diag?.close() };
  }
}

/** Which namespaces could not be read, and what would help, in one line; null: nothing was missed. */
export function explainMissed({ unread, unnumbered, untold }: Missed): string | null {
  const remarks: string[] = [];
  const [first] = unread;
  if (first) {
    const which = unread.map(({ namespace: { name, inode, process } }) => name ?? (inode || `of ${process}`));
    const what = `${counted(unread.length, 'network namespace')} could not be read: ${which.join(', ')}`;
    remarks.push(unnumbered > 0 ? `${what} (what is shown without a namespace may be theirs)` : what);
  }
  if (untold > 0) remarks.push(`of ${counted(untold, 'process', 'es')} it could not be told where they are`);
  if (remarks.length === 0) return null;
  return [...remarks, remedyFor(first?.code ?? 'EACCES')].join('; ');
}

/** What would help somebody who may not read a network namespace. */
export function remedyFor(code: string): string {
  if (code === 'ENOTSUP') return 'no process is in it, and to enter it takes koffi, which is not installed';
  if (process.geteuid?.() !== 0) return 'run as root';
  return 'to enter it takes CAP_SYS_ADMIN, which root lacks here';
}

function counted(count: number, what: string, plural = 's'): string {
  return `${count} ${what}${count === 1 ? '' : plural}`;
}
