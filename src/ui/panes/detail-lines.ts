import { environment, overview, type Row as ProcessRow } from '../../processes/describe.ts';
import type { Users } from '../../processes/users.ts';
import { COLUMNS, endpoint } from '../../query/columns.ts';
import { explainUnknownOwner } from '../../sockets/explain-owner.ts';
import type { Socket } from '../../sockets/socket.ts';
import { type Row, type State, selection } from '../../store/state.ts';
import { join, type SafeText, safe, text } from '../../text/safe.ts';
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

/** Everything that is told of the selected socket and of the process that holds it, wrapped to a width. */
export function detailLines(state: State, context: DetailsContext, width: number): DetailLine[] {
  const selected = selection(state);
  const sample = state.sample;
  if (!selected || !sample) return [];
  const { socket } = selected.row;
  return [
    ...socketRows(selected.row, state, context),
    ...processRows(state, context),
    ...otherSockets(socket, state),
    ...environmentRows(state),
  ].flatMap((row) => toLines(row, width));
}

function toLines({ label, lines, source, tone }: ProcessRow, width: number): DetailLine[] {
  return lines
    .flatMap((line) => wrap(line, width))
    .map((value, index) => ({ label: index === 0 ? label : text``, value, source, mark: MARKS[tone] }));
}

function socketRows({ socket, mark }: Row, state: State, { uid, service }: DetailsContext): ProcessRow[] {
  const file = `${socket.protocol}${socket.family === 'ipv6' ? '6' : ''}`;
  const ends = [socket.local, ...(socket.remote ? [socket.remote] : [])].map((end) => safe(endpoint(end)));
  const facts = [text`${safe(file)} ${join(ends, text` – `)}, ${safe(socket.state)}`];
  if (mark === 'closed') {
    const was = text`closed; it was ${join(facts, text`, `)}`;
    return [{ ...row('socket', [was], text`/proc/net/${safe(file)}`), tone: 'warning' }];
  }
  if (socket.acceptQueue) facts.push(text`${socket.acceptQueue} waiting to be accepted`);
  if (socket.recvQueue) facts.push(text`${socket.recvQueue} B not read yet`);
  if (socket.sendQueue) facts.push(text`${socket.sendQueue} B not acknowledged yet`);
  const rows: ProcessRow[] = [row('socket', [join(facts, text`, `)], text`/proc/net/${safe(file)}`)];
  if (service.length > 0) rows.push(row('service', [join(service, text` · `)], text`see view 4`));
  if (socket.owners.length > 0) rows.push(ownersRow(socket));
  else if (socket.ownerUnknown && state.sample && state.ownersKnown) {
    const why = explainUnknownOwner(socket.ownerUnknown, state.sample.snapshot.ownership, uid);
    rows.push({ ...row('owner', [why], text`/proc/*/fd`), tone: 'dim' });
  }
  return rows;
}

function ownersRow(socket: Socket): ProcessRow {
  const owners = socket.owners.map(({ pid, fd, name }) => text`${safe(name ?? '(ended)')} ${pid} fd ${fd}`);
  return row(owners.length === 1 ? 'owner' : 'owners', [join(owners, text`, `)], text`/proc/*/fd`);
}

function processRows({ process, reveal, sample }: State, { users }: DetailsContext): ProcessRow[] {
  if (process === null) return [];
  if ('gone' in process) {
    const said = [text`pid ${process.pid} has ended`];
    return [{ ...row('process', said, text`/proc/${process.pid}`), tone: 'warning' }];
  }
  return overview(process.details, { users, now: sample?.snapshot.time.getTime() ?? 0, reveal });
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

/** The other sockets of the process, as far as they are in the sample. */
function otherSockets(selected: Socket, { process, sample }: State): ProcessRow[] {
  if (process === null || sample === null) return [];
  const { snapshot } = sample;
  const inodes = new Set<number>();
  for (const [inode, holders] of snapshot.ownership.holders) {
    if (inode !== selected.inode && holders.some(({ pid }) => pid === process.pid)) inodes.add(inode);
  }
  const lines: SafeText[] = [];
  for (const row of snapshot.rows.values()) {
    if (!inodes.has(snapshot.table.inode[row] as number)) continue;
    const socket = snapshot.socket(row);
    const remote = socket.remote ? text` – ${safe(endpoint(socket.remote))}` : text``;
    const proto = COLUMNS.proto.text(socket, 0);
    lines.push(text`${proto} ${safe(endpoint(socket.local))}${remote} ${safe(socket.state)}`);
  }
  if (lines.length === 0) return [];
  const more = lines.length > OTHERS ? [text`… and ${lines.length - OTHERS} more`] : [];
  return [row('sockets', [...lines.slice(0, OTHERS), ...more], text`/proc/${process.pid}/fd`)];
}

function row(label: string, lines: SafeText[], source: SafeText): ProcessRow {
  return { field: label, label: safe(label), lines, source, tone: 'plain' };
}
