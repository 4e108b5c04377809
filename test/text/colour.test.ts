import { expect, test } from 'vitest';
import { type ColourChoice, wantsColour } from '../../src/text/colour.ts';

const XTERM = { TERM: 'xterm-256color' };

test.each<[string, ColourChoice, NodeJS.ProcessEnv, boolean, boolean]>([
  ['a terminal', 'auto', XTERM, true, true],
  ['no terminal', 'auto', XTERM, false, false],
  ['no terminal, whatever FORCE_COLOR says', 'auto', { ...XTERM, FORCE_COLOR: '1' }, false, false],
  ['--color always, into a pipe too', 'always', { ...XTERM, NO_COLOR: '1' }, false, true],
  ['--color never', 'never', { ...XTERM, FORCE_COLOR: '1' }, true, false],
  ['NO_COLOR', 'auto', { ...XTERM, NO_COLOR: '1' }, true, false],
  ['an empty NO_COLOR', 'auto', { ...XTERM, NO_COLOR: '' }, true, true],
  ['NO_COLOR and FORCE_COLOR', 'auto', { ...XTERM, NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ['a terminal without colours', 'auto', { TERM: 'vt100' }, true, false],
  ['one that FORCE_COLOR knows better', 'auto', { TERM: 'vt100', FORCE_COLOR: '1' }, true, true],
  ['FORCE_COLOR=0', 'auto', { ...XTERM, FORCE_COLOR: '0' }, true, false],
])('%s', (_, choice, env, terminal, wanted) => {
  expect(wantsColour(choice, env, terminal)).toBe(wanted);
});
