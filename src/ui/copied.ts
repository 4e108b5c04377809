import { selection, withShown } from '../store/shown.ts';
import type { State } from '../store/state.ts';
import { join, type SafeText, text } from '../text/safe.ts';
import type { DetailLine } from './panes/detail-lines.ts';
import { cellText } from './table/cell-text.ts';

/** As between the columns of a list. */
const GAP = text`  `;

/** What `y` copies: the value that the details' cursor is on, or the selected row, its cells in full; null: nothing is selected. */
export function textToCopy(state: State, lines: readonly DetailLine[]): SafeText | null {
  if (state.focus === 'details') return lines[Math.min(state.detailsLine, lines.length - 1)]?.whole ?? null;
  return withShown(state, ({ columns, rows }) => {
    const row = rows.at(selection(state)?.index ?? -1);
    return row
      ? join(
          columns.map((column) => cellText(column, row, state.now)),
          GAP,
        )
      : null;
  });
}
