import type { Family, Owner, Protocol, State } from '../../src/sockets/socket.ts';

export type SsEndpoint = { address: string; port: number; scope: string | null };

export type SsSocket = {
  protocol: Protocol;
  family: Family;
  state: State | 'BOUND';
  local: SsEndpoint;
  remote: SsEndpoint | null;
  inode: number;
  uid: number;
  /** As the kernel counts them; null: ss is silent. */
  cookie: string | null;
  /** null: it does not apply to IPv4, and ss is silent. */
  v6only: boolean | null;
  /** Of a listener: connections in its accept queue. */
  recvQ: number;
  /** Of a listener: its backlog. */
  sendQ: number;
  /** By pid, then fd. */
  owners: SsOwner[];
};

export type SsUnixSocket = {
  protocol: 'unix';
  type: 'stream' | 'dgram' | 'seqpacket';
  state: State | 'BOUND';
  path: string | null;
  inode: number;
  /** The inode of the other end; 0: none. */
  peer: number;
  recvQ: number;
  sendQ: number;
  owners: SsOwner[];
};

/** ss cuts the name at a `)`. */
export type SsOwner = Pick<Owner, 'pid' | 'fd'> & { command: string };

/** No header, one line a socket, numeric, with processes and details; which sockets is said by further letters. */
export const SS_DETAILS = ['-HOnpe'];

/** The same of TCP and UDP, all. */
export const SS_ARGUMENTS = [...SS_DETAILS, '-tua'];

/** ss's names (misc/ss.c, sstate_name) that are not simply the kernel's with a hyphen. */
const STATES: Record<string, SsSocket['state']> = {
  ESTAB: 'ESTABLISHED',
  UNCONN: 'UNCONN',
  LISTEN: 'LISTEN',
  'SYN-SENT': 'SYN_SENT',
  'SYN-RECV': 'SYN_RECV',
  'FIN-WAIT-1': 'FIN_WAIT1',
  'FIN-WAIT-2': 'FIN_WAIT2',
  'TIME-WAIT': 'TIME_WAIT',
  'CLOSE-WAIT': 'CLOSE_WAIT',
  'LAST-ACK': 'LAST_ACK',
  CLOSING: 'CLOSING',
  'BOUND-INACTIVE': 'BOUND',
};

/** Where only one protocol is asked for, ss does not name it. */
const ROW = /^(?:(tcp|udp|raw) +)?([A-Z][A-Z12-]+) +(\d+) +(\d+) +(\S+):(\S+) +(\S+):(\S+)(?: +|$)/;
const UNIX_ROW = /^u_(str|dgr|seq) +([A-Z-]+) +(\d+) +(\d+) +(.+) (\d+) +\* (\d+)(?: +|$)/;
const UNIX_TYPES = { str: 'stream', dgr: 'dgram', seq: 'seqpacket' } as const;

/** The internet sockets of `ss -HOnpe` and letters that choose them; `only`: the protocol, where that is one. */
export function parseSs(output: string, only?: Protocol): SsSocket[] {
  return linesOf(output, ROW).map((row) => parseRow(row, only));
}

/** The sockets of `ss -HOxnpe`. */
export function parseSsUnix(output: string): SsUnixSocket[] {
  return linesOf(output, UNIX_ROW).map((row) => {
    const match = UNIX_ROW.exec(row);
    if (!match) throw new Error(`not a row of ss -x: ${JSON.stringify(row)}`);
    const [whole, type, stateName, recvQ, sendQ, path, inode, peer] = match;
    return {
      protocol: 'unix',
      type: UNIX_TYPES[type as keyof typeof UNIX_TYPES],
      state: stateOf(stateName as string, row),
      path: path === '*' ? null : (path as string),
      inode: Number(inode),
      peer: Number(peer),
      recvQ: Number(recvQ),
      sendQ: Number(sendQ),
      owners: takeOwners(row.slice(whole.length)).owners,
    };
  });
}

/** ss prints a name as it is: a line break in one leaves a line that has not the shape of a row. */
function linesOf(output: string, shape: RegExp): string[] {
  const rows: string[] = [];
  for (const line of output.trimEnd().split('\n')) {
    const previous = shape.test(line) ? undefined : rows.pop();
    rows.push(previous === undefined ? line : `${previous}\n${line}`);
  }
  return rows.filter((row) => row !== '');
}

function stateOf(name: string, row: string): SsSocket['state'] {
  const state = STATES[name];
  if (!state) throw new Error(`unknown state ${name} in ${JSON.stringify(row)}`);
  return state;
}

function parseRow(row: string, only: Protocol | undefined): SsSocket {
  const match = ROW.exec(row);
  if (!match) throw new Error(`not a row of ss: ${JSON.stringify(row)}`);
  const [
    whole,
    protocol = only,
    stateName = '',
    recvQ,
    sendQ,
    localHost = '',
    localPort,
    remoteHost = '',
    remotePort,
  ] = match;
  if (protocol === undefined) throw new Error(`of no protocol: ${JSON.stringify(row)}`);
  const state = stateOf(stateName, row);
  const { owners, rest } = takeOwners(row.slice(whole.length));
  const local = endpoint(localHost, localPort);
  const family = local.address.includes(':') ? 'ipv6' : 'ipv4';
  const v6only = /(?:^|\s)v6only:([01])/.exec(rest)?.[1];
  return {
    protocol: protocol as Protocol,
    family,
    state,
    local,
    remote: remotePort === '*' && NOWHERE.test(remoteHost) ? null : endpoint(remoteHost, remotePort),
    inode: numberAfter('ino:', rest),
    uid: numberAfter('uid:', rest),
    cookie: cookieIn(rest),
    v6only: v6only === undefined ? null : v6only === '1',
    recvQ: Number(recvQ),
    sendQ: Number(sendQ),
    owners,
  };
}

/** `127.0.0.1`, `[::1]`, `0.0.0.0%lo`, `[fe80::1]%d0`, and `*` for `::` that takes IPv4 too. */
function endpoint(host: string, port: string | undefined): SsEndpoint {
  const [, bracketed, plain = '', scope] = /^(?:\[([^\]]*)\]|([^%]*))(?:%(.+))?$/.exec(host) ?? [];
  const address = bracketed ?? plain;
  return {
    address: address === '*' ? '::' : address,
    port: port === '*' ? 0 : Number(port),
    scope: scope ?? null,
  };
}

const NOWHERE = /^(\*|0\.0\.0\.0|\[::\])$/;

/** 64 bits in hex. */
function cookieIn(rest: string): string | null {
  const digits = /(?:^|\s)sk:([0-9a-f]+)/.exec(rest)?.[1];
  return digits === undefined ? null : BigInt(`0x${digits}`).toString();
}

/** 0 is not printed. */
function numberAfter(label: string, text: string): number {
  return Number(new RegExp(`(?:^|\\s)${label}(\\d+)`).exec(text)?.[1] ?? 0);
}

/**
 * A name may hold quotes and brackets, but no more than 15 bytes: too few for the end of one owner and the
 * beginning of another, so only one reading fits.
 */
const OWNER = /\("(.{0,15}?)",pid=(\d+),fd=(\d+)\)(?=,\("|\)(?:\s|$))/sy;
const OWNERS_BEGIN = 'users:(';

function takeOwners(details: string): { owners: SsOwner[]; rest: string } {
  if (!details.startsWith(OWNERS_BEGIN)) return { owners: [], rest: details };
  const owners: SsOwner[] = [];
  let at = OWNERS_BEGIN.length;
  do {
    OWNER.lastIndex = at;
    const match = OWNER.exec(details);
    if (!match) throw new Error(`unreadable owners: ${JSON.stringify(details)}`);
    owners.push({ pid: Number(match[2]), fd: Number(match[3]), command: match[1] ?? '' });
    at = OWNER.lastIndex;
  } while (details[at++] === ',');
  owners.sort((a, b) => a.pid - b.pid || a.fd - b.fd);
  return { owners, rest: details.slice(at) };
}
