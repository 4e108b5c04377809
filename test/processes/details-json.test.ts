import { describe, expect, it } from 'vitest';
import type { Details } from '../../src/processes/details.ts';
import { detailsJson } from '../../src/processes/details-json.ts';

const details = (fields: Details['fields']): Details => ({
  pid: 7,
  name: null,
  startTime: null,
  kernelThread: false,
  ancestors: [],
  ownMounts: null,
  loginUid: null,
  fields,
});

describe('the environment in JSON', () => {
  const environ = (variables: [string, string | null][], reveal = false) => {
    const value = variables.map(([name, text]) => ({ name, value: text }));
    return JSON.stringify(detailsJson(details({ environ: { path: 'p', value } }), { reveal }));
  };
  const document = (value: string) => `{"pid":7,"fields":{"environ":{"path":"p","value":${value}}}}`;

  it('has of duplicates the first, in the order of the file', () => {
    expect(
      environ([
        ['B', '1'],
        ['A', '2'],
        ['B', '3'],
      ]),
    ).toBe(document('{"B":"1","A":"2"}'));
  });

  it('has null where there is no value, unless a later one has', () => {
    expect(
      environ([
        ['A', null],
        ['B', null],
        ['A', '1'],
      ]),
    ).toBe(document('{"A":"1","B":null}'));
  });

  it('takes any name', () => {
    expect(
      environ([
        ['__proto__', 'x'],
        ['', 'y'],
      ]),
    ).toBe(document('{"__proto__":"x","":"y"}'));
  });

  it('masks secrets in values and in what is no variable', () => {
    const secrets: [string, string | null][] = [
      ['KEY', 'k'],
      ['U', 'x://u:p@h'],
      [' x://u:p@h', null],
    ];
    expect(environ(secrets)).toBe(document('{"KEY":"****","U":"x://u:****@h"," x://u:****@h":null}'));
    expect(environ(secrets, true)).toBe(document('{"KEY":"k","U":"x://u:p@h"," x://u:p@h":null}'));
  });
});

it('a field that went on says so, and one that cannot be read says why', () => {
  const error = { code: 'EACCES', message: 'permission denied', hint: 'run as root' };
  const fields: Details['fields'] = {
    cmdline: { path: 'c', value: ['a'], truncated: true },
    exe: { path: 'e', value: { path: '/bin/x', state: 'deleted' } },
    cwd: { path: 'd', error },
  };
  expect(detailsJson(details(fields), { reveal: false })).toEqual({
    pid: 7,
    fields: {
      cmdline: { path: 'c', value: ['a'], truncated: true },
      exe: { path: 'e', value: '/bin/x', state: 'deleted' },
      cwd: { path: 'd', error },
    },
  });
});
