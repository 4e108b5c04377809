import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { EMPTY, join, repeat, safe, text } from '../../src/text/safe.ts';

fc.configureGlobal({ seed: 4000 });

// CommonJS that hides its names from import.
const { Terminal } = createRequire(import.meta.url)('@xterm/headless') as typeof import('@xterm/headless');

/** First and last code point, from the Unicode Character Database by hand: no regular expression is asked. */
const FORBIDDEN: [string, number, number][] = [
  ['C0', 0x00, 0x1f],
  ['DEL and C1', 0x7f, 0x9f],
  ['soft hyphen', 0xad, 0xad],
  ['combining grapheme joiner', 0x34f, 0x34f],
  ['Arabic number signs', 0x600, 0x605],
  ['Arabic letter mark (bidi)', 0x61c, 0x61c],
  ['Arabic end of ayah', 0x6dd, 0x6dd],
  ['Syriac abbreviation mark', 0x70f, 0x70f],
  ['Arabic pound and piastre marks', 0x890, 0x891],
  ['Arabic disputed end of ayah', 0x8e2, 0x8e2],
  ['Hangul fillers', 0x115f, 0x1160],
  ['Khmer inherent vowels', 0x17b4, 0x17b5],
  ['Mongolian variation selectors and vowel separator', 0x180b, 0x180f],
  ['zero-width space, joiners, LRM, RLM', 0x200b, 0x200f],
  ['line and paragraph separator, bidi embeddings and overrides', 0x2028, 0x202e],
  ['word joiner, invisible operators, bidi isolates, deprecated formats', 0x2060, 0x206f],
  ['Hangul filler', 0x3164, 0x3164],
  ['variation selectors', 0xfe00, 0xfe0f],
  ['byte order mark', 0xfeff, 0xfeff],
  ['halfwidth Hangul filler', 0xffa0, 0xffa0],
  ['reserved as ignorable, interlinear annotations', 0xfff0, 0xfffb],
  ['Kaithi number signs', 0x110bd, 0x110bd],
  ['Kaithi number sign above', 0x110cd, 0x110cd],
  ['Egyptian hieroglyph format controls', 0x13430, 0x1343f],
  ['shorthand format controls', 0x1bca0, 0x1bca3],
  ['musical format controls', 0x1d173, 0x1d17a],
  ['tags, variation selectors supplement, all of that plane’s ignorables', 0xe0000, 0xe0fff],
];

const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

function isForbidden(code: number): boolean {
  return FORBIDDEN.some(([, first, last]) => first <= code && code <= last);
}

/** What is wrong with a text that claims to be safe: its code points that may not be there. */
function wrongIn(shown: string): string[] {
  const wrong = [...shown].filter((character) => isForbidden(character.codePointAt(0) as number));
  if (LONE.test(shown)) wrong.push('a lone surrogate');
  return wrong;
}

/** Any UTF-16, well formed or not, with much of what is forbidden. */
const anyText = fc
  .array(
    fc.oneof(
      fc.nat(0x10ffff),
      fc.nat(0xff),
      fc.integer({ min: 0xd800, max: 0xdfff }),
      fc.constantFrom(...FORBIDDEN.flatMap(([, first, last]) => [first, last])),
    ),
  )
  .map((codes) => String.fromCodePoint(...codes));

describe('what may not reach a terminal', () => {
  test.each(FORBIDDEN)('%s is made visible, in ASCII', (_, first, last) => {
    for (let code = first; code <= last; code++) {
      const shown = safe(String.fromCodePoint(code));
      expect(shown).toMatch(/^\\(?:[nrte]|x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[0-9a-f]{5}\})$/);
    }
  });

  it('is a surrogate that has lost its other half', () => {
    expect(safe('\ud83d')).toBe('\\ud83d');
    expect(safe('\ude00')).toBe('\\ude00');
    expect(safe('\ude00\ud83d')).toBe('\\ude00\\ud83d');
    expect(safe('\ud83d\ud83d\ude00\ude00')).toBe('\\ud83d😀\\ude00');
  });

  it('does not survive in any text', () => {
    fc.assert(
      fc.property(anyText, (raw) => {
        expect(wrongIn(safe(raw))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('is named as a programmer would write it', () => {
    expect(safe('\n\t\r\x1b')).toBe('\\n\\t\\r\\e');
    expect(safe('\0\x07\x7f\x9b')).toBe('\\x00\\x07\\x7f\\x9b');
    expect(safe('a\u202eb\ufe0f')).toBe('a\\u202eb\\ufe0f');
    expect(safe('\u{e0041}')).toBe('\\u{e0041}');
    expect(safe('\x1b]0;owned\x07')).toBe('\\e]0;owned\\x07');
  });

  it('cannot be put together from what is left: once safe, always the same', () => {
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        expect(safe(safe(one))).toBe(safe(one));
        // Nor by setting two safe texts side by side.
        const both = join([safe(one), safe(other)]);
        expect(safe(both)).toBe(both);
      }),
    );
  });
});

describe('what may', () => {
  test.each([
    ['ASCII', Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join('')],
    ['letters of any script', 'ŝafe Ωmega Жук שלום سلام ไทย हिन्दी 日本語 한국어 ქართული'],
    ['combining marks', 'e\u0301 n\u0303 q\u0307\u0323'],
    ['emoji', '😀🚀🇨🇭👍🏽'],
    ['the replacement character for bytes that are no UTF-8', 'a\ufffdb'],
    ['no-break space', 'a\u00a0b'],
    ['a private use character', '\ue0b0'],
    ['nothing at all', ''],
    ['a backslash, so that a path of Windows stays one', 'C:\\new\\x1b'],
  ])('%s stays as it is', (_, raw) => {
    expect(safe(raw)).toBe(raw);
  });

  it('is only added to, never taken from: every other character is there, in its order', () => {
    fc.assert(
      fc.property(anyText, (raw) => {
        const kept = [...raw].filter((character) => wrongIn(character).length === 0);
        let from = 0;
        const shown = safe(raw);
        for (const character of kept) {
          const at = shown.indexOf(character, from);
          expect(at).toBeGreaterThanOrEqual(from);
          from = at + character.length;
        }
      }),
    );
  });
});

describe('a terminal', () => {
  type Seen = { lines: string[]; events: string[] };

  /** What stands in each line after these were written, and whatever else happened to the terminal. */
  async function seenAfter(lines: string[]): Promise<Seen> {
    // No character takes more than two cells.
    const cols = 2 * Math.max(...lines.map(({ length }) => length)) + 2;
    const terminal = new Terminal({ cols, rows: lines.length + 2, allowProposedApi: true });
    const events: string[] = [];
    terminal.onBell(() => events.push('bell'));
    terminal.onTitleChange((title) => events.push(`title ${title}`));
    terminal.onData((answer) => events.push(`answer ${answer}`));
    await new Promise<void>((done) => terminal.write(lines.join('\r\n'), done));
    const { active } = terminal.buffer;
    const shown = Array.from(
      { length: active.cursorY + 1 },
      (_, row) => active.getLine(row)?.translateToString(true) ?? '',
    );
    terminal.dispose();
    return { lines: shown, events };
  }

  it('is one that would act on what was not made safe', async () => {
    expect(await seenAfter(['\x1b]0;owned\x07ab\x08c\x07\n\x1b[6n'])).toEqual({
      lines: ['ac', ''],
      events: ['title owned', 'bell', 'answer \x1b[2;3R'],
    });
  });

  it('prints exactly the safe text of every character there is, and does nothing else', async () => {
    // A bar before each, so that a combining mark has something to stand on, and no space is the last.
    const line = (first: number) =>
      safe(Array.from({ length: 32 }, (_, at) => `|${String.fromCodePoint(first + at)}`).join(''));
    const lines = Array.from({ length: 0x110000 / 32 }, (_, at) => `${line(at * 32)}|`);
    // Planes of nothing but private or unassigned characters are all alike: the first of them will do.
    const telling = [...lines.slice(0, 0x33400 / 32), ...lines.slice(0xe0000 / 32, 0xf0100 / 32)];
    for (let from = 0; from < telling.length; from += 512) {
      const written = telling.slice(from, from + 512);
      const { lines: shown, events } = await seenAfter(written);
      expect(events).toEqual([]);
      expect(shown.filter((each, at) => each !== written[at])).toEqual([]);
      expect(shown).toHaveLength(written.length);
    }
  });

  it('prints exactly the safe text of any text', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (raw) => {
        const written = `<${safe(raw)}>`;
        expect(await seenAfter([written])).toEqual({ lines: [written], events: [] });
      }),
    );
  });
});

describe('safe texts put together', () => {
  it('are safe', () => {
    const name = safe('\x1b[1m');
    expect(text`name ${name}, port ${80}`).toBe('name \\e[1m, port 80');
    expect(join([text`a`, text`b`], text`, `)).toBe('a, b');
    expect(join([])).toBe(EMPTY);
    expect(repeat(text`ab`, 2)).toBe('abab');
    expect(repeat(text`ab`, -1)).toBe('');
  });
});
