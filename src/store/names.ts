import { type ProcessFacts, ProcessFactsCache } from '../processes/process-facts.ts';
import type { Users } from '../processes/users.ts';
import { parseNetIfInet6 } from '../procfs/net-if-inet6.ts';
import { parseNetIgmp } from '../procfs/net-igmp.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import type { Services } from '../services/services.ts';
import { ipv6TextOfHex, isLinkLocal } from '../sockets/address.ts';
import type { Names } from '../sockets/snapshot.ts';
import type { Protocol } from '../sockets/socket.ts';

/** The names of this host's numbers: services, users, processes, interfaces. */
export class HostNames implements Names {
  readonly #procfs: ProcFs;
  readonly #services: Services;
  readonly #users: Users;
  readonly #processes: ProcessFactsCache;
  #scopes: Map<string, string | null> | null = null;
  #devices: Map<number, string> | null = null;
  #netns: number | null | undefined;

  constructor(procfs: ProcFs, services: Services, users: Users) {
    this.#procfs = procfs;
    this.#services = services;
    this.#users = users;
    this.#processes = new ProcessFactsCache(procfs);
  }

  /** A new sample begins: interfaces are read again when they are asked for. */
  begin(): void {
    this.#scopes = null;
    this.#devices = null;
  }

  /** Reads these processes again; whether one has changed. */
  refresh(pids: Iterable<number>): boolean {
    return this.#processes.refresh(pids);
  }

  service(port: number, protocol: Protocol): string | null {
    return this.#services.lookup(port, protocol)?.name ?? null;
  }

  user(uid: number): string | null {
    return this.#users.name(uid);
  }

  process(pid: number): ProcessFacts | null {
    return this.#processes.of(pid);
  }

  scope(address: string): string | null {
    if (!isLinkLocal(address)) return null;
    this.#scopes ??= this.#readScopes();
    return this.#scopes.get(address) ?? null;
  }

  device(index: number): string {
    this.#devices ??= this.#readDevices();
    return this.#devices.get(index) ?? `#${index}`;
  }

  get netns(): number | null {
    if (this.#netns === undefined) this.#netns = this.#readNetns();
    return this.#netns;
  }

  /** By index. /sys/class/net would be of the namespace in which it was mounted. */
  #readDevices(): Map<number, string> {
    const { net } = this.#procfs;
    return new Map(
      [
        ...this.#optional(`${net}/if_inet6`, parseNetIfInet6),
        ...this.#optional(`${net}/igmp`, parseNetIgmp),
      ].map(({ index, device }) => [index, device]),
    );
  }

  #optional<T>(path: string, parse: (text: string) => readonly T[]): readonly T[] {
    try {
      return parse(this.#procfs.text(path));
    } catch (error) {
      if (!(error instanceof ProcError)) throw error;
      return [];
    }
  }

  #readNetns(): number | null {
    try {
      const [, inode] =
        /^net:\[(\d+)\]$/.exec(this.#procfs.link(this.#procfs.net.replace(/net$/, 'ns/net'))) ?? [];
      return inode === undefined ? null : Number(inode);
    } catch (error) {
      if (!(error instanceof ProcError)) throw error;
      return null;
    }
  }

  /** /proc/net/tcp6 leaves the scope out. Where two interfaces have the same address, it stays unknown. */
  #readScopes(): Map<string, string | null> {
    const scopes = new Map<string, string | null>();
    for (const { words, device } of this.#optional(`${this.#procfs.net}/if_inet6`, parseNetIfInet6)) {
      const address = ipv6TextOfHex(words);
      scopes.set(address, scopes.has(address) ? null : device);
    }
    return scopes;
  }
}
