import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from '../../src/output/json.ts';

it('JSON escapes what would act on a terminal or hide, and nothing else', () => {
  expect(stringify({ é: 'naïve 漢 \x1b \x7f \u0085 \u202e \u200b \u2028 \u{e0041} \ud800' })).toBe(
    '{"é":"naïve 漢 \\u001b \\u007f \\u0085 \\u202e \\u200b \\u2028 \\udb40\\udc41 \\ud800"}',
  );
});

it('JSON is one line, or indented', () => {
  expect(stringify({ a: [1] })).toBe('{"a":[1]}');
  expect(stringify({ a: 1 }, 2)).toBe('{\n  "a": 1\n}');
});

it('JSON reads back as the same value, and holds nothing that acts or hides', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const json = stringify(value);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(json).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u);
    }),
  );
});
