import { type State, sortColumn, tableOf } from '../../store/state.ts';
import { TABLES } from '../../store/views.ts';
import { safe, text } from '../../text/safe.ts';
import { widthOf } from '../../text/width.ts';
import { BINDINGS, keyName } from '../keys/bindings.ts';
import { Line } from '../Line.tsx';
import { type Painted, painted, type Theme } from '../theme.ts';
import { typedLine } from './typed-line.ts';

type Props = { theme: Theme; state: State; width: number };

/** The keys that work now, or what is being typed. */
export function Footer({ theme, state, width }: Props) {
  const lead = leadOf(theme, state);
  let used = lead.width;
  const hints: Painted[] = [];
  for (const { keys, where, footer, shown } of BINDINGS) {
    if (!footer || !where.includes(state.focus)) continue;
    const name = shown ?? keyName(keys[0] as string);
    const cells = widthOf(name) + 1 + widthOf(footer) + 2;
    if (used + cells > width) continue;
    used += cells;
    hints.push(theme.paint('key', text` ${name}`), theme.paint('quiet', text` ${footer}`));
  }
  return <Line>{painted(...lead.parts, ...hints)}</Line>;
}

function leadOf(theme: Theme, state: State): { parts: Painted[]; width: number } {
  if (state.focus === 'filter') {
    const label = text` /`;
    const typed = typedLine(theme, state.filterLine);
    const width = widthOf(label) + widthOf(safe(state.filterLine.text)) + 4;
    return { parts: [theme.paint('key', label), typed, theme.paint('plain', text`  `)], width };
  }
  if (state.focus === 'sort') {
    const name = tableOf(state);
    const sorted = sortColumn(name, state.tables[name]);
    const parts = [theme.paint('quiet', text` sort by `)];
    let width = 9;
    for (const column of TABLES[name].columns) {
      parts.push(theme.paint(column === sorted ? 'selected' : 'plain', text` ${column.title} `));
      width += column.title.length + 2;
    }
    return { parts, width };
  }
  return { parts: [], width: 0 };
}
