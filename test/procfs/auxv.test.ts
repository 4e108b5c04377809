import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePageSize } from '../../src/procfs/auxv.ts';

const words = (size: 4 | 8, ...values: number[]) =>
  Buffer.from((size === 4 ? Uint32Array.from(values) : BigUint64Array.from(values.map(BigInt))).buffer);

describe('/proc/self/auxv', () => {
  it('says how large a page is, as getconf does', () => {
    const size = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }));
    expect(parsePageSize(readFileSync('/proc/self/auxv'))).toBe(size);
  });

  it('has words of the machine', () => {
    expect(['LE', 'BE']).toContain(endianness());
    expect(parsePageSize(words(8, 33, 6, 6, 65536, 0, 0), 'arm64')).toBe(65536);
    expect(parsePageSize(words(4, 33, 6, 6, 4096, 0, 0), 'arm')).toBe(4096);
    expect(parsePageSize(words(8, 33, 6, 0, 0), 'x64')).toBeNull();
  });

  it('of nonsense is a number or nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const size = parsePageSize(Buffer.from(bytes));
        expect(size === null || size >= 0).toBe(true);
      }),
    );
  });
});
