import type { Line } from '../../store/line.ts';
import { safe, text } from '../../text/safe.ts';
import { type Painted, painted, type Theme } from '../theme.ts';

/** A line that is being typed, with its cursor drawn: the terminal's own stays hidden. */
export function typedLine(theme: Theme, { text: typed, cursor }: Line): Painted {
  const characters = [...typed];
  const under = characters[cursor];
  return painted(
    theme.paint('strong', safe(characters.slice(0, cursor).join(''))),
    theme.paint('selected', under === undefined ? text` ` : safe(under)),
    theme.paint('strong', safe(characters.slice(cursor + 1).join(''))),
  );
}
