import { FAMILIES, type SocketTable } from './socket-table.ts';

const IPV4 = FAMILIES.indexOf('ipv4');

/** How many connections are up on each listener, at one time. */
export class Connections {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly #counts: ReadonlyMap<number, number>;

  constructor(at: number, counts: ReadonlyMap<number, number>) {
    this.at = at;
    this.#counts = counts;
  }

  /** By the listener's identity; null: it came since. */
  of(identity: number): number | null {
    return this.#counts.get(identity) ?? null;
  }

  equals(other: Connections | null): boolean {
    if (!other || other.#counts.size !== this.#counts.size) return false;
    for (const [identity, count] of this.#counts) if (other.#counts.get(identity) !== count) return false;
    return true;
  }
}

/**
 * Counts the connections of every listener in a table of all states. The kernel does not tell which listener a
 * connection came by: it is the one of its family that is bound to its local address and port, else the one
 * bound to every address. Listeners that share an address (SO_REUSEPORT) have the same count.
 */
export function* countConnections(table: SocketTable, at: number): Generator<void, Connections> {
  /** By port: the places of those bound to one address, and of those bound to all. */
  type Ports = Map<number, Map<string, number>>;
  const byNetns = new Map<number, Ports>();
  let netns = -1;
  let byPort: Ports = new Map();
  /** The rows of a network namespace come one after the other. */
  const portsBeside = (row: number): Ports => {
    if (table.netns[row] !== netns) {
      netns = table.netns[row] as number;
      byPort = byNetns.get(netns) ?? new Map();
      byNetns.set(netns, byPort);
    }
    return byPort;
  };
  const places: { row: number; place: number }[] = [];
  const counts: number[] = [];
  for (let row = 0; row < table.length; row++) {
    if (!table.isListener(row) || table.familyOf(row) === 'unix') continue;
    const port = table.localPort[row] as number;
    const addresses = portsBeside(row).get(port) ?? new Map<string, number>();
    byPort.set(port, addresses);
    const key = addressKey(table, row);
    const place = addresses.get(key) ?? counts.push(0) - 1;
    addresses.set(key, place);
    places.push({ row, place });
  }
  for (let row = 0; row < table.length; row++) {
    if ((row & 8191) === 8191) yield;
    if (!table.isEstablished(row)) continue;
    const addresses = portsBeside(row).get(table.localPort[row] as number);
    if (!addresses) continue;
    const place = addresses.get(addressKey(table, row)) ?? addresses.get(everyAddress(table, row));
    if (place !== undefined) counts[place] = (counts[place] as number) + 1;
  }
  const counted = places.map(
    ({ row, place }) => [table.identity[row] as number, counts[place] as number] as const,
  );
  return new Connections(at, new Map(counted));
}

/** An IPv4 client of an IPv6 listener is an IPv6 socket with a mapped address: none of an IPv4 listener's. */
function addressKey(table: SocketTable, row: number): string {
  const address = table.localAddress;
  const at = row * 4;
  if (table.family[row] === IPV4) return address[at] === 0 ? '0.0.0.0' : `4 ${address[at]}`;
  const words = [address[at], address[at + 1], address[at + 2], address[at + 3]];
  if (words.every((word) => word === 0)) return '::';
  return `6 ${words.join(' ')}`;
}

function everyAddress(table: SocketTable, row: number): string {
  return table.family[row] === IPV4 ? '0.0.0.0' : '::';
}
