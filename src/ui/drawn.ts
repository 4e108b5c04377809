import { columnsShown, rowsOf, type State, selection } from '../store/state.ts';
import type { SafeText } from '../text/safe.ts';
import type { Size } from './layout.ts';

/** What a sample brings. Everything else of the state changes because somebody pressed a key. */
const NEWS: readonly (keyof State)[] = [
  'sample',
  'now',
  'connected',
  'elsewhere',
  'freshness',
  'ownersKnown',
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
    const appearance = [...tableOf(latest, size), ...around(latest)].join('\n');
    if (!this.#drawn || !isNews(this.#drawn, latest) || appearance !== this.#appearance) this.#drawn = latest;
    this.#appearance = appearance;
    return this.#drawn;
  }
}

function isNews(before: State, now: State): boolean {
  return (Object.keys(now) as (keyof State)[]).every((key) => NEWS.includes(key) || now[key] === before[key]);
}

/** What the rows that can be in sight say: those that are as near to the selected one as the screen is high. */
function* tableOf(state: State, size: Size): Generator<string> {
  const rows = rowsOf(state);
  const at = selection(state)?.index ?? 0;
  const columns = columnsShown(state);
  yield `${at} of ${rows.length}`;
  for (const { identity, mark, pending, facts, row, closedAt } of rows.slice(
    at - size.rows,
    at + size.rows,
  )) {
    const cells = columns.map(
      (column) => `${column.text(facts, row, closedAt ?? state.now)} ${column.tone(facts, row)}`,
    );
    yield [identity, mark, pending, ...cells].join(' ');
  }
}
