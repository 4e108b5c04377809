import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type Yoga from 'yoga-layout';
import type { Node } from 'yoga-layout';
import { NARROW } from '../../src/stand-ins/narrow.ts';
import { sha1 } from '../../src/stand-ins/object-hash.ts';
import { QuickSegmenter } from '../../src/stand-ins/segmenter.ts';
import stringWidthStandIn from '../../src/stand-ins/string-width.ts';
import { safe } from '../../src/text/safe.ts';

fc.configureGlobal({ seed: 4000 });

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

/** Where the stand-in counts otherwise than string-width, on purpose: by graphemes, an example of each, and both counts. */
const DIFFERENCES: readonly {
  what: string;
  why: string;
  grapheme: RegExp;
  example: string;
  ours: number;
  theirs: number;
}[] = [
  {
    what: 'vowels and finals of Hangul without a letter before them',
    why: 'wcwidth(3) has them join the syllable before, whatever that is',
    grapheme: /[\u1160-\u11ff\ud7b0-\ud7fb]/,
    example: '\u1161',
    ours: 0,
    theirs: 1,
  },
  {
    what: 'the vowel AM of Thai and Lao',
    why: 'it is a letter to wcwidth(3), and xterm and VTE draw it in a cell of its own',
    grapheme: /.[\u0e33\u0eb3]/u,
    example: '\u0e01\u0e33',
    ours: 2,
    theirs: 1,
  },
  {
    what: 'colours of skin',
    why: 'two emoji to wcwidth(3): some terminals draw them as one, none in more cells than this',
    grapheme: /.\p{Emoji_Modifier}/u,
    example: '👍🏽',
    ours: 4,
    theirs: 2,
  },
  {
    what: 'two letters for flags that are the flag of nobody',
    why: 'drawn as the two letters that they are',
    grapheme: /^\p{Regional_Indicator}{2}/u,
    example: '🇨🇧',
    ours: 2,
    theirs: 1,
  },
  {
    what: 'keycaps',
    why: 'without the selector of a picture, which no safe text has, a digit with a frame around it',
    grapheme: /^[\d#*]\u20e3/,
    example: '1\u20e3',
    ours: 1,
    theirs: 2,
  },
  {
    what: 'letters that are joined to what is behind them (in Indic scripts)',
    why: 'wcwidth(3) counts each letter: a terminal that joins them draws fewer cells, none more',
    grapheme: /\p{L}\p{M}*\P{M}/u,
    example: '\u0915\u094d\u0924',
    ours: 2,
    theirs: 1,
  },
];

describe('the stand-in for string-width', () => {
  const SGR = ['\x1b[31m', '\x1b[0m', '\x1b[1;38;5;196m', '\x1b[38;2;1;2;3m', '\x1b[m', '\x1b[39;49m'];
  const written = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom(...DIFFERENCES.map(({ example }) => example)),
    fc.constantFrom(
      '日本',
      '한글',
      'e\u0301',
      '\u0301',
      '🇨🇭',
      '😀',
      'ﾊﾟ',
      'हिन्दी',
      '\u1112\u1161\u11ab',
      '…',
      '─│',
    ),
  );
  /** What Ink measures: a line of safe text, with colours. */
  const line = fc
    .array(fc.oneof(written.map(safe), fc.constantFrom(...SGR)), { maxLength: 12 })
    .map((parts) => parts.join(''));
  const uncoloured = (text: string) => text.replaceAll(/\x1b\[[\d;]*m/g, '');
  const differs = (grapheme: string) => DIFFERENCES.some(({ grapheme: of }) => of.test(grapheme));

  it('counts as string-width does, but for what is told here', () => {
    fc.assert(
      fc.property(line, (text) => {
        const graphemes = [...real.segment(uncoloured(text))].map(({ segment }) => segment);
        fc.pre(!graphemes.some(differs));
        expect(stringWidthStandIn(text)).toBe(stringWidth(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('differs by no more than by its graphemes that are told of here', () => {
    fc.assert(
      fc.property(line, (text) => {
        const graphemes = [...real.segment(uncoloured(text))].map(({ segment }) => segment);
        const more = graphemes.filter(differs).map((each) => stringWidthStandIn(each) - stringWidth(each));
        expect(stringWidthStandIn(text) - stringWidth(text)).toBe(more.reduce((sum, each) => sum + each, 0));
      }),
      { numRuns: 2000 },
    );
  });

  it('counts every character alone as string-width does, but for those of Hangul', () => {
    const others: string[] = [];
    for (let code = 0x20; code < 0x2_0000; code++) {
      const character = String.fromCodePoint(code);
      // Of what there is so many of, all are alike.
      if (/\p{Unassigned}|\p{Private_Use}|\p{Unified_Ideograph}/u.test(character)) continue;
      if (safe(character) !== character || differs(character)) continue;
      if (stringWidthStandIn(character) !== stringWidth(character)) others.push(code.toString(16));
    }
    expect(others).toEqual([]);
  });

  it.each(DIFFERENCES)('differs for $what: $why', ({ grapheme, example, ours, theirs }) => {
    expect(safe(example)).toBe(example);
    expect(example).toMatch(grapheme);
    expect([...real.segment(example)]).toHaveLength(1);
    expect([stringWidthStandIn(example), stringWidth(example)]).toEqual([ours, theirs]);
  });

  it('counts no end of a line, and no colour', () => {
    expect(stringWidthStandIn('\x1b[31ma\x1b[0m\r\n')).toBe(stringWidth('\x1b[31ma\x1b[0m\r\n'));
  });
});

describe('the quick segmenter', () => {
  it('splits every text as the real one does', () => {
    const pieces = fc.oneof(
      fc.constantFrom(...narrow, '界', 'e\u0301', '👩‍👩‍👧', '🇩🇪', '\r\n', '\x1b[31m', '한'),
      fc.string({ unit: 'binary', maxLength: 2 }),
    );
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

/** Each way to split is one that somebody may ask for: only graphemes are told. */
it('nobody who gets the quick segmenter asks for words or sentences', () => {
  const built = readFileSync(new URL('../../dist/top.js', import.meta.url), 'utf8');
  expect(built).toMatch(/granularity:\s*"grapheme"/);
  expect(built).not.toMatch(/granularity:\s*"(?:word|sentence)"/);
});

describe('the key of a row', () => {
  const objectHash = createRequire(import.meta.url)('object-hash') as { sha1(row: object): string };

  it('is the same for rows that are the same to object-hash, and for no others', () => {
    // As PlainTable gives them: texts, in the order of their columns.
    const cell = fc.oneof(
      fc.constantFrom('', 'a', 'ab', 'b', '","', '\\', '"'),
      fc.string({ unit: 'grapheme' }),
    );
    const row = fc.array(cell, { maxLength: 3 }).map((cells) => Object.fromEntries(cells.entries()));
    fc.assert(
      fc.property(row, row, (one, other) => {
        expect(sha1(one) === sha1(other)).toBe(objectHash.sha1(one) === objectHash.sha1(other));
      }),
      { numRuns: 2000 },
    );
  });

  it('differs where a cell differs', () => {
    expect(sha1({ 0: 'a', 1: 'b' })).not.toBe(sha1({ 0: 'a', 1: 'c' }));
    expect(sha1({ 0: 'a', 1: 'b' })).toBe(sha1({ 0: 'a', 1: 'b' }));
  });
});

describe('the stand-in for yoga-layout', () => {
  it('lays out as the real one does', async () => {
    const { default: standIn, ready } = await import('../../src/stand-ins/yoga-layout.ts');
    const { default: yoga } = await import('yoga-layout');
    await ready;
    fc.assert(
      fc.property(boxes(3), fc.integer({ min: 1, max: 200 }), (root, width) => {
        expect(laidOut(standIn as typeof yoga, root, width)).toEqual(laidOut(yoga, root, width));
      }),
      { numRuns: 200 },
    );
  });

  it('has its constants, and everything once it is ready', async () => {
    const { default: yoga, ready } = await import('../../src/stand-ins/yoga-layout.ts');
    const { default: real } = await import('yoga-layout');
    expect(yoga).toMatchObject(constantsOf(real));
    await ready;
    expect(Object.keys(yoga).sort()).toEqual(Object.keys(real).sort());
  });
});

type Box = { row: boolean; grow: number; width: number | null; padding: number; children: readonly Box[] };

const boxes = (depth: number): fc.Arbitrary<Box> =>
  fc.record({
    row: fc.boolean(),
    grow: fc.integer({ min: 0, max: 2 }),
    width: fc.option(fc.integer({ min: 0, max: 90 })),
    padding: fc.integer({ min: 0, max: 3 }),
    children: depth === 0 ? fc.constant([]) : fc.array(boxes(depth - 1), { maxLength: 4 }),
  });

/** Where every box comes to be, as Ink asks for it. */
function laidOut(yoga: typeof Yoga, root: Box, width: number): number[][] {
  const nodes: Node[] = [];
  const build = ({ row, grow, width, padding, children }: Box): Node => {
    const node = yoga.Node.create();
    nodes.push(node);
    node.setFlexDirection(row ? yoga.FLEX_DIRECTION_ROW : yoga.FLEX_DIRECTION_COLUMN);
    node.setFlexGrow(grow);
    if (width !== null) node.setWidth(width);
    node.setPadding(yoga.EDGE_ALL, padding);
    for (const [at, child] of children.entries()) node.insertChild(build(child), at);
    return node;
  };
  const top = build(root);
  top.setWidth(width);
  top.calculateLayout(undefined, undefined, yoga.DIRECTION_LTR);
  const places = nodes.map((node) => {
    const { left, top, width, height } = node.getComputedLayout();
    return [left, top, width, height];
  });
  top.freeRecursive();
  return places;
}

function constantsOf(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => typeof value === 'number'));
}
