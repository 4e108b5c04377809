import { type Field, isReadable, unreadable } from '../../processes/field.ts';
import { socketText } from '../../processes/fields/fd.ts';
import type { Names, Row as ProcessRow, Tone } from '../../processes/said.ts';
import { tabRows } from '../../processes/tabs.ts';
import { COLUMNS } from '../../query/columns.ts';
import { clockText, EVENT_COLUMNS } from '../../query/timeline-columns.ts';
import { textTogether } from '../../query/together.ts';
import { endpoint } from '../../sockets/endpoint.ts';
import { explainUnknownOwner } from '../../sockets/explain-owner.ts';
import type { RowFacts } from '../../sockets/snapshot.ts';
import type { Socket } from '../../sockets/socket.ts';
import type { ProcessRow as SelectedProcess } from '../../store/process-sample.ts';
import type { Row } from '../../store/rows.ts';
import { connectionsTrail, detailsOfListener, detailsPid, selection } from '../../store/shown.ts';
import type { ProcessDetails, State } from '../../store/state.ts';
import { isPast, type TimelineRow } from '../../store/timeline.ts';
import { EMPTY, join, type SafeText, safe, text } from '../../text/safe.ts';
import { age, ago, bytes } from '../../text/units.ts';
import { cut, widthOf, wrap } from '../../text/width.ts';
import { sparkline } from '../sparkline.ts';
import { countedAgo } from './counted-ago.ts';

/** A line of the details: `mark` says what it is where colour does not. */
export type DetailLine = {
  label: SafeText;
  value: SafeText;
  /** What the value is a piece of, where it was wrapped. */
  whole: SafeText;
  source: SafeText;
  mark: '!' | '?' | '─' | ' ';
};

/** The lines of a page, and how wide their column of labels is. */
export type DetailLines = { lines: readonly DetailLine[]; labels: number };

export type DetailsContext = {
  users: Names;
  /** Who runs porttop. */
  uid: number;
  /** What /etc/services and IANA say of the selected port; empty where a pane beside says it. */
  service: readonly SafeText[];
};

const OTHERS = 20;
const MARKS: Record<Tone, DetailLine['mark']> = { plain: ' ', warning: '!', dim: '?', heading: '─' };
const NARROWEST_LABELS = 9;
/** A longer label goes on in the next line. */
const WIDEST_LABELS = 26;

/** What the open page tells of the selected socket and of the process that holds it (or is selected), wrapped. */
export function detailLines(
  state: State,
  context: DetailsContext,
  valueWidth: (labels: number) => number,
): DetailLines {
  const { row: selected } = selection(state) ?? {};
  const rows = selected && state.sample ? pageRows(selected, state, context) : [];
  const labels = rows
    .map(({ label }) => Math.min(widthOf(label), WIDEST_LABELS))
    .reduce((widest, width) => Math.max(widest, width), NARROWEST_LABELS);
  const width = valueWidth(labels);
  const { text: sought } = state.detailsSearch;
  const found = sought === '' ? rows : rowsWith(sought, rows);
  if (found.length === 0 && sought !== '') {
    const said = text`nothing here has “${safe(sought)}”: Esc shows all again`;
    return { labels, lines: toLines({ ...row('', [said], EMPTY), tone: 'dim' }, labels, width) };
  }
  return { labels, lines: found.flatMap((each) => toLines(each, labels, width)) };
}

function pageRows(selected: Row | SelectedProcess, state: State, context: DetailsContext): ProcessRow[] {
  if (state.detailsTab !== 'overview') return processRows(state, context);
  const process = processRows(state, context);
  const sockets = otherSockets(selected.socket, state);
  if (!selected.socket) return [...sockets, ...process];
  return [
    ...(isPast(selected) ? pastRows(selected, state, context) : socketRows(selected, state, context)),
    ...kernelRows(state),
    ...childrenRows(state),
    ...process,
    ...sockets,
  ];
}

/** Lines that have the text, whatever its case, or whose label has it; and what stands above them. */
function rowsWith(sought: string, rows: readonly ProcessRow[]): ProcessRow[] {
  const wanted = sought.toLowerCase();
  const has = (shown: SafeText) => shown.toLowerCase().includes(wanted);
  const kept: ProcessRow[] = [];
  let heading: ProcessRow | null = null;
  for (const each of rows) {
    if (each.tone === 'heading') {
      heading = each;
      continue;
    }
    const lines = has(each.label) ? each.lines : each.lines.filter(has);
    if (lines.length === 0) continue;
    if (heading?.field === each.field) kept.push(heading);
    heading = null;
    kept.push({ ...each, lines });
  }
  return kept;
}

function toLines({ label, lines, source, tone }: ProcessRow, labels: number, width: number): DetailLine[] {
  if (tone === 'heading')
    return lines.map((whole) => ({ label, value: cut(whole, width), whole, source, mark: '─' }));
  const values = lines.flatMap((whole) => wrap(whole, width).map((value) => ({ value, whole })));
  const named = wrap(label, labels);
  const whole = values.at(-1)?.whole ?? EMPTY;
  return Array.from({ length: Math.max(values.length, named.length) }, (_, index) => ({
    label: named[index] ?? EMPTY,
    ...(values[index] ?? { value: EMPTY, whole }),
    source,
    mark: MARKS[tone],
  }));
}

/** What happened, and what was known of the socket and its owner then. */
function pastRows(
  { facts, row: at, socket }: TimelineRow,
  state: State,
  context: DetailsContext,
): ProcessRow[] {
  const { uid, service } = context;
  const since = facts.at(at);
  const event = EVENT_COLUMNS.event.text(facts, at, state.now);
  const then = text`as it was then`;
  const rows: ProcessRow[] = [
    row(
      'event',
      [text`${event} at ${safe(clockText(since))}, ${age(state.now - since)} ago`],
      text`when it was seen`,
    ),
    row('socket', [identityOf(socket)], then),
  ];
  if (service.length > 0) rows.push(row('service', [join(service, text` · `)], text`see view 4`));
  if (socket.owners.length > 0) rows.push({ ...ownersRow(socket, state), source: then });
  else if (socket.ownerUnknown && state.sample) {
    const why = explainUnknownOwner(socket.ownerUnknown, state.sample.snapshot.ownership, uid);
    rows.push({ ...row('owner', [why], then), tone: 'dim' });
  }
  return rows;
}

/** `tcp6 [::1]:80 – [::1]:40000, ESTABLISHED` */
function identityOf(socket: Socket): SafeText {
  const ends = [socket.local, socket.remote].filter((end) => end !== null).map((end) => safe(endpoint(end)));
  if (socket.path !== null) ends.push(safe(socket.path));
  return text`${safe(fileOf(socket))} ${join(ends, text` – `)}, ${safe(socket.state)}`;
}

const DOUBT = text`it may be no socket, but made up in the name of another one, which this file does not escape`;

function fileOf({ protocol, family }: Socket): string {
  return `${protocol}${family === 'ipv6' ? '6' : ''}`;
}

function socketRows(selected: Row, state: State, { uid, service }: DetailsContext): ProcessRow[] {
  const { socket, closedAt, facts: snapshot, row: at } = selected;
  const file = fileOf(socket);
  const facts = [identityOf(socket)];
  const told = state.sample?.snapshot.table.sourcesIn(socket.netns ?? 0)[socket.protocol] === 'sock_diag';
  const source = told ? text`sock_diag` : text`/proc/net/${safe(file)}`;
  if (closedAt !== null) {
    const was = text`closed; it was ${join(facts, text`, `)}`;
    return [{ ...row('socket', [was], source), tone: 'warning' }];
  }
  if (socket.v6only !== null && socket.state === 'LISTEN') {
    facts.push(socket.v6only ? text`IPv6 only` : text`IPv4 too, if its address allows`);
  }
  if (socket.device !== null) facts.push(text`bound to ${safe(socket.device)}`);
  facts.push(...queues(socket));
  const rows: ProcessRow[] = [row('socket', [join(facts, text`, `)], source)];
  if (socket.doubtful) rows.push({ ...row('doubtful', [DOUBT], source), tone: 'warning' });
  if (detailsOfListener(state)) rows.push(connectionsRow(selected, state));
  if (service.length > 0) rows.push(row('service', [join(service, text` · `)], text`see view 4`));
  if (socket.owners.length > 0) rows.push(ownersRow(socket, state));
  else if (socket.ownerUnknown && state.sample && state.ownersKnown) {
    const why = explainUnknownOwner(socket.ownerUnknown, state.sample.snapshot.ownership, uid);
    rows.push({ ...row('owner', [why], text`/proc/*/fd`), tone: 'dim' });
    const place = placeOf(snapshot, at);
    if (place !== null) rows.push(row('made in', [place], text`sock_diag, cgroup`));
  }
  return rows;
}

/** How many of its connections are in each state, and how many were up in the last minute. */
function connectionsRow(selected: Row, state: State): ProcessRow {
  const { facts, row: at, members } = selected;
  if ((members ?? [selected]).every((place) => place.facts.connectionStates(place.row) === null))
    return { ...row('connections', [text`counting…`], text`sock_diag`), tone: 'dim' };
  const said = members
    ? textTogether(COLUMNS.states, members, state.now)
    : COLUMNS.states.text(facts, at, state.now);
  const trail = connectionsTrail(state);
  const old = countedAgo(state);
  return row(
    'connections',
    [trail === null ? said : text`${said}  ${sparkline(trail)}`],
    old === null ? text`counted just now` : text`counted ${old} ago`,
  );
}

function queues({ acceptQueue, backlog, recvQueue, sendQueue }: Socket): SafeText[] {
  return [
    acceptQueue === null ? EMPTY : waiting(acceptQueue, backlog),
    recvQueue ? text`${recvQueue} B not read yet` : EMPTY,
    sendQueue ? text`${sendQueue} B not acknowledged yet` : EMPTY,
  ].filter(Boolean);
}

/** Where a socket was made whose owner nobody names, as its cgroup tells. */
function placeOf(rows: RowFacts, at: number): SafeText | null {
  const [container, unit] = [rows.container(at), rows.unit(at)];
  if (container !== null) return text`container ${safe(container)}`;
  return unit === null ? null : safe(unit);
}

function waiting(queue: number, backlog: number | null): SafeText {
  const limit = backlog === null ? text`` : text` of ${backlog}`;
  const full = backlog !== null && queue > backlog ? text`, which is full: what comes now is dropped` : EMPTY;
  return text`${queue}${limit} waiting to be accepted${full}`;
}

/** What the kernel tells of this one socket: how the connection fares, and what its buffers hold. */
function kernelRows({ kernel }: State): ProcessRow[] {
  const rows: ProcessRow[] = [];
  const { tcpInfo, memory } = kernel ?? {};
  if (tcpInfo?.rtt) {
    const traffic = [
      amount(tcpInfo.bytesReceived, text`received`),
      amount(tcpInfo.bytesSent ?? tcpInfo.bytesAcked, text`sent`),
      tcpInfo.retransmitted ? text`${tcpInfo.retransmitted} segments sent again` : EMPTY,
      text`round trip ${milliseconds(tcpInfo.rtt)}`,
    ];
    rows.push(row('traffic', [join(traffic.filter(Boolean), text`, `)], text`sock_diag, tcp_info`));
  }
  if (memory) {
    const buffers = [
      room(memory.received, memory.receiveBuffer, text`received`),
      room(memory.sent, memory.sendBuffer, text`to be sent`),
      memory.drops ? text`${memory.drops} dropped` : EMPTY,
    ];
    rows.push(row('buffers', [join(buffers.filter(Boolean), text`, `)], text`sock_diag, skmeminfo`));
  }
  return rows;
}

function amount(size: number | null, what: SafeText): SafeText {
  return size === null ? EMPTY : text`${bytes(size)} ${what}`;
}

function room(size: number | null, limit: number | null, what: SafeText): SafeText {
  return size === null || limit === null ? EMPTY : text`${bytes(size)} of ${bytes(limit)} ${what}`;
}

function milliseconds(microseconds: number): SafeText {
  const spent = microseconds / 1000;
  return text`${safe(spent.toFixed(spent < 10 ? 2 : 0))} ms`;
}

/** What is shown was true a moment ago; that nobody else holds it, as long ago as everybody was last asked. */
function ownersRow(socket: Socket, { freshness }: State): ProcessRow {
  const owners = socket.owners.map(({ pid, fd, name }) => text`${safe(name ?? '(ended)')} ${pid} fd ${fd}`);
  const asked = freshness === null ? text`/proc/*/fd` : text`/proc/*/fd, all within ${ago(freshness)}`;
  return row(owners.length === 1 ? 'owner' : 'owners', [join(owners, text`, `)], asked);
}

/** What the kernel and the files of the process say, of the page that is open. */
function processRows(state: State, { users }: DetailsContext): ProcessRow[] {
  const { process, reveal, now } = state;
  if (process === null) return unknownProcess(state);
  const gone = 'gone' in process;
  const known = gone ? process.last : process;
  const ended = [text`pid ${process.pid} has ended${known ? text`; what follows was read before` : EMPTY}`];
  const end: ProcessRow[] = gone
    ? [{ ...row('process', ended, text`/proc/${process.pid}`), tone: 'warning' }]
    : [];
  if (!known) return end;
  const { details } = known;
  const { detailsTab: name } = state;
  if (known.tab !== name) {
    const said = gone ? text`it was not read before` : text`reading…`;
    return [...end, { ...row(name, [said], text`/proc/${process.pid}`), tone: 'dim' }];
  }
  if (name === 'sockets') return [...end, ...socketsRows(known)];
  return [...end, ...tabRows(name, details, { users, now, reveal })];
}

/** Of a page that is of a process there is nothing to tell without one. */
function unknownProcess(state: State): ProcessRow[] {
  if (state.detailsTab === 'overview') return [];
  const said = detailsPid(state) === null ? text`no process is known: see overview` : text`reading…`;
  return [{ ...row(state.detailsTab, [said], EMPTY), tone: 'dim' }];
}

/** Those that hold the socket, too, since their parent had it. */
function childrenRows({ process }: State): ProcessRow[] {
  if (process === null || 'gone' in process) return [];
  const { pid, children = [] } = process;
  const count = children.length;
  if (count === 0) return [];
  const whose = count === 1 ? text`its child` : text`${count} of its children:`;
  const named = join(
    children.map((child) => text`${child}`),
    text`, `,
  );
  const said = text`${whose} ${named} ${count === 1 ? text`shares` : text`share`} this socket`;
  return [row('children', [said], text`/proc/${pid}/stat`)];
}

/** The (other) sockets of the process, as far as they are in the sample. */
function otherSockets(selected: Socket | null, { process, sample }: State): ProcessRow[] {
  if (process === null || sample === null) return [];
  const { snapshot } = sample;
  const inodes = new Set(snapshot.ownership.inodesOf(process.pid));
  if (selected) inodes.delete(selected.inode);
  const lines: SafeText[] = [];
  let more = 0;
  for (let row = 0; row < snapshot.length; row++) {
    if (!inodes.has(snapshot.table.inode[row] as number)) continue;
    if (lines.length < OTHERS) lines.push(socketText(snapshot.socket(row)));
    else more++;
  }
  if (lines.length === 0) return [];
  if (more > 0) lines.push(text`… and ${more} more`);
  return [row('sockets', lines, text`/proc/${process.pid}/fd`)];
}

/** All sockets of the process, what is open to others first. */
function socketsRows({ pid, details, sockets }: ProcessDetails): ProcessRow[] {
  const fd = details.fields.fd as Field<unknown>;
  if (!isReadable(fd)) return [{ ...row('sockets', unreadable(fd.error).lines, safe(fd.path)), tone: 'dim' }];
  if (!sockets) return [{ ...row('sockets', [text`they cannot be read`], safe(fd.path)), tone: 'dim' }];
  const rows = sockets.sockets.map((socket) => {
    const fds = socket.owners.map(({ fd }) => text`${fd}`);
    const source = text`/proc/${pid}/fd/${fds[0] ?? EMPTY}`;
    return row(`fd ${fds.join(',')}`, [heldText(socket)], source);
  });
  const { more, untold } = sockets;
  if (more > 0) rows.push(remark(text`and ${more} more`, fd.path));
  if (untold > 0) {
    const what = untold === 1 ? text`1 more is of another kind` : text`${untold} more are of other kinds`;
    rows.push(remark(text`${what} (netlink, packet) or network namespace`, fd.path));
  }
  if (rows.length === 0) rows.push(remark(text`it holds no socket`, fd.path));
  return rows;
}

/** `tcp 0.0.0.0:80 LISTEN, http, 0 of 511 waiting to be accepted`. */
function heldText(socket: Socket): SafeText {
  const service = socket.local?.service ?? socket.remote?.service ?? null;
  const facts = [socketText(socket), service === null ? EMPTY : safe(service), ...queues(socket)];
  return join(facts.filter(Boolean), text`, `);
}

function remark(said: SafeText, source: string): ProcessRow {
  return { ...row('…', [said], safe(source)), tone: 'dim' };
}

function row(label: string, lines: SafeText[], source: SafeText): ProcessRow {
  return { field: label, label: safe(label), lines, source, tone: 'plain' };
}
