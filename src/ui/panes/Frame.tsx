import { Box } from 'ink';
import type { ReactNode } from 'react';
import { EMPTY, repeat, type SafeText, text } from '../../text/safe.ts';
import { cut, widthOf } from '../../text/width.ts';
import { Line } from '../Line.tsx';
import { type Painted, painted, type Theme } from '../theme.ts';

type Props = {
  theme: Theme;
  title: SafeText;
  /** On the bottom edge: the source of what the cursor is on. */
  note?: SafeText;
  active: boolean;
  width: number;
  height: number;
  children: ReactNode;
};

/** A pane's frame, its title on the upper edge and a note on the lower one. */
export function Frame({ theme, title, note, active, width, height, children }: Props) {
  const token = active ? 'active-frame' : 'frame';
  const edge = (left: SafeText, words: SafeText, right: SafeText, tone: 'title' | 'quiet'): Painted => {
    const shown = words === '' ? words : text` ${cut(words, width - 6)} `;
    const rule = repeat(text`─`, width - 3 - widthOf(shown));
    return painted(
      theme.paint(token, text`${left}─`),
      theme.paint(tone, shown),
      theme.paint(token, text`${rule}${right}`),
    );
  };
  const side = theme.paint(token, text`│`);
  const inner = height - 2;
  const sides = Array.from({ length: inner }, (_, line) => line);
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Line>{edge(text`┌`, title, text`┐`, 'title')}</Line>
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
      <Line>{edge(text`└`, note ?? EMPTY, text`┘`, 'quiet')}</Line>
    </Box>
  );
}
