import { EventEmitter } from 'node:events';
import { emitKeypressEvents, type Key } from 'node:readline';
import { StringDecoder } from 'node:string_decoder';

/** A key as the bindings name it: `a`, `G`, `up`, `ctrl+u`, `shift+tab`, `f1`; `text` is what it types. */
export type KeyPress = { key: string; text: string | null };

/** What the mouse did to the cell there, counted from 0. */
export type MousePress = { button: 'left' | 'wheel-up' | 'wheel-down'; column: number; row: number };

/** How long a lone ESC may be the beginning of a key's sequence, in ms. */
const ESCAPE_TIMEOUT = 25;

/** Esc before a key, or alone: not the ESC that begins a key's sequence, nor Alt-Backspace, which erases a word. */
const ESCAPES = /^\x1b+$|^\x1b+(?=\x1b[[O].|[^\x1b[O\x7f\b])/s;

const NAMES: Record<string, string> = { return: 'enter', enter: 'enter', escape: 'esc' };

const PASTE_END = '\x1b[201~';

/**
 * What a terminal says of itself, the mouse or its colours: nobody typed it. CSI with a private mark, and OSC,
 * DCS and their like up to their end (ECMA-48).
 */
const REPORTS = /\x1b\[[<?>=][\d;]*[ -/]*[@-~]|\x1b[\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\)/g;

/** A press, as mode 1006 reports it; a release ends in `m`, and a button with Shift, Alt or Ctrl has another number. */
const MOUSE = /^\x1b\[<(\d+);(\d+);(\d+)M$/;
const BUTTONS: Record<string, MousePress['button']> = { 0: 'left', 64: 'wheel-up', 65: 'wheel-down' };

/** The beginning of a mouse report, at the end of a chunk. */
const BEGUN = /\x1b\[<[\d;]*$/;
/** Behind other reports this is one too: of a wheel, more come at once than are read at once. */
const BEGUN_OF_MANY = /(?<=\x1b\[<[\d;]*[Mm])\x1b\[?$/;

/**
 * Hears keys in a stream of terminal input, by Node's own decoder: it splits what arrives together, waits for
 * sequences that arrive in pieces, and knows F-keys, which Ink does not. What is pasted are no keys; nothing in
 * it can be taken for one. Returns what ends it.
 * @param pointed hears the mouse, where its reports are switched on
 */
export function listenForKeys(
  stdin: NodeJS.ReadStream,
  heard: (press: KeyPress) => void,
  pointed: (press: MousePress) => void = () => {},
): () => void {
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
    // Esc and what is typed soon after it are one key to Node, as they are to a terminal with Alt held: no
    // binding has Alt, and a `/` behind Esc must not be lost.
    const { 0: escapes = '' } = ESCAPES.exec(key.sequence ?? '') ?? [];
    for (const _ of escapes) heard({ key: 'esc', text: null });
    const rest = (key.sequence ?? '').slice(escapes.length);
    if (escapes === '') heard(press(typed, key));
    else if (rest !== '') heard(press(rest, { ...key, meta: false, sequence: rest }));
  };
  /** The beginning of a report, whose end comes in the next chunk; or of a key, if soon none does. */
  let begun = '';
  let waiting: NodeJS.Timeout | undefined;
  const onData = (data: string | Buffer) => {
    clearTimeout(waiting);
    const chunk = begun + (typeof data === 'string' ? data : utf8.write(data));
    begun = pasted === null ? ((BEGUN.exec(chunk) ?? BEGUN_OF_MANY.exec(chunk))?.[0] ?? '') : '';
    if (begun !== '') {
      waiting = setTimeout(() => {
        const rest = begun;
        begun = '';
        decode(rest);
      }, ESCAPE_TIMEOUT);
    }
    decode(chunk.slice(0, chunk.length - begun.length));
  };
  const decode = (chunk: string) => {
    let from = 0;
    for (const { index, 0: report } of chunk.matchAll(REPORTS)) {
      type(chunk.slice(from, index));
      const press = pasted === null ? mousePress(report) : null;
      if (press) pointed(press);
      from = index + report.length;
    }
    type(chunk.slice(from));
  };
  const type = (characters: string) => {
    for (const character of characters) {
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
    clearTimeout(waiting);
    input.removeAllListeners();
  };
}

function mousePress(report: string): MousePress | null {
  const [, code = '', column, row] = MOUSE.exec(report) ?? [];
  const button = BUTTONS[code];
  return button ? { button, column: Number(column) - 1, row: Number(row) - 1 } : null;
}

function press(typed: string | undefined, { name, ctrl, meta, shift, sequence = '' }: Key): KeyPress {
  const printable = typed !== undefined && !ctrl && !meta && /^[^\p{Cc}]+$/u.test(typed);
  if (printable) return { key: typed, text: typed };
  const base = name === undefined ? sequence : (NAMES[name] ?? name);
  return {
    key: `${ctrl ? 'ctrl+' : ''}${meta ? 'alt+' : ''}${shift ? 'shift+' : ''}${base}`,
    text: null,
  };
}
