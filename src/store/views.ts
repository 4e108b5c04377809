import { COLUMNS, type Column, numericColumns } from '../query/columns.ts';
import type { Sort } from '../query/sort.ts';
import type { Socket } from '../sockets/socket.ts';
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
  { columns: readonly Column[]; sort: Sort; includes(socket: Socket): boolean }
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
    includes: (socket) => socket.state === 'LISTEN' || socket.state === 'UNCONN',
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

const NUMERIC: Record<TableName, readonly Column[]> = {
  listening: numericColumns(TABLES.listening.columns),
  sockets: numericColumns(TABLES.sockets.columns),
};

/** The columns of a table, with names or with numbers alone. The same array each time: what is drawn is kept by it. */
export function columnsOf(name: TableName, numeric: boolean): readonly Column[] {
  return numeric ? NUMERIC[name] : TABLES[name].columns;
}
