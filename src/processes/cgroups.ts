import { type Dirent, readdirSync, statfsSync, statSync } from 'node:fs';
import { cgroupsOf, parseCgroup } from '../procfs/cgroup.ts';
import type { ProcFs } from '../procfs/procfs.ts';
import { orNull } from './tolerance.ts';

/** Where systemd mounts cgroup v2: alone, and beside v1. */
const MOUNTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];
/** include/uapi/linux/magic.h. */
const CGROUP2_SUPER_MAGIC = 0x63677270;

/** Folders that are looked at, at most: a host has some hundreds. */
const MOST = 20_000;
/** An id that is not found may be of a cgroup that is gone: it is not looked for again before this many ms. */
const PATIENCE = 10_000;

/** The cgroups of a process, what tells most first; none where they cannot be read. */
export function readCgroups(procfs: ProcFs, pid: number | string): readonly string[] {
  return orNull(() => cgroupsOf(parseCgroup(procfs.text(`${pid}/cgroup`)))) ?? [];
}

/** What the first of them tells that tells anything; null: none does. */
export function tellFirst(cgroups: readonly string[], tell: (path: string) => string | null): string | null {
  return cgroups.map(tell).find((told) => told !== null) ?? null;
}

/** The paths of cgroups, by their ids and by processes; nothing is read before it is asked for. */
export class Cgroups {
  readonly #procfs: ProcFs;
  readonly #mounts: readonly string[];
  /** By id: a cgroup keeps both as long as it lives, and no other gets its id (fs/kernfs/dir.c). */
  #paths: ReadonlyMap<number, string> = new Map();
  #walkedAt = -Infinity;
  readonly #ofProcesses = new Map<number, readonly string[]>();

  /** `mounts`: where cgroup v2 may be. */
  constructor(procfs: ProcFs, mounts: readonly string[] = MOUNTS) {
    this.#procfs = procfs;
    this.#mounts = mounts;
  }

  /** Processes are asked again: they may have moved, or be others. */
  begin(): void {
    this.#ofProcesses.clear();
  }

  /** The cgroup with this id, then those of the process, what tells most first. 0: no id, or no process. */
  of(id: number, pid: number): readonly string[] {
    const path = id === 0 ? null : this.#pathOf(id);
    const others = pid === 0 ? [] : this.#ofProcess(pid);
    return path === null ? others : [path, ...others];
  }

  #ofProcess(pid: number): readonly string[] {
    let paths = this.#ofProcesses.get(pid);
    if (!paths) {
      paths = readCgroups(this.#procfs, pid);
      this.#ofProcesses.set(pid, paths);
    }
    return paths;
  }

  #pathOf(id: number): string | null {
    if (!this.#paths.has(id) && performance.now() - this.#walkedAt > PATIENCE) {
      this.#paths = this.#walk();
      this.#walkedAt = performance.now();
    }
    return this.#paths.get(id) ?? null;
  }

  /** The inode of a cgroup's folder is its id (include/linux/cgroup.h, cgroup_id). */
  #walk(): ReadonlyMap<number, string> {
    const paths = new Map<number, string>();
    const mount = this.#procfs.live ? this.#mounts.find(isCgroup2) : undefined;
    const waiting = mount === undefined ? [] : ['/'];
    for (let path = waiting.shift(); path !== undefined && paths.size < MOST; path = waiting.shift()) {
      const folder = `${mount}${path}`;
      const inode = inodeOf(folder);
      if (inode === null) continue;
      paths.set(inode, path);
      for (const entry of entriesOf(folder)) {
        if (entry.isDirectory()) waiting.push(`${path === '/' ? '' : path}/${entry.name}`);
      }
    }
    return paths;
  }
}

function isCgroup2(folder: string): boolean {
  try {
    return statfsSync(folder).type === CGROUP2_SUPER_MAGIC;
  } catch {
    return false;
  }
}

function inodeOf(folder: string): number | null {
  try {
    return statSync(folder).ino;
  } catch {
    return null;
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
