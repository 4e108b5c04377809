import { hostname } from 'node:os';
import { useMemo } from 'react';
import { rowsOf, type State } from '../../store/state.ts';
import { EMPTY, repeat, type SafeText, safe, text } from '../../text/safe.ts';
import { cut, widthOf } from '../../text/width.ts';
import { Line } from '../Line.tsx';
import { painted, type Theme, type Token } from '../theme.ts';

type Props = { theme: Theme; state: State; width: number; uid: number };

const HOST = safe(hostname());
const NAME = text` porttop`;
const GAP = text`  `;
const SHORTEST_HOST = 4;

type Piece = { token: Token; said: SafeText };

/** The state of the machine at a glance: what listens, what is connected, what could not be named. */
export function Header({ theme, state, width, uid }: Props) {
  const counts = useMemo(() => count(state.sample), [state.sample]);
  const right = sampling(state);
  const left: Piece[] = counts
    ? numbers(counts, state.ownersKnown)
    : [{ token: 'quiet', said: text`reading…` }];
  let room = width - widthOf(NAME) - cellsOf(left) - cellsOf(right);
  // What only adorns comes where there is room for it: the advice, then the host's name.
  const advice = text`: run as root to name them`;
  if (counts && state.ownersKnown && counts.unowned > 0 && uid !== 0 && widthOf(advice) <= room) {
    left.push({ token: 'warning', said: text`${left.pop()?.said ?? EMPTY}${advice}` });
    room -= widthOf(advice);
  }
  const host = room - GAP.length >= SHORTEST_HOST ? cut(HOST, room - GAP.length) : EMPTY;
  if (host !== EMPTY) {
    left.unshift({ token: 'quiet', said: host });
    room -= GAP.length + widthOf(host);
  }
  const pieces = (all: readonly Piece[]) =>
    all.map(({ token, said }) => theme.paint(token, text`${GAP}${said}`));
  const gap = theme.paint('plain', repeat(text` `, room));
  return <Line>{painted(theme.paint('brand', NAME), ...pieces(left), gap, ...pieces(right))}</Line>;
}

function cellsOf(pieces: readonly Piece[]): number {
  return pieces.reduce((cells, { said }) => cells + GAP.length + widthOf(said), 0);
}

type Counts = { listening: number; connected: number; unowned: number };

function numbers({ listening, connected, unowned }: Counts, ownersKnown: boolean): Piece[] {
  const pieces: Piece[] = [
    { token: 'plain', said: text`${listening} listening` },
    { token: 'plain', said: text`${connected} connected` },
  ];
  if (!ownersKnown) pieces.push({ token: 'quiet', said: text`finding owners…` });
  else if (unowned > 0) pieces.push({ token: 'warning', said: text`${unowned} unowned` });
  return pieces;
}

/** How the host is looked at, and what the last looks have brought. */
function sampling(state: State): Piece[] {
  const { opened, closed } = changes(state);
  const pieces: Piece[] = [{ token: 'quiet', said: text`every ${state.interval}s` }];
  if (state.paused) pieces.unshift({ token: 'strong', said: text`paused` });
  if (opened > 0) pieces.push({ token: 'opened', said: text`+${opened}` });
  if (closed > 0) pieces.push({ token: 'closed', said: text`-${closed}` });
  return pieces;
}

/** By the columns: no row becomes an object for it. */
function count(sample: State['sample']): Counts | null {
  if (!sample) return null;
  const { table, ownership, rows } = sample.snapshot;
  let listening = 0;
  let connected = 0;
  let unowned = 0;
  for (const row of rows.values()) {
    if (table.isListener(row)) listening++;
    else if (table.isEstablished(row)) connected++;
    const inode = table.inode[row] as number;
    if (inode !== 0 && ownership.looked.has(inode) && !ownership.holders.has(inode)) unowned++;
  }
  return { listening, connected, unowned };
}

/** How many of the rows in this view are marked. */
function changes(state: State): { opened: number; closed: number } {
  let opened = 0;
  let closed = 0;
  for (const { mark } of rowsOf(state)) {
    if (mark === 'opened') opened++;
    if (mark === 'closed') closed++;
  }
  return { opened, closed };
}
