import type { Column } from '../query/column.ts';
import type { TableRow } from '../store/rows.ts';
import { type Shown, selection, withShown } from '../store/shown.ts';
import type { State } from '../store/state.ts';
import type { SafeText } from '../text/safe.ts';
import type { Size } from './layout.ts';
import { cellText, cellTone } from './table/cell-text.ts';

/** What a sample brings. Everything else of the state changes because somebody pressed a key. */
const NEWS: readonly (keyof State)[] = [
  'sample',
  'processes',
  'timeline',
  'now',
  'connected',
  'connectedTrail',
  'countedTrail',
  'elsewhere',
  'freshness',
  'asked',
  'counted',
  'ownersKnown',
  'inSight',
  'process',
  'kernel',
];

/**
 * The state as it was last drawn: Ink lays out and compares every cell of the screen for whatever change, so a
 * sample that looks the same is not drawn at all. That is most of them.
 */
export class DrawnState {
  #drawn: State | null = null;
  #appearance = '';
  #latest: State | null = null;
  #size: Size | null = null;

  /**
   * The state to draw for the one that is: itself, or the last one where both look the same.
   * @param around what else is to be seen beside the table, as text
   */
  of(latest: State, size: Size, around: (state: State) => readonly SafeText[]): State {
    const sameSize = size.columns === this.#size?.columns && size.rows === this.#size.rows;
    if (latest === this.#latest && sameSize && this.#drawn) return this.#drawn;
    this.#latest = latest;
    this.#size = size;
    const table = withShown(latest, (shown) => [...tableOf(shown, latest, size)]);
    const appearance = [...table, ...around(latest)].join('\n');
    if (!this.#drawn || !isNews(this.#drawn, latest) || appearance !== this.#appearance) this.#drawn = latest;
    this.#appearance = appearance;
    return this.#drawn;
  }
}

function isNews(before: State, now: State): boolean {
  return (Object.keys(now) as (keyof State)[]).every((key) => NEWS.includes(key) || now[key] === before[key]);
}

/** What the rows that can be in sight say: those that are as near to the selected one as the screen is high. */
function* tableOf<Facts>({ columns, rows }: Shown<Facts>, state: State, size: Size): Generator<string> {
  const at = selection(state)?.index ?? 0;
  const aging = columns.filter(({ ages }) => ages);
  yield `${at} of ${rows.length}`;
  for (const row of rows.slice(at - size.rows, at + size.rows)) {
    yield lasting(row, columns);
    if (row.closedAt !== null) for (const column of columns) yield cellText(column, row, state.now);
    else for (const column of aging) yield ageText(column, row, state.now);
  }
}

/** In ms. */
const TOGETHER = 10_000;

/** An age; from a minute on as of the last full ten seconds: those that began together are drawn together. */
function ageText<Facts>(column: Column<Facts>, row: TableRow<Facts>, now: number): string {
  const said = cellText(column, row, now);
  return /s$/.test(said) ? said : cellText(column, row, now - (now % TOGETHER));
}

const known = new WeakMap<object, { columns: readonly unknown[]; text: string }>();

/** What a row says that does not change as long as it is the same one: made once, and not with each sample. */
function lasting<Facts>(row: TableRow<Facts>, columns: readonly Column<Facts>[]): string {
  const before = known.get(row);
  if (before?.columns === columns) return before.text;
  const { identity, mark, pinned, pending, fold } = row;
  const cells = columns.map((column) => {
    const tone = cellTone(column, row);
    return column.ages ? tone : `${cellText(column, row, 0)} ${tone}`;
  });
  const text = [identity, mark, pinned, fold, pending, ...cells].join(' ');
  known.set(row, { columns, text });
  return text;
}
