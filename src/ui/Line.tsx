import { Text } from 'ink';
import { memo } from 'react';
import type { Painted } from './theme.ts';

/**
 * One line of the screen. Nothing else draws text: what is painted has been made safe.
 * One Text a line, and memoised: a Text a cell costs twice as much, and a line that stays the same nothing.
 */
export const Line = memo(function Line({ children }: { children: Painted }) {
  return <Text wrap="truncate">{children === '' ? ' ' : children}</Text>;
});
