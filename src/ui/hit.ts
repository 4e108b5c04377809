import type { State } from '../store/state.ts';
import type { ViewName } from '../store/views.ts';
import { widthOf } from '../text/width.ts';
import { type Layout, layoutOf, type Size } from './layout.ts';
import { type ViewLabel, viewLabels } from './panes/view-labels.ts';
import { GAP } from './table/column-widths.ts';

/** Where a list that scrolls begins; whoever draws it writes here what it drew. */
export type Scroll = { top: number };

/** The table as it was drawn last. */
export type DrawnTable = Scroll & {
  columns: readonly { column: { key: string }; width: number }[];
  /** The identities of the rows in sight, from the top. */
  rows: readonly number[];
};

export type Drawn = { table: DrawnTable; details: Scroll };

export function nothingDrawn(): Drawn {
  return { table: { top: 0, columns: [], rows: [] }, details: { top: 0 } };
}

/** What is in a cell of the screen. */
export type Hit =
  | { on: 'view'; name: ViewName }
  | { on: 'heading'; key: string }
  /** null: under the last row. */
  | { on: 'table'; row: number | null }
  | { on: 'details'; line: number | null }
  | { on: 'help' | 'lookup' };

/** Cells before the first column: the selection, and what came or went. */
export const MARGIN = 4;

const VIEWS_LINE = 1;

/** What a person points at; null: nothing that can be pointed at. By what was drawn, since that is what they see. */
export function hitAt(
  at: { column: number; row: number },
  size: Size,
  state: State,
  drawn: Drawn,
): Hit | null {
  if (at.row === VIEWS_LINE) return viewAt(at.column, viewLabels(state, size.columns));
  const layout = layoutOf(size, state);
  const row = at.row - VIEWS_LINE - 1 - (layout.spaced ? 1 : 0);
  if (row < 0 || row >= layout.body) return null;
  if (state.focus === 'help') return { on: 'help' };
  if (state.view === 'services') return { on: 'lookup' };
  if (layout.beside && at.column >= layout.tableWidth)
    return row < layout.details ? detailsAt(row, layout, drawn.details) : null;
  if (row === 0) return headingAt(at.column, drawn.table.columns);
  if (row <= layout.table) return { on: 'table', row: drawn.table.rows[row - 1] ?? null };
  return at.column < layout.detailsWidth ? detailsAt(row - layout.table - 1, layout, drawn.details) : null;
}

function viewAt(column: number, labels: readonly ViewLabel[]): Hit | null {
  let end = 0;
  for (const { name, label } of labels) {
    end += widthOf(label);
    if (column < end) return { on: 'view', name };
  }
  return null;
}

/** A gap belongs to the column before it. */
function headingAt(column: number, columns: DrawnTable['columns']): Hit | null {
  let end = MARGIN;
  if (column < end) return null;
  for (const { column: shown, width } of columns) {
    end += width + GAP;
    if (column < end) return { on: 'heading', key: shown.key };
  }
  return null;
}

/** `row` counts from the pane's upper edge. */
function detailsAt(row: number, { details }: Layout, { top }: Scroll): Hit {
  const framed = row === 0 || row === details - 1;
  return { on: 'details', line: framed ? null : top + row - 1 };
}
