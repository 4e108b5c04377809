import type { Protocol } from '../../sockets/socket.ts';
import { shownRows, targetsShown } from '../../store/shown.ts';
import { type State, tableOf } from '../../store/state.ts';
import { VIEWS } from '../../store/views.ts';
import { join, type SafeText, safe, text } from '../../text/safe.ts';
import { cut, widthOf } from '../../text/width.ts';
import { viewLabel } from '../hit.ts';
import { Line } from '../Line.tsx';
import { type Painted, painted, type Theme } from '../theme.ts';
import { pidsText, targetText, USUAL } from './narrowing.ts';

/** The views, which of them is shown, and what narrows it. */
export function ViewsLine({ theme, state, width }: { theme: Theme; state: State; width: number }) {
  let room = width;
  const views = VIEWS.map((view) => {
    const shown = viewLabel(view);
    room -= widthOf(shown);
    return theme.paint(view.name === state.view ? 'selected' : 'quiet', shown);
  });
  return <Line>{painted(...views, ...narrowing(theme, state, room))}</Line>;
}

function narrowing(theme: Theme, state: State, room: number): Painted[] {
  if (state.view === 'services') return [];
  const { filter } = state.tables[tableOf(state)];
  const by = [
    ...targetsShown(state).map(targetText),
    ...(state.pids === null ? [] : [pidsText([...state.pids])]),
    ...(filter.text === '' ? [] : [text`/${safe(filter.text)}`]),
    ...(tableOf(state) === 'processes' ? [] : protocolsText(state.protocols)),
  ];
  const remarks = [
    ...(state.failure === null || state.now === 0
      ? []
      : [theme.paint('danger', text`   rows of ${safe(new Date(state.now).toTimeString().slice(0, 8))}`)]),
    ...(state.missed === null ? [] : [theme.paint('warning', text`   ${safe(state.missed)}`)]),
  ];
  if (by.length === 0) return remarks;
  // However long a filter is, how much it leaves is said.
  const count = text`  ${shownRows(state).length} shown`;
  const why = cut(join(by, text`  `), Math.max(1, room - widthOf(count) - GAP.length));
  return [theme.paint('accent', text`${GAP}${why}${count}`), ...remarks];
}

const GAP = text`   `;

function protocolsText(shown: readonly Protocol[]): SafeText[] {
  const hidden = USUAL.filter((protocol) => !shown.includes(protocol));
  // Ping sockets come with raw ones, and go with them.
  const others = shown.filter((protocol) => !USUAL.includes(protocol) && protocol !== 'icmp').map(safe);
  if (hidden.length === USUAL.length && others.length > 0) return [text`only ${join(others, text`, `)}`];
  return [
    ...hidden.map((protocol) => text`no ${safe(protocol)}`),
    ...others.map((protocol) => text`with ${protocol}`),
  ];
}
