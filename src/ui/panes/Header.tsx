import { hostname } from 'node:os';
import { useMemo } from 'react';
import { rowsOf, type State } from '../../store/state.ts';
import { EMPTY, repeat, type SafeText, safe, text } from '../../text/safe.ts';
import { widthOf } from '../../text/width.ts';
import { Line } from '../Line.tsx';
import { type Painted, painted, type Theme } from '../theme.ts';

type Props = { theme: Theme; state: State; width: number; uid: number };

const HOST = safe(hostname());
const GAP = text`  `;

/** The state of the machine at a glance: what listens, what is connected, what could not be named. */
export function Header({ theme, state, width, uid }: Props) {
  const left = [theme.paint('brand', text` porttop`), theme.paint('quiet', HOST)];
  let used = 8 + GAP.length + widthOf(HOST);
  const add = (parts: Painted[], token: Parameters<Theme['paint']>[0], said: SafeText) => {
    if (said === EMPTY || used + GAP.length + widthOf(said) > width) return;
    used += GAP.length + widthOf(said);
    parts.push(theme.paint(token, said));
  };
  const right: Painted[] = [];
  add(right, 'strong', state.paused ? text`paused` : EMPTY);
  add(right, 'quiet', text`every ${state.interval}s`);
  const { opened, closed } = changes(state);
  add(right, 'opened', opened > 0 ? text`+${opened}` : EMPTY);
  add(right, 'closed', closed > 0 ? text`-${closed}` : EMPTY);
  const counts = useMemo(() => count(state.sample), [state.sample]);
  if (counts) {
    add(left, 'plain', text`${counts.listening} listening`);
    add(left, 'plain', text`${counts.connected} connected`);
    const help = uid === 0 ? EMPTY : text`: run as root to name them`;
    if (!state.ownersKnown) add(left, 'quiet', text`finding owners…`);
    else if (counts.unowned > 0) {
      const unowned = text`${counts.unowned} unowned`;
      const room = used + GAP.length + widthOf(unowned) + widthOf(help) <= width;
      add(left, 'warning', room ? text`${unowned}${help}` : unowned);
    }
  } else {
    add(left, 'quiet', text`reading…`);
  }
  const gap = theme.paint('plain', repeat(text` `, width - used));
  return <Line>{painted(spread(theme, left), gap, spread(theme, right))}</Line>;
}

function spread(theme: Theme, parts: readonly Painted[]): Painted {
  const gap = theme.paint('plain', GAP);
  return painted(...parts.flatMap((part, index) => (index === 0 ? [part] : [gap, part])));
}

/** By the columns: no row becomes an object for it. */
function count(sample: State['sample']): { listening: number; connected: number; unowned: number } | null {
  if (!sample) return null;
  const { table, ownership, rows } = sample.snapshot;
  let listening = 0;
  let connected = 0;
  let unowned = 0;
  for (const row of rows.values()) {
    if (table.isListener(row)) listening++;
    else if (table.isEstablished(row)) connected++;
    const inode = table.inode[row] as number;
    if (inode !== 0 && !ownership.holders.has(inode)) unowned++;
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
