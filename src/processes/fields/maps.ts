import { type Mapping, parseMaps, sizeOfMapping } from '../../procfs/maps.ts';
import { type SafeText, safe, text } from '../../text/safe.ts';
import { bytes } from '../../text/units.ts';
import type { FieldDefinition, Read } from '../field.ts';
import { plain } from '../said.ts';
import { bounded, NEWLINE } from './bounded.ts';

// 65,530 mappings is all that the kernel allows unless it is told otherwise (vm.max_map_count).
const LIMIT = 32 << 20;

export const maps: FieldDefinition<Mapping[]> = {
  about: 'the mappings of its memory',
  onlyNamed: true,
  read: readMappings,
  entries: (mappings) => mappings.map((mapping) => [range(mapping), plain(mappingText(mapping))]),
  json: (mappings) => ({ value: mappings.map(mappingJson) }),
};

export function readMappings({ procfs, pid }: Parameters<typeof maps.read>[0]): Read<Mapping[]> {
  return bounded(procfs, `${pid}/maps`, LIMIT, NEWLINE, (bytes) => parseMaps(bytes.toString('utf8')));
}

export function range({ start, end }: Mapping): string {
  return `${start.toString(16)}-${end.toString(16)}`;
}

export function mappingText(mapping: Mapping): SafeText {
  const { perms, path, offset } = mapping;
  const from = offset === 0 ? text`` : text` from ${bytes(offset)} on`;
  const what = path === null ? text`anonymous` : text`${safe(path)}${from}`;
  return text`${safe(perms)} ${bytes(sizeOfMapping(mapping))} ${what}`;
}

/** Addresses are text: as numbers, most readers of JSON round them. */
export function mappingJson({ start, end, ...mapping }: Mapping): object {
  return { start: `0x${start.toString(16)}`, end: `0x${end.toString(16)}`, ...mapping };
}
