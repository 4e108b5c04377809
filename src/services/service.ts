/** A name for one port of one protocol, with who says so: one object of `service --json`. */
export type Service = {
  name: string;
  port: number;
  /** In small letters: `tcp`, `udp`, `sctp`, `ddp`, … */
  protocol: string;
  aliases: readonly string[];
  description: string | null;
  /** The path of a services file, or `iana`. */
  source: string;
};

/** protocol → port → its service: asked for every row each second, so it takes numbers and builds nothing. */
export type ServiceIndex = ReadonlyMap<string, ReadonlyMap<number, Service>>;

/** The first service of a port wins, as with getservbyport(3). */
export function indexByPort(services: Iterable<Service>): ServiceIndex {
  const index = new Map<string, Map<number, Service>>();
  for (const service of services) {
    let ports = index.get(service.protocol);
    if (ports === undefined) {
      ports = new Map();
      index.set(service.protocol, ports);
    }
    if (!ports.has(service.port)) ports.set(service.port, service);
  }
  return index;
}
