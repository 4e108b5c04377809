import { parseStatm, type Statm } from '../../procfs/statm.ts';
import { bytes } from '../../text/units.ts';
import type { FieldDefinition } from '../field.ts';
import { readPageSize } from '../page-size.ts';
import { plain } from '../said.ts';

export const statm: FieldDefinition<Statm> = {
  about: 'its memory in short',
  read: ({ procfs, pid }) => ({ value: parseStatm(procfs.text(`${pid}/statm`), readPageSize(procfs)) }),
  entries: (statm) => Object.entries(statm).map(([field, size]) => [field, plain(bytes(size))]),
  json: (statm) => ({
    value: Object.fromEntries(Object.entries(statm).map(([name, size]) => [`${name}Bytes`, size])),
  }),
};
