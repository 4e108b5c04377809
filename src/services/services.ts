import { readFileSync } from 'node:fs';
import { join, type SafeText, safe, text } from '../text/safe.ts';
import type { PortRange } from './ephemeral-range.ts';
import { ETC_SERVICES, parseEtcServices } from './etc-services.ts';
import { IANA, loadIana, type Registry } from './iana.ts';
import { indexByPort, type Service, type ServiceIndex } from './service.ts';

/** What a person asks for; `protocol` null means any. The port may be none (99999). */
export type ServiceQuery =
  | { port: number; protocol: string | null }
  | { name: string; protocol: string | null };

/** Where the kernel may meet a port; a services file may name others. */
const TRANSPORTS = ['tcp', 'udp', 'sctp', 'dccp'];

/** Reads `80`, `80/tcp`, `tcp:80`, `http`, `http/tcp`. A name may have slashes of its own (`cl/1`, `EtherNet/IP-1`). */
export function parseServiceQuery(typed: string, protocols: ReadonlySet<string>): ServiceQuery {
  const query = typed
    .trim()
    .replace(/^:(?=\d)/, '')
    .replace(/^([a-z]+):(\d+)$/i, '$2/$1')
    .toLowerCase();
  const number = /^(-?\d+)(?:\/(.*))?$/s.exec(query);
  if (number) return { port: Number(number[1]), protocol: number[2] ?? null };
  const slash = query.lastIndexOf('/');
  const protocol = query.slice(slash + 1);
  return slash > 0 && protocols.has(protocol)
    ? { name: query.slice(0, slash), protocol }
    : { name: query, protocol: null };
}

/**
 * What ports are called, and who says so: a services(5) file first, IANA's registry for a port and protocol
 * on which the file is silent, once {@link Services.loadRegistry} has read it.
 */
export class Services {
  readonly path: string;
  /** Why the file could not be read (`ENOENT`, `EACCES`, …); null when it was. */
  readonly unread: string | null;
  /** tcp, udp, sctp, dccp and whatever else the file names. */
  readonly protocols: ReadonlySet<string>;
  readonly #own: readonly Service[];
  readonly #ownByPort: ServiceIndex;
  #registry: Registry | null = null;
  /** What a name is looked for in: the file's rows, then the registry's, each by port. */
  #searched: readonly Service[] | null = null;

  constructor(own: readonly Service[], path: string = ETC_SERVICES, unread: string | null = null) {
    this.path = path;
    this.unread = unread;
    this.#own = own.toSorted((one, other) => one.port - other.port);
    this.#ownByPort = indexByPort(own);
    this.protocols = new Set([...TRANSPORTS, ...this.#ownByPort.keys()]);
  }

  get registryLoaded(): boolean {
    return this.#registry !== null;
  }

  /** Some 15 ms of work the first time: for when it is needed, not for a tick. */
  async loadRegistry(): Promise<void> {
    if (this.#registry !== null) return;
    this.#registry = await loadIana();
    this.#searched = null;
  }

  /** The service of exactly this port and protocol; cheap enough for every row of every tick. */
  lookup(port: number, protocol: string): Service | null {
    return this.#ownByPort.get(protocol)?.get(port) ?? this.#registry?.lookup(port, protocol) ?? null;
  }

  /** All services of a port: the file's, of which one protocol may have several, then the registry's. */
  at(port: number, protocol: string | null = null): Service[] {
    const protocols = protocol === null ? [...this.protocols] : [protocol];
    const own = this.#own.filter((service) => service.port === port && protocols.includes(service.protocol));
    const silent = protocols.filter((name) => !this.#owns(port, name));
    return [...own, ...silent.flatMap((name) => this.#registry?.lookup(port, name) ?? [])];
  }

  /** The services with this name or alias, in capitals or not. */
  named(name: string, protocol: string | null = null): Service[] {
    const wanted = name.toLowerCase();
    return this.#find(protocol, (known) => known === wanted);
  }

  /** The services of which a name or alias begins so, and goes on. */
  beginning(start: string, protocol: string | null = null): Service[] {
    const wanted = start.toLowerCase();
    if (wanted === '') return [];
    const exact = new Set(this.named(wanted, protocol));
    return this.#find(protocol, (known) => known.startsWith(wanted)).filter((service) => !exact.has(service));
  }

  /** For a person who types: a number, a name, the beginning of one. Exact ones come first. */
  search(typed: string): Service[] {
    const query = parseServiceQuery(typed, this.protocols);
    if ('port' in query) return this.at(query.port, query.protocol || null);
    return [...this.named(query.name, query.protocol), ...this.beginning(query.name, query.protocol)];
  }

  /** What is known of a port and protocol, for a person, a line each. */
  explain(port: number, protocol: string, ephemeral: PortRange | null): SafeText[] {
    const service = this.lookup(port, protocol);
    if (service === null) return this.explainUnknown(port, protocol, ephemeral);
    const lines = [text`${safe(service.name)}, ${where(service)}`];
    if (service.description !== null) lines.push(safe(service.description));
    if (service.aliases.length > 0) {
      const names = join(service.aliases.map(safe), text`, `);
      lines.push(service.aliases.length === 1 ? text`alias ${names}` : text`aliases ${names}`);
    }
    lines.push(
      this.#owns(port, protocol) ? safe(this.path) : text`IANA registry; ${safe(this.path)} ${this.#silence}`,
    );
    const note = ephemeralNote(port, ephemeral);
    if (note) lines.push(note);
    return [...lines, ...this.#others(port, service)];
  }

  /** Why a port has no name; `protocol` null means in any. */
  explainUnknown(port: number, protocol: string | null, ephemeral: PortRange | null): SafeText[] {
    const asked = protocol === null ? text`${port}` : where({ port, protocol });
    const lines: SafeText[] = [];
    const remark = this.#remark(port, protocol);
    if (remark !== null) lines.push(text`${asked} is no service: the IANA registry says “${safe(remark)}”`);
    if (isEphemeral(port, ephemeral)) {
      lines.push(text`${asked} is in ${theRange(ephemeral)}: the kernel hands such ports out`);
    }
    if (lines.length === 0) {
      lines.push(
        this.registryLoaded
          ? text`nobody registered ${asked}`
          : text`${asked}: ${safe(this.path)} ${this.#silence}; the IANA registry is not read yet`,
      );
    }
    return [...lines, ...this.#others(port, null)];
  }

  /** Why a name has no port, nor begins one that has. */
  explainUnknownName(name: string, protocol: string | null): SafeText {
    const asked = protocol === null ? safe(name) : text`${safe(name)}/${safe(protocol)}`;
    const file = safe(this.path);
    return this.unread === null
      ? text`'${asked}' names nothing and begins no name in ${file}, nor in the IANA registry where that is silent`
      : text`'${asked}' names nothing and begins no name in the IANA registry; ${file} ${this.#silence}`;
  }

  #owns(port: number, protocol: string): boolean {
    return this.#ownByPort.get(protocol)?.has(port) ?? false;
  }

  #find(protocol: string | null, test: (name: string) => boolean): Service[] {
    this.#searched ??= [
      ...this.#own,
      ...(this.#registry?.services ?? []).filter((service) => !this.#owns(service.port, service.protocol)),
    ];
    return this.#searched.filter(
      (service) =>
        (protocol === null || service.protocol === protocol) &&
        [service.name, ...service.aliases].some((name) => test(name.toLowerCase())),
    );
  }

  /** The port's other names: of another protocol, or second in the file. */
  #others(port: number, told: Service | null): SafeText[] {
    return this.at(port)
      .filter((service) => service !== told)
      .map((service) => {
        const source = service.source === IANA ? text`IANA registry` : safe(service.source);
        return text`also ${safe(service.name)}, ${where(service)} (${source})`;
      });
  }

  #remark(port: number, protocol: string | null): string | null {
    const protocols = protocol === null ? TRANSPORTS : [protocol];
    return protocols.map((name) => this.#registry?.remark(port, name)).find(Boolean) ?? null;
  }

  /** Why the file says nothing: a file that is not there has not been asked. */
  get #silence(): SafeText {
    if (this.unread === null) return text`is silent`;
    return this.unread === 'ENOENT' ? text`does not exist` : text`cannot be read (${safe(this.unread)})`;
  }
}

function where({ port, protocol }: Pick<Service, 'port' | 'protocol'>): SafeText {
  return text`${port}/${safe(protocol)}`;
}

/** That a port with a name may yet be one that the kernel chose; null where it is not. */
export function ephemeralNote(port: number, ephemeral: PortRange | null): SafeText | null {
  return isEphemeral(port, ephemeral)
    ? text`in ${theRange(ephemeral)} too: the kernel hands such ports out`
    : null;
}

/** Whether the kernel hands this port to whoever asks for any. */
export function isEphemeral(port: number, range: PortRange | null): range is PortRange {
  return range !== null && range.first <= port && port <= range.last;
}

function theRange({ first, last }: PortRange): SafeText {
  return text`the ephemeral range ${first}–${last}`;
}

/**
 * The services of a file; without the file (a small container has none) a silent one, whose `unread` says why.
 * Bytes that are no UTF-8 become U+FFFD.
 */
export function readServices(path: string = ETC_SERVICES): Services {
  let contents: string;
  try {
    contents = readFileSync(path, 'utf8');
  } catch (error) {
    return new Services([], path, (error as NodeJS.ErrnoException).code ?? 'EIO');
  }
  return new Services(parseEtcServices(contents, path), path);
}
