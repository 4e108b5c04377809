import { type Mapping, parseMaps, sizeOfMapping } from '../../procfs/maps.ts';
import { type SafeText, safe, text } from '../../text/safe.ts';
import { bytes } from '../../text/units.ts';
import type { Asked, FieldDefinition, Read, Steps } from '../field.ts';
import { plain } from '../said.ts';
import { NEWLINE } from './bounded.ts';

// 65,530 mappings is all that the kernel allows unless it is told otherwise (vm.max_map_count).
const LIMIT = 32 << 20;

export const maps: FieldDefinition<Mapping[]> = {
  about: 'the mappings of its memory',
  onlyNamed: true,
  read: readMappings,
  entries: (mappings) => mappings.map((mapping) => [range(mapping), plain(mappingText(mapping))]),
  json: (mappings) => ({ value: mappings.map(mappingJson) }),
};

/** In their order; those beyond the ones that are wanted are counted. */
export function* readMappings({ procfs, pid, most }: Asked): Steps<Read<Mapping[]>> {
  const mappings: Mapping[] = [];
  let length = 0;
  let more = 0;
  yield* procfs.pieces(`${pid}/maps`, (piece) => {
    const whole = piece.lastIndexOf(NEWLINE) + 1;
    if (length + whole > LIMIT) {
      length = Infinity;
      return -1;
    }
    length += whole;
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, whole);
    if (most !== null && mappings.length >= most) {
      for (const byte of bytes) if (byte === NEWLINE) more++;
      return whole;
    }
    const read = parseMaps(bytes.toString('utf8'));
    const wanted = most === null ? read.length : most - mappings.length;
    mappings.push(...read.slice(0, wanted));
    more += Math.max(0, read.length - wanted);
    return whole;
  });
  return { value: mappings, ...(more > 0 && { more }), ...(length === Infinity && { truncated: true }) };
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
