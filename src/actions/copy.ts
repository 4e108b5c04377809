import type { SafeText } from '../text/safe.ts';

/** Some terminals drop what is longer; xterm and kitty take more. */
const LONGEST = 100_000;

/**
 * What tells a terminal to put a text into the clipboard: OSC 52, which works over ssh too. null: the text is too
 * long for it. tmux passes it on by itself where `set-clipboard` is `on`; else in its own wrapping, where
 * `allow-passthrough` is. No terminal answers whether it did.
 */
export function clipboardSequence(text: SafeText, env: NodeJS.ProcessEnv): string | null {
  const bytes = Buffer.from(text);
  if (bytes.length > LONGEST) return null;
  const sequence = `\x1b]52;c;${bytes.toString('base64')}\x07`;
  return env.TMUX ? `${sequence}\x1bPtmux;${sequence.replaceAll('\x1b', '\x1b\x1b')}\x1b\\` : sequence;
}
