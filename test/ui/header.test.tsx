import '../helpers/window-size.ts';
import { render } from 'ink-testing-library';
import stringWidth from 'string-width';
import { describe, expect, it, test } from 'vitest';
import { reduce } from '../../src/store/reduce.ts';
import { initialState, type State, type Vitals } from '../../src/store/state.ts';
import { Header, headerText } from '../../src/ui/panes/Header.tsx';
import { createTheme } from '../../src/ui/theme.ts';
import { held, snapshot, tcp } from '../helpers/snapshots.ts';

// sethostname(2) takes any bytes, up to 64; a pod of Kubernetes has its whole name.
const HOST = '\x1b[35mpayments-reconciliation-worker-production-7d9f8b6c5d-x2k';

/** The header over one listener, in a terminal of 90 columns. */
function header(): string {
  const { lastFrame, unmount } = render(
    <Header theme={createTheme(true)} state={stateOf()} width={90} uid={0} host={HOST} />,
  );
  const line = lastFrame() ?? '';
  unmount();
  return line;
}

function stateOf(vitals: Partial<Vitals> = {}): State {
  const sockets = [tcp('0.0.0.0:22', { owners: [held('sshd', 700)] })];
  const sampled = { type: 'sampled', snapshot: snapshot(sockets), ownersKnown: true, ...vitals } as const;
  return reduce(reduce(initialState(), sampled), { type: 'pause' });
}

describe('the header of a host with a long and hostile name', () => {
  it('shows it, does not do it, and fits', () => {
    const line = header();
    expect(line).not.toContain('\x1b[35m');
    expect(line).toContain('\\e[35mp');
    expect(stringWidth(line)).toBeLessThanOrEqual(90);
  });

  test('keeps it apart from what stands at the right', () => {
    expect(header()).not.toMatch(/x2k(\x1b\[\d+m)*\S/);
  });

  test('still tells what the name would only adorn: the numbers, and that it is paused', () => {
    const line = header();
    expect(line).toContain('1 listening');
    expect(line).toContain('0 connected');
    expect(line).toContain('paused');
  });
});

describe('secrets that are revealed', () => {
  it('are told of, on the narrowest screen too, until they are masked again', () => {
    const revealed = reduce(stateOf({ elsewhere: 12 }), { type: 'reveal' });
    const where = { uid: 1000, host: HOST };
    for (const width of [80, 200]) expect(headerText(revealed, width, where)).toContain('revealed');
    expect(headerText(reduce(revealed, { type: 'reveal' }), 200, where)).not.toContain('revealed');
  });
});

describe('listeners in other network namespaces', () => {
  it('are counted where there are any, in as many words as there is room for', () => {
    const said = (elsewhere: number | null, width: number) =>
      headerText(stateOf({ elsewhere }), width, { uid: 0, host: HOST });
    expect(said(12, 160)).toContain('12 in other netns (-N all)');
    expect(said(12, 90)).toMatch(/12 in other netns(?! \()/);
    expect(said(12, 80)).toContain('12 in other netns');
    expect(said(null, 160)).not.toContain('netns');
  });
});
