import { type Io, parseIo } from '../../procfs/io.ts';
import { type SafeText, text } from '../../text/safe.ts';
import { bytes } from '../../text/units.ts';
import type { FieldDefinition } from '../field.ts';
import { plain, type Said } from '../said.ts';

const MEANINGS: Record<string, SafeText> = {
  rchar: text`read, from wherever`,
  wchar: text`written, to wherever`,
  syscr: text`calls that read`,
  syscw: text`calls that write`,
  read_bytes: text`read from storage`,
  write_bytes: text`written to storage`,
  cancelled_write_bytes: text`not written after all: deleted before`,
};

/** The others count calls. */
const isSize = (name: string) => !name.startsWith('sysc');

export const io: FieldDefinition<Io> = {
  about: 'how much it read and wrote',
  option: 'CONFIG_TASK_IO_ACCOUNTING',
  read: ({ procfs, pid }) => ({ value: parseIo(procfs.text(`${pid}/io`)) }),
  entries: (io) =>
    [...io].map(([name, count]) => {
      const amount = isSize(name) ? bytes(count) : text`${count}`;
      const meaning = MEANINGS[name];
      return [name, plain(meaning === undefined ? amount : text`${amount} ${meaning}`)];
    }),
  json: (io) => ({
    value: Object.fromEntries([...io].map(([name, count]) => [isSize(name) ? sizeName(name) : name, count])),
  }),
};

/** `rcharBytes`, `cancelledWriteBytes`. */
function sizeName(name: string): string {
  const words = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
  return words.endsWith('Bytes') ? words : `${words}Bytes`;
}

export function traffic(io: Io): Said {
  const of = (name: string) => bytes(io.get(name) ?? 0);
  return plain(
    text`${of('rchar')} read, ${of('wchar')} written; of storage ${of('read_bytes')} and ${of('write_bytes')}`,
  );
}
