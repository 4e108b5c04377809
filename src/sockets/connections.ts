import type { PortRange } from '../netlink/messages.ts';
import type { State } from './socket.ts';
import { CLOSE, FAMILIES, type SocketTable } from './socket-table.ts';
import type { Wanted } from './source.ts';

const IPV4 = FAMILIES.indexOf('ipv4');

/** How many connections are up on each listener, at one time. */
export class Connections {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly #counts: ReadonlyMap<number, number>;
  readonly #states: ReadonlyMap<number, ReadonlyMap<State, number>> | null;

  /** @param states by the listener's identity: how many are in each state, where that was asked for */
  constructor(
    at: number,
    counts: ReadonlyMap<number, number>,
    states: ReadonlyMap<number, ReadonlyMap<State, number>> | null = null,
  ) {
    this.at = at;
    this.#counts = counts;
    this.#states = states;
  }

  /** Whether more was counted than those that are up. */
  get tellsStates(): boolean {
    return this.#states !== null;
  }

  /** By the listener's identity; null: it came since. */
  of(identity: number): number | null {
    return this.#counts.get(identity) ?? null;
  }

  /** How many are in each state, by the listener's identity; null: nobody counted. */
  statesOf(identity: number): { state: State; count: number }[] | null {
    const states = this.#states?.get(identity);
    return states ? Array.from(states, ([state, count]) => ({ state, count })) : null;
  }

  equals(other: Connections | null): boolean {
    if (!other || other.tellsStates !== this.tellsStates || !isSame(other.#counts, this.#counts))
      return false;
    for (const [identity, states] of this.#states ?? []) {
      const others = other.#states?.get(identity);
      if (!others || !isSame(states, others)) return false;
    }
    return true;
  }
}

function isSame<Key>(a: ReadonlyMap<Key, number>, b: ReadonlyMap<Key, number>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, count] of a) if (b.get(key) !== count) return false;
  return true;
}

/** So many tests the kernel makes for each connection, instead of telling of all. */
const MOST_RANGES = 8;

/**
 * What has to be asked for to count the connections of a table's listeners: then the kernel does not go through what
 * listens or is bound, and does not tell of where a host is the client. The ports may be more than those of the
 * listeners.
 */
export function connectionsTo(
  listeners: SocketTable,
  { families, byState }: Pick<Wanted, 'families'> & { byState: boolean },
): Wanted {
  const ports = new Set<number>();
  for (let row = 0; row < listeners.length; row++) {
    if (isTcpListener(listeners, row)) ports.add(listeners.localPort[row] as number);
  }
  return {
    protocols: ['tcp'],
    families,
    scope: byState ? 'connected' : 'established',
    ports: fewRanges(ports, MOST_RANGES),
    end: 'local',
  };
}

/** So many ranges at most that have all of the ports, and of others as few as can be. */
function fewRanges(ports: Iterable<number>, most: number): PortRange[] {
  const sorted = Uint16Array.from(ports).sort();
  const gaps = Array.from(sorted.subarray(1), (port, at) => ({ at, width: port - (sorted[at] as number) }));
  const widest = gaps.sort((a, b) => b.width - a.width).slice(0, most - 1);
  const ends = [...widest.map(({ at }) => at).sort((a, b) => a - b), sorted.length - 1];
  return ends.flatMap((end, at) => {
    const from = sorted[at === 0 ? 0 : (ends[at - 1] as number) + 1];
    return from === undefined ? [] : [{ from, to: sorted[end] as number }];
  });
}

/**
 * Counts the connections of every listener. The kernel does not tell which listener a
 * connection came by: it is the one of its family that is bound to its local address and port, else the one
 * bound to every address. Listeners that share an address (SO_REUSEPORT) have the same count.
 * @param table has the connections; it may be that of the listeners
 * @param byState whether those that are not up (any more, or yet) are counted too, by their states
 */
export function* countConnections(
  listeners: SocketTable,
  table: SocketTable,
  at: number,
  byState = false,
): Generator<void, Connections> {
  /** By port: the places of those bound to one address, and of those bound to all. */
  type Ports = Map<number, Map<string, number>>;
  const byNetns = new Map<number, Ports>();
  let netns = -1;
  let byPort: Ports = new Map();
  /** The rows of a network namespace come one after the other. */
  const portsBeside = (of: SocketTable, row: number): Ports => {
    if (of.netns[row] !== netns) {
      netns = of.netns[row] as number;
      byPort = byNetns.get(netns) ?? new Map();
      byNetns.set(netns, byPort);
    }
    return byPort;
  };
  const places: { row: number; place: number }[] = [];
  const counts: number[] = [];
  const states: Map<State, number>[] = [];
  for (let row = 0; row < listeners.length; row++) {
    if (!isTcpListener(listeners, row)) continue;
    const port = listeners.localPort[row] as number;
    const addresses = portsBeside(listeners, row).get(port) ?? new Map<string, number>();
    byPort.set(port, addresses);
    const key = addressKey(listeners, row);
    const place = addresses.get(key) ?? counts.push(0) - 1;
    addresses.set(key, place);
    places.push({ row, place });
  }
  for (let row = 0; row < table.length; row++) {
    if ((row & 8191) === 8191) yield;
    const established = table.isEstablished(row);
    if (!established && !(byState && isConnection(table, row))) continue;
    const addresses = portsBeside(table, row).get(table.localPort[row] as number);
    if (!addresses) continue;
    const place = addresses.get(addressKey(table, row)) ?? addresses.get(everyAddress(table, row));
    if (place === undefined) continue;
    if (established) counts[place] = (counts[place] as number) + 1;
    if (!byState) continue;
    states[place] ??= new Map();
    const state = table.stateOf(row);
    states[place].set(state, (states[place].get(state) ?? 0) + 1);
  }
  const counted = places.map(
    ({ row, place }) => [listeners.identity[row] as number, counts[place] as number] as const,
  );
  if (!byState) return new Connections(at, new Map(counted));
  const countedStates = places.map(
    ({ row, place }) =>
      [listeners.identity[row] as number, states[place] ?? new Map<State, number>()] as const,
  );
  return new Connections(at, new Map(counted), new Map(countedStates));
}

function isTcpListener(table: SocketTable, row: number): boolean {
  return table.isListener(row) && table.protocolOf(row) === 'tcp';
}

/** A TCP socket with two ends, in whatever state; what is closed keeps its ends for a while, and is none any more. */
function isConnection(table: SocketTable, row: number): boolean {
  if (table.protocolOf(row) !== 'tcp' || table.isListener(row) || table.state[row] === CLOSE) return false;
  return table.remotePort[row] !== 0;
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
