/** One socket, as the kernel told it, with who holds it: the row of every table and the object of `--json`. */

export type Protocol = 'tcp' | 'udp' | 'udplite' | 'raw' | 'icmp' | 'unix';
export type Family = 'ipv4' | 'ipv6' | 'unix';

export type SocketType = 'stream' | 'dgram' | 'seqpacket' | 'raw';

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

/** As ss and netstat call them: `on` sends again what was not acknowledged, `persist` asks a full receiver for room. */
export type TimerKind = 'on' | 'keepalive' | 'timewait' | 'persist';

/** What TCP waits for, and how often it waited in vain. */
export type Timer = { kind: TimerKind; expiresInMs: number; retransmits: number };

/** The other end of a unix socket. */
export type Peer = {
  inode: number;
  /** null: it has none, or was not among the sockets that were read. */
  path: string | null;
};

/** lsof's letter for reading and writing: the kernel opens every socket so (net/socket.c, sock_alloc_file). */
export const SOCKET_MODE = 'u';

/** One descriptor of one process that leads to the socket. */
export type Owner = {
  pid: number;
  fd: number;
  mode: typeof SOCKET_MODE;
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
  /** null: not told. */
  type: SocketType | null;
  state: State;
  /** null for unix; raw: the port is the IP protocol. */
  local: Endpoint | null;
  /** null for a listener and an unconnected socket. */
  remote: Endpoint | null;
  /** Unix: its path, or @ and its abstract name; null where it has none. */
  path: string | null;
  /** Unix: null where it is not connected, or nobody tells. */
  peer: Peer | null;
  /** Unix: it may be no socket, but forged by the name of another: /proc/net/unix, which alone tells of it, escapes none. */
  doubtful: boolean;
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
  /** Bytes; null for a listener, and where nobody tells. */
  recvQueue: number | null;
  sendQueue: number | null;
  /** Connections waiting to be accepted, and how many may; a listener's alone. */
  acceptQueue: number | null;
  backlog: number | null;
  /** Connections that are up on a listener's port; null where nobody counted them. */
  connections: number | null;
  /** TCP: null where none runs, or they were not asked for. */
  timer: Timer | null;
  /** Where it was made, or else its first owner is; null where that is not known, or was not asked for. */
  cgroup: string | null;
  /** Of systemd. */
  unit: string | null;
  /** Its name, or its whole id. */
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
