import { readdirSync, type Stats, statSync } from 'node:fs';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';

/** A network namespace, and how to get at it. */
export type Namespace = {
  /** Of its file, as `ls -l /proc/PID/ns/net` shows it. 0: not known, since its processes may not be looked into. */
  inode: number;
  /** What `ip netns` calls it. */
  name: string | null;
  /** By which setns(2) enters it; null: there is none that this user may open. */
  file: string | null;
  /** The lowest pid in it; our own is `self`. null: only its name keeps it alive. */
  process: string | null;
};

export type FoundNamespaces = {
  /** Our own first, then by pid, those without a process last. */
  namespaces: readonly Namespace[];
  /** How many processes there are of which nobody tells where they are. */
  untold: number;
};

/** Where `ip netns` keeps its names (ip-netns(8)). */
export const NAMED = '/run/netns';

/** Processes between two pauses. */
const AT_ONCE = 64;

/** Every network namespace that a visible process is in, or that has a name. */
export function* findNamespaces(procfs: ProcFs, folder = NAMED): Generator<void, FoundNamespaces> {
  const names = namedNamespaces(procfs, folder);
  const own = ownNamespace(procfs, names);
  const found = new Map([[own.inode, own]]);
  const closed: number[] = [];
  let untold = 0;
  for (const [at, pid] of procfs.pids().entries()) {
    try {
      const inode = inodeIn(procfs, String(pid));
      if (!found.has(inode)) found.set(inode, namespaceWith(inode, String(pid), procfs, names));
    } catch (error) {
      if (!(error instanceof ProcError)) throw error;
      if (!error.gone) closed.push(pid);
    }
    if (at % AT_ONCE === AT_ONCE - 1) yield;
  }
  const namespaces = [...found.values()];
  const tables = new Set(namespaces.map(({ process }) => tablesIn(procfs, process as string)));
  for (const pid of closed) {
    const table = tablesIn(procfs, String(pid));
    if (table === null) untold++;
    else if (table !== 0 && !tables.has(table)) {
      tables.add(table);
      namespaces.push({ inode: 0, name: null, file: null, process: String(pid) });
    }
  }
  const empty = [...names].flatMap(([name, { inode, file }]) => {
    if (found.has(inode)) return [];
    const namespace = { inode, name, file, process: null };
    found.set(inode, namespace);
    return [namespace];
  });
  return { namespaces: [...namespaces, ...empty], untold };
}

/** The network namespace of a process. Throws a {@link ProcError} where there is no such process. */
export function namespaceOf(procfs: ProcFs, pid: number, folder = NAMED): Namespace {
  const names = namedNamespaces(procfs, folder);
  const own = ownNamespace(procfs, names);
  const process = String(pid);
  try {
    const inode = inodeIn(procfs, process);
    return inode === own.inode ? own : namespaceWith(inode, process, procfs, names);
  } catch (error) {
    if (!(error instanceof ProcError) || error.gone) throw error;
    const ours = tablesIn(procfs, process) === tablesIn(procfs, procfs.self);
    return ours ? own : { inode: 0, name: null, file: null, process };
  }
}

/** The one that we are in; in another tree, pid 1's. */
export function ownNamespace(procfs: ProcFs, names = namedNamespaces(procfs)): Namespace {
  const process = procfs.self;
  try {
    return namespaceWith(inodeIn(procfs, process), process, procfs, names);
  } catch (error) {
    if (!(error instanceof ProcError)) throw error;
    return { inode: 0, name: null, file: null, process };
  }
}

/** Whether it is still there, and is what it was: a pid is another process's one day. */
export function isThere(procfs: ProcFs, { inode, process, file }: Namespace): boolean {
  if (process === null) return statOf(file as string)?.ino === inode;
  try {
    return inode === 0 ? tablesIn(procfs, process) !== 0 : inodeIn(procfs, process) === inode;
  } catch (error) {
    if (!(error instanceof ProcError)) throw error;
    return false;
  }
}

type Names = ReadonlyMap<string, { inode: number; file: string }>;

/** The named ones, each name with its file: a mount of the namespace. What is not mounted (any more) is none. */
export function namedNamespaces(procfs: ProcFs, folder = NAMED): Names {
  const names = new Map<string, { inode: number; file: string }>();
  // The names of this host are nothing to another's processes.
  if (!procfs.live) return names;
  const device = statOf(procfs.path(`${procfs.self}/ns/net`))?.dev;
  for (const name of namesIn(folder).sort()) {
    const file = `${folder}/${name}`;
    const stats = statOf(file);
    if (stats && stats.dev === device) names.set(name, { inode: stats.ino, file });
  }
  return names;
}

function namespaceWith(inode: number, process: string, procfs: ProcFs, names: Names): Namespace {
  for (const [name, named] of names) {
    if (named.inode === inode) return { inode, name, file: named.file, process };
  }
  return { inode, name: null, file: procfs.path(`${process}/ns/net`), process };
}

/** Throws a {@link ProcError}. */
function inodeIn(procfs: ProcFs, process: string): number {
  const [, inode] = /^net:\[(\d+)\]$/.exec(procfs.link(`${process}/ns/net`)) ?? [];
  return Number(inode ?? 0);
}

/**
 * A number that is the same for processes of the same namespace, and may be had of every process: each namespace
 * has network files of its own, which are no process's (fs/proc/proc_net.c, get_proc_task_net). 0: the process is
 * gone; null: this /proc hides it (hidepid).
 */
function tablesIn(procfs: ProcFs, process: string): number | null {
  try {
    return procfs.stat(`${process}/net/dev`).ino;
  } catch (error) {
    if (!(error instanceof ProcError)) throw error;
    return error.gone ? 0 : null;
  }
}

function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
