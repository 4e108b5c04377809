import { endianness } from 'node:os';

/** Bytes of an entry: there is one for each page of the address space, in order. */
export const ENTRY_SIZE = 8;

/** How many pages are what (Documentation/admin-guide/mm/pagemap.rst). */
export type PageCounts = {
  present: number;
  swapped: number;
  /** Of a file, or shared anonymous memory. */
  fileOrShared: number;
  /** Mapped by nobody else. */
  exclusive: number;
  /** Written to since somebody last wrote 4 to clear_refs. */
  softDirty: number;
  /** Whose frame number was told, which takes CAP_SYS_ADMIN. */
  numbered: number;
};

// The upper of an entry's two words; bits 0 to 54 of the whole are the frame's number.
const PRESENT = 1 << 31;
const SWAPPED = 1 << 30;
const FILE_OR_SHARED = 1 << 29;
const EXCLUSIVE = 1 << 24;
const SOFT_DIRTY = 1 << 23;
const UPPER_FRAME = SOFT_DIRTY - 1;

const [LOWER, UPPER] = endianness() === 'LE' ? [0, 1] : [1, 0];

export function noPages(): PageCounts {
  return { present: 0, swapped: 0, fileOrShared: 0, exclusive: 0, softDirty: 0, numbered: 0 };
}

/**
 * Adds what a piece of /proc/PID/pagemap says to the counts.
 *
 * @param words two to an entry, as they are in memory
 */
export function countPages(words: Uint32Array, counts: PageCounts): void {
  for (let at = 0; at + 1 < words.length; at += 2) {
    const upper = words[at + UPPER] as number;
    if (upper === 0 && words[at + LOWER] === 0) continue;
    if (upper & PRESENT) {
      counts.present++;
      if ((upper & UPPER_FRAME) !== 0 || words[at + LOWER] !== 0) counts.numbered++;
    }
    if (upper & SWAPPED) counts.swapped++;
    if (upper & FILE_OR_SHARED) counts.fileOrShared++;
    if (upper & EXCLUSIVE) counts.exclusive++;
    if (upper & SOFT_DIRTY) counts.softDirty++;
  }
}
