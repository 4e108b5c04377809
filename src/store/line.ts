/** A line of text being typed, and where the cursor is (in characters, not bytes). */
export type Line = { text: string; cursor: number };

export const EMPTY_LINE: Line = { text: '', cursor: 0 };

export type Edit =
  | { type: 'insert'; text: string }
  | {
      type:
        | 'backspace'
        | 'delete'
        | 'left'
        | 'right'
        | 'home'
        | 'end'
        | 'kill-word'
        | 'kill-start'
        | 'kill-end';
    };

/** readline's editing keys, as far as a filter needs them. */
export function edit({ text, cursor }: Line, change: Edit): Line {
  const characters = [...text];
  const before = characters.slice(0, cursor);
  const after = characters.slice(cursor);
  const line = (left: string[], right: string[]): Line => ({
    text: [...left, ...right].join(''),
    cursor: left.length,
  });
  switch (change.type) {
    case 'insert':
      return line([...before, ...change.text], after);
    case 'backspace':
      return line(before.slice(0, -1), after);
    case 'delete':
      return line(before, after.slice(1));
    case 'left':
      return { text, cursor: Math.max(0, cursor - 1) };
    case 'right':
      return { text, cursor: Math.min(characters.length, cursor + 1) };
    case 'home':
      return { text, cursor: 0 };
    case 'end':
      return { text, cursor: characters.length };
    case 'kill-word':
      return line([...before.join('').replace(/\S*\s*$/, '')], after);
    case 'kill-start':
      return line([], after);
    case 'kill-end':
      return line(before, []);
  }
}
