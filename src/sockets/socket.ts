/** One socket, as the kernel told it, with who holds it: the row of every table and the object of `--json`. */

export type Protocol = 'tcp' | 'udp' | 'udplite' | 'raw' | 'icmp' | 'unix';
export type Family = 'ipv4' | 'ipv6' | 'unix';

export type State =
  | 'LISTEN'
  | 'ESTABLISHED'
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'FIN_WAIT1'
  | 'FIN_WAIT2'
  | 'TIME_WAIT'
  | 'CLOSE'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'CLOSING'
  /** Bound, neither listening nor connected. */
  | 'BOUND'
  /** What is not TCP, and not connected. */
  | 'UNCONN';

export type Endpoint = {
  /** Canonical text: `127.0.0.1`, `::1` (RFC 5952). */
  address: string;
  port: number;
  service: string | null;
  /** The interface of a link-local address. */
  scope: string | null;
  /** What DNS calls the address; null where it was not asked, or has no name for it. */
  host: string | null;
};

/** One descriptor of one process that leads to the socket. */
export type Owner = {
  pid: number;
  fd: number;
  /** Always `u` (read and write): the kernel opens every socket so, net/socket.c sock_alloc_file(). */
  mode: 'u';
  /** comm; null when the process ended before it could be read. */
  command: string | null;
  /** What a person calls it: comm, or, where that says nothing (Node's `MainThread`), the program's name. */
  name: string | null;
  /** ISO 8601, UTC. */
  startTime: string | null;
};

/**
 * Why a socket has no owner:
 * `time-wait`, `unaccepted` (no inode yet) and `orphaned` (no inode any more) are the kernel's alone;
 * `permission`: some process's descriptors could not be read; `no-process`: all were read and nobody has
 * it (the kernel itself, or a process in a pid namespace that is not visible here);
 * `gone`: it closed while the owners were looked for.
 */
export type OwnerUnknown = 'time-wait' | 'unaccepted' | 'orphaned' | 'permission' | 'no-process' | 'gone';

/** What a bind address can be reached from. */
export type Exposure = 'loopback' | 'link-local' | 'private' | 'public' | 'all';

export type Socket = {
  protocol: Protocol;
  family: Family;
  state: State;
  /** null for unix; raw: the port is the IP protocol. */
  local: Endpoint | null;
  /** null for a listener and an unconnected socket. */
  remote: Endpoint | null;
  /** Unix: its path, or @ and its abstract name; null where it has none. */
  path: string | null;
  v6only: boolean | null;
  device: string | null;
  exposure: Exposure | null;
  /** 0: no inode (yet, or any more). */
  inode: number;
  cookie: string | null;
  /** The inode of its network namespace, and what `ip netns` calls that. */
  netns: number | null;
  netnsName: string | null;
  /** null where the kernel says 0 only for want of an owner (TIME_WAIT, orphans). */
  uid: number | null;
  user: string | null;
  /** Bytes; null for a listener. */
  recvQueue: number | null;
  sendQueue: number | null;
  /** Connections waiting to be accepted, and how many may; a listener's alone. */
  acceptQueue: number | null;
  backlog: number | null;
  /** Connections that are up on a listener's port; null where nobody counted them. */
  connections: number | null;
  unit: string | null;
  container: string | null;
  /** Every owner, by pid, then fd. */
  owners: Owner[];
  ownerUnknown: OwnerUnknown | null;
};

/** The processes that hold a socket, each once, by pid. */
export function pidsOf(socket: Socket): number[] {
  const { owners } = socket;
  return owners.flatMap(({ pid }, index) => (pid === owners[index - 1]?.pid ? [] : [pid]));
}
