import { rowsOf, type State, tableOf } from '../../store/state.ts';
import { VIEWS } from '../../store/views.ts';
import { join, safe, text } from '../../text/safe.ts';
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
    ...(state.pid === null ? [] : [text`pid ${state.pid}`]),
    ...(filter.text === '' ? [] : [text`/${safe(filter.text)}`]),
    ...state.hiddenProtocols.map((protocol) => text`no ${safe(protocol)}`),
  ];
  const failure = state.failure === null ? [] : [theme.paint('danger', text`   ${safe(state.failure)}`)];
  if (by.length === 0) return failure;
  const { length } = rowsOf(state);
  return [theme.paint('accent', text`   ${join(by, text`  `)}  ${length} shown`), ...failure];
}
