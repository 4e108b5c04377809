import type { Column } from '../../query/column.ts';
import type { Line as Typed } from '../../store/line.ts';
import { columnsShown, sortColumn } from '../../store/shown.ts';
import { type Focus, type State, tableOf } from '../../store/state.ts';
import { filterProblemOf } from '../../store/views.ts';
import { EMPTY, type SafeText, safe, text } from '../../text/safe.ts';
import { cut, widthOf } from '../../text/width.ts';
import { GLYPHS } from '../glyphs.ts';
import { BINDINGS, keyName, PROGRAM } from '../keys/bindings.ts';
import { Line } from '../Line.tsx';
import { type Painted, painted, type Theme, type Token } from '../theme.ts';
import { typedLine } from './typed-line.ts';

type Props = { theme: Theme; state: State; width: number };

/** The keys that work now, and before them what is being typed or chosen. */
export function Footer({ theme, state, width }: Props) {
  const hints = BINDINGS.flatMap(({ keys, where, footer, shown, group, command, offered, applies }) => {
    if (!footer || !where.includes(state.focus) || offered?.(state) === false || applies?.(state) === false)
      return [];
    const name = shown ?? keyName(keys[0] as string);
    const does = typeof footer === 'function' ? footer(state) : footer;
    return [
      {
        name,
        does,
        cells: widthOf(name) + widthOf(does) + 3,
        always:
          group === PROGRAM ||
          (command.type === 'pause' && state.paused) ||
          (ASKED.includes(state.focus) && keys.some((key) => key === 'enter' || key === 'esc')),
      },
    ];
  });
  // How to get help, to leave and to go on is said whatever the room; then the others in their order.
  let room = width;
  for (const { always, cells } of hints) if (always) room -= cells;
  const lead = leadOf(theme, state, room);
  room -= lead.width;
  const shown = hints.filter(({ always, cells }) => {
    if (always) return true;
    room -= cells;
    return room >= 0;
  });
  const pieces = shown.flatMap(({ name, does }) => [
    theme.paint('key', text` ${name}`),
    theme.paint('quiet', text` ${does} `),
  ]);
  return <Line>{painted(...lead.parts, ...pieces)}</Line>;
}

/** What is asked for there is to be ended, one way or the other: how is always said. */
const ASKED: readonly Focus[] = ['filter', 'search', 'sort', 'columns'];

type Lead = { parts: Painted[]; width: number };

function leadOf(theme: Theme, state: State, room: number): Lead {
  if (!TYPED.includes(state.focus)) {
    if (state.notice !== null) return saidLead(theme, 'accent', state.notice, room);
    if (state.failure !== null) return saidLead(theme, 'danger', failureText(state.failure, state), room);
  }
  if (state.focus === 'filter') return filterLead(theme, state, room);
  if (state.focus === 'search') return typedLead(theme, state.detailsSearch, room);
  if (state.focus === 'sort') return sortLead(theme, state, room);
  return { parts: [], width: 0 };
}

/** What is typed is in sight, whatever else there is to tell. */
const TYPED: readonly Focus[] = ['filter', 'search', 'lookup'];

function saidLead(theme: Theme, token: Token, what: SafeText, room: number): Lead {
  const said = text` ${cut(what, room - 3)}  `;
  return { parts: [theme.paint(token, said)], width: widthOf(said) };
}

/** That what is shown need not stay so, and why it is not new. */
function failureText(failure: string, { paused }: State): SafeText {
  return text`${paused ? text`paused, r tries again` : text`trying again`}: ${safe(failure)}`;
}

/** The filter, and behind it what is still expected: quietly, until it was to be kept so. */
function filterLead(theme: Theme, state: State, whole: number): Lead {
  const { filterLine, filterRefused } = state;
  const problem = filterProblemOf(tableOf(state), filterLine.text);
  const expected = problem ? text`expected ${safe(problem.expected)} ` : EMPTY;
  const said = problem ? text`character ${problem.position}: ${expected}` : EMPTY;
  const cells = Math.max(Math.ceil(whole / 2), whole - widthOf(safe(filterLine.text)) - 5);
  const hint = widthOf(said) <= cells ? said : cut(expected, cells);
  const { parts, width } = typedLead(theme, filterLine, whole - widthOf(hint));
  return {
    parts: [...parts, theme.paint(filterRefused ? 'danger' : 'quiet', hint)],
    width: width + widthOf(hint),
  };
}

/** What is being typed, with its cursor; of what is long, what stands before the cursor is what is shown. */
function typedLead(theme: Theme, { text: typed, cursor }: Typed, room: number): Lead {
  const characters = [...typed];
  let from = 0;
  let to = characters.length;
  const cells = () => widthOf(safe(characters.slice(from, to).join(''))) + 5;
  while (to > cursor && cells() > room) to--;
  while (from < cursor && cells() > room) from++;
  const shown = { text: characters.slice(from, to).join(''), cursor: cursor - from };
  const label = from > 0 ? text` …` : text` /`;
  return {
    parts: [theme.paint('key', label), typedLine(theme, shown), theme.paint('plain', text`  `)],
    width: cells(),
  };
}

/** The columns to sort by, as many as there is room for around the chosen one; `‹` and `›` where there are more. */
function sortLead(theme: Theme, state: State, room: number): Lead {
  const label = text` sort by `;
  const columns = columnsShown(state);
  const chosen = columns.indexOf(sortColumn(columns, state.tables[tableOf(state)].sort));
  const cells = ({ title }: Pick<Column, 'title'>) => widthOf(title) + 2;
  let [from, to] = [chosen, chosen + 1];
  let left = room - widthOf(label) - 2 - cells(columns[chosen] as Column<never>);
  for (;;) {
    const before = columns[from - 1];
    const after = columns[to];
    if (after && cells(after) <= left) {
      left -= cells(after);
      to++;
    } else if (before && cells(before) <= left) {
      left -= cells(before);
      from--;
    } else break;
  }
  const titles = columns
    .slice(from, to)
    .map((column, index) =>
      theme.paint(from + index === chosen ? 'selected' : 'plain', text` ${column.title} `),
    );
  const before = theme.paint('key', from > 0 ? GLYPHS.moreLeft : text` `);
  const after = theme.paint('key', to < columns.length ? GLYPHS.moreRight : text` `);
  return { parts: [theme.paint('quiet', label), before, ...titles, after], width: room - left };
}
