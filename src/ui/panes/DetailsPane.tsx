import { TABS } from '../../processes/tabs.ts';
import { ownerPids, selection } from '../../store/shown.ts';
import type { State } from '../../store/state.ts';
import { EMPTY, type SafeText, safe, text } from '../../text/safe.ts';
import { cut, widthOf } from '../../text/width.ts';
import type { Scroll } from '../hit.ts';
import { scrollTo } from '../layout.ts';
import { type PlainRow, PlainTable } from '../table/PlainTable.tsx';
import { painted, type Theme } from '../theme.ts';
import type { DetailLines } from './detail-lines.ts';
import { type Corner, Frame, titleRoom } from './Frame.tsx';

type Props = {
  theme: Theme;
  state: State;
  page: DetailLines;
  width: number;
  height: number;
  /** Where it is scrolled to. */
  drawn: Scroll;
};

const SOURCE = 26;
/** From this width on every line has its source beside it; below, the frame has that of the cursor's line. */
const ROOMY = 100;
const FRAME = 2;
const SPACES = 5;

/** How wide the values are in a pane of this width, beside labels of that. */
export function valueWidth(width: number, labels: number): number {
  return width - FRAME - labels - SPACES - (width >= ROOMY ? SOURCE : 0) - 2;
}

/** The selected socket and its process, or the selected process: a fact a line, and where each was read. */
export function DetailsPane({ theme, state, page, width, height, drawn }: Props) {
  const { lines, labels } = page;
  const inner = height - FRAME;
  const active = state.focus === 'details' || state.focus === 'search';
  const cursor = Math.min(state.detailsLine, lines.length - 1);
  drawn.top = scrollTo(drawn.top, cursor, inner, lines.length);
  const visible = lines.slice(drawn.top, drawn.top + inner);
  const rows = visible.map(({ label, value, source, mark }, index): PlainRow => {
    const here = active && drawn.top + index === cursor;
    const before = here ? text`▸` : mark === '─' ? text`─` : text` `;
    return [text`${before} ${label}`, text`${safe(mark)} ${value}`, text`  ${source}`];
  });
  const widths = [labels + 2, valueWidth(width, labels) + 2, ...(width >= ROOMY ? [SOURCE] : [])];
  const corner = pages(theme, state, width);
  return (
    <Frame
      theme={theme}
      title={titleOf(state, titleRoom(width, corner.width))}
      corner={corner}
      note={noteOf(state, lines[cursor]?.source ?? EMPTY, lines.length - drawn.top - visible.length)}
      active={active}
      width={width}
      height={height}
    >
      <PlainTable theme={theme} rows={rows} widths={widths} />
    </Frame>
  );
}

/** The names of the pages; that of the open one stands in brackets, where the others have spaces. */
function pages(theme: Theme, { detailsTab }: State, width: number): Corner {
  let cells = 0;
  const shown = TABS.map(({ name, title, short }) => {
    const said = width >= ROOMY ? title : short;
    const open = name === detailsTab;
    cells += widthOf(said) + 2;
    return theme.paint(open ? 'title' : 'quiet', open ? text`[${said}]` : text` ${said} `);
  });
  return { shown: painted(...shown), width: cells };
}

/** Where the line with the cursor is from, what is searched for, and how much there is below. */
function noteOf({ detailsSearch, focus }: State, source: SafeText, below: number): SafeText {
  const { text: sought } = detailsSearch;
  const only = sought === '' || focus === 'search' ? EMPTY : text`  /${safe(sought)}`;
  const lines = below === 1 ? text`line` : text`lines`;
  return below > 0 ? text`${source}${only}  (${below} more ${lines})` : text`${source}${only}`;
}

/** Of a name that is too long the number stays, and which of several owners it is. */
function titleOf(state: State, room: number): SafeText {
  const { row } = selection(state) ?? {};
  if (row?.process) return numbered(row.facts.name(row.row), row.process.pid, EMPTY, room);
  const { socket } = row ?? {};
  if (!socket) return text`nothing selected`;
  const pids = ownerPids(state);
  const at = Math.min(state.detailsOwner, pids.length - 1);
  const owner = socket.owners.find(({ pid }) => pid === pids[at]);
  if (!owner) return text`${safe(socket.protocol)} ${safe(socket.path ?? String(socket.local?.port ?? ''))}`;
  if (pids.length === 1) return numbered(owner.name ?? '(ended)', owner.pid, EMPTY, room);
  const long = text` (owner ${at + 1} of ${pids.length}, o O)`;
  const short = text` ${at + 1}/${pids.length} o O`;
  return numbered(owner.name ?? '(ended)', owner.pid, room >= ROOMY_TITLE ? long : short, room);
}

const ROOMY_TITLE = 40;

function numbered(name: string, pid: number, after: SafeText, room: number): SafeText {
  const rest = text` ${pid}${after}`;
  return text`${cut(safe(name), Math.max(4, room - widthOf(rest)))}${rest}`;
}
