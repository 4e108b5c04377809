import { Box } from 'ink';
import { useEffect } from 'react';
import type { Meant, SignalDialog } from '../../store/signal-dialog.ts';
import { EMPTY, text } from '../../text/safe.ts';
import { fit } from '../../text/width.ts';
import { Line } from '../Line.tsx';
import { scrollTo } from '../layout.ts';
import { painted, type Theme } from '../theme.ts';
import { Frame } from './Frame.tsx';
import { type Looked, recipientLines, type SaidLine, signalLines } from './signal-lines.ts';
import { typedLine } from './typed-line.ts';

type PaneProps = { theme: Theme; dialog: SignalDialog; width: number; height: number };
type Props = PaneProps & {
  looked: Looked;
  /** Hears that those who are meant are on the screen. */
  onShown(of: Meant): void;
};

const FRAME = 2;
/** Of the signals: a number, a name, and as much of the meaning as there is room for. */
const NARROWEST = 30;
const WIDEST = 64;

/** Where a signal is chosen and sent: the signals on the left, whom it hits on the right. */
export function SignalPane({ theme, dialog, looked, width, height, onShown }: Props) {
  const left = Math.max(NARROWEST, Math.min(WIDEST, Math.floor(width * 0.38)));
  const inner = height - FRAME;
  return (
    <Box width={width} height={height}>
      <Signals theme={theme} dialog={dialog} width={left} height={height} />
      <Recipients
        theme={theme}
        dialog={dialog}
        looked={looked}
        width={width - left}
        height={height}
        inner={inner}
        onShown={onShown}
      />
    </Box>
  );
}

function Signals({ theme, dialog, width, height }: PaneProps) {
  const { lines, cursor } = signalLines(dialog);
  const choosing = dialog.step === 'choose';
  const typed = choosing && dialog.line.text !== '';
  const room = height - FRAME - (typed ? 1 : 0);
  const top = scrollTo(0, cursor, room, lines.length);
  return (
    <Frame
      theme={theme}
      title={text`Signal`}
      note={choosing ? text`type a number or a word to find one` : EMPTY}
      active={choosing}
      width={width}
      height={height}
    >
      {typed && <Line>{painted(theme.paint('key', text`/ `), typedLine(theme, dialog.line))}</Line>}
      <Lines theme={theme} lines={lines.slice(top, top + room)} width={width - FRAME} />
    </Frame>
  );
}

function Recipients({ theme, dialog, looked, width, height, inner, onShown }: Props & { inner: number }) {
  const { step, insistence, meant, recipients } = dialog;
  const lines = recipientLines(dialog, looked, width - FRAME - 1);
  const room = step === 'insist' ? inner - 1 : inner;
  const top = Math.max(0, Math.min(dialog.top, lines.length - room));
  const below = lines.length - top - room;
  const isAllSeen = recipients !== null && below <= 0;
  useEffect(() => {
    if (isAllSeen) onShown(meant);
  }, [meant, isAllSeen]);
  return (
    <Frame
      theme={theme}
      title={TITLES[step]}
      note={below > 0 ? text`${below} more lines: PgDn` : EMPTY}
      active={step !== 'choose'}
      width={width}
      height={height}
    >
      <Lines theme={theme} lines={lines.slice(top, top + room)} width={width - FRAME} />
      {step === 'insist' && (
        <Line>{painted(theme.paint('key', text` > `), typedLine(theme, insistence))}</Line>
      )}
    </Frame>
  );
}

const TITLES = {
  choose: text`Who is hit`,
  confirm: text`Sure?`,
  insist: text`Really?`,
  send: text`Sending`,
  watch: text`Waiting until it is gone, 3 s`,
  linger: text`Still there`,
  done: text`Done`,
} as const;

function Lines({ theme, lines, width }: { theme: Theme; lines: readonly SaidLine[]; width: number }) {
  return lines.map(({ token, said }, index) => (
    <Line key={index}>{theme.paint(token, fit(text` ${said}`, width))}</Line>
  ));
}
