import type { Socket } from '../sockets/socket.ts';
import { COLUMNS, type Column } from './columns.ts';

export type Sort = { key: string; descending: boolean };

/** What decides between rows that the sort column holds equal, so that nothing jumps: then the order is whole. */
const TIES: readonly Column[] = [COLUMNS.port, COLUMNS.proto, COLUMNS.addr, COLUMNS.remote, COLUMNS.inode];

/** Compares rows by a column, either way up; ties always in the same order. */
export function comparator(column: Column, descending: boolean): (a: Socket, b: Socket) => number {
  const sign = descending ? -1 : 1;
  return (a, b) => {
    const order = column.compare(a, b);
    if (order !== 0) return sign * order;
    for (const tie of TIES) {
      const decided = tie.compare(a, b);
      if (decided !== 0) return decided;
    }
    return 0;
  };
}
