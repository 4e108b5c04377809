import { ProcError } from '../../procfs/procfs.ts';
import {
  type CountedMapping,
  type MemoryCounts,
  parseSmaps,
  parseSmapsRollup,
  rollUp,
} from '../../procfs/smaps.ts';
import { join, type SafeText, safe, text } from '../../text/safe.ts';
import { bytes } from '../../text/units.ts';
import type { Asked, Entry, FieldDefinition, Read } from '../field.ts';
import { plain, type Said } from '../said.ts';
import { NEWLINE } from './bounded.ts';
import { mappingJson, mappingText, range } from './maps.ts';

/** `mappings`: null where nobody asked for them. */
export type Smaps = { total: MemoryCounts; mappings: CountedMapping[] | null };

// Some 700 bytes for each of 65,530 mappings.
const LIMIT = 64 << 20;

export const smaps: FieldDefinition<Smaps> = {
  about: 'its memory, its own and its share; when named, by mapping too',
  option: 'CONFIG_PROC_PAGE_MONITOR',
  read: (asked) => (asked.named ? readAll(asked) : readTotal(asked)),
  entries: ({ total, mappings }) => [
    ...[...total].map(([name, size]): Entry => [name, plain(bytes(size))]),
    ...(mappings ?? []).map((mapping): Entry => [range(mapping), mappingSaid(mapping)]),
  ],
  json: ({ total, mappings }) => ({
    value: mappings
      ? { total: countsJson(total), mappings: mappings.map(countedJson) }
      : { total: countsJson(total) },
  }),
};

function readTotal({ procfs, pid }: Asked): Read<Smaps> {
  const total = parseSmapsRollup(procfs.text(`${pid}/smaps_rollup`));
  return { value: { total, mappings: null }, file: 'smaps_rollup' };
}

function readAll(asked: Asked): Read<Smaps> {
  const { bytes, truncated } = asked.procfs.read(`${asked.pid}/smaps`, LIMIT);
  const whole = truncated ? bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1) : bytes;
  const mappings = parseSmaps(whole.toString('utf8'));
  const value = { total: totalOf(asked, mappings), mappings };
  return truncated ? { value, truncated } : { value };
}

/** Before Linux 4.14 there is no roll-up; and a kernel thread has none. */
function totalOf(asked: Asked, mappings: readonly CountedMapping[]): MemoryCounts {
  try {
    return readTotal(asked).value.total;
  } catch (error) {
    if (error instanceof ProcError && error.gone) return rollUp(mappings);
    throw error;
  }
}

function mappingSaid(mapping: CountedMapping): Said {
  const part = (name: string, what: SafeText) => {
    const size = mapping.counts.get(name) ?? 0;
    return size === 0 ? [] : [text`${bytes(size)} ${what}`];
  };
  const counts = [
    ...part('Rss', text`resident`),
    ...part('Pss', text`its share`),
    ...part('Anonymous', text`its own`),
    ...part('Swap', text`swapped out`),
  ];
  const flags = mapping.flags.length > 0 ? [text`flags ${safe(mapping.flags.join(' '))}`] : [];
  return plain(mappingText(mapping), ...(counts.length > 0 ? [join(counts, text`, `)] : []), ...flags);
}

/** The memory that ends with it. */
export function share({ total }: Smaps): Said | null {
  const share = total.get('Pss');
  if (share === undefined) return null;
  const own = (total.get('Private_Clean') ?? 0) + (total.get('Private_Dirty') ?? 0);
  return plain(
    text`${bytes(share)} with its share of what others have, too (PSS), ${bytes(own)} its alone (USS)`,
  );
}

function countsJson(counts: MemoryCounts): object {
  return Object.fromEntries([...counts].map(([name, size]) => [`${name}Bytes`, size]));
}

function countedJson({ counts, flags, ...mapping }: CountedMapping): object {
  return { ...mappingJson(mapping), ...countsJson(counts), flags };
}
