import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { COLUMNS } from '../../src/query/columns.ts';
import { filterProblem } from '../../src/query/filter.ts';
import { SOCKET_KEYS } from '../../src/query/filter-keys.ts';
import { parseFilter, type Term, type Tree } from '../../src/query/filter-syntax.ts';
import { FilterError, QueryError } from '../../src/query/query-error.ts';

fc.configureGlobal({ seed: 4000 });

/** A filter with every pair of parentheses that it stands for; `[…]` is a term. */
function read(text: string): string {
  const shown = (tree: Tree<string>): string => {
    if ('leaf' in tree) return tree.leaf;
    if ('not' in tree) return `not ${shown(tree.not)}`;
    const [parts, word] = 'any' in tree ? [tree.any, ' or '] : [tree.all, ' and '];
    return `(${parts.map(shown).join(word)})`;
  };
  return shown(parseFilter(text, SOCKET_KEYS, termText));
}

function termText(term: Term): string {
  if (term.type === 'word') return term.quoted ? `"${term.text}"` : term.text;
  const values = term.values.map(({ operator, form, text }) => {
    return operator + { bare: text, quoted: `"${text}"`, pattern: `/${text}/` }[form];
  });
  return `${term.key}=[${values.join('|')}]`;
}

describe('a filter', () => {
  it.each([
    ['', '()'],
    [' \t ', '()'],
    ['a', 'a'],
    ['a b', '(a and b)'],
    ['a and b', '(a and b)'],
    ['a or b c', '(a or (b and c))'],
    ['a b or c', '((a and b) or c)'],
    ['a AND b Or c', '((a and b) or c)'],
    ['not a b', '(not a and b)'],
    ['not a or b', '(not a or b)'],
    ['a not b', '(a and not b)'],
    ['not not a', 'a'],
    ['not not not a', 'not a'],
    ['(a or b) c', '((a or b) and c)'],
    ['not (a or b)', 'not (a or b)'],
    ['(a)(b)', '(a and b)'],
    ['not(a)or(b)', '(not a or b)'],
    ['((a))', 'a'],
  ])('%j is read as %s', (text, meant) => {
    expect(read(text)).toBe(meant);
  });

  const printed = fc.letrec<{ tree: Tree<string> }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('a', '"or"', 'port:80', 'user:"x y"').map((leaf) => ({ leaf })),
      tie('tree').map((not) => ({ not })),
      fc.array(tie('tree'), { minLength: 2, maxLength: 3 }).map((all) => ({ all })),
      fc.array(tie('tree'), { minLength: 2, maxLength: 3 }).map((any) => ({ any })),
    ),
  })).tree;

  it('is read as it was written, with no more parentheses than it needs', () => {
    const [ANY, ALL, NOT] = [0, 1, 2];
    const write = (tree: Tree<string>, within = ANY): string => {
      if ('leaf' in tree) return tree.leaf;
      if ('not' in tree) return `not ${write(tree.not, NOT)}`;
      const [parts, level, word] =
        'any' in tree ? [tree.any, ANY, ' or '] : [tree.all, ALL, within % 2 ? ' ' : ' and '];
      const text = parts.map((part) => write(part, level + 1)).join(word);
      return level < within ? `(${text})` : text;
    };
    /** As the reader has it: two nots are none. */
    const plain = (tree: Tree<string>): Tree<string> => {
      if ('leaf' in tree) return tree;
      if ('any' in tree) return { any: tree.any.map(plain) };
      if ('all' in tree) return { all: tree.all.map(plain) };
      const inside = plain(tree.not);
      return 'not' in inside ? inside.not : { not: inside };
    };
    const words = (term: Term) =>
      term.type === 'word'
        ? termText(term)
        : `${term.key}:${term.values.map(({ form, text }) => (form === 'quoted' ? `"${text}"` : text))}`;
    fc.assert(
      fc.property(printed, (tree) => {
        expect(parseFilter(write(tree), SOCKET_KEYS, words)).toEqual(plain(tree));
      }),
    );
  });

  it('is understood, or a FilterError says where it is not: whatever the text', () => {
    const pieces = fc.array(
      fc.constantFrom(
        ...['port:', 'user:', '"', '/', '(', ')', 'not', 'or', ' ', ',', '>', '=', '8', '[', '\\', '💥'],
      ),
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      pieces.map((all) => all.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const problem = filterProblem(text);
        if (!problem) return;
        expect(problem).toBeInstanceOf(QueryError);
        expect(problem.position).toBeGreaterThanOrEqual(1);
        expect(problem.position).toBeLessThanOrEqual([...text].length + 1);
        expect(text.startsWith(problem.understood)).toBe(true);
        expect(filterProblem(problem.understood)).toBeNull();
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['(', 'not ', 'a or ', 'a '])('may be long: %j many times', (piece) => {
    expect(filterProblem(piece.repeat(50_000))).toSatisfy(
      (problem) => problem === null || problem instanceof FilterError,
    );
  });
});

describe('a word', () => {
  it.each([
    '::1',
    '127.0.0.1:80',
    '[::1]:80',
    'fe80::1%eth0',
    'cafe::1',
    'dead:beef::',
    'http://x',
    '@/tmp/.X11:0',
  ])('may have a colon, as %s', (word) => expect(read(word)).toBe(word));

  it.each(['/run/x', 'x,y', '>5', '.*', '\\e[31m', 'a"b', 'android', 'ore', 'nothing', 'or-not'])(
    'means itself: %s',
    (word) => expect(read(word)).toBe(word),
  );

  it.each([
    ['"or"', '"or"'],
    ['"two words"', '"two words"'],
    ['"(ended)"', '"(ended)"'],
    ['"port:80"', '"port:80"'],
    ['"say ""so"""', '"say "so""'],
    ['""', '""'],
  ])('in quotes is only a word: %s', (text, meant) => expect(read(text)).toBe(meant));
});

describe('a key', () => {
  it.each([
    ['port:3000', 'port=[3000]'],
    ['PORT:3000', 'port=[3000]'],
    ['port:3000-3010', 'port=[3000-3010]'],
    ['port:80,443', 'port=[80|443]'],
    ['pid:>=10', 'pid=[>=10]'],
    ['user:=www-data', 'user=[=www-data]'],
    ['cmd:/ngin|(a b)/', 'command=[/ngin|(a b)/]'],
    ['cmd:/[/]\\/x/,b', 'command=[/[/]\\/x/|b]'],
    ['user:"two words",c', 'user=["two words"|c]'],
    ['user:="a ""b"""', 'user=[="a "b""]'],
    ['local:=/run/x', 'local=[=/run/x]'],
    ['addr:::1', 'addr=[::1]'],
    ['remote::443', 'remote=[:443]'],
    ['(port:80)', 'port=[80]'],
  ])('and its value: %s', (text, meant) => expect(read(text)).toBe(meant));

  it('is that of a column, its title, or another common word', () => {
    for (const key of SOCKET_KEYS.all) expect(SOCKET_KEYS.named(key)).toBe(key);
    for (const [name, key] of [
      ['cmd', 'command'],
      ['name', 'command'],
      ['owner', 'command'],
      ['reach', 'exposure'],
      ['up', 'started'],
      ['address', 'addr'],
      ['protocol', 'proto'],
      ['recv-q', 'recvq'],
      ['conn', 'conns'],
      ['pid', 'pid'],
    ])
      expect([name, SOCKET_KEYS.named(name as string)]).toEqual([name, key]);
    for (const name of ['constructor', '', 'xyz']) expect(SOCKET_KEYS.named(name)).toBeUndefined();
  });

  it('can never be meant as an address', () => {
    for (const { key, title } of Object.values(COLUMNS))
      for (const name of [key, title].filter((each) => !/^fd$/i.test(each)))
        expect(name).not.toMatch(/^[a-f]+$/i);
    for (const address of ['fd::1', 'FD:1::', '[fd::1]:80']) expect(read(address)).toBe(address);
    expect(read('fd:11')).toBe('fd=[11]');
  });

  it('that nobody has is answered with the nearest', () => {
    expect(SOCKET_KEYS.nearest('prot')).toEqual(['port', 'proto']);
    expect(SOCKET_KEYS.nearest('usr')).toEqual(['user']);
    expect(SOCKET_KEYS.nearest('sate')).toEqual(['state']);
    expect(SOCKET_KEYS.nearest('adress')).toEqual(['address']);
    expect(SOCKET_KEYS.nearest('x')).toEqual([]);
    expect(SOCKET_KEYS.nearest('localhost')).toEqual([]);
  });
});

describe('what is wrong', () => {
  const ALL_KEYS = SOCKET_KEYS.all.join(', ');
  test.each([
    ['pid:>abc', 6, "a number after 'pid:>'", "'abc'"],
    ['port:', 6, "a number after 'port:'", 'the end'],
    ['port: 80', 6, "a number after 'port:'", "' '"],
    ['port:80,x', 9, "a number after 'port:'", "'x'"],
    ['port:80,', 9, "a number after 'port:'", 'the end'],
    ['port:9-3', 6, "a range that begins with the lower number after 'port:'", "'9-3'"],
    ['port:>3-9', 7, "a number after 'port:>'", "'3-9'"],
    ['port:/8/', 6, "a number after 'port:'", "'/8/'"],
    ['user:>a', 6, "text, '=' and text, or /pattern/ after 'user:'", "'>a'"],
    ['user:', 6, "text, '=' and text, or /pattern/ after 'user:'", 'the end'],
    ['up:10', 4, "an age such as 30s, 10m, 2h or 3d after 'up:'", "'10'"],
    ['proto:udpl', 7, /^tcp, tcp6, .* after 'proto:'$/, "'udpl'"],
    ['state:lisen', 7, /^LISTEN, .* after 'state:'$/, "'lisen'"],
    ['exposure:x', 10, "loopback, link-local, private, public, all after 'exposure:'", "'x'"],
    ['addr:10/8', 6, "a network such as 10.0.0.0/8 or fe80::/10 after 'addr:'", "'10/8'"],
    ['addr:10.0.0.0/33', 6, "a network of /0 to /32 after 'addr:'", "'10.0.0.0/33'"],
    ['addr:10.0.0.0/', 6, "a network of /0 to /32 after 'addr:'", "'10.0.0.0/'"],
    ['addr:fe80::/129', 6, "a network of /0 to /128 after 'addr:'", "'fe80::/129'"],
    ['addr:::ffff:1.2.3.4/8', 6, "a network of /96 to /128 after 'addr:'", "'::ffff:1.2.3.4/8'"],
    ['cmd:/a', 7, "'/' at the end of the pattern (a path goes in quotes)", 'the end'],
    ['cmd:/run/x', 10, 'a space after the pattern (a path goes in quotes)', "'x'"],
    ['cmd:/(/', 5, "a regular expression after 'cmd:'", "'/'"],
    ['prot:80', 1, "a key such as 'port' or 'proto', or the word in quotes", "'prot:80'"],
    ['a foo:1', 3, `a key (${ALL_KEYS}), or the word in quotes`, "'foo:1'"],
    ['a or', 5, 'a word or key:value', 'the end'],
    ['or a', 1, 'a word or key:value', "'or'"],
    ['a and or b', 7, 'a word or key:value', "'or'"],
    ['not', 4, 'a word or key:value', 'the end'],
    ['()', 2, 'a word or key:value', "')'"],
    ['(a', 3, "a word, key:value or ')'", 'the end'],
    ['a)', 2, 'a word, key:value or the end', "')'"],
    ['x "a b', 7, "'\"' at the end of what began at character 3", 'the end'],
    ['"a"b', 4, 'a space after the quotes', "'b'"],
    ['"a",b', 4, 'a space after the quotes', "',b'"],
    ['💥 pid:x', 7, "a number after 'pid:'", "'x'"],
    ['port:x (', 6, "a number after 'port:'", "'x'"],
  ])('in %j is said with its place: character %i', (text, position, expected, found) => {
    const problem = filterProblem(text) as FilterError;
    expect(problem).toMatchObject({ name: 'QueryError', position });
    if (typeof expected === 'string') expect(problem.expected).toBe(expected);
    else expect(problem.expected).toMatch(expected);
    expect(problem.message).toBe(
      `filter, character ${position}: expected ${problem.expected}, found ${found}`,
    );
  });

  test.each([
    ['port:', ''],
    ['nginx port:', 'nginx'],
    ['nginx or', 'nginx'],
    ['a or b and not', 'a or b'],
    ['a (b or', 'a'],
    ['a (b) "c', 'a (b)'],
    ['a or user:x,y pid:x z', 'a or user:x,y'],
  ])('in %j leaves what is before it understood: %j', (text, understood) => {
    expect(filterProblem(text)?.understood).toBe(understood);
  });
});
