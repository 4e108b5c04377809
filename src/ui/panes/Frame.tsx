import { Box } from 'ink';
import type { ReactNode } from 'react';
import { EMPTY, repeat, type SafeText, text } from '../../text/safe.ts';
import { cut, widthOf } from '../../text/width.ts';
import { Line } from '../Line.tsx';
import { type Painted, painted, type Theme } from '../theme.ts';

type Props = {
  theme: Theme;
  title: SafeText;
  /** At the right end of the upper edge. */
  corner?: Corner | undefined;
  /** On the bottom edge: the source of what the cursor is on. */
  note?: SafeText;
  active: boolean;
  width: number;
  height: number;
  children: ReactNode;
};

/** What is painted already, and how many cells it takes. */
export type Corner = { shown: Painted; width: number };

/** Cells of the upper edge that are left for the title beside a corner. */
export function titleRoom(width: number, corner: number): number {
  return width - corner - 7;
}

const NO_CORNER: Corner = { shown: painted(), width: 0 };

/** A pane's frame, its title on the upper edge and a note on the lower one. */
export function Frame({ theme, title, corner = NO_CORNER, note, active, width, height, children }: Props) {
  const token = active ? 'active-frame' : 'frame';
  const edge = (
    [left, right]: readonly [SafeText, SafeText],
    words: SafeText,
    tone: 'title' | 'quiet',
    beside: Corner,
  ): Painted => {
    const end = beside.width > 0 ? text`─${right}` : right;
    const shown = words === '' ? words : text` ${cut(words, titleRoom(width, beside.width) + 1)} `;
    const rule = repeat(text`─`, width - 2 - widthOf(shown) - beside.width - widthOf(end));
    return painted(
      theme.paint(token, text`${left}─`),
      theme.paint(tone, shown),
      theme.paint(token, rule),
      beside.shown,
      theme.paint(token, end),
    );
  };
  const side = theme.paint(token, text`│`);
  const inner = height - 2;
  const sides = Array.from({ length: inner }, (_, line) => line);
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Line>{edge([text`┌`, text`┐`], title, 'title', corner)}</Line>
      <Box height={inner}>
        <Box flexDirection="column" width={1}>
          {sides.map((line) => (
            <Line key={line}>{side}</Line>
          ))}
        </Box>
        <Box flexDirection="column" width={width - 2} height={inner} overflow="hidden">
          {children}
        </Box>
        <Box flexDirection="column" width={1}>
          {sides.map((line) => (
            <Line key={line}>{side}</Line>
          ))}
        </Box>
      </Box>
      <Line>{edge([text`└`, text`┘`], note ?? EMPTY, 'quiet', NO_CORNER)}</Line>
    </Box>
  );
}
