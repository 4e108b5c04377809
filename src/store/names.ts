import { type ProcessFacts, ProcessFactsCache } from '../processes/process-facts.ts';
import type { Users } from '../processes/users.ts';
import { parseNetIfInet6 } from '../procfs/net-if-inet6.ts';
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

  constructor(procfs: ProcFs, services: Services, users: Users) {
    this.#procfs = procfs;
    this.#services = services;
    this.#users = users;
    this.#processes = new ProcessFactsCache(procfs);
  }

  /** A new sample begins: processes and interfaces are read again when they are asked for. */
  begin(): void {
    this.#processes.begin();
    this.#scopes = null;
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

  /** /proc/net/tcp6 leaves the scope out. Where two interfaces have the same address, it stays unknown. */
  #readScopes(): Map<string, string | null> {
    const scopes = new Map<string, string | null>();
    try {
      for (const { words, device } of parseNetIfInet6(this.#procfs.text(`${this.#procfs.net}/if_inet6`))) {
        const address = ipv6TextOfHex(words);
        scopes.set(address, scopes.has(address) ? null : device);
      }
    } catch (error) {
      if (!(error instanceof ProcError)) throw error;
    }
    return scopes;
  }
}
