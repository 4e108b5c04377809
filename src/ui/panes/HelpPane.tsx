import { Box } from 'ink';
import type { State } from '../../store/state.ts';
import { EMPTY, join, type SafeText, text } from '../../text/safe.ts';
import { BINDINGS, keyName } from '../keys/bindings.ts';
import { Line } from '../Line.tsx';
import { type PlainRow, PlainTable } from '../table/PlainTable.tsx';
import { painted, type Theme } from '../theme.ts';

/** What decides which keys there are. */
type Keys = Pick<State, 'refusesSignals'>;

type Props = { theme: Theme; state: Keys; top: number; width: number; height: number };

const MARKS: PlainRow[] = [
  [text`▸ Marks`, text`  `],
  [text`  ▌`, text`  the selected row`],
  [text`  +  -`, text`  came, or went, in the last five seconds`],
  [text`  ·`, text`  pinned: closed, it stays, until Space lets it go`],
  [text`  ▸  ▾`, text`  several sockets as one row, and each by itself`],
  [text`  ▓▓░░ 61/128`, text`  connections that wait to be accepted, of how many`],
  [text`  129/128!`, text`  the queue is full: what comes now is dropped`],
  [text`  CONN<1m`, text`  counted up to a minute ago: it takes long here`],
  [text`  ▁▂▅█`, text`  the last minute: of the host, of the selected port`],
  [text`  ?`, text`  could not be found out: Enter on the row says why`],
  [text`  –`, text`  there is nothing to tell`],
];

const MOUSE: PlainRow[] = [
  [text`▸ Mouse`, text`  `],
  [text`  click`, text`  select, and open what is selected; show a view`],
  [text`  click on a heading`, text`  sort by the column, then the other way up`],
  [text`  wheel`, text`  scroll what is under it`],
  [text`  Shift and drag`, text`  select text, as without the mouse (m)`],
  [text`  `, text`  `],
];

const TIMELINE: PlainRow[] = [
  [text`▸ Timeline`, text`  `],
  [text`  EVENT`, text`  of what listens or is bound, as "new owner"`],
  [text`  a`, text`  connections too: that they closed says the kernel;`],
  [text`  `, text`  that they opened, looks at them (here, and view 2)`],
  [text`  +20 closed`, text`  of many at once some are told, the others counted`],
  [text`  some missed`, text`  the kernel told more than there was room for`],
  [text`  +3 -1`, text`  in the header: opened, closed in the last minute`],
  [text`  `, text`  `],
];

const FILTERS: PlainRow[] = [
  [text`▸ Filters`, text`  `],
  [text`  80  nginx`, text`  a port of either end or a pid; text anywhere`],
  [text`  port:80,443`, text`  a column by its key: also port:3000-3010, recvq:>0`],
  [text`  user:=www-data`, text`  the whole of it; cmd:/^ngin/ is a pattern`],
  [text`  addr:10.0.0.0/8`, text`  a network; remote::443 is the other end's port`],
  [text`  cpu:>10`, text`  of processes; also rss:>100M, user:root, port:80`],
  [text`  event:closed ago:<5m`, text`  of the timeline; an event is opened, closed, owner`],
  [text`  a or not (b c)`, text`  a word in quotes is only a word: "or"`],
  [text`  `, text`  `],
];

/** Every line of the help, made of the bindings that the keys really have. */
function helpRows(state: Keys): PlainRow[] {
  const groups = new Map<SafeText, PlainRow[]>();
  for (const { keys, help, group, offered } of BINDINGS) {
    if (!help || offered?.(state) === false) continue;
    const rows = groups.get(group) ?? [];
    groups.set(group, rows);
    rows.push([text`  ${join(keys.map(keyName), text` `)}`, text`  ${help}`]);
  }
  return [
    ...[...groups].flatMap(([group, rows]): PlainRow[] => [
      [text`▸ ${group}`, text`  `],
      ...rows,
      [text`  `, text`  `],
    ]),
    ...MOUSE,
    ...TIMELINE,
    ...FILTERS,
    ...MARKS,
  ];
}

let made: { of: Keys['refusesSignals']; rows: PlainRow[] } | null = null;

/** Made when somebody asks for help, which the first frame does not wait for. */
function rows(state: Keys): PlainRow[] {
  if (made?.of !== state.refusesSignals) made = { of: state.refusesSignals, rows: helpRows(state) };
  return made.rows;
}

export function helpLength(state: Keys): number {
  return rows(state).length;
}

const KEYS = 24;

/** Which lines are in sight, where there are more. */
function whereText(from: number, shown: number, all: number): SafeText {
  return shown < all ? text`  lines ${from + 1} to ${from + shown} of ${all}` : EMPTY;
}

export function HelpPane({ theme, state, top, width, height }: Props) {
  const from = Math.max(0, Math.min(top, helpLength(state) - (height - 1)));
  const visible = rows(state).slice(from, from + height - 1);
  return (
    <Box flexDirection="column" height={height} overflow="hidden">
      <Line>
        {painted(
          theme.paint('title', text` Keys`),
          theme.paint('quiet', whereText(from, visible.length, helpLength(state))),
        )}
      </Line>
      <PlainTable theme={theme} rows={visible} widths={[KEYS, width - KEYS - 4]} />
    </Box>
  );
}
