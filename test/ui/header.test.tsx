import '../helpers/window-size.ts';
import { stripVTControlCharacters } from 'node:util';
import { render } from 'ink-testing-library';
import type { ReactElement } from 'react';
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
  return lineOf(<Header theme={createTheme(true)} state={stateOf()} width={90} uid={0} host={HOST} />);
}

/** Of a host with a short name, without colours. */
function headerLine(state: State, width: number): string {
  const shown = <Header theme={createTheme(true)} state={state} width={width} uid={0} host="web-3" />;
  return stripVTControlCharacters(lineOf(shown));
}

function lineOf(shown: ReactElement): string {
  const { lastFrame, unmount } = render(shown);
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

describe('what stands in the header', () => {
  const place = (state: State, what: string, width: number) => headerLine(state, width).indexOf(what);
  it.each([80, 100])(
    'stays where it is while something opens, and while it is paused, at %i columns',
    (width) => {
      const sampled = (at: number, ports: readonly number[]) => {
        const sockets = ports.map((port) => tcp(`0.0.0.0:${port}`, { owners: [held('sshd', 700)] }));
        return {
          type: 'sampled',
          snapshot: snapshot(sockets, { at }),
          ownersKnown: true,
          connected: 4,
        } as const;
      };
      const calm = reduce(initialState(), sampled(0, [22]));
      const paused = reduce(calm, { type: 'pause' });
      for (const what of ['connected', 'every', 'web-3']) {
        expect(place(calm, what, width), what).toBeGreaterThan(0);
        expect(place(paused, what, width), what).toBe(place(calm, what, width));
      }
    },
  );
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
