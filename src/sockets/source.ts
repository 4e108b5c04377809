import { ALL_STATES, BOUND, type PortRange, type SocketDetails } from '../netlink/messages.ts';
import type { Family, Protocol } from './socket.ts';
import { CLOSE, ESTABLISHED, LISTEN, type SocketTable, type SourceName } from './socket-table.ts';

/** Which sockets are asked for. */
export type Wanted = {
  protocols: readonly Protocol[];
  families: readonly Family[];
  /**
   * `listening`: of TCP and unix the listeners alone, which costs a fraction; of the others, all. `established`: of
   * TCP the connections that are up; `connected`: those in whatever state.
   */
  scope: 'listening' | 'established' | 'connected' | 'all';
  /** Only sockets with one of these ports; null: any. */
  ports: readonly PortRange[] | null;
  /** At which end the port is; either, where it is not said. */
  end?: 'local';
  /** Also TCP's timers, which no two looks find the same. */
  timers?: boolean;
  /** Also the cgroups, units and containers of sockets that become objects, which takes files to be read. */
  cgroups?: boolean;
};

/** Whether all that `b` asks for is in what `a` did. */
export function covers(a: Wanted, b: Wanted): boolean {
  const ports = ({ ports, end }: Wanted) =>
    ports && `${end} ${ports.map(({ from, to }) => `${from}-${to}`).join()}`;
  return (
    (a.scope === 'all' || a.scope === b.scope) &&
    (a.ports === null || ports(a) === ports(b)) &&
    (a.timers || !b.timers) &&
    (a.cgroups || !b.cgroups) &&
    b.protocols.every((protocol) => a.protocols.includes(protocol)) &&
    b.families.every((family) => a.families.includes(family))
  );
}

export function asksTheSame(a: Wanted, b: Wanted): boolean {
  return covers(a, b) && covers(b, a);
}

const STATES: Record<Wanted['scope'], number> = {
  listening: 1 << LISTEN,
  established: 1 << ESTABLISHED,
  connected: ALL_STATES & ~((1 << LISTEN) | (1 << CLOSE) | (1 << BOUND)),
  all: ALL_STATES,
};

/** The states that are wanted of a protocol's sockets, a bit for each: only TCP has more than connected or not. */
export function statesOf(protocol: Protocol, { scope }: Wanted): number {
  return protocol === 'tcp' ? STATES[scope] : ALL_STATES;
}

/**
 * Where the table of sockets comes from. `read` is a generator so that its caller decides: run at once
 * (one-shot), or in slices between which keys are heard.
 */
export interface SocketSource {
  /** The sockets, sealed. Throws a ProcError when nothing at all could be read. */
  read(wanted: Wanted): Generator<void, SocketTable>;
  /** What is too dear to be read of every socket; null: it is gone, or nobody tells. */
  inspect(table: SocketTable, row: number): SocketDetails | null;
}

/** One way to read the sockets of one protocol. */
export interface ProtocolReader {
  readonly name: SourceName;
  /** Adds the rows to the table. Throws, when it cannot, an error of its own; some rows may be there then. */
  read(protocol: Protocol, wanted: Wanted, table: SocketTable): Generator<void, void>;
}

/** Which ports are wanted, to be looked up row by row. */
export class PortSet {
  readonly #ports = new Uint8Array(65_536);
  readonly #localOnly: boolean;

  constructor(ranges: readonly PortRange[], end?: 'local') {
    this.#localOnly = end === 'local';
    for (const { from, to } of ranges) this.#ports.fill(1, from, to + 1);
  }

  /** Whether the end of a row that counts has one of them. */
  has(row: { localPort: number; remotePort: number }): boolean {
    return this.#ports[row.localPort] === 1 || (!this.#localOnly && this.#ports[row.remotePort] === 1);
  }
}
