import type { Endpoint, Socket } from '../../src/sockets/socket.ts';
import { bytesOf } from '../sockets/fixture.ts';

type Fact = number | string | null;

/** What each column is sorted by, the weightiest first, of the object that a person sees. */
const FACTS: Record<string, (socket: Socket) => readonly Fact[]> = {
  port: ({ local }) => [local?.port ?? null],
  rservice: ({ remote }) => [remote?.service ?? null],
  service: ({ local }) => [local?.service ?? null],
  proto: ({ protocol, family }) => [family === 'ipv6' ? `${protocol}6` : protocol],
  family: ({ family }) => [family],
  type: ({ type }) => [type],
  state: ({ state }) => [state],
  addr: ({ local, path }) => address(local, path),
  exposure: ({ exposure }) => [exposure],
  local: ({ local, path }) => [...address(local, path), local?.port ?? null],
  remote: ({ remote }) => [...address(remote, null), remote?.port ?? null],
  path: ({ path }) => [shown(path)],
  peer: ({ peer }) => [peer?.inode ?? null],
  device: ({ device }) => [device],
  host: ({ local, remote }) => [(remote ?? local)?.host ?? null],
  command: ({ owners }) => [owners[0]?.name?.toLowerCase() ?? null],
  pid: ({ owners }) => [owners[0]?.pid ?? null],
  pids: ({ owners }) => [owners[0]?.pid ?? null],
  fd: ({ owners }) => [owners[0]?.fd ?? null],
  user: ({ user, uid }) => [user ?? (uid === null ? null : String(uid))],
  uid: ({ uid }) => [uid],
  queue: ({ acceptQueue }) => [acceptQueue],
  conns: ({ connections }) => [connections],
  states: ({ connections }) => [connections],
  recvq: ({ recvQueue, acceptQueue }) => [recvQueue ?? acceptQueue],
  sendq: ({ sendQueue, backlog }) => [sendQueue ?? backlog],
  timer: ({ timer }) => [timer?.expiresInMs ?? null],
  inode: ({ inode }) => [inode || null],
  netns: ({ netns, netnsName }) => [netnsName, netns],
  cgroup: ({ cgroup }) => [cgroup],
  unit: ({ unit }) => [unit],
  container: ({ container }) => [container],
  within: ({ container, unit }) => [container ?? unit],
  args: ({ owners }) => [owners[0]?.command ?? null],
  started: ({ owners }) => [owners[0]?.startTime ? Date.parse(owners[0].startTime) : null],
};

const TIES = ['port', 'proto', 'addr', 'remote', 'inode'];

/** A NUL in an abstract name is shown as @. */
function shown(path: string | null): string | null {
  return path === null ? null : path.split('\0').join('@');
}

/** IPv4 before IPv6, each by its bytes; then the paths of unix sockets, which have no bytes. */
function address(end: Endpoint | null, path: string | null): Fact[] {
  const bytes = end ? bytesOf(end.address) : [];
  const padded = Array.from({ length: 16 }, (_, at) => bytes[at] ?? 0);
  if (end) return [bytes.length === 4 ? 0 : 1, ...padded, null];
  return path === null ? [null, ...padded, null] : [2, ...padded, shown(path)];
}

function compareFacts(one: readonly Fact[], other: readonly Fact[], descending: boolean): number {
  for (let at = 0; at < one.length; at++) {
    const [a, b] = [one[at] as Fact, other[at] as Fact];
    if (a === b) continue;
    if (a === null) return 1;
    if (b === null) return -1;
    return a < b !== descending ? -1 : 1;
  }
  return 0;
}

/** The order by one column alone: numbers by size, text by code units, what is not known last. */
export function oneColumn(key: string, descending: boolean): (a: Socket, b: Socket) => number {
  const facts = FACTS[key] as (socket: Socket) => readonly Fact[];
  return (a, b) => compareFacts(facts(a), facts(b), descending);
}

/** The order that sortRows makes, as a comparison of two: ties always the same way up. */
export function compareSockets(key: string, descending: boolean): (a: Socket, b: Socket) => number {
  const orders = [oneColumn(key, descending), ...TIES.map((tie) => oneColumn(tie, false))];
  return (a, b) => orders.reduce((found, order) => found || order(a, b), 0);
}
