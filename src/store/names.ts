import { Cgroups } from '../processes/cgroups.ts';
import { ContainerNames } from '../processes/container-names.ts';
import { type ProcessFacts, ProcessFactsCache } from '../processes/process-facts.ts';
import type { Users } from '../processes/users.ts';
import { parseNetIfInet6 } from '../procfs/net-if-inet6.ts';
import { parseNetIgmp } from '../procfs/net-igmp.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import type { Services } from '../services/services.ts';
import { ipv6TextOfHex, isLinkLocal } from '../sockets/address.ts';
import { type Namespace, ownNamespace } from '../sockets/namespaces.ts';
import type { ReverseNames } from '../sockets/reverse-names.ts';
import type { Names } from '../sockets/snapshot.ts';
import type { Protocol } from '../sockets/socket.ts';

/** What is known of a network namespace, by its inode; null: nothing. */
export type NamespaceOf = (inode: number) => Namespace | null;

/** The names of this host's numbers: services, users, processes, interfaces. */
export class HostNames implements Names {
  readonly #procfs: ProcFs;
  readonly #services: Services;
  readonly #users: Users;
  readonly #processes: ProcessFactsCache;
  readonly #cgroups: Cgroups;
  readonly #containers: ContainerNames;
  readonly #namespaceOf: NamespaceOf;
  readonly #hosts: ReverseNames | null;
  /** Each by the inode of the network namespace. */
  readonly #scopes = new Map<number, Map<string, string | null>>();
  readonly #devices = new Map<number, Map<number, string>>();

  /** `namespaceOf`: where more network namespaces are read than our own; `hosts`: where DNS is asked. */
  constructor(
    procfs: ProcFs,
    services: Services,
    users: Users,
    {
      namespaceOf = onlyOurs(procfs),
      hosts = null,
    }: { namespaceOf?: NamespaceOf | undefined; hosts?: ReverseNames | null } = {},
  ) {
    this.#procfs = procfs;
    this.#services = services;
    this.#users = users;
    this.#processes = new ProcessFactsCache(procfs);
    this.#cgroups = new Cgroups(procfs);
    this.#containers = new ContainerNames(procfs);
    this.#namespaceOf = namespaceOf;
    this.#hosts = hosts;
  }

  /** A new sample begins: interfaces and cgroups are read again when they are asked for. */
  begin(): void {
    this.#scopes.clear();
    this.#devices.clear();
    this.#cgroups.begin();
  }

  /** Reads these processes again; whether one has changed. */
  refresh(pids: ReadonlySet<number>): boolean {
    return this.#processes.refresh(pids);
  }

  service(port: number, protocol: Protocol): string | null {
    return this.#services.lookup(port, protocol)?.name ?? null;
  }

  user(uid: number): string | null {
    return this.#users.name(uid);
  }

  /** Who is to be told of a pid that is found to be another process's than it was. */
  set replaced(told: (pid: number) => void) {
    this.#processes.replaced = told;
  }

  /** A process was seen to hold a socket a moment ago: what it is called is read before another has its pid. */
  meet(pid: number): void {
    this.#processes.meet(pid);
  }

  /** {@link meet}, where somebody else has read what it is called. */
  told(pid: number, facts: ProcessFacts | null): void {
    this.#processes.told(pid, facts);
  }

  process(pid: number): ProcessFacts | null {
    return this.#processes.of(pid);
  }

  scope(address: string, netns: number): string | null {
    if (!isLinkLocal(address)) return null;
    return remembered(this.#scopes, netns, () => this.#readScopes(netns)).get(address) ?? null;
  }

  device(index: number, netns: number): string {
    return remembered(this.#devices, netns, () => this.#readDevices(netns)).get(index) ?? `#${index}`;
  }

  netns(inode: number): string | null {
    return this.#namespaceOf(inode)?.name ?? null;
  }

  cgroups(id: number, pid: number): readonly string[] {
    return this.#cgroups.of(id, pid);
  }

  container(id: string, cgroup: string): string | null {
    return this.#containers.of(id, cgroup);
  }

  commandLine(pid: number): string | null {
    return this.#processes.commandLine(pid);
  }

  host(address: string): string | null {
    return this.#hosts?.name(address) ?? null;
  }

  /** By index. /sys/class/net would be of the namespace in which it was mounted. */
  #readDevices(netns: number): Map<number, string> {
    return new Map(
      [
        ...this.#readNet(netns, 'if_inet6', parseNetIfInet6),
        ...this.#readNet(netns, 'igmp', parseNetIgmp),
      ].map(({ index, device }) => [index, device]),
    );
  }

  /** A network file of a namespace; nothing where it may not be read, or no process is in there. */
  #readNet<T>(netns: number, file: string, parse: (text: string) => readonly T[]): readonly T[] {
    const process = this.#namespaceOf(netns)?.process ?? null;
    if (process === null) return [];
    try {
      return parse(this.#procfs.text(`${process}/net/${file}`));
    } catch (error) {
      if (!(error instanceof ProcError)) throw error;
      return [];
    }
  }

  /** /proc/net/tcp6 leaves the scope out. Where two interfaces have the same address, it stays unknown. */
  #readScopes(netns: number): Map<string, string | null> {
    const scopes = new Map<string, string | null>();
    for (const { words, device } of this.#readNet(netns, 'if_inet6', parseNetIfInet6)) {
      const address = ipv6TextOfHex(words);
      scopes.set(address, scopes.has(address) ? null : device);
    }
    return scopes;
  }
}

/** Whatever the inode: all that is read is in there. */
function onlyOurs(procfs: ProcFs): NamespaceOf {
  let own: Namespace | null = null;
  return () => {
    own ??= ownNamespace(procfs);
    return own;
  };
}

function remembered<K, V>(values: Map<K, V>, key: K, read: () => V): V {
  const known = values.get(key);
  if (known !== undefined) return known;
  const value = read();
  values.set(key, value);
  return value;
}
