import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { parseCmdline } from '../procfs/cmdline.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import { conmonOf } from './go-betweens.ts';

/** Of a larger file nothing is believed: Podman's list of a thousand containers takes a megabyte. */
const LARGEST = 8 << 20;
/** A container may be renamed, and one that has no name yet may get one: both are asked again after so many ms. */
const KEPT_FOR = 30_000;
const REMEMBERED = 4096;

const CONTAINERD_TASKS = '/run/containerd/io.containerd.runtime.v2.task';

/**
 * What container engines call their containers, read from what they keep on disk, as far as this user may; nothing is
 * asked of the engines themselves.
 */
export class ContainerNames {
  readonly #procfs: ProcFs;
  readonly #root: string;
  readonly #home: string | undefined;
  readonly #lists = new Map<string, { names: ReadonlyMap<string, string>; at: number }>();
  readonly #known = new Map<string, { name: string | null; at: number }>();

  /** `root`: where the files of the host are; `home`: where this user's own containers are. */
  constructor(procfs: ProcFs, { root = '', home = process.env.HOME } = {}) {
    this.#procfs = procfs;
    this.#root = root;
    this.#home = home;
  }

  /** The name of a container in this cgroup; null: nobody here tells. */
  of(id: string, cgroup: string): string | null {
    // A captured tree's containers are not this host's; what is no id of 64 digits is a name already.
    if (!(this.#procfs.live && /^[\da-f]{64}$/.test(id))) return null;
    const known = this.#known.get(id);
    if (known && performance.now() - known.at < KEPT_FOR) return known.name;
    const name =
      this.#inDocker(id) ?? this.#inStorage(id) ?? this.#inContainerd(id) ?? this.#byMonitor(id, cgroup);
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(id, { name, at: performance.now() });
    return name;
  }

  /** Docker's own, and those of a user without root. */
  #inDocker(id: string): string | null {
    for (const folder of ['/var/lib/docker', ...this.#inHome('.local/share/docker')]) {
      const name = fieldOf(this.#json(`${folder}/containers/${id}/config.v2.json`), 'Name');
      if (name !== null) return name.replace(/^\//, '');
    }
    return null;
  }

  /** Podman's and CRI-O's, whose library keeps one list of all containers for each way to store them. */
  #inStorage(id: string): string | null {
    for (const folder of [
      '/var/lib/containers/storage',
      ...this.#inHome('.local/share/containers/storage'),
    ]) {
      for (const driver of ['overlay', 'vfs', 'btrfs', 'zfs']) {
        const name = this.#listed(`${folder}/${driver}-containers/containers.json`).get(id);
        if (name !== undefined) return name;
      }
    }
    return null;
  }

  #listed(path: string): ReadonlyMap<string, string> {
    const known = this.#lists.get(path);
    if (known && performance.now() - known.at < KEPT_FOR) return known.names;
    const list = this.#json(path);
    const names = new Map<string, string>();
    for (const container of Array.isArray(list) ? list : []) {
      const id = fieldOf(container, 'id');
      const [name] = isObject(container) && Array.isArray(container.names) ? container.names : [];
      if (id !== null && typeof name === 'string') names.set(id, name);
    }
    this.#lists.set(path, { names, at: performance.now() });
    return names;
  }

  /** containerd's: of Kubernetes, which has a pod for each, and of nerdctl. */
  #inContainerd(id: string): string | null {
    for (const namespace of this.#names(CONTAINERD_TASKS)) {
      const config = this.#json(`${CONTAINERD_TASKS}/${namespace}/${id}/config.json`);
      const annotations = isObject(config) ? config.annotations : null;
      const [pod, container] = ['sandbox', 'container'].map((kind) =>
        fieldOf(annotations, `io.kubernetes.cri.${kind}-name`),
      );
      if (pod) return container ? `${pod}/${container}` : pod;
      const name = fieldOf(annotations, 'nerdctl/name');
      if (name !== null) return name;
    }
    return null;
  }

  /** Where it is in no list (`podman run --rootfs`), what watches over it was told its name. */
  #byMonitor(id: string, cgroup: string): string | null {
    const [, uid = process.getuid?.()] = /\/user-(\d+)\.slice\//.exec(cgroup) ?? [];
    for (const folder of ['/run/containers/storage', `/run/user/${uid}/containers`]) {
      const pid = Number(this.#text(`${folder}/overlay-containers/${id}/userdata/conmon.pid`));
      if (!(Number.isInteger(pid) && pid > 0)) continue;
      try {
        const monitor = conmonOf(parseCmdline(this.#procfs.read(`${pid}/cmdline`).bytes));
        if (monitor?.id === id) return monitor.name;
      } catch (error) {
        if (!(error instanceof ProcError)) throw error;
      }
    }
    return null;
  }

  #inHome(folder: string): string[] {
    return this.#home ? [`${this.#home}/${folder}`] : [];
  }

  #json(path: string): unknown {
    try {
      return JSON.parse(this.#text(path) ?? 'null');
    } catch {
      return null;
    }
  }

  /** A small file; null: there is none that may be read. */
  #text(path: string): string | null {
    let file: number;
    try {
      // What is no file, but a pipe that somebody put there, would be waited for.
      file = openSync(`${this.#root}${path}`, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch {
      return null;
    }
    try {
      const stats = fstatSync(file);
      if (!stats.isFile() || stats.size > LARGEST) return null;
      const bytes = Buffer.alloc(stats.size);
      return bytes.toString('utf8', 0, readSync(file, bytes));
    } catch {
      return null;
    } finally {
      closeSync(file);
    }
  }

  #names(folder: string): string[] {
    try {
      return readdirSync(`${this.#root}${folder}`);
    } catch {
      return [];
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** A text in an object; null where there is none. */
function fieldOf(object: unknown, key: string): string | null {
  const value = isObject(object) && Object.hasOwn(object, key) ? object[key] : null;
  return typeof value === 'string' && value !== '' ? value : null;
}
