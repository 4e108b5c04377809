import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { csv } from '../../src/output/csv.ts';
import { COLUMNS, type Column } from '../../src/query/columns.ts';
import type { Socket } from '../../src/sockets/socket.ts';
import { safe } from '../../src/text/safe.ts';
import { end, factsOf, owner } from '../sockets/fixture.ts';
import { fieldsOf } from './csv-fields.ts';

fc.configureGlobal({ seed: 4000 });

const { port, service, local, remote, user, uid, pids, command } = COLUMNS;

/** The line of one socket whose service, user and command are these. */
function line(...texts: [string, string?, string?]): string {
  const [one, two = null, three = null] = texts;
  const socket = { local: end('0.0.0.0:80', one), user: two, uid: null, owners: [owner(1, three)] };
  const [only = ''] = lines([service, user, command], [socket], false);
  return only;
}

function lines(columns: readonly Column[], sockets: readonly Partial<Socket>[], header: boolean): string[] {
  const picked = sockets.map((_, row) => row);
  return [...csv(columns, factsOf(sockets), picked, header)].join('').split('\n').slice(0, -1);
}

describe('CSV', () => {
  const http: Partial<Socket> = {
    local: end('127.0.0.1:80', 'http'),
    remote: end('127.0.0.2:40000'),
    owners: [owner(7, 'nginx'), owner(9, 'nginx')],
    uid: 33,
    user: 'www-data',
  };

  it('is the keys of the columns, then their bare facts', () => {
    const columns = [port, service, local, remote, user, uid, pids, command];
    expect(lines(columns, [http], true)).toEqual([
      'port,service,local,remote,user,uid,pids,command',
      '80,http,127.0.0.1:80,127.0.0.2:40000,www-data,33,"7,9",nginx',
    ]);
  });

  it('may do without the keys', () => {
    expect(lines([port, service], [http], false)).toEqual(['80,http']);
    expect(lines([port, service], [], true)).toEqual(['port,service']);
    expect(lines([port, service], [], false)).toEqual([]);
  });

  it('has an empty field for what is not known, and a 0 for a 0', () => {
    const nobody = { uid: null, user: null, owners: [] };
    expect(lines([service, remote, user, uid, command], [nobody], false)).toEqual([',,,,']);
    expect(lines([uid, service], [{ uid: 0 }], false)).toEqual(['0,']);
  });
});

describe('a field', () => {
  test.each([
    ['plain', 'plain'],
    ['two words', 'two words'],
    [' blanks ', ' blanks '],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['"', '""""'],
    [',', '","'],
    ["it's", "it's"],
    ['日本', '日本'],
    ['', ''],
  ])('%j is %s', (text, field) => {
    expect(line(text)).toBe(`${field},,`);
  });

  test.each([
    ['two\nlines', 'two\\nlines'],
    ['two\r\nlines', 'two\\r\\nlines'],
    ['\x1b]0;x\x07', '\\e]0;x\\x07'],
    ['\u202eevil', '\\u202eevil'],
    ['a\0b', 'a\\x00b'],
  ])('%j is made visible: %s', (text, field) => {
    expect(line(text)).toBe(`${field},,`);
  });

  test.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ["=cmd|'/C calc'!A1", "'=cmd|'/C calc'!A1"],
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ['\t=1+1', '\\t=1+1'],
    ['\r=1+1', '\\r=1+1'],
    ['\u200b=1+1', '\\u200b=1+1'],
    ['a=1', 'a=1'],
    ['1-2', '1-2'],
    ['x@y', 'x@y'],
  ])('%j is no formula to a spreadsheet: %s', (text, field) => {
    expect(line(text)).toBe(`${field},,`);
    expect(line('x', text)).toBe(`x,${field},`);
    expect(line('x', '', text)).toBe(`x,,${field}`);
  });

  test.each(['＝1+1', '＋1', '－1', '＠SUM(A1)'])('%j is no formula either', (text) => {
    expect(line(text)).toBe(`'${text},,`);
  });

  it('reads back as what was written, whatever it was, and never begins a formula', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(
          fc.constantFrom('=', '+', '-', '@', ',', '"', "'", '\n', '\r', '\t', ' ', 'a', '\\', '\u200b'),
          { maxLength: 8 },
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, text, text, (one, two, three) => {
        const fields = fieldsOf(line(one, two, three));
        const expected = [one, two, three].map((each) => {
          const shown = safe(each);
          return ['=', '+', '-', '@'].includes(shown.charAt(0)) ? `'${shown}` : shown;
        });
        expect(fields).toEqual(expected);
        for (const field of fields)
          expect('=+-@\t\r\n'.includes(field.charAt(0)) && field !== '').toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('has nothing in it that acts on a terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(safe(line(text))).toBe(line(text));
      }),
    );
  });
});
