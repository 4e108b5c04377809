import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSmaps, parseSmapsRollup, rollUp } from '../../src/procfs/smaps.ts';

const SMAPS = `55e79b362000-55e79b368000 r-xp 00002000 fe:00 260386                     /usr/bin/Rss: 9 kB
Size:                 24 kB
KernelPageSize:        4 kB
MMUPageSize:           4 kB
Rss:                  24 kB
Pss:                   8 kB
Swap:                  0 kB
THPeligible:           0
ProtectionKey:         0
VmFlags: rd ex mr mw me 
7fdc2dfb6000-7fdc2dfb9000 rw-p 00000000 00:00 0 
Size:                 12 kB
Rss:                   4 kB
Pss:                   4 kB
Swap:                  8 kB
VmFlags: rd wr mr mw me ac sd 
`;

describe('/proc/PID/smaps', () => {
  it('has each mapping with what is counted of it in bytes, and its flags', () => {
    const [first, second] = parseSmaps(SMAPS);
    expect(first).toMatchObject({ path: '/usr/bin/Rss: 9 kB', perms: 'r-xp', inode: 260386 });
    expect([...(first?.counts ?? [])]).toEqual([
      ['Size', 24576],
      ['KernelPageSize', 4096],
      ['MMUPageSize', 4096],
      ['Rss', 24576],
      ['Pss', 8192],
      ['Swap', 0],
    ]);
    expect(first?.flags).toEqual(['rd', 'ex', 'mr', 'mw', 'me']);
    expect(second).toMatchObject({ path: null, flags: ['rd', 'wr', 'mr', 'mw', 'me', 'ac', 'sd'] });
  });

  it('is rolled up where the kernel does not', () => {
    expect([...rollUp(parseSmaps(SMAPS))]).toEqual([
      ['Rss', 28672],
      ['Pss', 12288],
      ['Swap', 8192],
    ]);
  });

  it('of this process is all understood, and its roll-up has the names that the kernel’s has', () => {
    const rolled = rollUp(parseSmaps(readFileSync('/proc/self/smaps', 'utf8')));
    for (const name of parseSmapsRollup(readFileSync('/proc/self/smaps_rollup', 'utf8')).keys()) {
      // Told of the whole alone.
      if (!/^Pss_(?:Anon|File|Shmem)$/.test(name)) expect([...rolled.keys()]).toContain(name);
    }
  });

  it('is refused where it is none, and nothing else goes wrong', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        if (/^\n*$/.test(text)) return;
        expect(() => parseSmaps(text)).toThrow(SyntaxError);
        expect(() => parseSmapsRollup(text)).toThrow(SyntaxError);
        expect(parseSmaps(`${SMAPS}${text}`)).toHaveLength(2);
      }),
    );
  });

  it('rolled up is one mapping', () => {
    const [line] = SMAPS.split('\n');
    expect(parseSmapsRollup(`${line}\nRss: 4 kB\n`)).toEqual(new Map([['Rss', 4096]]));
    expect(() => parseSmapsRollup(SMAPS)).toThrow(SyntaxError);
    expect(() => parseSmapsRollup('')).toThrow(SyntaxError);
  });
});
