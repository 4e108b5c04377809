import { EventEmitter } from 'node:events';
import { emitKeypressEvents, type Key } from 'node:readline';

/** A key as the bindings name it: `a`, `G`, `up`, `ctrl+u`, `shift+tab`, `f1`; `text` is what it types. */
export type KeyPress = { key: string; text: string | null };

/** How long a lone ESC may be the beginning of a key's sequence, in ms. */
const ESCAPE_TIMEOUT = 25;

const NAMES: Record<string, string> = { return: 'enter', enter: 'enter', escape: 'esc' };

/**
 * Hears keys in a stream of terminal input, by Node's own decoder: it splits what arrives together, waits for
 * sequences that arrive in pieces, and knows F-keys, which Ink does not. Returns what ends it.
 */
export function listenForKeys(stdin: NodeJS.ReadStream, heard: (press: KeyPress) => void): () => void {
  // A stream of its own: what Node's decoder installs on a stream cannot be taken off again.
  const input = new EventEmitter() as unknown as NodeJS.ReadStream;
  let pasting = false;
  const onKeypress = (typed: string | undefined, key: Key) => {
    if (key.name === 'paste-start') pasting = true;
    else if (key.name === 'paste-end') pasting = false;
    else if (!pasting) {
      heard(press(typed, key));
      // Esc twice in one chunk is one key to Node, with meta.
      if (key.sequence === '\x1b\x1b') heard(press(typed, key));
    }
  };
  const onData = (data: string | Buffer) => input.emit('data', data);
  input.on('keypress', onKeypress);
  // Its types ask for an Interface; of one, it reads only this.
  emitKeypressEvents(input, { escapeCodeTimeout: ESCAPE_TIMEOUT } as never);
  stdin.on('data', onData);
  return () => {
    stdin.off('data', onData);
    input.removeAllListeners();
  };
}

function press(typed: string | undefined, { name, ctrl, meta, shift, sequence = '' }: Key): KeyPress {
  const printable = typed !== undefined && !ctrl && !meta && /^[^\p{Cc}]+$/u.test(typed);
  if (printable) return { key: typed, text: typed };
  const base = name === undefined ? sequence : (NAMES[name] ?? name);
  // A lone ESC comes with meta set.
  const modifiers =
    base === 'esc' ? '' : `${ctrl ? 'ctrl+' : ''}${meta ? 'alt+' : ''}${shift ? 'shift+' : ''}`;
  return { key: `${modifiers}${base}`, text: null };
}
