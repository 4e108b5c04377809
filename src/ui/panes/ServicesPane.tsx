import type { SafeText } from '../../text/safe.ts';
import { text } from '../../text/safe.ts';
import { wrap } from '../../text/width.ts';
import { Line } from '../Line.tsx';
import type { Theme } from '../theme.ts';
import { Frame } from './Frame.tsx';

type Props = { theme: Theme; title: SafeText; lines: readonly SafeText[]; width: number; height: number };

/** What the selected port is registered for, and who says so. */
export function ServicesPane({ theme, title, lines, width, height }: Props) {
  const [name, ...rest] = lines.flatMap((line) => wrap(line, width - 4));
  const shown = rest.slice(0, height - 3);
  return (
    <Frame theme={theme} title={title} active={false} width={width} height={height}>
      <Line>{theme.paint('accent', text` ${name ?? text``}`)}</Line>
      {shown.map((line, index) => (
        <Line key={index}>{theme.paint('plain', text` ${line}`)}</Line>
      ))}
    </Frame>
  );
}
