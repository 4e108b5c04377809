import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type Edit, EMPTY_LINE, edit, type Line } from '../../src/store/line.ts';

/** `ab|c`: the text with its cursor. */
const line = (shown: string): Line => {
  const [before = '', after = ''] = shown.split('|');
  return { text: before + after, cursor: [...before].length };
};
const shown = ({ text, cursor }: Line) => {
  const characters = [...text];
  return `${characters.slice(0, cursor).join('')}|${characters.slice(cursor).join('')}`;
};
const after = (start: string, ...types: Exclude<Edit['type'], 'insert'>[]) =>
  shown(types.reduce((at, type) => edit(at, { type }), line(start)));

describe('a line that is being typed', () => {
  it('takes text where the cursor is, and goes on behind it', () => {
    expect(shown(edit(EMPTY_LINE, { type: 'insert', text: 'ssh' }))).toBe('ssh|');
    expect(shown(edit(line('s|h'), { type: 'insert', text: 's' }))).toBe('ss|h');
    expect(shown(edit(line('|80'), { type: 'insert', text: 'pasted text ' }))).toBe('pasted text |80');
  });

  test.each([
    ['backspace', 'ab|c', 'a|c'],
    ['backspace', '|abc', '|abc'],
    ['delete', 'a|bc', 'a|c'],
    ['delete', 'abc|', 'abc|'],
    ['left', 'ab|c', 'a|bc'],
    ['left', '|abc', '|abc'],
    ['right', 'a|bc', 'ab|c'],
    ['right', 'abc|', 'abc|'],
    ['home', 'ab|c', '|abc'],
    ['end', 'a|bc', 'abc|'],
    ['kill-start', 'ab|c', '|c'],
    ['kill-end', 'a|bc', 'a|'],
    ['kill-word', 'one two|', 'one |'],
    ['kill-word', 'one two  |', 'one |'],
    ['kill-word', 'one tw|o', 'one |o'],
    ['kill-word', 'one|', '|'],
    ['kill-word', '|one', '|one'],
    ['kill-word', 'tcp:80,/x|', '|'],
  ] as const)('%s of %s leaves %s', (type, before, left) => {
    expect(after(before, type)).toBe(left);
  });

  test('Ctrl-W takes blanks that no word stands before, as readline does', () => {
    expect(after('  |80', 'kill-word')).toBe('|80');
  });

  test.each([
    ['an astral character', '𝟜🦊|', '𝟜|'],
    ['a combining mark', 'e\u0301|', 'e|'],
    ['a wide character', '端口|', '端|'],
  ])('backspace takes %s whole', (_, before, left) => {
    expect(after(before, 'backspace')).toBe(left);
  });

  it('steps over an astral character at once', () => {
    expect(after('a🦊b|', 'left', 'left')).toBe('a|🦊b');
    expect(after('a|🦊b', 'delete')).toBe('a|b');
    expect(after('|🦊b', 'right')).toBe('🦊|b');
    expect(after('a🦊 𝟜|', 'kill-word')).toBe('a🦊 |');
  });
});

describe('any line and any key', () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const lines: fc.Arbitrary<Line> = fc
    .tuple(text, fc.nat(12))
    .map(([typed, at]) => ({ text: typed, cursor: Math.min(at, [...typed].length) }));
  const edits: fc.Arbitrary<Edit> = fc.oneof(
    text.map((typed): Edit => ({ type: 'insert', text: typed })),
    fc
      .constantFrom(
        ...([
          'backspace',
          'delete',
          'left',
          'right',
          'home',
          'end',
          'kill-word',
          'kill-start',
          'kill-end',
        ] as const),
      )
      .map((type): Edit => ({ type })),
  );

  test('keep the cursor within the text, and the text well-formed', () => {
    fc.assert(
      fc.property(lines, fc.array(edits, { maxLength: 20 }), (start, keys) => {
        let at = start;
        for (const key of keys) {
          at = edit(at, key);
          expect(at.cursor).toBeGreaterThanOrEqual(0);
          expect(at.cursor).toBeLessThanOrEqual([...at.text].length);
          expect(at.text.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  test('a character and then backspace is nothing; the same with several', () => {
    fc.assert(
      fc.property(lines, text, (start, typed) => {
        let at = edit(start, { type: 'insert', text: typed });
        for (const _ of typed) at = edit(at, { type: 'backspace' });
        expect(at).toEqual(start);
      }),
    );
  });

  test('backspace is left and delete', () => {
    fc.assert(
      fc.property(lines, (start) => {
        fc.pre(start.cursor > 0);
        const left = edit(start, { type: 'left' });
        expect(edit(left, { type: 'delete' })).toEqual(edit(start, { type: 'backspace' }));
      }),
    );
  });

  test('moving changes no text, and killing only takes away', () => {
    fc.assert(
      fc.property(lines, edits, (start, key) => {
        const { text: left } = edit(start, key);
        if (['left', 'right', 'home', 'end'].includes(key.type)) expect(left).toBe(start.text);
        else if (key.type !== 'insert') expect(start.text.length).toBeGreaterThanOrEqual(left.length);
        if (key.type === 'kill-end') expect(start.text.startsWith(left)).toBe(true);
        if (key.type === 'kill-start') expect(start.text.endsWith(left)).toBe(true);
      }),
    );
  });
});
