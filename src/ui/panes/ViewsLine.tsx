import { connectionsTrail, selection, shownRows } from '../../store/shown.ts';
import type { State } from '../../store/state.ts';
import { EMPTY, repeat, type SafeText, text } from '../../text/safe.ts';
import { widthOf } from '../../text/width.ts';
import { Line } from '../Line.tsx';
import { sparkline } from '../sparkline.ts';
import { painted, type Theme } from '../theme.ts';
import { countedAgo } from './counted-ago.ts';
import { GAP, narrowing } from './narrowing.ts';
import { cellsOf, viewLabels } from './view-labels.ts';

type Props = {
  theme: Theme;
  state: State;
  width: number;
  /** How many rows of the table are in sight. */
  height: number;
};

/** The views, which of them is shown, what narrows it, and at its end where in it the selection is. */
export function ViewsLine({ theme, state, width, height }: Props) {
  const labels = viewLabels(state, width);
  const views = labels.map(({ name, label }) =>
    theme.paint(name === state.view ? 'selected' : 'quiet', label),
  );
  let room = width - cellsOf(labels);
  const said = narrowing(state, room);
  for (const { said: what } of said) room -= widthOf(what);
  const place = placeText(state, height);
  const shown = place !== EMPTY && widthOf(place) + GAP.length <= room ? place : EMPTY;
  room -= widthOf(shown) + (shown === EMPTY ? 0 : GAP.length);
  const trail = selectedTrail(state);
  const beside = trail !== EMPTY && widthOf(trail) + GAP.length <= room ? text`${GAP}${trail}` : EMPTY;
  room -= widthOf(beside);
  const end = shown === EMPTY ? EMPTY : text`${repeat(text` `, room + GAP.length)}${shown}`;
  return (
    <Line>
      {painted(
        ...views,
        ...said.map(({ token, said: what }) => theme.paint(token, what)),
        theme.paint('quiet', text`${beside}${end}`),
      )}
    </Line>
  );
}

/** `20/1008`, where not every row is in sight. */
function placeText(state: State, height: number): SafeText {
  if (state.view === 'services') return EMPTY;
  const { length } = shownRows(state);
  const at = selection(state);
  return at === null || length <= height ? EMPTY : text`${at.index + 1}/${length}`;
}

/** How many were connected to the selected listener in the last minute, and until when, where that is not now. */
export function selectedTrail(state: State): SafeText {
  const port = state.view === 'services' ? null : selection(state)?.row.socket?.local?.port;
  const values = connectionsTrail(state);
  if (!port || !values) return EMPTY;
  const old = countedAgo(state);
  return text`:${port} ${sparkline(values)}${old === null ? EMPTY : text` ${old} ago`}`;
}
