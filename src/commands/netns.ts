import type { Libc } from '../libc/libc.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import {
  findNamespaces,
  NAMED,
  type Namespace,
  namedNamespaces,
  namespaceOf,
} from '../sockets/namespaces.ts';
import { NamespacesSource } from '../sockets/namespaces-source.ts';
import { runAtOnce } from '../store/slices.ts';
import { UsageError } from './exit.ts';

/** The sockets of the network namespaces that `-N` asks for. Throws a {@link UsageError} where there is none such. */
export function openNamespaces(
  asked: string,
  procfs: ProcFs,
  libc: Libc | null,
  folder = NAMED,
): NamespacesSource {
  const which = asked === 'all' ? asked : [namespaceAsked(asked, procfs, folder)];
  return new NamespacesSource(procfs, libc, which, folder);
}

/** A name comes first: it may be a number. */
function namespaceAsked(asked: string, procfs: ProcFs, folder: string): Namespace {
  const names = namedNamespaces(procfs, folder);
  const named = names.get(asked);
  if (named) {
    const { namespaces } = runAtOnce(findNamespaces(procfs, folder));
    const found = namespaces.find(({ inode }) => inode === named.inode);
    if (found) return found;
  }
  const known = names.size === 0 ? 'none has a name here' : `there are ${[...names.keys()].join(', ')}`;
  if (!/^[1-9]\d*$/.test(asked))
    throw new UsageError(`'${asked}' is the name of no network namespace: ${known} (-N all, NAME or PID)`);
  try {
    return namespaceOf(procfs, Number(asked), folder);
  } catch (error) {
    if (!(error instanceof ProcError)) throw error;
    throw new UsageError(`there is no process ${asked}, nor a network namespace of that name: ${known}`);
  }
}
