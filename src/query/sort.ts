import type { Socket } from '../sockets/socket.ts';
import { COLUMNS, type Column, type Value } from './columns.ts';

export type Sort = { key: string; descending: boolean };

/** What decides between rows that the sort column holds equal, so that nothing jumps: then the order is whole. */
const TIES: readonly Column[] = [COLUMNS.port, COLUMNS.proto, COLUMNS.addr, COLUMNS.remote, COLUMNS.inode];

/** Compares rows by a column, either way up; ties always in the same order, and what is not known always last. */
export function comparator(column: Column, descending: boolean): (a: Socket, b: Socket) => number {
  return (a, b) => {
    const order = compareValues(column.rank(a), column.rank(b), descending);
    if (order !== 0) return order;
    for (const tie of TIES) {
      const decided = compareValues(tie.rank(a), tie.rank(b), false);
      if (decided !== 0) return decided;
    }
    return 0;
  };
}

/** Numbers by size, text by code units. */
function compareValues(a: Value, b: Value, descending: boolean): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b === descending ? 1 : -1;
}
