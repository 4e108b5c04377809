import { expect, test } from 'vitest';
import { signsOf } from '../../src/text/signs.ts';

test.each<[string, NodeJS.ProcessEnv, string]>([
  ['a locale of UTF-8', { LANG: 'de_DE.UTF-8' }, 'all'],
  ['the same as glibc lists it', { LANG: 'en_US.utf8' }, 'all'],
  ['another charset', { LANG: 'de_DE.ISO-8859-1' }, 'ascii'],
  ['the C locale', { LANG: 'C' }, 'ascii'],
  ['no locale at all', {}, 'ascii'],
  ['LC_ALL over the others', { LC_ALL: 'C', LC_CTYPE: 'C.UTF-8', LANG: 'C.UTF-8' }, 'ascii'],
  ['LC_CTYPE over LANG', { LC_CTYPE: 'C.UTF-8', LANG: 'C' }, 'all'],
  ['what is empty as not set', { LC_ALL: '', LC_CTYPE: '', LANG: 'C.UTF-8' }, 'all'],
  ["the kernel's console", { TERM: 'linux', LANG: 'C.UTF-8' }, 'letters'],
  ["the kernel's console in the C locale", { TERM: 'linux', LANG: 'C' }, 'ascii'],
])('%s', (_, env, signs) => {
  expect(signsOf(env)).toBe(signs);
});
