/** At most this share of the slots is taken: beyond it, looking for what is not there takes long. */
const LOAD = 0.7;

/**
 * A number for each inode: a hash table in two typed arrays, open addressing. A Map of 260,000 inodes takes
 * four times the memory, and more where they are beyond 2^31, which V8 keeps as objects.
 */
export class InodeMap {
  /** 0: a free slot. No socket has the inode 0. */
  #inodes: Uint32Array<ArrayBuffer>;
  #values: Int32Array<ArrayBuffer>;
  #shift: number;
  #size = 0;

  /** `expected`: how many there is room for before it has to grow. */
  constructor(expected = 0) {
    const bits = Math.max(4, Math.ceil(Math.log2((expected + 1) / LOAD)));
    this.#inodes = new Uint32Array(2 ** bits);
    this.#values = new Int32Array(2 ** bits);
    this.#shift = 32 - bits;
  }

  get size(): number {
    return this.#size;
  }

  /** 0: there is none. */
  get(inode: number): number {
    const slot = this.#slotOf(inode);
    return this.#inodes[slot] === 0 ? 0 : (this.#values[slot] as number);
  }

  /** Returns what was there before; 0: nothing. `value` is not 0. */
  set(inode: number, value: number): number {
    let slot = this.#slotOf(inode);
    if (this.#inodes[slot] !== 0) {
      const before = this.#values[slot] as number;
      this.#values[slot] = value;
      return before;
    }
    if (this.#size + 1 > this.#inodes.length * LOAD) {
      this.#grow();
      slot = this.#slotOf(inode);
    }
    this.#inodes[slot] = inode;
    this.#values[slot] = value;
    this.#size++;
    return 0;
  }

  delete(inode: number): void {
    const mask = this.#inodes.length - 1;
    let hole = this.#slotOf(inode);
    if (this.#inodes[hole] === 0) return;
    this.#size--;
    // What stands behind the hole, because its own slot was taken, moves up: else nobody would find it.
    for (let slot = (hole + 1) & mask; this.#inodes[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.#homeOf(this.#inodes[slot] as number);
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      this.#inodes[hole] = this.#inodes[slot] as number;
      this.#values[hole] = this.#values[slot] as number;
      hole = slot;
    }
    this.#inodes[hole] = 0;
  }

  /** In no order. It may not be changed meanwhile. */
  forEach(visit: (inode: number, value: number) => void): void {
    for (let slot = 0; slot < this.#inodes.length; slot++) {
      if (this.#inodes[slot] !== 0) visit(this.#inodes[slot] as number, this.#values[slot] as number);
    }
  }

  #slotOf(inode: number): number {
    const mask = this.#inodes.length - 1;
    let slot = this.#homeOf(inode);
    while (this.#inodes[slot] !== inode && this.#inodes[slot] !== 0) slot = (slot + 1) & mask;
    return slot;
  }

  /** Fibonacci hashing: inodes come in runs, and runs are spread evenly. */
  #homeOf(inode: number): number {
    return Math.imul(inode, 0x9e3779b1) >>> this.#shift;
  }

  #grow(): void {
    const [inodes, values] = [this.#inodes, this.#values];
    this.#inodes = new Uint32Array(inodes.length * 2);
    this.#values = new Int32Array(values.length * 2);
    this.#shift--;
    for (let from = 0; from < inodes.length; from++) {
      if (inodes[from] === 0) continue;
      const slot = this.#slotOf(inodes[from] as number);
      this.#inodes[slot] = inodes[from] as number;
      this.#values[slot] = values[from] as number;
    }
  }
}
