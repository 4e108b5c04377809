import type { Protocol } from '../../sockets/socket.ts';
import { targetsShown } from '../../store/shown.ts';
import { type State, tableOf } from '../../store/state.ts';
import { type TableName, VIEWS } from '../../store/views.ts';
import { repeat, type SafeText, safe, text } from '../../text/safe.ts';
import { widthOf } from '../../text/width.ts';
import { BINDINGS, keyName } from '../keys/bindings.ts';
import { type Painted, painted, type Theme } from '../theme.ts';
import { pidsText, targetText, USUAL } from './narrowing.ts';

/** What stands where rows would: what is waited for, or what keeps them away and how each of it is taken away. */
export function nothingShown(theme: Theme, state: State): Painted[] {
  const name = tableOf(state);
  const waiting = !state.sample || (name === 'processes' && !state.processes);
  if (waiting && state.failure === null) return [said(theme, text`reading…`)];
  if (waiting) return [said(theme, text`nothing could be read yet`)];
  const narrowing = whatNarrows(state);
  if (narrowing.length === 0) {
    const none = name === 'timeline' && !state.connections ? NO_EVENT_OF_LISTENERS : THERE_IS_NONE[name];
    return [said(theme, none)];
  }
  const widest = Math.max(...narrowing.map(({ what }) => widthOf(what)));
  return [
    theme.paint('plain', text`${MARGIN}nothing matches`),
    ...narrowing.map(({ what, key, does }) =>
      painted(
        theme.paint('accent', text`${MARGIN}  ${what}${repeat(text` `, widest - widthOf(what))}`),
        theme.paint('key', text`  ${key}`),
        theme.paint('quiet', text` ${does}`),
      ),
    ),
  ];
}

const MARGIN = text`   `;

const THERE_IS_NONE: Record<TableName, SafeText> = {
  listening: text`no socket listens`,
  sockets: text`no socket`,
  processes: text`no process`,
  timeline: text`nothing has opened, closed or changed its owner yet`,
};
const NO_EVENT_OF_LISTENERS = text`${THERE_IS_NONE.timeline}: a shows connections too`;

function said(theme: Theme, what: SafeText): Painted {
  return theme.paint('quiet', text`${MARGIN}${what}`);
}

type Narrowing = { what: SafeText; key: SafeText; does: SafeText };

function whatNarrows(state: State): Narrowing[] {
  const { filter } = state.tables[tableOf(state)];
  const esc = filter.text === '' ? text`Esc` : text`Esc Esc`;
  const narrowing: Narrowing[] = [];
  if (filter.text !== '')
    narrowing.push({ what: text`/${safe(filter.text)}`, key: text`Esc`, does: text`clears the filter` });
  for (const target of targetsShown(state))
    narrowing.push({ what: targetText(target), key: esc, does: text`shows every port` });
  if (state.pids !== null)
    narrowing.push({ what: pidsText([...state.pids]), key: esc, does: text`shows every process` });
  if (tableOf(state) === 'processes') return narrowing;
  for (const protocol of USUAL.filter((usual) => !state.protocols.includes(usual)))
    narrowing.push({
      what: text`no ${safe(protocol)}`,
      key: keyOf(protocol),
      does: text`shows them`,
    });
  if (narrowing.length > 0 && state.view === 'listening')
    narrowing.push({ what: text`only what listens`, key: ALL, does: text`shows connections too` });
  return narrowing;
}

const ALL = safe(VIEWS.find(({ name }) => name === 'sockets')?.key ?? '');

function keyOf(protocol: Protocol): SafeText {
  const binding = BINDINGS.find(
    ({ command }) => command.type === 'toggle-protocol' && command.protocol === protocol,
  );
  return keyName(binding?.keys[0] ?? '');
}
