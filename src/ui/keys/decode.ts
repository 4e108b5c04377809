import { EventEmitter } from 'node:events';
import { emitKeypressEvents, type Key } from 'node:readline';
import { StringDecoder } from 'node:string_decoder';

/** A key as the bindings name it: `a`, `G`, `up`, `ctrl+u`, `shift+tab`, `f1`; `text` is what it types. */
export type KeyPress = { key: string; text: string | null };

/** How long a lone ESC may be the beginning of a key's sequence, in ms. */
const ESCAPE_TIMEOUT = 25;

const NAMES: Record<string, string> = { return: 'enter', enter: 'enter', escape: 'esc' };

const PASTE_END = '\x1b[201~';

/**
 * What a terminal says of itself, the mouse or its colours: nobody typed it. CSI with a private mark, and OSC,
 * DCS and their like up to their end (ECMA-48).
 */
const REPORTS = /\x1b\[[<?>=][\d;]*[ -/]*[@-~]|\x1b[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)/g;

/**
 * Hears keys in a stream of terminal input, by Node's own decoder: it splits what arrives together, waits for
 * sequences that arrive in pieces, and knows F-keys, which Ink does not. What is pasted are no keys; nothing in
 * it can be taken for one. Returns what ends it.
 */
export function listenForKeys(stdin: NodeJS.ReadStream, heard: (press: KeyPress) => void): () => void {
  // A stream of its own: what Node's decoder installs on a stream cannot be taken off again.
  const input = new EventEmitter() as unknown as NodeJS.ReadStream;
  const utf8 = new StringDecoder('utf8');
  /** What was pasted so far, as far as it may hold the beginning of its end; null: nothing is being pasted. */
  let pasted: string | null = null;
  const onKeypress = (typed: string | undefined, key: Key) => {
    if (key.name === 'paste-start') {
      pasted = '';
      return;
    }
    // Esc several times in one chunk is one key to Node.
    const times = key.name === 'escape' ? Math.max(1, key.sequence?.length ?? 1) : 1;
    for (let time = 0; time < times; time++) heard(press(typed, key));
  };
  const onData = (data: string | Buffer) => {
    const chunk = typeof data === 'string' ? data : utf8.write(data);
    for (const character of chunk.replaceAll(REPORTS, '')) {
      if (pasted === null) {
        input.emit('data', character);
        continue;
      }
      pasted = (pasted + character).slice(-PASTE_END.length);
      if (pasted === PASTE_END) pasted = null;
    }
  };
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
