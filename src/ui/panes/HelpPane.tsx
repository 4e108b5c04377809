import { Box } from 'ink';
import type { Focus, State } from '../../store/state.ts';
import { EMPTY, type SafeText, text } from '../../text/safe.ts';
import { wrap } from '../../text/width.ts';
import { keyLines, namesText } from '../keys/help.ts';
import { Line } from '../Line.tsx';
import { type PlainRow, PlainTable } from '../table/PlainTable.tsx';
import { painted, type Theme } from '../theme.ts';

/** What decides which keys there are. */
type Keys = Pick<State, 'refusesSignals'>;

type Props = { theme: Theme; state: Keys; top: number; width: number; height: number };

/** What is said, and what of. */
type Said = readonly [what: SafeText, means: SafeText];

const MARKS: Said[] = [
  [text`▌`, text`the selected row`],
  [text`+  -`, text`came, or went, in the last 5 seconds`],
  [text`·`, text`pinned: closed, it stays, until Space`],
  [text`!`, text`a queue beside the screen fills: →`],
  [text`▸  ▾`, text`several sockets as one row, and apart`],
  [text`▓▓░░ 61/128`, text`waiting to be accepted, of how many`],
  [text`▓▓▓▓ 129/128!`, text`full: what comes now is dropped`],
  [text`▁▂▅█`, text`connected, in the last minute`],
  [text`<1m ago`, text`connections were counted then: dim`],
  [text`+3 -1`, text`opened, closed in the last minute`],
  [text`+20 closed`, text`many at once, not told one by one`],
  [text`some missed`, text`the kernel told more than had room`],
  [text`?`, text`could not be told: Enter says why`],
  [text`–`, text`there is nothing to tell`],
];

const MOUSE: Said[] = [
  [text`click`, text`select, open; show a view`],
  [text`click a heading`, text`sort by it, then the other way up`],
  [text`Shift and drag`, text`select text; after m without Shift`],
];

const FILTERS: Said[] = [
  [text`80  nginx`, text`either port, a pid; text anywhere`],
  [text`port:80,443`, text`a column by its key: port:3000-3010`],
  [text`user:=www-data`, text`all of it; cmd:/^ngin/ is a pattern`],
  [text`addr:10.0.0.0/8`, text`a network; remote::443 the other end`],
  [text`recvq:>0  rss:>1G`, text`how much; of processes also cpu, mem`],
  [text`event:closed`, text`of the timeline; ago:<5m`],
  [text`a or not (b c)`, text`in quotes it is a word: "or"`],
];

/** Where keys are always there; what is asked for elsewhere is told below it, in the footer. */
const LASTING: readonly Focus[] = ['table', 'details'];

/** The keys, and what else is to be explained, by their headings. */
function chapters({ refusesSignals }: Keys): [SafeText, Said[]][] {
  const keys = keyLines(
    ({ where, offered }) =>
      where.some((focus) => LASTING.includes(focus)) && offered?.({ refusesSignals }) !== false,
  );
  return [
    ...Array.from(keys, ([group, lines]): [SafeText, Said[]] => [
      group,
      lines.map((line) => [namesText(line), line.does]),
    ]),
    [text`Mouse`, MOUSE],
    [text`Filters`, FILTERS],
    [text`Marks`, MARKS],
  ];
}

/** Cells of a column, and of what stands in it before its meaning. */
const COLUMN = 60;
const WHAT = 17;
/** Where there is one column alone. */
const WIDE_WHAT = 24;
/** Between the two, and at the ends. */
const AROUND = 6;

type Page = { columns: readonly (readonly PlainRow[])[]; widths: readonly number[]; length: number };

const made: { of: Keys['refusesSignals']; width: number; page: Page } = {
  of: null,
  width: 0,
  page: { columns: [], widths: [], length: 0 },
};

/** Made when somebody asks for help, which the first frame does not wait for. */
function pageOf(state: Keys, width: number): Page {
  if (made.of !== state.refusesSignals || made.width !== width)
    Object.assign(made, { of: state.refusesSignals, width, page: makePage(state, width) });
  return made.page;
}

/** In as many columns as there is width for, each going on where the one before ends. */
function makePage(state: Keys, width: number): Page {
  const count = Math.max(1, Math.floor(width / COLUMN));
  const what = count === 1 ? WIDE_WHAT : WHAT;
  const means = Math.floor(width / count) - what - AROUND;
  const rows = chapters(state).flatMap(([heading, lines]): PlainRow[] => [
    [text`▸ ${heading}`, text`  `],
    ...lines.flatMap((line) => rowsOf(line, what, means)),
  ]);
  const columns: PlainRow[][] = [];
  let from = 0;
  for (let left = count; left > 0; left--) {
    let to = from + Math.ceil((rows.length - from) / left);
    // No heading stands alone at the foot of a column.
    if (left > 1 && rows[to - 1]?.[0]?.startsWith('▸')) to--;
    columns.push(rows.slice(from, to));
    from = to;
  }
  return { columns, widths: [what + 2, means + 2], length: Math.max(...columns.map(({ length }) => length)) };
}

function rowsOf([what, means]: Said, room: number, meaningRoom: number): PlainRow[] {
  const [left, right] = [wrap(what, room), wrap(means, meaningRoom)];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) => [
    text`  ${left[at] ?? EMPTY}`,
    text`  ${right[at] ?? EMPTY}`,
  ]);
}

/** How many lines are not in sight, at the least. */
export function helpBelow(state: Keys, width: number, height: number): number {
  const { length } = pageOf(state, width);
  return length <= height ? 0 : length - (height - 1);
}

export function HelpPane({ theme, state, top, width, height }: Props) {
  const { columns, widths, length } = pageOf(state, width);
  const below = helpBelow(state, width, height);
  const from = Math.max(0, Math.min(top, below));
  const shown = below === 0 ? height : height - 1;
  const left = below - from;
  return (
    <Box flexDirection="column" height={height} overflow="hidden">
      {below > 0 && (
        <Line>
          {painted(
            theme.paint('title', text` Keys`),
            theme.paint('quiet', text`  lines ${from + 1} to ${from + shown} of ${length}`),
            theme.paint('key', left > 0 ? text`  ↓ ${left} more` : EMPTY),
          )}
        </Line>
      )}
      <Box>
        {columns.map((rows, at) => (
          <Box key={at} flexDirection="column" width={Math.floor(width / columns.length)}>
            <PlainTable theme={theme} rows={rows.slice(from, from + shown)} widths={widths} />
          </Box>
        ))}
      </Box>
    </Box>
  );
}
