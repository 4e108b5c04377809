import { describe, expect, it } from 'vitest';
import { clipboardSequence } from '../../src/actions/copy.ts';
import { safe } from '../../src/text/safe.ts';

describe('what puts a text into the clipboard', () => {
  it('is its bytes in base64', () => {
    expect(clipboardSequence(safe('größe'), {})).toBe(
      `\x1b]52;c;${Buffer.from('größe').toString('base64')}\x07`,
    );
  });

  it('cannot be ended by the text', () => {
    const sequence = clipboardSequence(safe('\x07\x1b\\\x1b]0;owned\x07'), {}) ?? '';
    expect(Buffer.from(/;c;(.*)\x07$/.exec(sequence)?.[1] ?? '', 'base64').toString()).toBe(
      '\\x07\\e\\\\e]0;owned\\x07',
    );
  });

  it('goes through tmux as well, in its wrapping', () => {
    const plain = clipboardSequence(safe('80'), {});
    expect(clipboardSequence(safe('80'), { TMUX: '/tmp/tmux-0/default,1,0' })).toBe(
      `${plain}\x1bPtmux;\x1b${plain}\x1b\\`,
    );
  });

  it('is not there for more than 100 kB', () => {
    expect(clipboardSequence(safe('x'.repeat(100_000)), {})).not.toBeNull();
    expect(clipboardSequence(safe('x'.repeat(100_001)), {})).toBeNull();
    expect(clipboardSequence(safe('ö'.repeat(50_001)), {})).toBeNull();
  });
});
