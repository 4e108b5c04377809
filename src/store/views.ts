import { COLUMNS, type Column, numericColumns } from '../query/columns.ts';
import type { Sort } from '../query/sort.ts';
import type { SocketTable } from '../sockets/socket-table.ts';
import { type SafeText, text } from '../text/safe.ts';

export type ViewName = 'listening' | 'sockets' | 'services';
/** The views that are a table of sockets. */
export type TableName = Exclude<ViewName, 'services'>;

export const VIEWS: readonly { name: ViewName; key: string; title: SafeText }[] = [
  { name: 'listening', key: '1', title: text`Listening` },
  { name: 'sockets', key: '2', title: text`Sockets` },
  { name: 'services', key: '4', title: text`Services` },
];

export const TABLES: Record<
  TableName,
  { columns: readonly Column[]; sort: Sort; includes(table: SocketTable, row: number): boolean }
> = {
  listening: {
    columns: [
      COLUMNS.port,
      COLUMNS.service,
      COLUMNS.proto,
      COLUMNS.addr,
      COLUMNS.exposure,
      COLUMNS.command,
      COLUMNS.pid,
      COLUMNS.user,
      COLUMNS.queue,
      COLUMNS.started,
    ],
    sort: { key: 'port', descending: false },
    includes: (table, row) => table.isOpen(row),
  },
  sockets: {
    columns: [
      COLUMNS.proto,
      COLUMNS.state,
      COLUMNS.local,
      COLUMNS.remote,
      COLUMNS.service,
      COLUMNS.command,
      COLUMNS.pid,
      COLUMNS.user,
      COLUMNS.recvq,
      COLUMNS.sendq,
      COLUMNS.inode,
    ],
    sort: { key: 'state', descending: false },
    includes: () => true,
  },
};

const numeric = new WeakMap<readonly Column[], readonly Column[]>();

/**
 * The columns of a table, its own or those that were asked for, with names or with numbers alone. The same array
 * each time: what is drawn is kept by it.
 */
export function columnsOf(
  name: TableName,
  { numeric: numbers, columns: chosen }: { numeric: boolean; columns: readonly Column[] | null },
): readonly Column[] {
  const columns = chosen ?? TABLES[name].columns;
  if (!numbers) return columns;
  const without = numeric.get(columns) ?? numericColumns(columns);
  numeric.set(columns, without);
  return without;
}
