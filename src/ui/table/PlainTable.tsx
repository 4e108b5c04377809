import InkTable, { type CellProps } from 'ink-table';
import { createContext, use } from 'react';
import { EMPTY, type SafeText, text } from '../../text/safe.ts';
import { fit } from '../../text/width.ts';
import { Line } from '../Line.tsx';
import { createTheme, type Theme, type Token } from '../theme.ts';

// ink-table is CommonJS: a bundler hands over its exports, with the component inside.
const Table = (InkTable as unknown as { default?: typeof InkTable }).default ?? InkTable;

/** The first character of a cell says what it means: the cursor's line, a warning, what is not known, a heading. */
export type Mark = '▸' | '!' | '?' | '─' | ' ';
const TOKENS: Record<Mark, Token | null> = {
  '▸': 'key',
  '!': 'warning',
  '?': 'quiet',
  '─': 'title',
  ' ': null,
};

/** One row: cells that begin with their mark. */
export type PlainRow = readonly SafeText[];

type Props = {
  theme: Theme;
  rows: readonly PlainRow[];
  /** The cells of each column; a space stands between them. */
  widths: readonly number[];
};

/** What the cells need and ink-table has no way to give them. */
const Surroundings = createContext<{ theme: Theme; widths: readonly number[] }>({
  theme: createTheme(false),
  widths: [],
});

/** A still table of few rows, by ink-table: key and value, look-ups, the help. */
export function PlainTable({ theme, rows, widths }: Props) {
  if (rows.length === 0) return null;
  const columns = widths.map((_, index) => String(index));
  const data = rows.map((cells) =>
    Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? EMPTY])),
  );
  return (
    <Surroundings value={{ theme, widths }}>
      <Table data={data} columns={columns} header={Nothing} skeleton={Nothing} cell={Cell} />
    </Surroundings>
  );
}

function Nothing() {
  return null;
}

/**
 * ink-table pads a cell with one space before and some behind, and counts UTF-16 units: wide characters would
 * push the next column away. So the padding is taken off, and the cell put into its cells.
 */
function Cell({ column, children }: CellProps) {
  const { theme, widths } = use(Surroundings);
  const cell = (children as SafeText).slice(1).trimEnd() as SafeText;
  const token = TOKENS[cell.charAt(0) as Mark] ?? (column === 1 ? 'plain' : 'quiet');
  return <Line>{theme.paint(token, fit(text`${cell} `, (widths[column] ?? 0) + 1))}</Line>;
}
