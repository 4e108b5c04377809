import type { FilterKeys } from './filter-keys.ts';
import type { RowTest } from './filter-text.ts';
import { FilterError } from './query-error.ts';

/*
 * filter = [ any ]
 * any    = all { "or" all }
 * all    = not { [ "and" ] not }
 * not    = { "not" } ( "(" any ")" | word | port | key ":" value { "," value } )
 * port   = ":" number | number "/" protocol | protocol ":" number
 * value  = [ "<" | "<=" | ">" | ">=" | "=" ] text | "/" pattern "/"
 * word and text: up to a blank or a parenthesis (a text also to a comma), or between quotes, where "" is one of them
 */

/** A word to look for anywhere, or what the value of a key is to be: any of several. */
export type Term<Key extends string = string> =
  | { type: 'word'; text: string; quoted: boolean }
  | { type: 'field'; key: Key; values: readonly Asked[] };

export type Operator = '' | '=' | '<' | '<=' | '>' | '>=';

/** One value of a key, as it was written. */
export type Asked = {
  operator: Operator;
  form: 'bare' | 'quoted' | 'pattern';
  text: string;
  /** What to throw where the value, or its operator already, is none that the key can have. */
  wrong(expected: string, part?: 'operator' | 'text'): FilterError;
};

/** What must match of what; {@link Tree} of no parts at all matches everything. */
export type Tree<Leaf> =
  | { all: readonly Tree<Leaf>[] }
  | { any: readonly Tree<Leaf>[] }
  | { not: Tree<Leaf> }
  | { leaf: Leaf };

/**
 * Reads a filter. Throws a {@link FilterError} for the first thing in it that is wrong.
 * @param keys what may stand before a colon
 * @param leafOf what becomes of a term, as soon as it is read; it may throw what the term's values give it
 */
export function parseFilter<Leaf, Key extends string>(
  text: string,
  keys: FilterKeys<Key>,
  leafOf: (term: Term<Key>) => Leaf,
): Tree<Leaf> {
  return new Parser(text, keys, leafOf).parse();
}

/** A test of its parts as a test of the whole. */
export function testOf<Rows>(tree: Tree<RowTest<Rows>>): RowTest<Rows> {
  if ('leaf' in tree) return tree.leaf;
  if ('not' in tree) {
    const test = testOf(tree.not);
    return (rows, row) => !test(rows, row);
  }
  if ('any' in tree) {
    const tests = tree.any.map(testOf);
    return (rows, row) => tests.some((test) => test(rows, row));
  }
  const tests = tree.all.map(testOf);
  return (rows, row) => tests.every((test) => test(rows, row));
}

/** More of them nobody writes by hand, and they may not exhaust the stack. */
const DEEPEST = 100;

const OPERAND = 'a word or key:value';

const BLANKS = /\s*/y;
const KEYWORD = /(?:and|or|not)(?![^\s()])/iy;
/** `fd::1` is an address, though hardly anybody's. */
const KEY = /(?!fd:\S*:)([a-z][a-z-]*):/iy;
const WORD = /[^\s()]+/y;
/** A port as it is typed elsewhere: `:8080`, `8080/tcp`, `tcp:8080`. */
const PORT = /(?::(\d{1,5})|(\d{1,5})\/(tcp|udp|udplite)|(tcp|udp|udplite):(\d{1,5}))(?![^\s()])/iy;
const OPERATOR = /[<>]=?|=|/y;
const TEXT = /[^\s(),]*/y;
const QUOTED = /"([^"]*(?:""[^"]*)*)"/y;
const PATTERN = /\/((?:[^\\/[]|\\.|\[(?:[^\\\]]|\\.)*\])*)\//sy;
const FOUND = /[^\s()]+|./sy;

class Parser<Leaf, Key extends string> {
  readonly #text: string;
  readonly #keys: FilterKeys<Key>;
  readonly #leafOf: (term: Term<Key>) => Leaf;
  #at = 0;
  #depth = 0;
  /** Up to here the text is a filter by itself. */
  #understood = 0;

  constructor(text: string, keys: FilterKeys<Key>, leafOf: (term: Term<Key>) => Leaf) {
    this.#text = text;
    this.#keys = keys;
    this.#leafOf = leafOf;
  }

  parse(): Tree<Leaf> {
    this.#take(BLANKS);
    if (this.#next === '') return { all: [] };
    const tree = this.#any();
    if (this.#next !== '') throw this.#wrong('a word, key:value or the end');
    return tree;
  }

  #any(): Tree<Leaf> {
    const parts = [this.#all()];
    while (this.#takeKeyword('or')) parts.push(this.#all());
    return parts.length === 1 ? (parts[0] as Tree<Leaf>) : { any: parts };
  }

  #all(): Tree<Leaf> {
    const parts: Tree<Leaf>[] = [];
    do {
      parts.push(this.#not());
    } while (this.#takeKeyword('and') || !(['', ')'].includes(this.#next) || this.#keyword === 'or'));
    return parts.length === 1 ? (parts[0] as Tree<Leaf>) : { all: parts };
  }

  #not(): Tree<Leaf> {
    let negated = false;
    while (this.#takeKeyword('not')) negated = !negated;
    const operand = this.#operand();
    if (this.#depth === 0) this.#understood = this.#at;
    this.#take(BLANKS);
    return negated ? { not: operand } : operand;
  }

  #operand(): Tree<Leaf> {
    if (['', ')'].includes(this.#next) || this.#keyword !== null) throw this.#wrong(OPERAND);
    return this.#next === '(' ? this.#group() : (this.#port() ?? { leaf: this.#leafOf(this.#term()) });
  }

  /** null: there is none, or what is filtered has no ports of its own. */
  #port(): Tree<Leaf> | null {
    const [port, remote, proto] = ['port', 'remote', 'proto'].map((name) => this.#keys.named(name));
    const found = port && remote && proto ? this.#take(PORT) : null;
    if (!port || !remote || !proto || !found) return null;
    const [, alone, before, behind, first, last] = found;
    const field = (key: Key, text: string): Tree<Leaf> => {
      const wrong: Asked['wrong'] = (expected) => this.#wrong(expected, this.#at - found[0].length);
      return {
        leaf: this.#leafOf({ type: 'field', key, values: [{ operator: '', form: 'bare', text, wrong }] }),
      };
    };
    const protocol = behind ?? first;
    const number = (alone ?? before ?? last) as string;
    const either: Tree<Leaf> = { any: [field(port, number), field(remote, `:${number}`)] };
    return protocol === undefined ? either : { all: [either, field(proto, protocol.toLowerCase())] };
  }

  #group(): Tree<Leaf> {
    if (this.#depth === DEEPEST) throw this.#wrong(`at most ${DEEPEST} open parentheses`);
    this.#at++;
    this.#take(BLANKS);
    this.#depth++;
    const inside = this.#any();
    this.#depth--;
    if (this.#next !== ')') throw this.#wrong("a word, key:value or ')'");
    this.#at++;
    return inside;
  }

  #term(): Term<Key> {
    if (this.#next === '"') return { type: 'word', text: this.#quoted(), quoted: true };
    const before = this.#at;
    const name = this.#take(KEY)?.[1];
    const key = name === undefined ? undefined : this.#keys.named(name);
    if (key) return { type: 'field', key, values: this.#values(`${name}:`) };
    this.#at = before;
    if (name !== undefined && !this.#isWord(name)) {
      const near = this.#keys.nearest(name).map((key) => `'${key}'`);
      const keys = near.length > 0 ? `such as ${near.join(' or ')}` : `(${this.#keys.all.join(', ')})`;
      throw this.#wrong(`a key ${keys}, or the word in quotes`);
    }
    return { type: 'word', text: (this.#take(WORD) as RegExpExecArray)[0], quoted: false };
  }

  /** Whether letters before a colon are no key: they begin an address (`cafe::1`) or a URL. */
  #isWord(name: string): boolean {
    return /^[a-f]+$/i.test(name) || this.#text.startsWith('//', this.#at + name.length + 1);
  }

  #values(key: string): Asked[] {
    const values: Asked[] = [];
    for (;;) {
      values.push(this.#value(key));
      if (this.#next !== ',') return values;
      this.#at++;
    }
  }

  #value(key: string): Asked {
    const start = this.#at;
    const operator = (this.#take(OPERATOR)?.[0] ?? '') as Operator;
    const from = this.#at;
    const wrong: Asked['wrong'] = (expected, part = 'text') =>
      part === 'text'
        ? this.#wrong(`${expected} after '${key}${operator}'`, from)
        : this.#wrong(`${expected} after '${key}'`, start);
    if (this.#next === '"') return { operator, form: 'quoted', text: this.#quoted(true), wrong };
    if (operator === '' && this.#next === '/')
      return { operator, form: 'pattern', text: this.#pattern(), wrong };
    return { operator, form: 'bare', text: this.#take(TEXT)?.[0] ?? '', wrong };
  }

  #quoted(inList = false): string {
    const quoted = this.#take(QUOTED);
    if (!quoted)
      throw this.#wrong(
        `'"' at the end of what began at character ${this.#position(this.#at)}`,
        this.#text.length,
      );
    this.#expectEnd('a space after the quotes', inList);
    return (quoted[1] as string).replaceAll('""', '"');
  }

  #pattern(): string {
    const pattern = this.#take(PATTERN);
    if (!pattern)
      throw this.#wrong("'/' at the end of the pattern (a path goes in quotes)", this.#text.length);
    this.#expectEnd('a space after the pattern (a path goes in quotes)', true);
    return pattern[1] as string;
  }

  #expectEnd(expected: string, inList: boolean): void {
    if (!/^[\s()]?$/.test(this.#next) && !(inList && this.#next === ',')) throw this.#wrong(expected);
  }

  /** The character that is next; empty at the end. */
  get #next(): string {
    return this.#text[this.#at] ?? '';
  }

  get #keyword(): string | null {
    KEYWORD.lastIndex = this.#at;
    return KEYWORD.exec(this.#text)?.[0].toLowerCase() ?? null;
  }

  #takeKeyword(word: 'and' | 'or' | 'not'): boolean {
    if (this.#keyword !== word) return false;
    this.#at += word.length;
    this.#take(BLANKS);
    return true;
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text);
    this.#at += taken?.[0].length ?? 0;
    return taken;
  }

  #wrong(expected: string, at = this.#at): FilterError {
    FOUND.lastIndex = at;
    const found = FOUND.exec(this.#text);
    return new FilterError({
      position: this.#position(at),
      expected,
      found: found ? `'${found[0]}'` : 'the end',
      understood: this.#text.slice(0, this.#understood),
    });
  }

  /** Characters as a person counts them, and the cursor. */
  #position(at: number): number {
    return [...this.#text.slice(0, at)].length + 1;
  }
}
