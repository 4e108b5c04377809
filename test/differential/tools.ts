import { type Endpoint, pidsOf, type Socket } from '../../src/sockets/socket.ts';
import type { Difference } from './differences.ts';
import type { FuserProcess } from './fuser.ts';
import type { LsofFile } from './lsof.ts';
import { HEIR_NAME, HOSTILE_NAME } from './names.ts';
import type { NetstatSocket, NetstatUnixSocket } from './netstat.ts';
import type { SsSocket, SsUnixSocket } from './ss.ts';

/**
 * What each tool would say of one of our sockets if there were no difference but of words (`ESTAB`, `*`), and
 * the differences that there are.
 */

/** None of them is unix. */
type InternetSocket = Socket & { local: Endpoint };

function internet(socket: Socket): InternetSocket {
  if (!socket.local) throw new Error('a unix socket');
  return socket as InternetSocket;
}

/** An address, with its scope or else the device that the socket is bound to, and a port. */
function endText({ address, scope, port }: Endpoint, device: string | null = null): string {
  const zone = scope ?? device;
  return `${address}${zone === null ? '' : `%${zone}`} ${port}`;
}

type Ends = { local: string; remote: string | null };

/** The same row, with both ends written in another way. */
const withEnds =
  (write: (end: string) => string) =>
  <Row extends Ends>(row: Row): Row => {
    const [local, remote] = [write(row.local), row.remote && write(row.remote)];
    return local === row.local && remote === row.remote ? row : { ...row, local, remote };
  };
const withoutZone = withEnds((end) => end.replace(/%\S+/, ''));
const withoutMapping = withEnds((end) => end.replace(/^::ffff:/, ''));

function withoutBacklog<Row extends { state: string; sendQueue: number }>(row: Row): Row {
  return row.state === 'LISTEN' && row.sendQueue !== 0 ? { ...row, sendQueue: 0 } : row;
}

export function asSs(given: Socket): SsSocket[] {
  const socket = internet(given);
  const { protocol, family, state, local, device, remote, inode, uid, v6only, cookie } = socket;
  return [
    {
      protocol,
      family,
      state,
      local: { address: local.address, port: local.port, scope: local.scope ?? device },
      remote: remote && { address: remote.address, port: remote.port, scope: remote.scope },
      inode,
      uid: uid ?? Number.NaN,
      cookie,
      v6only,
      recvQ: (socket.acceptQueue ?? socket.recvQueue) as number,
      sendQ: (socket.backlog ?? socket.sendQueue) as number,
      owners: socket.owners.map(({ pid, fd, command }) => ({ pid, fd, command: command ?? '' })),
    },
  ];
}

const cutAtBracket = <Row extends { owners: SsSocket['owners'] }>(row: Row): Row => {
  if (!row.owners.some(({ command }) => command.includes(')'))) return row;
  return {
    ...row,
    owners: row.owners.map((owner) => ({ ...owner, command: owner.command.replace(/\).*$/, '') })),
  };
};

export const SS_DIFFERENCES: readonly Difference<SsSocket>[] = [
  {
    id: 'ss-bound',
    // Newer versions know the state, and ask for it.
    changed: (row, { said }) => (row.state === 'BOUND' && !said.includes('BOUND-INACTIVE') ? null : row),
  },
  { id: 'ss-uid', changed: (row) => (Number.isNaN(row.uid) ? { ...row, uid: 0 } : row) },
  { id: 'ss-command', changed: cutAtBracket },
  {
    id: 'ss-peer-scope',
    changed: (row) => (row.remote?.scope ? { ...row, remote: { ...row.remote, scope: null } } : row),
  },
  {
    id: 'ss-raw',
    changed: (row, { socket }) => {
      if (socket.protocol !== 'raw' || socket.cookie !== null) return row;
      return { ...row, inode: 0, uid: 0, v6only: null };
    },
  },
  { id: 'ss-ping', changed: (row) => (row.protocol === 'icmp' ? null : row) },
];

/** In an abstract name both tools have @ for a NUL. */
function unixPath({ path }: Socket): string | null {
  return path?.replaceAll('\0', '@') ?? null;
}

export function asSsUnix(socket: Socket): SsUnixSocket[] {
  const { type, state, inode, peer } = socket;
  return [
    {
      protocol: 'unix',
      type: type as SsUnixSocket['type'],
      state,
      path: unixPath(socket),
      inode,
      peer: peer?.inode ?? 0,
      recvQ: (socket.acceptQueue ?? socket.recvQueue) as number,
      sendQ: (socket.backlog ?? socket.sendQueue) as number,
      owners: socket.owners.map(({ pid, fd, command }) => ({ pid, fd, command: command ?? '' })),
    },
  ];
}

export const SS_UNIX_DIFFERENCES: readonly Difference<ReturnType<typeof asSsUnix>[number]>[] = [
  { id: 'ss-command', changed: cutAtBracket },
];

/** include/net/tcp_states.h; netstat has names for those of TCP alone. */
const RAW_STATES: Record<string, string> = { ESTABLISHED: '1', UNCONN: '7' };

/** A socket with several owners: all of them, as far as we are asked. */
function ownersText(socket: Socket): string | null {
  const pids = pidsOf(socket);
  const named = pids.map((pid) => `${pid}/${socket.owners.find((owner) => owner.pid === pid)?.name}`);
  return named.length === 0 ? null : named.join(' ');
}

export function asNetstat(given: Socket): NetstatSocket[] {
  const socket = internet(given);
  const { protocol, family, state, local, device, remote, inode, uid } = socket;
  return [
    {
      protocol: family === 'ipv6' ? `${protocol}6` : protocol,
      recvQueue: (socket.acceptQueue ?? socket.recvQueue) as number,
      sendQueue: (socket.backlog ?? socket.sendQueue) as number,
      local: endText(local, device),
      remote: remote && endText(remote),
      state: protocol === 'raw' ? (RAW_STATES[state] ?? state) : state === 'UNCONN' ? '' : state,
      uid: uid ?? Number.NaN,
      inode,
      owner: ownersText(socket),
    },
  ];
}

/** Of net-tools' netstat.c: PROGNAME_WIDTH, less the blank after it. */
const NETSTAT_OWNER_WIDTH = 19;

/** netstat's name is the first argument of the process: of the one with a name of its own, its program. */
function nameFromArguments<Row extends { owner: string | null }>(row: Row): Row {
  const owner = row.owner?.replace(HEIR_NAME, 'sh').slice(0, NETSTAT_OWNER_WIDTH) ?? null;
  return owner === row.owner ? row : { ...row, owner };
}

function firstOwner<Row extends { owner: string | null }>(row: Row, { socket }: { socket: Socket }): Row {
  const [first] = pidsOf(socket);
  const { owners } = socket;
  if (first === undefined || owners.every(({ pid }) => pid === first)) return row;
  return { ...row, owner: `${first}/${owners.find(({ pid }) => pid === first)?.name}` };
}

export const NETSTAT_DIFFERENCES: readonly Difference<NetstatSocket>[] = [
  { id: 'netstat-bound', changed: (row) => (row.state === 'BOUND' ? null : row) },
  { id: 'netstat-ping', changed: (row) => (row.protocol.startsWith('icmp') ? null : row) },
  { id: 'netstat-backlog', changed: withoutBacklog },
  { id: 'netstat-scope', changed: withoutZone },
  { id: 'netstat-mapped', changed: withoutMapping },
  { id: 'netstat-uid', changed: (row) => (Number.isNaN(row.uid) ? { ...row, uid: 0 } : row) },
  { id: 'netstat-one-owner', changed: firstOwner },
  { id: 'netstat-program', changed: nameFromArguments },
];

const NETSTAT_UNIX_STATES: Record<string, string> = {
  LISTEN: 'LISTENING',
  ESTABLISHED: 'CONNECTED',
  UNCONN: '',
};

export function asNetstatUnix(socket: Socket): NetstatUnixSocket[] {
  const { type, state, inode } = socket;
  return [
    {
      protocol: 'unix',
      type: (type ?? '').toUpperCase(),
      state: NETSTAT_UNIX_STATES[state] ?? state,
      inode,
      owner: ownersText(socket),
      path: unixPath(socket),
    },
  ];
}

export const NETSTAT_UNIX_DIFFERENCES: readonly Difference<ReturnType<typeof asNetstatUnix>[number]>[] = [
  {
    id: 'netstat-unix-listening',
    changed: (row, { letters }) => (letters.includes('l') && row.state !== 'LISTENING' ? null : row),
  },
  { id: 'netstat-unix-unaccepted', isMore: ({ state, inode }) => state === 'CONNECTING' && inode === 0 },
  {
    id: 'netstat-unix-path',
    changed: (row) => (row.path?.includes(' ') ? { ...row, path: row.path.replace(/ .*$/, '') } : row),
  },
  { id: 'netstat-one-owner', changed: firstOwner },
  { id: 'netstat-program', changed: nameFromArguments },
];

/** A row for each descriptor; of what nobody holds, one with pid 0. */
export function asLsof(given: Socket): LsofFile[] {
  const socket = internet(given);
  const { protocol, family, state, local, device, remote, inode, uid } = socket;
  const nobody = { pid: 0, fd: 0, mode: '', command: '' };
  const owners = socket.owners.length === 0 ? [nobody] : socket.owners;
  const unspecified = local.address === '0.0.0.0' || local.address === '::';
  return owners.map(({ pid, fd, mode, command }) => ({
    pid,
    command: command ?? '',
    uid: uid ?? Number.NaN,
    fd,
    access: mode,
    type: family === 'ipv6' ? 'IPv6' : 'IPv4',
    inode,
    protocol: protocol.toUpperCase(),
    local: endText(unspecified ? { ...local, address: '*' } : local, device),
    remote: remote && endText(remote),
    state: state === 'UNCONN' || protocol === 'udp' ? '' : state,
    recvQueue: (socket.acceptQueue ?? socket.recvQueue) as number,
    sendQueue: (socket.backlog ?? socket.sendQueue) as number,
  }));
}

export const LSOF_DIFFERENCES: readonly Difference<LsofFile>[] = [
  { id: 'lsof-no-owner', changed: (row) => (row.pid === 0 ? null : row) },
  {
    id: 'lsof-mapped-family',
    changed: (row, { letters }) =>
      /^-i ?6\S*[:@]/.test(letters) && row.local.startsWith('::ffff:') ? null : row,
  },
  { id: 'lsof-bound', changed: (row) => (row.state === 'BOUND' ? null : row) },
  {
    id: 'lsof-user',
    changed: (row, { zoo }) => {
      const uid = row.pid === zoo.pids.heir ? zoo.heirUid : 0;
      return row.uid === uid ? row : { ...row, uid };
    },
  },
  { id: 'lsof-backlog', changed: withoutBacklog },
  { id: 'lsof-scope', changed: withoutZone },
  { id: 'lsof-mapped', changed: withoutMapping },
  {
    id: 'lsof-command',
    changed: (row) => (row.command === HOSTILE_NAME ? { ...row, command: HOSTILE_NAME.slice(0, -1) } : row),
  },
];

export function asFuser(socket: Socket): FuserProcess[] {
  return pidsOf(socket).map((pid) => ({
    pid,
    user: socket.user ?? '',
    command: socket.owners.find((owner) => owner.pid === pid)?.command ?? '',
  }));
}

export const FUSER_DIFFERENCES: readonly Difference<FuserProcess>[] = [
  {
    id: 'fuser-local-end',
    changed: (row, { socket, letters }) => (letters.endsWith(` ${socket.local?.port}`) ? row : null),
  },
  {
    id: 'fuser-user',
    changed: (row, { zoo }) => {
      const user = row.pid === zoo.pids.heir && zoo.heirUid !== 0 ? 'nobody' : 'root';
      return row.user === user ? row : { ...row, user };
    },
  },
  {
    id: 'fuser-command',
    changed: (row) => {
      const command = row.command.replace(/\).*$/, '');
      return command === row.command ? row : { ...row, command };
    },
  },
];
