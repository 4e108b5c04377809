import { environment, overview } from '../../processes/describe.ts';
import type { Row as ProcessRow } from '../../processes/said.ts';
import type { Users } from '../../processes/users.ts';
import { COLUMNS } from '../../query/columns.ts';
import { endpoint } from '../../sockets/endpoint.ts';
import { explainUnknownOwner } from '../../sockets/explain-owner.ts';
import type { RowFacts, Snapshot } from '../../sockets/snapshot.ts';
import type { Socket } from '../../sockets/socket.ts';
import type { Row } from '../../store/rows.ts';
import { selection } from '../../store/shown.ts';
import type { State } from '../../store/state.ts';
import { EMPTY, join, type SafeText, safe, text } from '../../text/safe.ts';
import { ago, bytes } from '../../text/units.ts';
import { wrap } from '../../text/width.ts';

/** A line of the details: `mark` says what it is where colour does not. */
export type DetailLine = { label: SafeText; value: SafeText; source: SafeText; mark: '!' | '?' | ' ' };

export type DetailsContext = {
  users: Pick<Users, 'name'>;
  /** Who runs porttop. */
  uid: number;
  /** What /etc/services and IANA say of the selected port; empty where a pane beside says it. */
  service: readonly SafeText[];
};

const MARKS = { plain: ' ', warning: '!', dim: '?' } as const;
const OTHERS = 20;

/** Everything that is told of the selected socket and of the process that holds it (or is selected), wrapped to a width. */
export function detailLines(state: State, context: DetailsContext, width: number): DetailLine[] {
  const { row } = selection(state) ?? {};
  if (!row || !state.sample) return [];
  return [
    ...(row.socket ? socketRows(row, state, context) : []),
    ...kernelRows(state),
    ...processRows(state, context),
    ...otherSockets(row.socket, state),
    ...environmentRows(state),
  ].flatMap((row) => toLines(row, width));
}

function toLines({ label, lines, source, tone }: ProcessRow, width: number): DetailLine[] {
  return lines
    .flatMap((line) => wrap(line, width))
    .map((value, index) => ({ label: index === 0 ? label : text``, value, source, mark: MARKS[tone] }));
}

function socketRows(
  { socket, mark, facts: snapshot, row: at }: Row,
  state: State,
  { uid, service }: DetailsContext,
): ProcessRow[] {
  const file = `${socket.protocol}${socket.family === 'ipv6' ? '6' : ''}`;
  const ends = [socket.local, socket.remote].filter((end) => end !== null).map((end) => safe(endpoint(end)));
  if (socket.path !== null) ends.push(safe(socket.path));
  const facts = [text`${safe(file)} ${join(ends, text` – `)}, ${safe(socket.state)}`];
  const told = state.sample?.snapshot.table.sourcesIn(socket.netns ?? 0)[socket.protocol] === 'sock_diag';
  const source = told ? text`sock_diag` : text`/proc/net/${safe(file)}`;
  if (mark === 'closed') {
    const was = text`closed; it was ${join(facts, text`, `)}`;
    return [{ ...row('socket', [was], source), tone: 'warning' }];
  }
  if (socket.v6only !== null && socket.state === 'LISTEN') {
    facts.push(socket.v6only ? text`IPv6 only` : text`IPv4 too, if its address allows`);
  }
  if (socket.device !== null) facts.push(text`bound to ${safe(socket.device)}`);
  if (socket.acceptQueue !== null) facts.push(waiting(socket.acceptQueue, socket.backlog));
  if (socket.recvQueue) facts.push(text`${socket.recvQueue} B not read yet`);
  if (socket.sendQueue) facts.push(text`${socket.sendQueue} B not acknowledged yet`);
  const rows: ProcessRow[] = [row('socket', [join(facts, text`, `)], source)];
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

/** Where a socket was made whose owner nobody names, as its cgroup tells. */
function placeOf(rows: RowFacts, at: number): SafeText | null {
  const [container, unit] = [rows.container(at), rows.unit(at)];
  if (container !== null) return text`container ${safe(container)}`;
  return unit === null ? null : safe(unit);
}

function waiting(queue: number, backlog: number | null): SafeText {
  const limit = backlog === null ? text`` : text` of ${backlog}`;
  return text`${queue}${limit} waiting to be accepted`;
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

function processRows({ process, reveal, now }: State, { users }: DetailsContext): ProcessRow[] {
  if (process === null) return [];
  if ('gone' in process) {
    const said = [text`pid ${process.pid} has ended`];
    return [{ ...row('process', said, text`/proc/${process.pid}`), tone: 'warning' }];
  }
  return overview(process.details, { users, now, reveal });
}

/** The environment one variable a line: its names are too long for the column of labels. */
function environmentRows({ process, reveal }: State): ProcessRow[] {
  if (process === null || 'gone' in process) return [];
  const { environ } = process.details.fields;
  if (!environ || 'error' in environ) return [];
  if (environ.value.length === 0) return [];
  return environment(process.details, { reveal }).map((told, index): ProcessRow => {
    const label = index === 0 ? text`variables` : text``;
    const variable = environ.value[index];
    if (!variable) return { ...told, label };
    const line = variable.value === null ? told.label : text`${told.label}=${join(told.lines)}`;
    return { ...told, label, lines: [line], tone: 'plain' };
  });
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
    if (lines.length < OTHERS) lines.push(socketLine(snapshot, row));
    else more++;
  }
  if (lines.length === 0) return [];
  if (more > 0) lines.push(text`… and ${more} more`);
  return [row('sockets', lines, text`/proc/${process.pid}/fd`)];
}

function socketLine(snapshot: Snapshot, row: number): SafeText {
  const { local, remote, path, state } = snapshot.socket(row);
  const ends = [local && endpoint(local), remote && endpoint(remote), path].filter((end) => end !== null);
  return text`${COLUMNS.proto.text(snapshot, row, 0)} ${safe(ends.join(' – '))} ${safe(state)}`;
}

function row(label: string, lines: SafeText[], source: SafeText): ProcessRow {
  return { field: label, label: safe(label), lines, source, tone: 'plain' };
}
