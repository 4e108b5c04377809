import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { stringify } from '../../src/output/json.ts';
import { safe } from '../../src/text/safe.ts';

fc.configureGlobal({ seed: 4000 });

describe('JSON', () => {
  test.each([
    ['ESC', '\x1b[31m', '"\\u001b[31m"'],
    ['DEL', '\x7f', '"\\u007f"'],
    ['C1', '\x9b31m', '"\\u009b31m"'],
    ['bidi', '\u202eevil', '"\\u202eevil"'],
    ['zero-width', 'a\u200bb', '"a\\u200bb"'],
    ['a lone surrogate', '\ud83d', '"\\ud83d"'],
    ['a tag', '\u{e0041}', '"\\udb40\\udc41"'],
    ['a newline', 'a\nb', '"a\\nb"'],
    ['a quote and a backslash', '"\\', '"\\"\\\\"'],
    ['a letter', 'é日😀', '"é日😀"'],
  ])('has %s as %s', (_, text, written) => {
    expect(stringify(text)).toBe(written);
  });

  it('parses back to the same, and has nothing in it that acts or hides', () => {
    const value = fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(value, fc.constantFrom(0, 2), (each, indent) => {
        const written = stringify(each, indent);
        expect(Object.entries(JSON.parse(written))).toEqual(Object.entries(each));
        const lines = written.split('\n');
        for (const line of lines) expect(safe(line)).toBe(line);
        if (indent === 0) expect(lines).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });
});
