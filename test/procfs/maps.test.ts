import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMaps, sizeOfMapping } from '../../src/procfs/maps.ts';

/** An address as long as they come, what is left of an upgrade, a name with blanks, and one with a newline. */
const MAPS = `55e79b362000-55e79b368000 r-xp 00002000 fe:00 260386                     /usr/bin/head
55e7d25ac000-55e7d25cd000 rw-p 00000000 00:00 0                          [heap]
7fdc2dfb6000-7fdc2dfb9000 rw-p 00000000 00:00 0 
7fdc2e19c000-7fdc2e1a3000 r--s 00000000 103:02 338846                    /opt/my app/a b (deleted)
7fdc2e1a4000-7fdc2e1a6000 ---p 1ffff000 00:01 5                          /tmp/a\\012b
7fdc2e1a6000-7fdc2e1a7000 rw-p 00000000 00:00 0                          [anon:a name]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;

describe('/proc/PID/maps', () => {
  it('has each mapping: where it is, what may be done with it, and of which file it is', () => {
    const mappings = parseMaps(MAPS);
    expect(mappings[0]).toEqual({
      start: 0x55e79b362000n,
      end: 0x55e79b368000n,
      perms: 'r-xp',
      offset: 0x2000,
      device: 'fe:00',
      inode: 260386,
      path: '/usr/bin/head',
    });
    expect(mappings.map(({ path }) => path)).toEqual([
      '/usr/bin/head',
      '[heap]',
      null,
      '/opt/my app/a b (deleted)',
      '/tmp/a\\012b',
      '[anon:a name]',
      '[vsyscall]',
    ]);
    expect(mappings.map(sizeOfMapping)).toEqual([24576, 135168, 12288, 28672, 8192, 4096, 4096]);
    expect(mappings.at(-1)?.end).toBe(0xffffffffff601000n);
  });

  it('of a kernel thread is empty', () => {
    expect(parseMaps('')).toEqual([]);
  });

  it('of this process is all understood', () => {
    const content = readFileSync('/proc/self/maps', 'utf8');
    expect(parseMaps(content)).toHaveLength(content.trimEnd().split('\n').length);
  });

  it('has any path, which is no other mapping', () => {
    const path = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\n'));
    fc.assert(
      fc.property(path, (text) => {
        const forged = `/${text} 55e7d25ac000-55e7d25cd000 rw-p 00000000 00:00 0 x`;
        expect(parseMaps(MAPS.replace('/usr/bin/head', () => forged))[0]?.path).toBe(forged);
      }),
    );
  });

  it('is refused where it is none, and nothing else goes wrong', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        if (/^\n*$/.test(text)) return;
        expect(() => parseMaps(text)).toThrow(SyntaxError);
      }),
    );
  });
});
