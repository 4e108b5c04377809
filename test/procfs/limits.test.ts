import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLimits } from '../../src/procfs/limits.ts';

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max open files            1024                 524288               files     
Max nice priority         0                    0                    
Max realtime timeout      unlimited            unlimited            us        
`;

describe('/proc/PID/limits', () => {
  it('has soft and hard limits by name, and their unit', () => {
    expect([...parseLimits(LIMITS)]).toEqual([
      ['Max cpu time', { soft: null, hard: null, unit: 'seconds' }],
      ['Max open files', { soft: 1024, hard: 524288, unit: 'files' }],
      ['Max nice priority', { soft: 0, hard: 0, unit: null }],
      ['Max realtime timeout', { soft: null, hard: null, unit: 'us' }],
    ]);
  });

  it('of this process names all sixteen of getrlimit(2)', () => {
    expect(parseLimits(readFileSync('/proc/self/limits', 'utf8')).size).toBe(16);
  });

  it('that is none has nothing in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const { soft, hard } of parseLimits(text).values()) {
          expect([soft, hard].every((limit) => limit === null || limit >= 0)).toBe(true);
        }
      }),
    );
  });
});
