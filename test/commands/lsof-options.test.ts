import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { UsageError } from '../../src/commands/exit.ts';
import { parseInternetSpec, withLsofOptions } from '../../src/commands/lsof-options.ts';
import { stateFilter } from '../../src/commands/lsof-states.ts';
import { DEFAULTS, type SocketOptions } from '../../src/commands/socket-options.ts';
import { filterProblem } from '../../src/query/filter.ts';

fc.configureGlobal({ seed: 4000 });

const pieces = fc.constantFrom(
  ...['tcp', 'UDP', '4', '6', ':', '@', ',', '^', '"', ')', ' or ', 'LISTEN', '80', '='],
);
/** Whatever may be typed, and what is nearly right. */
const typed = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(pieces, { maxLength: 7 }).map((all) => all.join('')),
  fc.array(pieces, { maxLength: 3 }).map((all) => `TCP:${all.join('')}`),
);

/** Whether it was understood; anything but a UsageError fails. */
function understood<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return null;
  }
}

describe("lsof's -i", () => {
  test.each([
    ['4', { family: '4', protocol: null, target: null }],
    ['6', { family: '6', protocol: null, target: null }],
    ['tcp', { family: null, protocol: 'tcp', target: null }],
    ['UDP', { family: null, protocol: 'udp', target: null }],
    [':4000', { family: null, protocol: null, target: ':4000' }],
    ['tcp:4000', { family: null, protocol: 'tcp', target: 'tcp:4000' }],
    ['TCP:80,443', { family: null, protocol: 'tcp', target: 'tcp:80,443' }],
    ['4TCP@127.0.0.1:80', { family: '4', protocol: 'tcp', target: 'tcp@127.0.0.1:80' }],
    ['@[::1]:80', { family: null, protocol: null, target: '@[::1]:80' }],
  ])('%s', (spec, meant) => {
    expect(parseInternetSpec(spec)).toEqual(meant);
  });

  test.each(['', '5', '4000', 'sctp:80', 'tcp4000', '46', ' :80'])('is not %j', (spec) => {
    expect(() => parseInternetSpec(spec)).toThrow(UsageError);
  });

  it('is understood or a UsageError, whatever was typed', () => {
    fc.assert(fc.property(typed, (text) => void understood(() => parseInternetSpec(text))));
  });
});

describe('what -i and -P mean', () => {
  const meant = (options: Partial<SocketOptions>) => withLsofOptions({ ...DEFAULTS, ...options }, ['22']);

  it.each<[string, Partial<SocketOptions>, Partial<SocketOptions>, string[]]>([
    ['-i', { i: true }, { all: true, tcp: true, udp: true }, []],
    ['-i :80', { i: [':80'] }, { all: true, tcp: true, udp: true }, [':80']],
    ['-i tcp:80', { i: ['tcp:80'] }, { all: true, tcp: true }, ['tcp:80']],
    ['-i 4', { i: ['4'] }, { all: true, '4': true, tcp: true, udp: true }, []],
    [
      '-i tcp:80 -i udp:53',
      { i: ['tcp:80', 'udp:53'] },
      { all: true, tcp: true, udp: true },
      ['tcp:80', 'udp:53'],
    ],
    ['-t -i', { tcp: true, i: true }, { all: true, tcp: true }, []],
    ['-x -i', { unix: true, i: true }, { all: true, unix: true, tcp: true, udp: true }, []],
    ['-l -i', { listening: true, i: true }, { listening: true, tcp: true, udp: true }, []],
    ['-P', { P: true }, { numeric: true }, []],
  ])('%s', (_, typed, options, words) => {
    expect(meant(typed)).toEqual({ options: { ...DEFAULTS, ...typed, ...options }, words: ['22', ...words] });
  });

  it('is said where several ask for what no options here say', () => {
    expect(() => meant({ i: ['tcp', ':80'] })).toThrow('-i tcp and -i :80: only what');
    expect(() => meant({ i: ['4tcp', '6udp'] })).toThrow(UsageError);
  });
});

describe("lsof's -s", () => {
  test.each([
    ['TCP:LISTEN', '(proto:tcp state:="LISTEN")'],
    ['tcp:listen,Established', '(proto:tcp state:="LISTEN",="ESTABLISHED")'],
    ['TCP:^CLOSE_WAIT', '(not (proto:tcp state:="CLOSE_WAIT"))'],
    ['TCP:SYN_RCVD,^CLOSED', '(proto:tcp state:="SYN_RECV" not (proto:tcp state:="CLOSE"))'],
    ['UDP:Idle', '(proto:udp state:="UNCONN")'],
  ])('%s is the filter %s', (spec, filter) => {
    expect(stateFilter(spec)).toBe(filter);
    expect(filterProblem(filter)).toBeNull();
  });

  it('names its form where it has another', () => {
    for (const spec of ['LISTEN', 'TCP', 'TCP:', 'SCTP:LISTEN', '', 'TCP:,', 'TCP:LISTEN" or port:"80']) {
      expect(() => stateFilter(spec)).toThrow(/written PROTOCOL:STATE/);
    }
  });

  it('is a filter that stumbles over nothing but the names of states, or a UsageError', () => {
    fc.assert(
      fc.property(typed, (text) => {
        const filter = understood(() => stateFilter(text));
        const problem = filter === null ? null : filterProblem(filter);
        if (problem) expect(problem.expected).toMatch(/state|LISTEN/);
      }),
      { numRuns: 500 },
    );
  });
});
