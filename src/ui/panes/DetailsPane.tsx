import { ownerPids, selection } from '../../store/shown.ts';
import type { State } from '../../store/state.ts';
import { type SafeText, safe, text } from '../../text/safe.ts';
import type { Scroll } from '../hit.ts';
import { scrollTo } from '../layout.ts';
import { type PlainRow, PlainTable } from '../table/PlainTable.tsx';
import type { Theme } from '../theme.ts';
import type { DetailLine } from './detail-lines.ts';
import { Frame } from './Frame.tsx';

type Props = {
  theme: Theme;
  state: State;
  lines: readonly DetailLine[];
  width: number;
  height: number;
  /** Where it is scrolled to. */
  drawn: Scroll;
};

const LABEL = 11;
const SOURCE = 22;
/** From this width on every line has its source beside it; below, the frame has that of the cursor's line. */
const ROOMY = 100;
const FRAME = 2;
const SPACES = 3;

/** How wide the values are in a pane of this width. */
export function valueWidth(width: number): number {
  return width - FRAME - LABEL - SPACES - (width >= ROOMY ? SOURCE : 0) - 2;
}

/** The selected socket and its process, or the selected process: a fact a line, and where each was read. */
export function DetailsPane({ theme, state, lines, width, height, drawn }: Props) {
  const inner = height - FRAME;
  const active = state.focus === 'details';
  const cursor = Math.min(state.detailsLine, lines.length - 1);
  drawn.top = scrollTo(drawn.top, cursor, inner, lines.length);
  const visible = lines.slice(drawn.top, drawn.top + inner);
  const rows = visible.map(({ label, value, source, mark }, index): PlainRow => {
    const here = active && drawn.top + index === cursor;
    return [text`${here ? text`▸` : text` `} ${label}`, text`${safe(mark)} ${value}`, text`  ${source}`];
  });
  const widths = [LABEL, valueWidth(width) + 2, ...(width >= ROOMY ? [SOURCE] : [])];
  const below = lines.length - drawn.top - visible.length;
  const source = lines[cursor]?.source ?? text``;
  return (
    <Frame
      theme={theme}
      title={titleOf(state)}
      note={below > 0 ? text`${source}  (${below} more lines)` : source}
      active={active}
      width={width}
      height={height}
    >
      <PlainTable theme={theme} rows={rows} widths={widths} />
    </Frame>
  );
}

function titleOf(state: State): SafeText {
  const { socket, process } = selection(state)?.row ?? {};
  if (process) return text`${safe(process.command)} ${process.pid}`;
  if (!socket) return text`nothing selected`;
  const pids = ownerPids(state);
  const at = Math.min(state.detailsOwner, pids.length - 1);
  const owner = socket.owners.find(({ pid }) => pid === pids[at]);
  if (!owner) return text`${safe(socket.protocol)} ${safe(socket.path ?? String(socket.local?.port ?? ''))}`;
  const several = pids.length > 1 ? text` (owner ${at + 1} of ${pids.length}, ←→)` : text``;
  return text`${safe(owner.name ?? '(ended)')} ${owner.pid}${several}`;
}
