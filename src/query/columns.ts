import { isPlainlyOther } from '../services/programs.ts';
import { exposureOf, isLinkLocal } from '../sockets/address.ts';
import { addressWithScope, endpoint } from '../sockets/endpoint.ts';
import type { RowFacts } from '../sockets/snapshot.ts';
import { type Endpoint, type OwnerUnknown, SOCKET_MODE, type State } from '../sockets/socket.ts';
import { DOUBTFUL, FAMILIES, PROTOCOLS } from '../sockets/socket-table.ts';
import { type SafeText, text } from '../text/safe.ts';
import { age, until } from '../text/units.ts';
import { type Column, columnOf, columnsAmong, type Key, shown, type Tone, type Value } from './column.ts';

export type { Column, Key, Tone, Value } from './column.ts';

const column = columnOf<RowFacts>;

/** Short words for a missing owner; `?` first where porttop could not find out. */
export const UNKNOWN_OWNER: Record<OwnerUnknown, SafeText> = {
  'time-wait': text`– closed, waiting`,
  unaccepted: text`– not yet accepted`,
  orphaned: text`– closed by its owner`,
  permission: text`? not allowed`,
  'no-process': text`? kernel or namespace`,
  gone: text`? closed meanwhile`,
};

/** The columns of a table that hold an end of its sockets. */
type End = 'local' | 'remote';

/** IPv4 before IPv6, each in the order of its bytes, and not of its digits; then the paths of unix sockets. */
function addressOrder(end: End): Key[] {
  const column = `${end}Address` as const;
  const word =
    (at: number): Key =>
    ({ table }, row) =>
      bigEndian(table[column][row * 4 + at] as number);
  const family: Key = (rows, row) =>
    isUnix(rows, row) && pathText(rows, row) === null ? null : (rows.table.family[row] as number);
  return [family, word(0), word(1), word(2), word(3), pathText];
}

/** The path of a unix socket, with @ for NUL, as ss, netstat and lsof have it: some programs end names with a hundred. */
function pathText({ table }: RowFacts, row: number): string | null {
  return table.paths.get(row)?.replaceAll('\0', '@') ?? null;
}

/** An end for a person: `?` before what may be no socket. */
const doubted =
  (end: Key) =>
  (rows: RowFacts, row: number): SafeText => {
    const said = shown(end(rows, row));
    return rows.table.doubtful[row] === DOUBTFUL ? text`? ${said}` : said;
  };

const words = new Uint32Array(1);
const bytes = new DataView(words.buffer);

/** The number that a word's bytes are, in the order of the network. */
function bigEndian(word: number): number {
  words[0] = word;
  return bytes.getUint32(0, false);
}

/** A unix socket has none. */
const portOf =
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

/** An end as text, by {@link endpoint} or {@link addressWithScope}; only a scope asks for the whole object. */
function endOf(end: End, write: (end: Endpoint) => string): Key {
  const plain: Endpoint = { address: '', port: 0, service: null, scope: null, host: null };
  return (rows, row) => {
    const { table } = rows;
    if (isUnix(rows, row)) return end === 'local' ? pathText(rows, row) : null;
    plain.address = end === 'local' ? table.localAddressOf(row) : table.remoteAddressOf(row);
    if (table.family[row] === IPV6 && isLinkLocal(plain.address)) {
      const scoped = rows.socket(row)[end];
      return scoped && write(scoped);
    }
    plain.port = table[`${end}Port`][row] as number;
    return write(plain);
  };
}

const localEnd = endOf('local', endpoint);
const localAddress = endOf('local', addressWithScope);
const remoteEnd = ifConnected(endOf('remote', endpoint));

const PROTOCOL_NAMES: readonly [string, string][] = PROTOCOLS.map((protocol) => [protocol, `${protocol}6`]);

export function isUnix({ table }: Pick<RowFacts, 'table'>, row: number): boolean {
  return table.protocol[row] === UNIX;
}

const UNIX = PROTOCOLS.indexOf('unix');
const IPV6 = FAMILIES.indexOf('ipv6');

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
  const shown = ownerNames(processes, rows, row);
  const commands = processes.flatMap(({ name, command }) =>
    command === null || command === name ? [] : [command],
  );
  return shown && [shown, ...commands].join(' ');
}

/** The names of the processes that hold a socket, each once, with how many of them there are; else why none. */
export function ownerNames(
  processes: readonly { name: string | null }[],
  rows: RowFacts,
  row: number,
): string | null {
  const [first] = processes;
  if (!first) {
    const unknown = rows.ownerUnknown(row);
    return unknown && ((isSomebodys(unknown) ? placeText(rows, row) : null) ?? UNKNOWN_OWNER[unknown]);
  }
  if (processes.length === 1) return first.name ?? '(ended)';
  const counts = new Map<string | null, number>();
  for (const { name } of processes) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Array.from(counts, ([name, count]) => (name ?? '(ended)') + (count === 1 ? '' : ` ×${count}`)).join(
    ', ',
  );
}

/** There is an owner, as far as anybody can tell, and only its name is not known. */
function isSomebodys(unknown: OwnerUnknown): boolean {
  return unknown === 'permission' || unknown === 'no-process';
}

/** Of a socket whose owner nobody names, the container or the unit that it was made in, where the kernel tells. */
function placeText(rows: RowFacts, row: number): string | null {
  const place = shortContainer(rows, row) ?? rows.unit(row);
  return place === null ? null : `? in ${place}`;
}

function pidsText(rows: RowFacts, row: number): string | null {
  const processes = rows.processes(row);
  const [first] = processes;
  if (!first) return null;
  return processes.length === 1 ? `${first.pid}` : processes.map(({ pid }) => pid).join(',');
}

const exposure: Key = (rows, row) =>
  rows.table.isOpen(row) && !isUnix(rows, row) ? exposureOf(rows.table.localAddressOf(row)) : null;

/** Reachable from other machines, as far as the address tells. */
function exposed(rows: RowFacts, row: number): Tone {
  const reach = exposure(rows, row);
  return reach === 'all' || reach === 'public' ? 'warning' : 'plain';
}

/** Of a listener in /proc/net there is none. */
function backlogOf({ table }: RowFacts, row: number): number | null {
  return table.sourceOf(row) === 'sock_diag' ? (table.sendQueue[row] as number) : null;
}

/** Bytes that nobody has read; of a listener, connections that wait. */
const queued: Key = ({ table }, row) => (table.tellsQueues(row) ? (table.recvQueue[row] as number) : null);
const unsent: Key = ({ table }, row) => (table.tellsQueues(row) ? (table.sendQueue[row] as number) : null);

const QUIET = (): Tone => 'quiet';

/** Every column there is, by its key. */
export const COLUMNS = {
  port: column({
    key: 'port',
    title: text`PORT`,
    align: 'right',
    maxWidth: 5,
    sacrifice: 0,
    value: portOf('local'),
    tone: () => 'strong',
  }),
  service: column({
    key: 'service',
    title: text`SERVICE`,
    maxWidth: 16,
    minWidth: 9,
    sacrifice: 3,
    value: (rows, row) => rows.service(row),
    text: (rows, row) => (isOther(rows, row) ? text`${shown(rows.service(row))}*` : shown(rows.service(row))),
    tone: (rows, row) => (rows.service(row) === null || isOther(rows, row) ? 'quiet' : 'accent'),
  }),
  rservice: column({
    key: 'rservice',
    title: text`REMOTE SERVICE`,
    maxWidth: 16,
    minWidth: 14,
    sacrifice: 4,
    value: (rows, row) => rows.remoteService(row),
    tone: (rows, row) => (rows.remoteService(row) === null ? 'quiet' : 'accent'),
  }),
  proto: column({
    key: 'proto',
    title: text`PROTO`,
    maxWidth: 5,
    sacrifice: 0,
    value: ({ table }, row) =>
      PROTOCOL_NAMES[table.protocol[row] as number]?.[table.family[row] === IPV6 ? 1 : 0] ?? null,
  }),
  // lsof's TYPE.
  family: column({
    key: 'family',
    title: text`FAMILY`,
    maxWidth: 6,
    sacrifice: 7,
    value: ({ table }, row) => table.familyOf(row),
    tone: QUIET,
  }),
  // ss tells it of unix sockets, by their protocol: u_str, u_dgr, u_seq.
  type: column({
    key: 'type',
    title: text`TYPE`,
    maxWidth: 9,
    sacrifice: 7,
    value: ({ table }, row) => table.typeOf(row),
  }),
  state: column({
    key: 'state',
    title: text`STATE`,
    maxWidth: 11,
    sacrifice: 1,
    gone: text`closed`,
    value: ({ table }, row) => table.stateOf(row),
    tone: ({ table }, row) => {
      const state = table.stateOf(row);
      // CLOSE_WAIT waits for the program here to close: many of them are a leak.
      return state === 'CLOSE_WAIT' ? 'warning' : state === 'ESTABLISHED' ? 'plain' : 'quiet';
    },
  }),
  addr: column({
    key: 'addr',
    title: text`ADDRESS`,
    maxWidth: 39,
    minWidth: 14,
    sacrifice: 0,
    value: localAddress,
    text: doubted(localAddress),
    tone: exposed,
    order: addressOrder('local'),
    find: localEnd,
  }),
  exposure: column({
    key: 'exposure',
    title: text`REACH`,
    maxWidth: 10,
    sacrifice: 7,
    value: exposure,
    tone: (rows, row) => (exposure(rows, row) === null ? 'quiet' : exposed(rows, row)),
  }),
  local: column({
    key: 'local',
    title: text`LOCAL`,
    maxWidth: 47,
    minWidth: 14,
    sacrifice: 0,
    endsInPort: true,
    value: localEnd,
    text: doubted(localEnd),
    order: [...addressOrder('local'), portOf('local')],
  }),
  remote: column({
    key: 'remote',
    title: text`REMOTE`,
    maxWidth: 47,
    minWidth: 14,
    sacrifice: 0,
    endsInPort: true,
    value: remoteEnd,
    order: [...addressOrder('remote'), portOf('remote')].map(ifConnected),
  }),
  path: column({
    key: 'path',
    title: text`PATH`,
    maxWidth: 108,
    minWidth: 16,
    sacrifice: 1,
    value: pathText,
    text: doubted(pathText),
  }),
  // As ss -xp, and with who is there.
  peer: column({
    key: 'peer',
    title: text`PEER`,
    maxWidth: 40,
    minWidth: 10,
    sacrifice: 5,
    value: (rows, row) => rows.peer(row)?.inode ?? null,
    text: (rows, row) => shown(peerText(rows, row)),
    find: peerText,
  }),
  // SO_BINDTODEVICE; what lsof has under DEVICE is the inode.
  device: column({
    key: 'device',
    title: text`DEVICE`,
    maxWidth: 15,
    minWidth: 6,
    sacrifice: 5,
    value: (rows, row) => rows.device(row),
  }),
  // The name of the other end's address; of what is not connected, of its own.
  host: column({
    key: 'host',
    title: text`HOST`,
    maxWidth: 40,
    minWidth: 12,
    sacrifice: 4,
    value: (rows, row) => rows.host(row, isConnected(rows, row) ? 'remote' : 'local'),
    tone: (rows, row) =>
      rows.host(row, isConnected(rows, row) ? 'remote' : 'local') === null ? 'quiet' : 'accent',
  }),
  command: column({
    key: 'command',
    title: text`OWNER`,
    maxWidth: 27,
    minWidth: 13,
    sacrifice: 0,
    value: (rows, row) => rows.processes(row)[0]?.command ?? null,
    text: (rows, row) => shown(ownerNames(rows.processes(row), rows, row)),
    tone: (rows, row) => (rows.pid(row) === 0 ? 'quiet' : 'plain'),
    order: [(rows, row) => rows.processes(row)[0]?.name?.toLowerCase() ?? null],
    find: ownerWords,
  }),
  // The first by number: of a server that forks, the parent as a rule.
  pid: column({
    key: 'pid',
    title: text`PID`,
    align: 'right',
    maxWidth: 10,
    sacrifice: 0,
    value: (rows, row) => rows.pid(row) || null,
  }),
  pids: column({
    key: 'pids',
    title: text`PID`,
    maxWidth: 40,
    minWidth: 10,
    sacrifice: 0,
    value: pidsText,
    order: [(rows, row) => rows.pid(row) || null],
  }),
  // Of the first owner, as lsof writes them.
  fd: column({
    key: 'fd',
    title: text`FD`,
    align: 'right',
    maxWidth: 12,
    minWidth: 4,
    sacrifice: 6,
    value: descriptorsText,
    order: [(rows, row) => rows.holders(row)[0]?.fd ?? null],
  }),
  user: column({
    key: 'user',
    title: text`USER`,
    maxWidth: 16,
    minWidth: 8,
    sacrifice: 5,
    value: (rows, row) => rows.user(row),
  }),
  uid: column({
    key: 'uid',
    title: text`UID`,
    align: 'right',
    maxWidth: 10,
    sacrifice: 5,
    value: (rows, row) => rows.uid(row),
  }),
  queue: column({
    key: 'queue',
    title: text`QUEUE`,
    align: 'right',
    maxWidth: 12,
    minWidth: 6,
    sacrifice: 2,
    amount: true,
    gauge: fullness,
    value: (rows, row) => (rows.table.isListener(row) ? queued(rows, row) : null),
    text: (rows, row) => shown(queueText(rows, row)),
    most: (rows, row) => shown(fullText(rows, row)),
    tone: (rows, row) => {
      if (overflows(rows, row)) return 'danger';
      if ((fullness(rows, row) ?? 0) >= NEARLY_FULL) return 'warning';
      return rows.table.isListener(row) && queued(rows, row) ? 'plain' : 'quiet';
    },
    find: queueText,
  }),
  // Counted at a slower rate than the rows: to count them, the kernel walks every connection.
  conns: column({
    key: 'conns',
    title: text`CONN`,
    align: 'right',
    maxWidth: 6,
    sacrifice: 4,
    amount: true,
    value: (rows, row) => rows.connections(row),
    tone: (rows, row) => (rows.connections(row) ? 'plain' : 'quiet'),
  }),
  // Counted with them.
  states: column({
    key: 'states',
    title: text`CONNECTIONS`,
    maxWidth: 60,
    minWidth: 28,
    sacrifice: 8,
    amount: true,
    value: statesText,
    order: [(rows, row) => rows.connections(row)],
  }),
  // As netstat and ss: of a listener, the connections that wait to be accepted.
  recvq: column({
    key: 'recvq',
    title: text`RECV-Q`,
    align: 'right',
    maxWidth: 9,
    sacrifice: 2,
    amount: true,
    value: queued,
    tone: (rows, row) => {
      const { table } = rows;
      if (table.isListener(row)) return overflows(rows, row) ? 'danger' : 'quiet';
      return table.recvQueue[row] ? 'warning' : 'quiet';
    },
  }),
  sendq: column({
    key: 'sendq',
    title: text`SEND-Q`,
    align: 'right',
    maxWidth: 9,
    sacrifice: 2,
    amount: true,
    value: (rows, row) => (rows.table.isListener(row) ? backlogOf(rows, row) : unsent(rows, row)),
    tone: ({ table }, row) => (table.sendQueue[row] && !table.isListener(row) ? 'warning' : 'quiet'),
  }),
  // As ss -o and netstat -o. A look at the sockets tells them only where they are asked for.
  timer: column({
    key: 'timer',
    title: text`TIMER`,
    maxWidth: 18,
    minWidth: 12,
    sacrifice: 6,
    value: timerText,
    order: [(rows, row) => rows.timer(row)?.expiresInMs ?? null],
  }),
  inode: column({
    key: 'inode',
    title: text`INODE`,
    align: 'right',
    maxWidth: 10,
    sacrifice: 8,
    value: ({ table }, row) => table.inode[row] || null,
    tone: QUIET,
  }),
  netns: column({
    key: 'netns',
    title: text`NETNS`,
    maxWidth: 16,
    minWidth: 10,
    // It is there when it was asked for, and tells apart what else is the same.
    sacrifice: 0,
    value: (rows, row) => rows.netnsName(row) ?? netnsOrder(rows, row),
    tone: QUIET,
    order: [(rows, row) => rows.netnsName(row), netnsOrder],
  }),
  // Where the socket was made, which the kernel tells of TCP and UDP; else where its first owner is.
  cgroup: column({
    key: 'cgroup',
    title: text`CGROUP`,
    maxWidth: 60,
    minWidth: 16,
    sacrifice: 7,
    value: (rows, row) => rows.cgroup(row),
    tone: QUIET,
  }),
  unit: column({
    key: 'unit',
    title: text`UNIT`,
    maxWidth: 32,
    minWidth: 12,
    sacrifice: 5,
    value: (rows, row) => rows.unit(row),
  }),
  container: column({
    key: 'container',
    title: text`CONTAINER`,
    maxWidth: 20,
    minWidth: 12,
    sacrifice: 5,
    value: (rows, row) => rows.container(row),
    text: (rows, row) => shown(shortContainer(rows, row)),
  }),
  within: column({
    key: 'within',
    title: text`UNIT OR CONTAINER`,
    maxWidth: 32,
    minWidth: 18,
    sacrifice: 9,
    value: (rows, row) => rows.container(row) ?? rows.unit(row),
    text: (rows, row) => shown(shortContainer(rows, row) ?? rows.unit(row)),
  }),
  // Of the first owner, as ps has it.
  args: column({
    key: 'args',
    title: text`COMMAND LINE`,
    maxWidth: 200,
    minWidth: 20,
    sacrifice: 10,
    value: (rows, row) => rows.commandLine(row),
    tone: QUIET,
  }),
  // Of the first owner: the kernel does not tell when a socket was opened.
  started: column({
    key: 'started',
    title: text`UP`,
    align: 'right',
    maxWidth: 10,
    minWidth: 9,
    sacrifice: 6,
    value: (rows, row) => rows.started(row),
    text: (rows, row, now) => shown(ageText(rows, row, now)),
    ages: true,
    gone: text`closed`,
    tone: QUIET,
    order: [(rows, row) => secondsOf(rows.started(row)), (rows, row) => millisecondsOf(rows.started(row))],
    find: ageText,
  }),
} as const satisfies Record<string, Column>;

/** Of an id the first twelve digits name a container to Docker and Podman, and are what they show. */
const LONG_ID = /^([\da-f]{12})[\da-f]{52}$/;

function shortContainer(rows: RowFacts, row: number): string | null {
  return rows.container(row)?.replace(LONG_ID, '$1') ?? null;
}

/** `11u`; where the first owner has several, `11u,12u`. */
function descriptorsText(rows: RowFacts, row: number): string | null {
  const pid = rows.pid(row);
  if (pid === 0) return null;
  const own = rows.holders(row).filter((holder) => holder.pid === pid);
  return own.length === 0 ? null : own.map(({ fd }) => `${fd}${SOCKET_MODE}`).join(',');
}

/** The inode at the other end of a unix socket, and the process there: `4410708 (dbus-daemon 812)`. */
function peerText(rows: RowFacts, row: number): string | null {
  const peer = rows.peer(row);
  if (!peer) return null;
  const process = rows.peerProcess(row);
  return process ? `${peer.inode} (${process.name ?? 'ended'} ${process.pid})` : `${peer.inode}`;
}

/** `keepalive 1h59m`; and how often it ran out in vain: `on 200ms/2`. */
function timerText(rows: RowFacts, row: number): string | null {
  const timer = rows.timer(row);
  if (!timer) return null;
  const { kind, expiresInMs, retransmits } = timer;
  return `${kind} ${until(expiresInMs)}${retransmits === 0 ? '' : `/${retransmits}`}`;
}

/** The port has a service's number, and who listens there serves another. */
function isOther(rows: RowFacts, row: number): boolean {
  const service = rows.service(row);
  return (
    service !== null &&
    rows.table.isOpen(row) &&
    isPlainlyOther(
      service,
      rows.processes(row).map(({ command }) => command),
    )
  );
}

/** How full a listener's queue is, of how many where that is told: `0/128`; `129/128!` takes no more. */
function queueText(rows: RowFacts, row: number): Value {
  if (!rows.table.isListener(row)) return null;
  const waiting = queued(rows, row);
  if (waiting === null) return null;
  const backlog = backlogOf(rows, row);
  return backlog === null ? waiting : `${waiting}/${backlog}${overflows(rows, row) ? '!' : ''}`;
}

/** As {@link queueText} tells it when no more is taken: the widest that it becomes, as a rule. */
function fullText(rows: RowFacts, row: number): Value {
  const backlog = rows.table.isListener(row) ? backlogOf(rows, row) : null;
  return backlog === null ? null : `${backlog + 1}/${backlog}!`;
}

/** From here on it is worth a look before it is too late. */
const NEARLY_FULL = 3 / 4;

/** How full a listener's queue is; null where nobody tells. */
function fullness(rows: RowFacts, row: number): number | null {
  if (!rows.table.isListener(row)) return null;
  const [waiting, backlog] = [rows.table.recvQueue[row] as number, backlogOf(rows, row)];
  if (backlog === null) return null;
  return waiting === 0 ? 0 : Math.min(1, waiting / (backlog + 1));
}

/** One more than the backlog is let in; what comes then is dropped (include/net/sock.h, sk_acceptq_is_full). */
function overflows(rows: RowFacts, row: number): boolean {
  const backlog = backlogOf(rows, row);
  return rows.table.isListener(row) && backlog !== null && (rows.table.recvQueue[row] as number) > backlog;
}

function statesText(rows: RowFacts, row: number): string | null {
  const states = rows.connectionStates(row);
  return states && statesSaid(states);
}

/** `128 established, 3 close_wait`: the most common first. */
export function statesSaid(states: readonly { state: State; count: number }[]): string {
  const said = states
    .toSorted((a, b) => b.count - a.count || (a.state < b.state ? -1 : 1))
    .map(({ state, count }) => `${count} ${state.toLowerCase()}`);
  return said.join(', ') || 'none';
}

function ageText(rows: RowFacts, row: number, now: number): string | null {
  const since = rows.started(row);
  return since === null ? null : age(now - Date.parse(since));
}

/** The columns of these keys, in their order. Throws a {@link QueryError} for a key that none has. */
export function columnsNamed(keys: readonly string[]): Column[] {
  return columnsAmong(COLUMNS, keys);
}

/** The same columns with numbers alone: no names of services, users as uids. */
export function numericColumns(columns: readonly Column[]): readonly Column[] {
  return columns
    .filter((column) => column !== COLUMNS.service && column !== COLUMNS.rservice)
    .map((column) => (column === COLUMNS.user ? COLUMNS.uid : column));
}
