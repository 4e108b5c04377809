import { COLUMNS } from '../query/columns.ts';
import type { Preset, TableState } from '../store/state.ts';
import { allColumns, type ChoosableTableName } from '../store/views.ts';
import { type Config, TABLE_NAMES } from './settings.ts';

/** The tables as the settings want them: the column to sort by is always there. */
export function presetOf(config: Config, { numeric }: { numeric: boolean }): Preset {
  return Object.fromEntries(TABLE_NAMES.map((name) => [name, tableOf(name, config, numeric)]));
}

function tableOf(
  name: ChoosableTableName,
  { [name]: { columns, sort } = {} }: Config,
  numeric: boolean,
): Partial<Pick<TableState, 'sort' | 'columns'>> {
  // DNS is asked only after -r, which brings this column along.
  const chosen = columns?.filter((column) => column !== COLUMNS.host) ?? allColumns(name).own;
  const missing = sort && !chosen.includes(sort.column) ? [sort.column] : [];
  return {
    ...((columns || missing.length > 0) && { columns: [...chosen, ...missing] }),
    // With numbers alone, users are uids.
    ...(sort && {
      sort: {
        key: numeric && sort.column.key === 'user' ? 'uid' : sort.column.key,
        descending: sort.descending,
      },
    }),
  };
}
