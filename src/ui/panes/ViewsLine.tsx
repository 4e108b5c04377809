import type { Protocol } from '../../sockets/socket.ts';
import { rowsOf, type State, tableOf } from '../../store/state.ts';
import { VIEWS } from '../../store/views.ts';
import { join, type SafeText, safe, text } from '../../text/safe.ts';
import { Line } from '../Line.tsx';
import { type Painted, painted, type Theme } from '../theme.ts';

/** The views, which of them is shown, and what narrows it. */
export function ViewsLine({ theme, state }: { theme: Theme; state: State }) {
  const views = VIEWS.map(({ name, key, title }) => {
    const shown = text` ${safe(key)} ${title} `;
    return theme.paint(name === state.view ? 'selected' : 'quiet', shown);
  });
  return <Line>{painted(...views, ...narrowing(theme, state))}</Line>;
}

function narrowing(theme: Theme, state: State): Painted[] {
  if (state.view === 'services') return [];
  const { filter } = state.tables[tableOf(state)];
  const by = [
    ...state.targets.map(({ protocol, address, ports }) => {
      const numbers = (ports ?? []).map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
      return text`${safe(protocol ?? '')}${safe(address ? `@${address}` : '')}:${safe(numbers.join(','))}`;
    }),
    ...(state.pids === null ? [] : [pidsText([...state.pids])]),
    ...(filter.text === '' ? [] : [text`/${safe(filter.text)}`]),
    ...USUAL.filter((protocol) => !state.protocols.includes(protocol)).map(
      (protocol) => text`no ${safe(protocol)}`,
    ),
    ...state.protocols
      .filter((protocol) => !USUAL.includes(protocol))
      .map((protocol) => text`+${safe(protocol)}`),
  ];
  const remarks = [
    ...(state.failure === null ? [] : [theme.paint('danger', text`   ${safe(state.failure)}`)]),
    ...(state.missed === null ? [] : [theme.paint('warning', text`   ${safe(state.missed)}`)]),
  ];
  if (by.length === 0) return remarks;
  const { length } = rowsOf(state);
  return [theme.paint('accent', text`   ${join(by, text`  `)}  ${length} shown`), ...remarks];
}

/** The protocols that are shown where nobody asks for others. */
const USUAL: readonly Protocol[] = ['tcp', 'udp'];
const FEW = 3;

function pidsText(pids: readonly number[]): SafeText {
  const named = join(
    pids.slice(0, FEW).map((pid) => text`${pid}`),
    text`,`,
  );
  return pids.length > FEW ? text`pid ${named} and ${pids.length - FEW} more` : text`pid ${named}`;
}
