import { identityOf } from '../../processes/process-list.ts';
import type { Protocol } from '../../sockets/socket.ts';
import type { Follow } from '../../store/pins.ts';
import type { ProcessSample } from '../../store/process-sample.ts';
import { connectionsTrail, selection, shownRows, targetsShown } from '../../store/shown.ts';
import { type State, tableOf } from '../../store/state.ts';
import { forgotten } from '../../store/timeline.ts';
import { VIEWS } from '../../store/views.ts';
import { EMPTY, join, type SafeText, safe, text } from '../../text/safe.ts';
import { ago } from '../../text/units.ts';
import { cut, widthOf } from '../../text/width.ts';
import { viewLabel } from '../hit.ts';
import { Line } from '../Line.tsx';
import { sparkline } from '../sparkline.ts';
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
  const trail = selectedTrail(state);
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

/** How many were connected to the selected listener in the last minute, and until when, where that is not now. */
export function selectedTrail(state: State): SafeText {
  const port = state.view === 'services' ? null : selection(state)?.row.socket?.local?.port;
  const values = connectionsTrail(state);
  if (!port || !values) return EMPTY;
  const old = countedAgo(state);
  return text`:${port} ${sparkline(values)}${old === null ? EMPTY : text` ${old} ago`}`;
}

/** How long ago connections were counted, at most; null: just now, or they are not. */
export function countedAgo({ counted }: State): SafeText | null {
  return counted === null || counted <= RECENT ? null : text`<${ago(counted)}`;
}

const RECENT = 10_000;

function narrowing(theme: Theme, state: State, room: number): Painted[] {
  if (state.view === 'services') return [];
  const { filter } = state.tables[tableOf(state)];
  const by = [
    ...targetsShown(state).map(targetText),
    ...(state.pids === null ? [] : [pidsText([...state.pids])]),
    ...(filter.text === '' ? [] : [text`/${safe(filter.text)}`]),
    ...(tableOf(state) === 'processes' ? [] : protocolsText(state.protocols)),
    ...(tableOf(state) === 'timeline' && state.connections ? [text`with connections`] : []),
  ];
  const dropped = tableOf(state) === 'timeline' ? forgotten(state.timeline) : 0;
  const remarks = [
    ...(dropped === 0 ? [] : [theme.paint('warning', text`   the oldest ${dropped} dropped`)]),
    ...(state.failure === null || state.now === 0
      ? []
      : [theme.paint('danger', text`   rows of ${safe(new Date(state.now).toTimeString().slice(0, 8))}`)]),
    ...(state.missed === null ? [] : [theme.paint('warning', text`   ${safe(state.missed)}`)]),
  ];
  const followed =
    state.follow && theme.paint('accent', cut(text`${GAP}${followText(state.follow, state)}`, room));
  if (followed) remarks.unshift(followed);
  if (by.length === 0) return remarks;
  // However long a filter is, how much it leaves is said.
  const count = text`  ${shownRows(state).length} shown`;
  const why = cut(join(by, text`  `), Math.max(1, room - widthOf(count) - GAP.length));
  return [theme.paint('accent', text`${GAP}${why}${count}`), ...remarks];
}

const GAP = text`   `;

/** What the selection goes with, and what has become of it. */
function followText(follow: Follow, { sample, processes }: State): SafeText {
  if (follow.kind === 'process') {
    const { command, pid } = follow.process;
    const ended = processes !== null && isAmongEnded(processes, follow.identity);
    return text`following ${safe(command)}${ended ? text` (ended)` : nowText(follow, pid)}`;
  }
  const { protocol, local, path } = follow.kept.facts.socket(follow.kept.row);
  const other = protocol === 'tcp' ? EMPTY : text`/${safe(protocol)}`;
  const where = local ? text`:${local.port}${other}` : safe(path ?? '');
  const closed = sample !== null && sample.lifecycle.closed.rowOf(follow.identity) >= 0;
  const row = sample?.snapshot.table.rowOf(follow.identity) ?? -1;
  const pid = sample && row >= 0 ? sample.snapshot.pid(row) : 0;
  return text`following ${where}${closed ? text` (closed)` : nowText(follow, pid)}`;
}

function nowText({ was }: Follow, pid: number): SafeText {
  return was === null || pid === 0 || pid === was ? EMPTY : text` (pid ${was} → ${pid})`;
}

function isAmongEnded({ table, running }: ProcessSample, identity: number): boolean {
  return table.processes.slice(running).some((process) => identityOf(process) === identity);
}

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
