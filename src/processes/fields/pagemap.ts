import { type Mapping, sizeOfMapping } from '../../procfs/maps.ts';
import { countPages, ENTRY_SIZE, noPages, type PageCounts } from '../../procfs/pagemap.ts';
import { type SafeText, text } from '../../text/safe.ts';
import { bytes } from '../../text/units.ts';
import type { Asked, Entry, FieldDefinition, Read, Steps } from '../field.ts';
import { readPageSize } from '../page-size.ts';
import { dim, plain, type Said } from '../said.ts';
import { readMappings } from './maps.ts';

/** `looked`: of how many of its `pages` the kernel was asked. */
export type PageMap = PageCounts & { pages: number; looked: number; pageSize: number };

/** 16 GiB of small pages: that takes some 0.1 s. */
const MOST = 4 << 20;
const PIECE = 1 << 20;

export const pagemap: FieldDefinition<PageMap> = {
  about: 'how many pages of its memory are present, swapped out, its alone',
  onlyNamed: true,
  option: 'CONFIG_PROC_PAGE_MONITOR',
  read: readPages,
  entries: (pagemap) => {
    const said = (count: number, what: SafeText): Said =>
      plain(text`${count} ${what} (${bytes(count * pagemap.pageSize)})`);
    const cut = pagemap.pages - pagemap.looked;
    const entries: Entry[] = [
      ['pages', said(pagemap.pages, text`of address space`)],
      ['present', said(pagemap.present, text`in memory`)],
      ['swapped', said(pagemap.swapped, text`swapped out`)],
      ['shared', said(pagemap.fileOrShared, text`of files, or of memory that is shared`)],
      ['exclusive', said(pagemap.exclusive, text`mapped by no other process`)],
      ['soft-dirty', softDirty(pagemap)],
      ['frames', frames(pagemap)],
    ];
    if (cut > 0) entries.push(['not looked at', dim(text`${cut} pages, of its largest mappings`)]);
    return entries;
  },
  json: ({ pages, looked, present, swapped, fileOrShared, exclusive, softDirty, numbered, pageSize }) => ({
    value: {
      pages,
      lookedAtPages: looked,
      presentPages: present,
      swappedPages: swapped,
      fileOrSharedPages: fileOrShared,
      exclusivePages: exclusive,
      softDirtyPages: softDirty,
      frameNumbers: numbered > 0,
      pageSizeBytes: pageSize,
    },
  }),
};

/** Where the kernel does not count them, none is told; else each is at first. */
function softDirty({ softDirty: count, pageSize }: PageMap): Said {
  const since = text`since 4 was written to clear_refs`;
  return count > 0
    ? plain(text`${count} written to ${since}, or ever (${bytes(count * pageSize)})`)
    : dim(text`none was written to ${since}, or the kernel does not count them (CONFIG_MEM_SOFT_DIRTY)`);
}

function frames({ numbered, present }: PageMap): Said {
  return numbered > 0 || present === 0
    ? plain(text`where they are in memory is told, and not shown`)
    : dim(text`where they are in memory is told only with CAP_SYS_ADMIN`);
}

/** The smaller mappings first: the huge ones are mostly reserved, with nothing in them. */
function* readPages(asked: Asked): Steps<Read<PageMap>> {
  const { procfs, pid } = asked;
  const pageSize = readPageSize(procfs);
  const { value: all } = yield* readMappings({ ...asked, most: null });
  const mappings = all.filter(isInPageTables).sort((a, b) => sizeOfMapping(a) - sizeOfMapping(b));
  const pagemap = { ...noPages(), pages: 0, looked: 0, pageSize };
  const buffer = new Uint8Array(PIECE);
  procfs.within(`${pid}/pagemap`, (read) => {
    for (const mapping of mappings) {
      const pages = sizeOfMapping(mapping) / pageSize;
      pagemap.pages += pages;
      let offset = (Number(mapping.start) / pageSize) * ENTRY_SIZE;
      for (let left = Math.min(pages, MOST - pagemap.looked); left > 0; ) {
        const length = read(buffer.subarray(0, Math.min(PIECE, left * ENTRY_SIZE)), offset);
        const entries = Math.floor(length / ENTRY_SIZE);
        if (entries === 0) break;
        countPages(new Uint32Array(buffer.buffer, 0, entries * 2), pagemap);
        offset += entries * ENTRY_SIZE;
        pagemap.looked += entries;
        left -= entries;
      }
    }
  });
  return { value: pagemap };
}

/** Not what the kernel lends every process, above its own address space: vsyscall. */
function isInPageTables({ start }: Mapping): boolean {
  return start < 1n << 63n;
}
