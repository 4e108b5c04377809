import { columnsShown, type State, sortColumn, tableOf } from '../../store/state.ts';
import { safe, text } from '../../text/safe.ts';
import { widthOf } from '../../text/width.ts';
import { BINDINGS, keyName, PROGRAM } from '../keys/bindings.ts';
import { Line } from '../Line.tsx';
import { type Painted, painted, type Theme } from '../theme.ts';
import { typedLine } from './typed-line.ts';

type Props = { theme: Theme; state: State; width: number };

/** The keys that work now, or what is being typed. */
export function Footer({ theme, state, width }: Props) {
  const lead = leadOf(theme, state);
  const hints = BINDINGS.flatMap(({ keys, where, footer, shown, group }) => {
    if (!footer || !where.includes(state.focus)) return [];
    const name = shown ?? keyName(keys[0] as string);
    return [{ name, footer, cells: widthOf(name) + widthOf(footer) + 3, always: group === PROGRAM }];
  });
  // How to get help and how to leave is said whatever the room; the others in their order.
  let room = width - lead.width;
  for (const { always, cells } of hints) if (always) room -= cells;
  const shown = hints.filter(({ always, cells }) => {
    if (always) return true;
    room -= cells;
    return room >= 0;
  });
  const pieces = shown.flatMap(({ name, footer }) => [
    theme.paint('key', text` ${name}`),
    theme.paint('quiet', text` ${footer} `),
  ]);
  return <Line>{painted(...lead.parts, ...pieces)}</Line>;
}

function leadOf(theme: Theme, state: State): { parts: Painted[]; width: number } {
  if (state.focus === 'filter') {
    const label = text` /`;
    const typed = typedLine(theme, state.filterLine);
    const width = widthOf(label) + widthOf(safe(state.filterLine.text)) + 4;
    return { parts: [theme.paint('key', label), typed, theme.paint('plain', text`  `)], width };
  }
  if (state.focus === 'sort') {
    const columns = columnsShown(state);
    const sorted = sortColumn(columns, state.tables[tableOf(state)].sort);
    const parts = [theme.paint('quiet', text` sort by `)];
    let width = 9;
    for (const column of columns) {
      parts.push(theme.paint(column === sorted ? 'selected' : 'plain', text` ${column.title} `));
      width += column.title.length + 2;
    }
    return { parts, width };
  }
  return { parts: [], width: 0 };
}
