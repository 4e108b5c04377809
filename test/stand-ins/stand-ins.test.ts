import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { NARROW } from '../../src/stand-ins/narrow.ts';
import { sha1 } from '../../src/stand-ins/object-hash.ts';
import { QuickSegmenter } from '../../src/stand-ins/segmenter.ts';

/** All of the Basic Multilingual Plane that passes for narrow: nothing beyond it does. */
const narrow = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter((character) =>
  NARROW.test(character),
);
const real = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

describe('a narrow character', () => {
  it('takes one cell, as string-width has it', () => {
    const others = narrow.filter((character) => character !== '\x1b' && stringWidth(character) !== 1);
    expect(others).toEqual([]);
  });

  it('is one grapheme beside any other', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...narrow), { maxLength: 20 }), (characters) => {
        const text = characters.join('');
        expect([...real.segment(text)].map(({ segment }) => segment)).toEqual(characters);
        const shown = text.replaceAll('\x1b', '');
        expect(stringWidth(shown)).toBe(shown.length);
      }),
      { numRuns: 2000 },
    );
  });

  it('is neither an emoji, nor wide, nor combining', () => {
    for (const other of [
      '©',
      '®',
      '‼',
      '↔',
      '▶',
      '界',
      '\u0301',
      '\u200d',
      '\ufe0f',
      '\u00ad',
      '\n',
      '\x9b',
    ]) {
      expect(NARROW.test(other)).toBe(false);
    }
  });
});

describe('the quick segmenter', () => {
  it('splits every text as the real one does', () => {
    const pieces = fc.constantFrom(...narrow, '界', 'e\u0301', '👩‍👩‍👧', '🇩🇪', '\r\n', '\x1b[31m', '한');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const plainly = ({ segment, index, input }: Intl.SegmentData) => ({ segment, index, input });
        expect([...new QuickSegmenter().segment(text)].map(plainly)).toEqual(
          [...real.segment(text)].map(plainly),
        );
        for (let index = -1; index <= text.length; index++) {
          const [quick, slow] = [new QuickSegmenter(), real].map((one) =>
            one.segment(text).containing(index),
          );
          expect(quick && plainly(quick)).toEqual(slow && plainly(slow));
        }
      }),
    );
  });
});

describe('the key of a row', () => {
  it('differs where a cell differs', () => {
    expect(sha1({ 0: 'a', 1: 'b' })).not.toBe(sha1({ 0: 'a', 1: 'c' }));
    expect(sha1({ 0: 'a', 1: 'b' })).toBe(sha1({ 0: 'a', 1: 'b' }));
  });
});

describe('the stand-in for yoga-layout', () => {
  it('has its constants, and everything once it is ready', async () => {
    const { default: yoga, ready } = await import('../../src/stand-ins/yoga-layout.ts');
    const { default: real } = await import('yoga-layout');
    expect(yoga).toMatchObject(constantsOf(real));
    await ready;
    expect(Object.keys(yoga).sort()).toEqual(Object.keys(real).sort());
  });
});

function constantsOf(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => typeof value === 'number'));
}
