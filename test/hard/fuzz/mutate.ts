/** A random number generator that starts anew from a number (mulberry32): the same one, the same numbers. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A whole number, at least 0 and below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % limit;
  }

  among<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}

/** What parsers split at, count with, or take for the end; and what acts on a terminal. */
const TOKENS = [
  '\0', '\n', '\r', '\t', ' ', ':', '/', ',', '=', '"', "'", '\\', '(', ')', ') R 1', ' (', '[', ']', '@', '-', '%',
  '<', '>', '.', '|', '\u2028', '\x1b', '\x1b]52;c;AAAA\x07', '\x1b[200~', '\x1b[201~', '\x9b', '\u202e', '\u200b',
  '0', '-1', '65536', '4294967295', '4294967296', '18446744073709551615', '9'.repeat(40), 'ffffffffffffffff', 'NaN',
  '1e999', '0x10', 'kB', '__proto__', 'constructor', 'not ', ' or ', ' and ', 'socket:[', ' (deleted)', 'Name:\t',
  '😀', '\ud83d', 'é', '\u0301'.repeat(20), '日本', 'ำ'.repeat(9),
].map((token) => Buffer.from(token)); // biome-ignore format: a list of words

/** Bytes that are no UTF-8, and the ends of the numbers of netlink. */
const BYTES = [0x00, 0x01, 0x04, 0x0a, 0x10, 0x1b, 0x20, 0x7f, 0x80, 0x9b, 0xc0, 0xed, 0xf8, 0xfe, 0xff];
const WORDS = [0, 1, 4, 16, 72, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];

const LONGEST = 4096;

type Mutation = (bytes: Buffer, random: Random, corpus: readonly Buffer[]) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => {
    if (bytes.length > 0) bytes[random.below(bytes.length)] = random.among(BYTES);
    return bytes;
  },
  (bytes, random) => {
    if (bytes.length > 0) (bytes[random.below(bytes.length)] as number) ^= 1 << random.below(8);
    return bytes;
  },
  (bytes, random) => {
    if (bytes.length >= 4) bytes.writeUInt32LE(random.among(WORDS), random.below(bytes.length - 3) & ~3);
    return bytes;
  },
  (bytes, random) => insert(bytes, random.below(bytes.length + 1), random.among(TOKENS)),
  (bytes, random) => insert(bytes, random.below(bytes.length + 1), random.among(TOKENS)),
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return insert(bytes, random.below(bytes.length + 1), bytes.subarray(from, to));
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    const piece = Buffer.from(bytes.subarray(from, Math.min(to, from + 64)));
    return insert(bytes, to, Buffer.concat(Array.from({ length: 1 + random.below(16) }, () => piece)));
  },
  (bytes, random, corpus) => {
    const other = random.among(corpus);
    const [from, to] = range(other, random);
    return Buffer.concat([bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(from, to)]);
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
];

/** The input of this number: one of the corpus, changed in one to eight places; of the same seed always the same. */
export function inputOf(seed: number, number: number, corpus: readonly Buffer[]): Buffer {
  const random = new Random(Math.imul(seed, 0x9e37_79b1) ^ number);
  let bytes: Buffer = Buffer.from(random.among(corpus));
  for (let change = random.below(8); change >= 0; change--)
    bytes = random.among(MUTATIONS)(bytes, random, corpus);
  return bytes.subarray(0, LONGEST);
}

function insert(bytes: Buffer, at: number, piece: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

function range(bytes: Buffer, random: Random): [from: number, to: number] {
  const from = random.below(bytes.length + 1);
  return [from, Math.min(bytes.length, from + 1 + random.below(random.below(4) === 0 ? LONGEST : 32))];
}
