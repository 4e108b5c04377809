import type { Column } from '../query/column.ts';
import type { Filter } from '../query/filter.ts';
import type { FilterError } from '../query/query-error.ts';

/** The values of --sort, --columns and --filter, of sockets or of processes: each throws a QueryError. */

type ColumnsNamed<Rows> = (keys: readonly string[]) => Column<Rows>[];

/** `KEY`, `KEY:asc` or `KEY:desc`. */
export function sortBy<Rows>(
  named: ColumnsNamed<Rows>,
): (text: string) => { column: Column<Rows>; descending: boolean } {
  return (text) => {
    const [, key = '', order] = /^(.*?)(?::(asc|desc))?$/s.exec(text) ?? [];
    const [column] = named([key]);
    return { column: column as Column<Rows>, descending: order === 'desc' };
  };
}

/** `A,B`. */
export function columnsBy<Rows>(named: ColumnsNamed<Rows>): (text: string) => Column<Rows>[] {
  return (text) => named(text.split(','));
}

/** `problemOf`: what is wrong with a filter. */
export function filterBy(problemOf: (text: string) => FilterError | null): (text: string) => Filter {
  return (text) => {
    const problem = problemOf(text);
    if (problem) throw problem;
    return { text, kept: true };
  };
}
