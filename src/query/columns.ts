import ipaddr from 'ipaddr.js';
import type { Endpoint, OwnerUnknown, Socket } from '../sockets/socket.ts';
import { join, type SafeText, safe, text } from '../text/safe.ts';
import { ago } from '../text/units.ts';
import type { Align } from '../text/width.ts';

/** What a cell means, for a theme to show: nothing is coloured for its own sake. */
export type Tone = 'plain' | 'strong' | 'accent' | 'quiet' | 'warning' | 'danger';

export type Value = string | number | null;

/** A column as data: one set for the screen, the table, CSV, sorting and the filter. */
export type Column = {
  /** Its name for --sort, --columns and the filter. */
  key: string;
  title: SafeText;
  align: Align;
  /** Cells that it may grow to; what is longer is cut on the screen. */
  maxWidth: number;
  /** Cells that it keeps before whole columns go. */
  minWidth: number;
  /** Where room is short, the highest goes first; 0 always stays. */
  sacrifice: number;
  /** The bare fact, for CSV; null where there is none. */
  value(socket: Socket): Value;
  /** The fact for a person; `now` in ms since the epoch. */
  text(socket: Socket, now: number): SafeText;
  tone(socket: Socket): Tone;
  /** What to sort by: null where there is nothing, which comes last either way up. */
  rank(socket: Socket): Value;
};

const DASH = text`–`;

type Definition = Pick<Column, 'key' | 'title' | 'maxWidth' | 'sacrifice' | 'value'> &
  Partial<Pick<Column, 'align' | 'minWidth' | 'text' | 'tone' | 'rank'>>;

function column(definition: Definition): Column {
  const { value } = definition;
  return {
    align: 'left',
    minWidth: definition.maxWidth,
    text: (socket) => {
      const fact = value(socket);
      return fact === null ? DASH : typeof fact === 'number' ? text`${fact}` : safe(fact);
    },
    tone: (socket) => (value(socket) === null ? 'quiet' : 'plain'),
    rank: value,
    ...definition,
  };
}

/** Short words for a missing owner; `?` first where porttop could not find out. */
export const UNKNOWN_OWNER: Record<OwnerUnknown, SafeText> = {
  'time-wait': text`– closed, waiting`,
  unaccepted: text`– not yet accepted`,
  orphaned: text`– closed by its owner`,
  permission: text`? not allowed`,
  'no-process': text`? kernel or namespace`,
  gone: text`? closed meanwhile`,
};

function addressWithScope(end: Endpoint): string {
  return end.scope === null ? end.address : `${end.address}%${end.scope}`;
}

/** `127.0.0.1:80`, `[::1]:80`, `[fe80::1%eth0]:80`. */
export function endpoint(end: Endpoint): string {
  const address = addressWithScope(end);
  return end.address.includes(':') ? `[${address}]:${end.port}` : `${address}:${end.port}`;
}

const ranks = new Map<string, string>();

/** IPv4 before IPv6, each in the order of its bytes, and not of its digits. */
function addressRank(address: string): string {
  let rank = ranks.get(address);
  if (rank === undefined) {
    const bytes = ipaddr.parse(address).toByteArray();
    rank = (bytes.length === 4 ? '4' : '6') + bytes.map((byte) => String.fromCharCode(byte)).join('');
    if (ranks.size > 8192) ranks.clear();
    ranks.set(address, rank);
  }
  return rank;
}

function endpointRank(end: Endpoint): string {
  return addressRank(end.address) + String.fromCharCode(end.port);
}

/** The processes that hold a socket, each once, by pid. */
export function pidsOf(socket: Socket): number[] {
  return [...new Set(socket.owners.map(({ pid }) => pid))];
}

/** The names of the processes that hold a socket, each once, with how many of them there are. */
function ownerNames(socket: Socket): SafeText {
  if (socket.owners.length === 0) return socket.ownerUnknown ? UNKNOWN_OWNER[socket.ownerUnknown] : DASH;
  const counts = new Map<string | null, number>();
  let last = 0;
  for (const { name, pid } of socket.owners) {
    if (pid !== last) counts.set(name, (counts.get(name) ?? 0) + 1);
    last = pid;
  }
  return join(
    [...counts].map(([name, count]) => {
      const shown = name === null ? text`(ended)` : safe(name);
      return count === 1 ? shown : text`${shown} ×${count}`;
    }),
    text`, `,
  );
}

/** Reachable from other machines, as far as the address tells. */
function exposed(socket: Socket): Tone {
  return socket.exposure === 'all' || socket.exposure === 'public' ? 'warning' : 'plain';
}

/** Every column there is, by its key. */
export const COLUMNS = {
  port: column({
    key: 'port',
    title: text`PORT`,
    align: 'right',
    maxWidth: 5,
    sacrifice: 0,
    value: (socket) => socket.local.port,
    tone: () => 'strong',
  }),
  service: column({
    key: 'service',
    title: text`SERVICE`,
    maxWidth: 16,
    minWidth: 10,
    sacrifice: 2,
    value: (socket) => socket.local.service,
    tone: (socket) => (socket.local.service === null ? 'quiet' : 'accent'),
  }),
  proto: column({
    key: 'proto',
    title: text`PROTO`,
    maxWidth: 5,
    sacrifice: 0,
    value: (socket) => (socket.family === 'ipv6' ? `${socket.protocol}6` : socket.protocol),
  }),
  state: column({
    key: 'state',
    title: text`STATE`,
    maxWidth: 11,
    sacrifice: 1,
    value: (socket) => socket.state,
    // CLOSE_WAIT waits for the program here to close: many of them are a leak.
    tone: ({ state }) => (state === 'CLOSE_WAIT' ? 'warning' : state === 'ESTABLISHED' ? 'plain' : 'quiet'),
  }),
  addr: column({
    key: 'addr',
    title: text`ADDRESS`,
    maxWidth: 39,
    minWidth: 15,
    sacrifice: 0,
    value: (socket) => addressWithScope(socket.local),
    rank: (socket) => addressRank(socket.local.address),
    tone: exposed,
  }),
  exposure: column({
    key: 'exposure',
    title: text`REACH`,
    maxWidth: 10,
    sacrifice: 6,
    value: (socket) => socket.exposure,
    tone: (socket) => (socket.exposure === null ? 'quiet' : exposed(socket)),
  }),
  local: column({
    key: 'local',
    title: text`LOCAL`,
    maxWidth: 47,
    minWidth: 21,
    sacrifice: 0,
    value: (socket) => endpoint(socket.local),
    rank: (socket) => endpointRank(socket.local),
  }),
  remote: column({
    key: 'remote',
    title: text`REMOTE`,
    maxWidth: 47,
    minWidth: 21,
    sacrifice: 0,
    value: (socket) => socket.remote && endpoint(socket.remote),
    rank: (socket) => socket.remote && endpointRank(socket.remote),
  }),
  command: column({
    key: 'command',
    title: text`OWNER`,
    maxWidth: 27,
    minWidth: 15,
    sacrifice: 0,
    value: (socket) => socket.owners[0]?.command ?? null,
    rank: (socket) => socket.owners[0]?.name?.toLowerCase() ?? null,
    text: ownerNames,
    tone: (socket) => (socket.owners.length > 0 ? 'plain' : 'quiet'),
  }),
  // The first by number: of a server that forks, the parent as a rule.
  pid: column({
    key: 'pid',
    title: text`PID`,
    align: 'right',
    maxWidth: 10,
    sacrifice: 0,
    value: (socket) => socket.owners[0]?.pid ?? null,
  }),
  pids: column({
    key: 'pids',
    title: text`PID`,
    maxWidth: 40,
    minWidth: 10,
    sacrifice: 0,
    value: (socket) => (socket.owners.length === 0 ? null : pidsOf(socket).join(',')),
    rank: (socket) => socket.owners[0]?.pid ?? null,
  }),
  user: column({
    key: 'user',
    title: text`USER`,
    maxWidth: 16,
    minWidth: 8,
    sacrifice: 3,
    value: (socket) => socket.user ?? (socket.uid === null ? null : String(socket.uid)),
  }),
  uid: column({
    key: 'uid',
    title: text`UID`,
    align: 'right',
    maxWidth: 10,
    sacrifice: 3,
    value: (socket) => socket.uid,
  }),
  queue: column({
    key: 'queue',
    title: text`QUEUE`,
    align: 'right',
    maxWidth: 9,
    sacrifice: 5,
    value: (socket) => socket.acceptQueue,
    text: ({ acceptQueue, backlog }) => {
      if (acceptQueue === null) return DASH;
      return backlog === null ? text`${acceptQueue}` : text`${acceptQueue}/${backlog}`;
    },
    tone: (socket) => (socket.acceptQueue ? 'warning' : 'quiet'),
  }),
  // As netstat and ss: of a listener, the connections that wait to be accepted.
  recvq: column({
    key: 'recvq',
    title: text`RECV-Q`,
    align: 'right',
    maxWidth: 9,
    sacrifice: 5,
    value: (socket) => socket.recvQueue ?? socket.acceptQueue,
    tone: (socket) => (socket.recvQueue ? 'warning' : 'quiet'),
  }),
  sendq: column({
    key: 'sendq',
    title: text`SEND-Q`,
    align: 'right',
    maxWidth: 9,
    sacrifice: 5,
    value: (socket) => socket.sendQueue ?? socket.backlog,
    tone: (socket) => (socket.sendQueue ? 'warning' : 'quiet'),
  }),
  inode: column({
    key: 'inode',
    title: text`INODE`,
    align: 'right',
    maxWidth: 10,
    sacrifice: 7,
    value: (socket) => socket.inode || null,
    tone: () => 'quiet',
  }),
  // Of the first owner: the kernel does not tell when a socket was opened.
  started: column({
    key: 'started',
    title: text`UP`,
    align: 'right',
    maxWidth: 5,
    sacrifice: 4,
    value: (socket) => socket.owners[0]?.startTime ?? null,
    text: (socket, now) => {
      const since = socket.owners[0]?.startTime;
      return since ? ago(now - Date.parse(since)) : DASH;
    },
    tone: () => 'quiet',
  }),
} as const satisfies Record<string, Column>;

/** The same columns with numbers alone: no names of services, users as uids. */
export function numericColumns(columns: readonly Column[]): readonly Column[] {
  return columns
    .filter((column) => column !== COLUMNS.service)
    .map((column) => (column === COLUMNS.user ? COLUMNS.uid : column));
}
