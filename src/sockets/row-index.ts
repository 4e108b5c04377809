/** For searching a Float64 by its bits. */
const number = new Float64Array(1);
const words = new Uint32Array(number.buffer);

/**
 * The row of each identity: a hash table of row numbers. A Map of 200,000 numbers would cost ten times the
 * memory, and the time.
 */
export class RowIndex {
  readonly #slots: Int32Array;
  readonly #mask: number;

  /** For at most `rows` rows. */
  constructor(rows: number) {
    let size = 16;
    while (size < rows * 2) size *= 2;
    this.#slots = new Int32Array(size).fill(-1);
    this.#mask = size - 1;
  }

  /** Adds a row; or, where there is one of its identity, returns that and adds nothing. -1: it was added. */
  add(identities: Float64Array, row: number): number {
    const identity = identities[row] as number;
    const slot = this.#slotOf(identities, identity);
    const there = this.#slots[slot] as number;
    if (there < 0) this.#slots[slot] = row;
    return there;
  }

  /** The row of an identity; -1: none. */
  find(identities: Float64Array, identity: number): number {
    return this.#slots[this.#slotOf(identities, identity)] as number;
  }

  #slotOf(identities: Float64Array, identity: number): number {
    number[0] = identity;
    let hash = Math.imul((words[0] as number) ^ Math.imul(words[1] as number, 0x9e3779b1), 0x85ebca6b);
    hash ^= hash >>> 15;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const row = this.#slots[slot] as number;
      if (row < 0 || identities[row] === identity) return slot;
    }
  }
}
