import { useRef } from 'react';
import type { Column } from '../../query/column.ts';
import { PROCESS_COLUMN_MEANINGS, SOCKET_COLUMN_MEANINGS } from '../../query/column-meanings.ts';
import { isSorted } from '../../store/change-columns.ts';
import { type Chooser, type State, tableOf } from '../../store/state.ts';
import { VIEWS } from '../../store/views.ts';
import { EMPTY, type SafeText, safe, text } from '../../text/safe.ts';
import { fit, widthOf } from '../../text/width.ts';
import { Line } from '../Line.tsx';
import { scrollTo } from '../layout.ts';
import { type Painted, painted, type Theme } from '../theme.ts';
import { Frame } from './Frame.tsx';

type Props = { theme: Theme; state: State; chooser: Chooser; width: number; height: number };

const FRAME = 2;
const TITLE = 18;
const KEY = 10;
/** Cells of ` [x] `. */
const CHECK = 5;

/** Every column that the table can have, which it has, and what stands in each. */
export function ColumnsPane({ theme, state, chooser, width, height }: Props) {
  const top = useRef(0);
  const { list, cursor } = chooser;
  const inner = height - FRAME;
  top.current = scrollTo(top.current, cursor, inner, list.length);
  const view = VIEWS.find(({ name }) => name === tableOf(state))?.title ?? EMPTY;
  const shown = list.filter(({ on }) => on).length;
  const chosen = list[cursor];
  const sorted = chosen?.on && isSorted(state, chosen.column);
  return (
    <Frame
      theme={theme}
      title={text`${view}: ${shown} of ${list.length} columns`}
      note={sorted ? text`the rows are sorted by it: it stays` : noteOf(state, chosen, width)}
      active
      width={width}
      height={height}
    >
      {list.slice(top.current, top.current + inner).map((each, index) => (
        <Line key={index}>{lineOf(theme, state, each, top.current + index === cursor, width - FRAME)}</Line>
      ))}
    </Frame>
  );
}

/** What stands in the chosen column, where its line has no room for that. */
function noteOf(state: State, chosen: Chooser['list'][number] | undefined, width: number): SafeText {
  const meaning = chosen ? safe(meaningOf(state, chosen.column)) : EMPTY;
  return widthOf(meaning) > meaningRoom(width - FRAME) ? meaning : text`those without room are to the right`;
}

function meaningRoom(width: number): number {
  return Math.max(0, width - CHECK - TITLE - KEY - 2);
}

function lineOf(
  theme: Theme,
  state: State,
  { column, on }: Chooser['list'][number],
  here: boolean,
  width: number,
): Painted {
  const name = text`${on ? text` [x] ` : text` [ ] `}${fit(column.title, TITLE)} ${fit(safe(column.key), KEY)} `;
  const meaning = fit(safe(meaningOf(state, column)), meaningRoom(width));
  if (here) return theme.paint('selected', text`${name}${meaning}`);
  return painted(theme.paint(on ? 'plain' : 'quiet', name), theme.paint('quiet', meaning));
}

function meaningOf(state: State, { key }: Column<never>): string {
  const meanings: Readonly<Record<string, string>> =
    tableOf(state) === 'processes' ? PROCESS_COLUMN_MEANINGS : SOCKET_COLUMN_MEANINGS;
  return meanings[key]?.replaceAll('`', '') ?? '';
}
