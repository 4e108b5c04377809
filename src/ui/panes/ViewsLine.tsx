import type { Protocol } from '../../sockets/socket.ts';
import { connectionsTrail, selection, shownRows, targetsShown } from '../../store/shown.ts';
import { type State, tableOf } from '../../store/state.ts';
import { VIEWS } from '../../store/views.ts';
import { EMPTY, join, type SafeText, safe, text } from '../../text/safe.ts';
import { cut, widthOf } from '../../text/width.ts';
import type { Glyphs } from '../glyphs.ts';
import { Line } from '../Line.tsx';
import { sparkline } from '../sparkline.ts';
import { type Painted, painted, type Theme } from '../theme.ts';

/** The views, which of them is shown, and what narrows it. */
export function ViewsLine({ theme, state, width }: { theme: Theme; state: State; width: number }) {
  let room = width;
  const views = VIEWS.map(({ name, key, title }) => {
    const shown = text` ${safe(key)} ${title} `;
    room -= widthOf(shown);
    return theme.paint(name === state.view ? 'selected' : 'quiet', shown);
  });
  const trail = selectedTrail(state, theme.glyphs);
  const cells = trail === EMPTY ? 0 : GAP.length + widthOf(trail);
  const fits = cells <= room - LEAST_NARROWING;
  return (
    <Line>
      {painted(
        ...views,
        ...narrowing(theme, state, fits ? room - cells : room),
        theme.paint('quiet', fits && cells > 0 ? text`${GAP}${trail}` : EMPTY),
      )}
    </Line>
  );
}

/** What is said of a filter takes some room. */
const LEAST_NARROWING = 24;

/** How many were connected to the selected listener in the last minute. */
export function selectedTrail(state: State, glyphs: Glyphs): SafeText {
  const port = state.view === 'services' ? null : selection(state)?.row.socket?.local?.port;
  const values = connectionsTrail(state);
  if (!port || !values) return EMPTY;
  return text`:${port} ${sparkline(glyphs, values)}`;
}

function narrowing(theme: Theme, state: State, room: number): Painted[] {
  if (state.view === 'services') return [];
  const { filter } = state.tables[tableOf(state)];
  const by = [
    ...targetsShown(state).map(({ protocol, address, ports }) => {
      const numbers = (ports ?? []).map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
      return text`${safe(protocol ?? '')}${safe(address ? `@${address}` : '')}:${safe(numbers.join(','))}`;
    }),
    ...(state.pids === null ? [] : [pidsText([...state.pids])]),
    ...(filter.text === '' ? [] : [text`/${safe(filter.text)}`]),
    ...(tableOf(state) === 'processes' ? [] : protocolsText(state.protocols)),
  ];
  const remarks = [
    ...(state.failure === null ? [] : [theme.paint('danger', text`   ${safe(state.failure)}`)]),
    ...(state.missed === null ? [] : [theme.paint('warning', text`   ${safe(state.missed)}`)]),
  ];
  if (by.length === 0) return remarks;
  // However long a filter is, how much it leaves is said.
  const count = text`  ${shownRows(state).length} shown`;
  const why = cut(join(by, text`  `), Math.max(1, room - widthOf(count) - GAP.length));
  return [theme.paint('accent', text`${GAP}${why}${count}`), ...remarks];
}

const GAP = text`   `;

/** The protocols that are shown where nobody asks for others. */
const USUAL: readonly Protocol[] = ['tcp', 'udp'];
const FEW = 3;

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

function pidsText(pids: readonly number[]): SafeText {
  const named = join(
    pids.slice(0, FEW).map((pid) => text`${pid}`),
    text`,`,
  );
  return pids.length > FEW ? text`pid ${named} and ${pids.length - FEW} more` : text`pid ${named}`;
}
