import { identityOf } from '../../processes/process-list.ts';
import type { Target } from '../../query/target.ts';
import type { Protocol } from '../../sockets/socket.ts';
import type { Follow } from '../../store/pins.ts';
import type { ProcessSample } from '../../store/process-sample.ts';
import { shownRows, targetsShown } from '../../store/shown.ts';
import { type State, tableOf } from '../../store/state.ts';
import { forgotten } from '../../store/timeline.ts';
import { EMPTY, join, type SafeText, safe, text } from '../../text/safe.ts';
import { cut, widthOf } from '../../text/width.ts';
import type { Token } from '../theme.ts';

/** The protocols that are shown where nobody asks for others. */
export const USUAL: readonly Protocol[] = ['tcp', 'udp'];
const FEW = 3;

/** A TARGET as one may type it: `tcp@127.0.0.1:80`. */
export function targetText({ protocol, address, ports }: Target): SafeText {
  const numbers = (ports ?? []).map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
  return text`${safe(protocol ?? '')}${safe(address ? `@${address}` : '')}:${safe(numbers.join(','))}`;
}

export function pidsText(pids: readonly number[]): SafeText {
  const named = join(
    pids.slice(0, FEW).map((pid) => text`${pid}`),
    text`,`,
  );
  return pids.length > FEW ? text`pid ${named} and ${pids.length - FEW} more` : text`pid ${named}`;
}

/** A piece of what is told beside the views. */
export type Remark = { token: Token; said: SafeText };

export const GAP = text`  `;

/** What narrows the rows, how many are left, and what else is not as usual, in so many cells. */
export function narrowing(state: State, room: number): Remark[] {
  if (state.view === 'services') return [];
  const { filter } = state.tables[tableOf(state)];
  const by = [
    ...targetsShown(state).map(targetText),
    ...(state.pids === null ? [] : [pidsText([...state.pids])]),
    ...(filter.text === '' ? [] : [text`/${safe(filter.text)}`]),
    ...(tableOf(state) === 'processes' ? [] : protocolsText(state.protocols)),
  ];
  const dropped = tableOf(state) === 'timeline' ? forgotten(state.timeline) : 0;
  const remarks: Remark[] = [];
  const tell = (token: Token, said: SafeText) => remarks.push({ token, said: text`${GAP}${said}` });
  if (tableOf(state) === 'timeline' && state.connections) tell('accent', text`with connections`);
  if (state.follow) tell('accent', followText(state.follow, state));
  if (dropped > 0) tell('warning', text`the oldest ${dropped} dropped`);
  if (state.failure !== null && state.now !== 0)
    tell('danger', text`rows of ${safe(new Date(state.now).toTimeString().slice(0, 8))}`);
  if (state.missed !== null) tell('warning', safe(state.missed));
  if (state.numeric) tell('quiet', text`numbers (n)`);
  if (by.length > 0) {
    // However long a filter is, how much it leaves is said.
    const count = text`  ${shownRows(state).length} shown`;
    const why = cut(join(by, text`  `), Math.max(1, room - widthOf(count) - GAP.length));
    remarks.unshift({ token: 'accent', said: text`${GAP}${why}${count}` });
  }
  let left = room;
  return remarks.map(({ token, said }) => {
    const shown = cut(said, left);
    left -= widthOf(shown);
    return { token, said: shown };
  });
}

/** How many cells it would take. */
export function narrowingCells(state: State): number {
  return narrowing(state, Infinity).reduce((cells, { said }) => cells + widthOf(said), 0);
}

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
