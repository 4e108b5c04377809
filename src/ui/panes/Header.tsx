import { isUnix } from '../../query/columns.ts';
import type { Snapshot } from '../../sockets/snapshot.ts';
import { shownRows } from '../../store/shown.ts';
import { type State, tableOf } from '../../store/state.ts';
import { recent } from '../../store/timeline.ts';
import { STEPS } from '../../store/trail.ts';
import { EMPTY, join, repeat, type SafeText, safe, text } from '../../text/safe.ts';
import { cut, widthOf } from '../../text/width.ts';
import { Line } from '../Line.tsx';
import { sparkline } from '../sparkline.ts';
import { painted, type Theme, type Token } from '../theme.ts';

type Props = { theme: Theme; state: State; width: number } & Where;

/** On which host, null where that is not known, and by whom porttop is run. */
type Where = { host: string | null; uid: number };

const NAME = text` porttop`;
const GAP = text`  `;
const SHORTEST_HOST = 4;

type Piece = { token: Token; said: SafeText };

/** The state of the machine at a glance: what listens, what is connected, what could not be named. */
export function Header({ theme, state, width, ...where }: Props) {
  const { left, right, room } = headerPieces(state, width, where);
  const pieces = (all: readonly Piece[]) =>
    all.map(({ token, said }) => theme.paint(token, text`${GAP}${said}`));
  const gap = theme.paint('plain', repeat(text` `, room));
  return <Line>{painted(theme.paint('brand', NAME), ...pieces(left), gap, ...pieces(right))}</Line>;
}

/** What the header says, without its colours. */
export function headerText(state: State, width: number, where: Where): SafeText {
  const { left, right } = headerPieces(state, width, where);
  return join([...left, ...right].map(({ said }) => said));
}

function headerPieces(state: State, width: number, { host: called, uid }: Where) {
  const counts = state.sample && countsOf(state.sample.snapshot);
  const unowned = state.sample && state.ownersKnown ? unownedOf(state.sample.snapshot) : 0;
  let right = sampling(state, text`every ${state.interval}s`);
  const left: Piece[] = counts
    ? numbers(counts, unowned, state)
    : [{ token: 'quiet', said: state.failure === null ? text`reading…` : text`not read` }];
  const roomBeside = (pieces: readonly Piece[]) => width - widthOf(NAME) - cellsOf(left) - cellsOf(pieces);
  const elsewhere = counts && state.elsewhere !== null ? listeningElsewhere(state.elsewhere) : [];
  const fits = (form: SafeText) => GAP.length + widthOf(form) <= roomBeside(right);
  if (elsewhere.length > 0 && !elsewhere.some(fits)) right = sampling(state, text`${state.interval}s`);
  const said = elsewhere.find(fits);
  if (said) left.splice(1, 0, { token: 'quiet', said });
  let room = roomBeside(right);
  // Kept while nothing changes, too: what stands beside it stays where it is. To be paused is told in it.
  const kept = CHANGES - (state.paused ? cellsOf([PAUSED]) : 0);
  if (room >= kept) room -= kept;
  // What only adorns comes where there is room for it: the advice, then the host's name.
  const advice = text`: run as root to name them`;
  if (counts && unowned > 0 && uid !== 0 && widthOf(advice) <= room) {
    left.push({ token: 'warning', said: text`${left.pop()?.said ?? EMPTY}${advice}` });
    room -= widthOf(advice);
  }
  const trail = state.connectedTrail && sparkline(state.connectedTrail.values);
  if (counts && trail && STEPS + GAP.length <= room - GAP.length - SHORTEST_HOST) {
    // Beside how many are connected.
    left.splice(said ? 3 : 2, 0, { token: 'quiet', said: trail });
    room -= STEPS + GAP.length;
  }
  const host = room - GAP.length >= SHORTEST_HOST ? cut(safe(called ?? ''), room - GAP.length) : EMPTY;
  if (host !== EMPTY) left.unshift({ token: 'quiet', said: host });
  const changes = changed(state);
  if (cellsOf(changes) <= roomBeside(right)) right.unshift(...changes);
  return { left, right, room: roomBeside(right) };
}

function cellsOf(pieces: readonly Piece[]): number {
  return pieces.reduce((cells, { said }) => cells + GAP.length + widthOf(said), 0);
}

function numbers(
  { listening, established }: Counts,
  unowned: number,
  { ownersKnown, asked, connected }: State,
): Piece[] {
  const up = connected ?? established;
  const pieces: Piece[] = [{ token: 'plain', said: text`${listening} listening` }];
  if (up !== null) pieces.push({ token: 'plain', said: text`${up} connected` });
  if (!ownersKnown) {
    const far = asked === null ? EMPTY : text` ${asked}%`;
    pieces.push({ token: 'quiet', said: text`finding owners…${far}` });
  } else if (unowned > 0) pieces.push({ token: 'warning', said: text`${unowned} unowned` });
  return pieces;
}

/** How many listeners other network namespaces have; the key to them where there is room for it. */
function listeningElsewhere(count: number): SafeText[] {
  const said = text`${count} in other netns`;
  return [text`${said} (-N all)`, said];
}

const PAUSED: Piece = { token: 'strong', said: text`paused` };
/** Whoever shows the screen to others is to know. */
const REVEALED: Piece = { token: 'warning', said: text`revealed` };

/** How the host is looked at. */
function sampling(state: State, every: SafeText): Piece[] {
  const pieces: Piece[] = [{ token: 'quiet', said: every }];
  // The screen shows less then: what is bound and no more, backlogs.
  if (state.sample?.snapshot.table.sources.tcp === 'proc')
    pieces.unshift({ token: 'quiet', said: text`by /proc/net` });
  if (state.paused) pieces.unshift(PAUSED);
  if (state.reveal) pieces.unshift(REVEALED);
  return pieces;
}

/** Cells of `  +999  -999`. */
const CHANGES = 12;

/** What the last looks have brought. */
function changed(state: State): Piece[] {
  const { opened, closed } =
    tableOf(state) === 'processes' ? shownRows(state).marks() : recent(state.timeline, state.now);
  const pieces: Piece[] = [];
  if (opened > 0) pieces.push({ token: 'opened', said: text`+${briefly(opened)}` });
  if (closed > 0) pieces.push({ token: 'closed', said: text`-${briefly(closed)}` });
  return pieces;
}

/** In at most three cells. */
function briefly(count: number): SafeText {
  return count < 1000 ? text`${count}` : text`${Math.min(99, Math.floor(count / 1000))}k`;
}

type Counts = { listening: number; established: number | null };

/** Counted once a snapshot, however often it is drawn; by the columns: no row becomes an object for it. */
const counts = new WeakMap<Snapshot, Counts>();
const unowned = new WeakMap<Snapshot, number>();

function countsOf(snapshot: Snapshot): Counts {
  const counted = counts.get(snapshot) ?? count(snapshot);
  counts.set(snapshot, counted);
  return counted;
}

/** How many nobody is known to hold. */
function unownedOf(snapshot: Snapshot): number {
  const counted = unowned.get(snapshot) ?? countUnowned(snapshot);
  unowned.set(snapshot, counted);
  return counted;
}

function count({ table, wanted }: Snapshot): Counts {
  let listening = 0;
  let established = 0;
  for (let row = 0; row < table.length; row++) {
    if (table.isListener(row) && !isUnix({ table }, row)) listening++;
    else if (table.isEstablished(row)) established++;
  }
  const all = wanted.scope === 'all' && wanted.ports === null;
  return { listening, established: all ? established : null };
}

function countUnowned({ table, ownership }: Snapshot): number {
  let count = 0;
  for (let row = 0; row < table.length; row++) {
    const inode = table.inode[row] as number;
    if (inode !== 0 && ownership.firstPid(inode) === 0 && ownership.looked(inode)) count++;
  }
  return count;
}
