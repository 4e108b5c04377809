import { exposureOf, isLinkLocal } from '../sockets/address.ts';
import type { RowFacts } from '../sockets/snapshot.ts';
import { type Endpoint, type OwnerUnknown, pidsOf, type Socket } from '../sockets/socket.ts';
import { PROTOCOLS } from '../sockets/socket-table.ts';
import { type SafeText, safe, text } from '../text/safe.ts';
import { ago } from '../text/units.ts';
import type { Align } from '../text/width.ts';
import { QueryError } from './query-error.ts';

/** What a cell means, for a theme to show: nothing is coloured for its own sake. */
export type Tone = 'plain' | 'strong' | 'accent' | 'quiet' | 'warning' | 'danger';

export type Value = string | number | null;

/** A fact of a row, straight from the table's columns. A number is whole, from 0 to 2^32 - 1. */
export type Key = (rows: RowFacts, row: number) => Value;

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
  /** What to sort by, the weightiest first: null where there is nothing, which comes last either way up. */
  order: readonly Key[];
  /** The text that a filter looks in: what is shown, in full, before it is made safe. A number is its digits. */
  find(rows: RowFacts, row: number, now: number): Value;
};

const DASH = text`–`;

type Definition = Pick<Column, 'key' | 'title' | 'maxWidth' | 'sacrifice' | 'value'> &
  Partial<Pick<Column, 'align' | 'minWidth' | 'text' | 'tone'>> &
  ({ order: Key; find?: Column['find'] } | { order: readonly Key[]; find: Column['find'] });

function column(definition: Definition): Column {
  const { value, order } = definition;
  const keys = typeof order === 'function' ? [order] : order;
  return {
    align: 'left',
    minWidth: definition.maxWidth,
    text: (socket) => {
      const fact = value(socket);
      return fact === null ? DASH : typeof fact === 'number' ? text`${fact}` : safe(fact);
    },
    tone: (socket) => (value(socket) === null ? 'quiet' : 'plain'),
    find: (rows, row) => keys[0]?.(rows, row) ?? null,
    ...definition,
    order: keys,
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

/** The columns of a table that hold an end of its sockets. */
type End = 'local' | 'remote';

/** IPv4 before IPv6, each in the order of its bytes, and not of its digits; then the paths of unix sockets. */
function addressOrder(end: End): Key[] {
  const column = `${end}Address` as const;
  const word =
    (at: number): Key =>
    ({ table }, row) =>
      bigEndian(table[column][row * 4 + at] as number);
  const path: Key = ({ table }, row) => table.paths.get(row) ?? null;
  const family: Key = (rows, row) =>
    isUnix(rows, row) && path(rows, row) === null ? null : (rows.table.family[row] as number);
  return [family, word(0), word(1), word(2), word(3), path];
}

const words = new Uint32Array(1);
const bytes = new DataView(words.buffer);

/** The number that a word's bytes are, in the order of the network. */
function bigEndian(word: number): number {
  words[0] = word;
  return bytes.getUint32(0, false);
}

/** A unix socket has none. */
const portOrder =
  (end: End): Key =>
  (rows, row) =>
    isUnix(rows, row) ? null : (rows.table[`${end}Port`][row] as number);

/** null where there is no other end. */
function ifConnected(key: Key): Key {
  return (rows, row) => (isConnected(rows, row) ? key(rows, row) : null);
}

/** Whether it has another end that has an address. */
export function isConnected({ table }: RowFacts, row: number): boolean {
  if (table.remotePort[row] !== 0) return true;
  const at = row * 4;
  const { remoteAddress: address } = table;
  return address[at] !== 0 || address[at + 1] !== 0 || address[at + 2] !== 0 || address[at + 3] !== 0;
}

/** The text of {@link endpoint}, without the object where there is no scope to it. */
function endpointOf(rows: RowFacts, row: number, end: End): string | null {
  const { table } = rows;
  if (isUnix(rows, row)) return end === 'local' ? (table.paths.get(row) ?? null) : null;
  const address = end === 'local' ? table.localAddressOf(row) : table.remoteAddressOf(row);
  if (isLinkLocal(address)) {
    const scoped = rows.socket(row)[end];
    return scoped && endpoint(scoped);
  }
  const port = table[`${end}Port`][row];
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

const PROTOCOL_NAMES: readonly [string, string][] = PROTOCOLS.map((protocol) => [protocol, `${protocol}6`]);

export function isUnix({ table }: Pick<RowFacts, 'table'>, row: number): boolean {
  return table.protocol[row] === UNIX;
}

const UNIX = PROTOCOLS.indexOf('unix');

const netnsOrder = ({ table }: RowFacts, row: number): number | null => table.netns[row] || null;

function secondsOf(time: string | null): number | null {
  return time === null ? null : Math.floor(Date.parse(time) / 1000);
}

function millisecondsOf(time: string | null): number | null {
  return time === null ? null : Date.parse(time) % 1000;
}

/** What is shown of them, and what the kernel calls each. */
function ownerWords(rows: RowFacts, row: number): string | null {
  const processes = rows.processes(row);
  const shown = ownerNames(processes, rows.ownerUnknown(row));
  const commands = processes.flatMap(({ name, command }) =>
    command === null || command === name ? [] : [command],
  );
  return shown && [shown, ...commands].join(' ');
}

/** The names of the processes that hold a socket, each once, with how many of them there are; else why none. */
function ownerNames(
  owners: readonly { pid: number; name: string | null }[],
  unknown: OwnerUnknown | null,
): string | null {
  if (owners.length === 0) return unknown && UNKNOWN_OWNER[unknown];
  const [first] = owners;
  if (first && owners.length === 1) return first.name ?? '(ended)';
  const counts = new Map<string | null, number>();
  let last = 0;
  for (const { name, pid } of owners) {
    if (pid !== last) counts.set(name, (counts.get(name) ?? 0) + 1);
    last = pid;
  }
  return Array.from(counts, ([name, count]) => (name ?? '(ended)') + (count === 1 ? '' : ` ×${count}`)).join(
    ', ',
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
    value: (socket) => socket.local?.port ?? null,
    tone: () => 'strong',
    order: portOrder('local'),
  }),
  service: column({
    key: 'service',
    title: text`SERVICE`,
    maxWidth: 16,
    minWidth: 10,
    sacrifice: 2,
    value: (socket) => socket.local?.service ?? null,
    tone: (socket) => (socket.local?.service == null ? 'quiet' : 'accent'),
    order: (rows, row) => rows.service(row),
  }),
  proto: column({
    key: 'proto',
    title: text`PROTO`,
    maxWidth: 5,
    sacrifice: 0,
    value: (socket) => (socket.family === 'ipv6' ? `${socket.protocol}6` : socket.protocol),
    order: ({ table }, row) =>
      PROTOCOL_NAMES[table.protocol[row] as number]?.[table.family[row] === 1 ? 1 : 0] ?? null,
  }),
  state: column({
    key: 'state',
    title: text`STATE`,
    maxWidth: 11,
    sacrifice: 1,
    value: (socket) => socket.state,
    // CLOSE_WAIT waits for the program here to close: many of them are a leak.
    tone: ({ state }) => (state === 'CLOSE_WAIT' ? 'warning' : state === 'ESTABLISHED' ? 'plain' : 'quiet'),
    order: ({ table }, row) => table.stateOf(row),
  }),
  addr: column({
    key: 'addr',
    title: text`ADDRESS`,
    maxWidth: 39,
    minWidth: 15,
    sacrifice: 0,
    value: (socket) => (socket.local ? addressWithScope(socket.local) : socket.path),
    tone: exposed,
    order: addressOrder('local'),
    find: (rows, row) => endpointOf(rows, row, 'local'),
  }),
  exposure: column({
    key: 'exposure',
    title: text`REACH`,
    maxWidth: 10,
    sacrifice: 6,
    value: (socket) => socket.exposure,
    tone: (socket) => (socket.exposure === null ? 'quiet' : exposed(socket)),
    order: ({ table }, row) =>
      table.isOpen(row) && !isUnix({ table }, row) ? exposureOf(table.localAddressOf(row)) : null,
  }),
  local: column({
    key: 'local',
    title: text`LOCAL`,
    maxWidth: 47,
    minWidth: 21,
    sacrifice: 0,
    value: (socket) => (socket.local ? endpoint(socket.local) : socket.path),
    order: [...addressOrder('local'), portOrder('local')],
    find: (rows, row) => endpointOf(rows, row, 'local'),
  }),
  remote: column({
    key: 'remote',
    title: text`REMOTE`,
    maxWidth: 47,
    minWidth: 21,
    sacrifice: 0,
    value: (socket) => socket.remote && endpoint(socket.remote),
    order: [...addressOrder('remote'), portOrder('remote')].map(ifConnected),
    find: (rows, row) => (isConnected(rows, row) ? endpointOf(rows, row, 'remote') : null),
  }),
  command: column({
    key: 'command',
    title: text`OWNER`,
    maxWidth: 27,
    minWidth: 15,
    sacrifice: 0,
    value: (socket) => socket.owners[0]?.command ?? null,
    text: ({ owners, ownerUnknown }) => safe(ownerNames(owners, ownerUnknown) ?? DASH),
    tone: (socket) => (socket.owners.length > 0 ? 'plain' : 'quiet'),
    order: (rows, row) => rows.processes(row)[0]?.name?.toLowerCase() ?? null,
    find: ownerWords,
  }),
  // The first by number: of a server that forks, the parent as a rule.
  pid: column({
    key: 'pid',
    title: text`PID`,
    align: 'right',
    maxWidth: 10,
    sacrifice: 0,
    value: (socket) => socket.owners[0]?.pid ?? null,
    order: (rows, row) => rows.pid(row) || null,
  }),
  pids: column({
    key: 'pids',
    title: text`PID`,
    maxWidth: 40,
    minWidth: 10,
    sacrifice: 0,
    value: (socket) => (socket.owners.length === 0 ? null : pidsOf(socket).join(',')),
    order: (rows, row) => rows.pid(row) || null,
    find: (rows, row) =>
      rows
        .processes(row)
        .map(({ pid }) => pid)
        .join(',') || null,
  }),
  user: column({
    key: 'user',
    title: text`USER`,
    maxWidth: 16,
    minWidth: 8,
    sacrifice: 3,
    value: (socket) => socket.user ?? (socket.uid === null ? null : String(socket.uid)),
    order: (rows, row) => rows.user(row),
  }),
  uid: column({
    key: 'uid',
    title: text`UID`,
    align: 'right',
    maxWidth: 10,
    sacrifice: 3,
    value: (socket) => socket.uid,
    order: (rows, row) => rows.uid(row),
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
    order: (rows, row) => (rows.table.isListener(row) ? (rows.table.recvQueue[row] as number) : null),
    find: ({ table }, row) => {
      if (!table.isListener(row)) return null;
      const waiting = table.recvQueue[row] as number;
      return table.sourceOf(row) === 'sock_diag' ? `${waiting}/${table.sendQueue[row]}` : waiting;
    },
  }),
  // Counted at a slower rate than the rows: to count them, the kernel walks every connection.
  conns: column({
    key: 'conns',
    title: text`CONN`,
    align: 'right',
    maxWidth: 6,
    sacrifice: 5,
    value: (socket) => socket.connections,
    tone: (socket) => (socket.connections ? 'plain' : 'quiet'),
    order: (rows, row) => rows.connections(row),
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
    order: ({ table }, row) => table.recvQueue[row] as number,
  }),
  sendq: column({
    key: 'sendq',
    title: text`SEND-Q`,
    align: 'right',
    maxWidth: 9,
    sacrifice: 5,
    value: (socket) => socket.sendQueue ?? socket.backlog,
    tone: (socket) => (socket.sendQueue ? 'warning' : 'quiet'),
    order: (rows, row) => {
      const { table } = rows;
      return table.isListener(row) && table.sourceOf(row) === 'proc'
        ? null
        : (table.sendQueue[row] as number);
    },
  }),
  inode: column({
    key: 'inode',
    title: text`INODE`,
    align: 'right',
    maxWidth: 10,
    sacrifice: 7,
    value: (socket) => socket.inode || null,
    tone: () => 'quiet',
    order: ({ table }, row) => table.inode[row] || null,
  }),
  netns: column({
    key: 'netns',
    title: text`NETNS`,
    maxWidth: 16,
    minWidth: 10,
    sacrifice: 7,
    value: (socket) => socket.netnsName ?? socket.netns,
    tone: () => 'quiet',
    order: [(rows, row) => rows.netnsName(row), netnsOrder],
    find: (rows, row) => rows.netnsName(row) ?? netnsOrder(rows, row),
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
    order: [(rows, row) => secondsOf(rows.started(row)), (rows, row) => millisecondsOf(rows.started(row))],
    find: (rows, row, now) => {
      const since = rows.started(row);
      return since === null ? null : ago(now - Date.parse(since));
    },
  }),
} as const satisfies Record<string, Column>;

/** The columns of these keys, in their order. Throws a {@link QueryError} for a key that none has. */
export function columnsNamed(keys: readonly string[]): Column[] {
  return keys.map((key) => {
    if (Object.hasOwn(COLUMNS, key)) return COLUMNS[key as keyof typeof COLUMNS];
    throw new QueryError(`'${key}' is no column: there are ${Object.keys(COLUMNS).join(', ')}`);
  });
}

/** The same columns with numbers alone: no names of services, users as uids. */
export function numericColumns(columns: readonly Column[]): readonly Column[] {
  return columns
    .filter((column) => column !== COLUMNS.service)
    .map((column) => (column === COLUMNS.user ? COLUMNS.uid : column));
}
