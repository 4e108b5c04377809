import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type SafeText, safe } from '../../src/text/safe.ts';
import { cut, fit, widthOf, wrap } from '../../src/text/width.ts';

fc.configureGlobal({ seed: 4000 });

// CommonJS that hides its names from import.
const { Terminal } = createRequire(import.meta.url)('@xterm/headless') as typeof import('@xterm/headless');

/** The cells that a terminal really fills; it draws emoji as of Unicode 6, so they are not asked of it. */
async function cellsOf(shown: string): Promise<number> {
  const terminal = new Terminal({ cols: 200, rows: 2, allowProposedApi: true });
  await new Promise<void>((done) => terminal.write(shown, done));
  const { cursorX } = terminal.buffer.active;
  terminal.dispose();
  return cursorX;
}

const plain = fc.constantFrom(...'ab z09-_/\\é', 'e\u0301', 'q\u0307\u0323', 'Ω', 'ж', '…');
const wide = fc.constantFrom('日', '本', '語', '한', '글', 'あ', '＝', '。');
const emoji = fc.constantFrom('😀', '🚀', '👍🏽', '🇨🇭', '🐘', '☺', '❤');
const mark = fc.constantFrom('\u0301', '\u0327', '\u0e31', '\u20d7', '\u3099');
const put = (...pieces: fc.Arbitrary<string>[]) =>
  fc.array(fc.oneof(...pieces), { maxLength: 16 }).map((parts) => safe(parts.join('')));

const ordinary = put(plain, wide);
const lively = put(plain, wide, emoji, mark);
const lengths = fc.integer({ min: 1, max: 20 });
const bare = (shown: string) => shown.replace(/\s/gu, '');

describe('the width of a text', () => {
  test.each([
    ['', 0],
    ['porttop', 7],
    ['日本', 4],
    ['한글', 4],
    ['a日b', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['q\u0307\u0323x', 2],
    ['שלום', 4],
    ['😀', 2],
    // As wcwidth(3) sums them up: some terminals draw the first two in fewer cells, none in more.
    ['👍🏽', 4],
    ['हिन्दी', 5],
    [`ก${'\u0e33'.repeat(9)}`, 10],
    ['\u1112\u1161\u11ab', 2],
    ['1\u20e3', 1],
    ['\u0301a', 1],
    ['🇨🇭', 2],
    ['❤', 1],
    ['…', 1],
    ['–', 1],
    ['×3', 2],
    ['\x1b[31m', 6],
    ['\u202e', 6],
  ])('%j takes %i cells', (raw, width) => {
    expect(widthOf(safe(raw))).toBe(width);
  });

  it('is what a terminal fills', async () => {
    await fc.assert(
      fc.asyncProperty(ordinary, async (shown) => {
        expect(widthOf(shown)).toBe(await cellsOf(shown));
      }),
    );
  });
});

describe('a text cut to a width', () => {
  test.each([
    ['porttop', 7, 'porttop'],
    ['porttop', 6, 'portt…'],
    ['porttop', 1, '…'],
    ['porttop', 0, ''],
    ['porttop', -1, ''],
    ['', 3, ''],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['日本語', 2, '…'],
    ['cafe\u0301s', 5, 'cafe\u0301s'],
    ['cafe\u0301s', 4, 'caf…'],
    ['ae\u0301xyz', 3, 'ae\u0301…'],
    ['a😀b', 3, 'a…'],
    ['🇨🇭🇨🇭', 3, '🇨🇭…'],
  ])('%j in %i cells is %j', (raw, width, shown) => {
    expect(cut(safe(raw), width)).toBe(shown);
  });

  it('is itself where it fits, else its beginning and …, and never wider', () => {
    fc.assert(
      fc.property(lively, lengths, (whole, width) => {
        const shown = cut(whole, width);
        expect(widthOf(shown)).toBeLessThanOrEqual(width);
        if (widthOf(whole) <= width) expect(shown).toBe(whole);
        else {
          expect(shown.endsWith('…')).toBe(true);
          expect(whole.startsWith(shown.slice(0, -1))).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is still safe', () => {
    fc.assert(
      fc.property(lively, lengths, (whole, width) => {
        const shown = cut(whole, width);
        expect(safe(shown)).toBe(shown);
      }),
    );
  });
});

describe('a text fitted into a width', () => {
  test.each([
    ['ab', 4, 'left', 'ab  '],
    ['ab', 4, 'right', '  ab'],
    ['abcde', 4, 'right', 'abc…'],
    ['日本', 5, 'left', '日本 '],
    ['日本', 3, 'left', '日…'],
    ['日本', 2, 'left', '… '],
    ['日本', 2, 'right', ' …'],
    ['e\u0301', 3, 'right', '  e\u0301'],
    ['', 2, 'left', '  '],
    ['ab', 0, 'left', ''],
    ['ab', -5, 'right', ''],
  ] as const)('%j in %i cells, to the %s, is %j', (raw, width, align, shown) => {
    expect(fit(safe(raw), width, align)).toBe(shown);
  });

  it('goes to the left where nothing is said', () => {
    expect(fit(safe('ab'), 3)).toBe('ab ');
  });

  it('takes exactly the width', () => {
    fc.assert(
      fc.property(lively, fc.nat(20), (whole, width) => {
        expect(widthOf(fit(whole, width))).toBe(width);
      }),
      { numRuns: 500 },
    );
  });

  it('takes exactly the width in a terminal, on either side', async () => {
    await fc.assert(
      fc.asyncProperty(
        ordinary,
        fc.nat(20),
        fc.constantFrom('left', 'right'),
        async (whole, width, align) => {
          expect(await cellsOf(fit(whole, width, align))).toBe(width);
        },
      ),
    );
  });
});

describe('a text wrapped into lines', () => {
  test.each([
    ['one two three', 20, ['one two three']],
    ['one two three', 9, ['one two', 'three']],
    ['one  two', 20, ['one  two']],
    ['abcdefgh', 3, ['abc', 'def', 'gh']],
    ['日本語', 4, ['日本', '語']],
    ['日本語', 5, ['日本', '語']],
    ['日 本', 3, ['日', '本']],
    ['', 5, ['']],
    ['   ', 5, ['']],
    ['abc', 0, []],
    ['abc', -1, []],
  ])('%j in %i cells is %j', (raw, width, lines) => {
    expect(wrap(safe(raw), width)).toEqual(lines);
  });

  test.each<[string, number, string[]]>([
    ['abcd efgh', 4, ['abcd', 'efgh']],
    ['abcd ef', 4, ['abcd', 'ef']],
    ['abcd ', 4, ['abcd']],
    ['日本 語', 4, ['日本', '語']],
  ])('breaks after a word that fills the line: %j in %i cells is %j', (raw, width, lines) => {
    expect(wrap(safe(raw), width)).toEqual(lines);
  });

  it('has no line that is too wide', () => {
    fc.assert(
      fc.property(lively, fc.integer({ min: 2, max: 20 }), (whole, width) => {
        for (const line of wrap(whole, width)) expect(widthOf(line)).toBeLessThanOrEqual(width);
      }),
      { numRuns: 500 },
    );
  });

  it('loses nothing but spaces', () => {
    fc.assert(
      fc.property(lively, lengths, (whole, width) => {
        expect(bare(wrap(whole, width).join(''))).toBe(bare(whole));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps every word whole that a line has room for', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(words, fc.integer({ min: 7, max: 20 }), (list, width) => {
        const lines = wrap(list.join(' ') as SafeText, width);
        expect(lines.flatMap((line) => line.split(' '))).toEqual(list);
      }),
    );
  });

  it('is still safe', () => {
    fc.assert(
      fc.property(lively, lengths, (whole, width) => {
        for (const line of wrap(whole, width)) expect(safe(line)).toBe(line);
      }),
    );
  });
});
