import type { Edit } from '../../store/line.ts';
import type { KeyPress } from './decode.ts';

const EDITS: Record<string, Edit> = {
  backspace: { type: 'backspace' },
  'ctrl+h': { type: 'backspace' },
  delete: { type: 'delete' },
  left: { type: 'left' },
  right: { type: 'right' },
  'ctrl+b': { type: 'left' },
  'ctrl+f': { type: 'right' },
  home: { type: 'home' },
  'ctrl+a': { type: 'home' },
  end: { type: 'end' },
  'ctrl+e': { type: 'end' },
  'ctrl+w': { type: 'kill-word' },
  'alt+backspace': { type: 'kill-word' },
  'ctrl+u': { type: 'kill-start' },
  'ctrl+k': { type: 'kill-end' },
};

/** What a key does to a line of text that is being typed; null: nothing. */
export function editOf({ key, text }: KeyPress): Edit | null {
  return text === null ? (EDITS[key] ?? null) : { type: 'insert', text };
}
