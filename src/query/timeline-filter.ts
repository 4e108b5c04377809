import type { Column } from './column.ts';
import { COLUMNS } from './columns.ts';
import { type Filter, socketTermTest } from './filter.ts';
import { FilterKeys, type SocketKey } from './filter-keys.ts';
import * as kinds from './filter-kinds.ts';
import { parseFilter, type Term, testOf } from './filter-syntax.ts';
import type { RowTest } from './filter-text.ts';
import { type FilterError, problemOf } from './query-error.ts';
import { EVENT_COLUMNS, isSummary, type TimelineFacts } from './timeline-columns.ts';

type EventKey = keyof typeof EVENT_COLUMNS;
type Key = EventKey | SocketKey;

const KEYS = new FilterKeys<Key>(
  { ...EVENT_COLUMNS, ...COLUMNS },
  { cmd: 'command', name: 'command', protocol: 'proto' },
);

const KINDS: Record<EventKey, kinds.Kind<TimelineFacts>> = {
  when: kinds.text(),
  ago: kinds.age((rows, row) => rows.at(row)),
  event: kinds.words(['opened', 'closed', 'owner', 'missed'], (word, asked) => word.startsWith(asked)),
};

function isOfEvent(term: Term<Key>): term is Extract<Term<EventKey>, { type: 'field' }> {
  return term.type === 'field' && term.key in EVENT_COLUMNS;
}

/**
 * A test for the rows of the timeline that a filter shows, in the language of {@link filterRows}, which also knows
 * what happened and when: `event:closed ago:<5m`. Throws a FilterError.
 */
export function filterTimeline(
  filter: Filter,
  columns: readonly Column<TimelineFacts>[],
  now: number,
): RowTest<TimelineFacts> {
  return testOf(
    parseFilter(filter.text, KEYS, (term): RowTest<TimelineFacts> => {
      if (isOfEvent(term))
        return kinds.fieldTest(term.values, KINDS[term.key], EVENT_COLUMNS[term.key], filter.kept, now);
      const test = socketTermTest(term as Term<SocketKey>, filter, columns as readonly Column[], now);
      const word = term.type === 'word';
      return (rows, row) => (word || !isSummary(rows, row)) && test(rows, row);
    }),
  );
}

/** Why a filter of the timeline cannot be understood; null: it can. */
export function timelineFilterProblem(text: string): FilterError | null {
  return problemOf(() => filterTimeline({ text, kept: true }, [], 0));
}
