import { InodeMap } from './inode-map.ts';

/** What a want changed. */
export type Change = {
  /** Whether one that came was known already. */
  recognised: boolean;
  /** Those that are wanted no more. */
  gone: readonly number[];
};

const NO_CHANGE: Change = { recognised: false, gone: [] };

/** The sockets whose holders are asked for, and how far the search for each of them is. */
export class WantedSockets {
  /** Each with the ordinal of the want that named it last. */
  readonly #wanted = new InodeMap();
  #ordinal = 0;
  /** The inodes as the last want had them. */
  #list = new Uint32Array(64);
  #length = 0;
  #namedAt = -Infinity;
  /** To look for, the oldest first, and since when: a look that began before says nothing about it. */
  readonly #pending = new Map<number, number>();
  /** Those that lost their last holder: most often they are closed, as the next want shows. */
  readonly #orphans = new Map<number, number>();
  #arrivals = 0;

  get size(): number {
    return this.#wanted.size;
  }

  /** How many there are to look for. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Grows when there is something new to look for. */
  get arrivals(): number {
    return this.#arrivals;
  }

  has(inode: number): boolean {
    return this.#wanted.get(inode) !== 0;
  }

  /** Whether it is wanted and needs no looking for, be it found or not. */
  settled(inode: number): boolean {
    return this.has(inode) && !this.#pending.has(inode) && !this.#orphans.has(inode);
  }

  /**
   * These are wanted from `now` on; 0 is none. Those that are not `known` are to be looked for.
   */
  want(inodes: ArrayLike<number>, now: number, known: (inode: number) => boolean): Change {
    this.#namedAt = now;
    // First, and with their own times: so the oldest stays first.
    for (const [inode, since] of this.#orphans) this.#pending.set(inode, since);
    if (this.#orphans.size > 0) this.#arrivals++;
    this.#orphans.clear();
    return this.#remember(inodes) ? NO_CHANGE : this.#compare(now, known);
  }

  /** Somebody holds it. */
  found(inode: number): void {
    if (!this.#pending.delete(inode)) this.#orphans.delete(inode);
  }

  /** Nobody is known any more who holds it. */
  lost(inode: number, now: number): void {
    this.#orphans.set(inode, now);
  }

  /** Everything was read that was held since then: what is not found by now, nobody holds. Whether some were. */
  settle(since: number): boolean {
    const before = this.#pending.size;
    for (const [inode, at] of this.#pending) {
      if (at > since) break;
      this.#pending.delete(inode);
    }
    return this.#pending.size < before;
  }

  /** Since when the oldest is to be looked for; Infinity: there is none. */
  get oldest(): number {
    for (const since of this.#pending.values()) return since;
    return Infinity;
  }

  /** Since when the newest is to be looked for that two wants have named; null: there is none. */
  get newestLasting(): number | null {
    let newest: number | null = null;
    for (const since of this.#pending.values()) {
      if (since >= this.#namedAt) break;
      newest = since;
    }
    return newest;
  }

  /** Whether they are the same as before, in the same order, as they mostly are. */
  #remember(inodes: ArrayLike<number>): boolean {
    let length = 0;
    let same = true;
    for (let at = 0; at < inodes.length; at++) {
      const inode = inodes[at] as number;
      if (inode === 0) continue;
      if (length === this.#list.length) {
        const larger = new Uint32Array(length * 2);
        larger.set(this.#list);
        this.#list = larger;
      }
      if (this.#list[length] !== inode) {
        this.#list[length] = inode;
        same = false;
      }
      length++;
    }
    same &&= length === this.#length;
    this.#length = length;
    return same;
  }

  #compare(now: number, known: (inode: number) => boolean): Change {
    const gone: number[] = [];
    const ordinal = ++this.#ordinal;
    const before = this.#pending.size;
    let named = 0;
    let recognised = false;
    for (let at = 0; at < this.#length; at++) {
      const inode = this.#list[at] as number;
      const last = this.#wanted.set(inode, ordinal);
      if (last !== ordinal) named++;
      if (last !== 0) continue;
      if (known(inode)) recognised = true;
      else this.#pending.set(inode, now);
    }
    if (this.#pending.size > before) this.#arrivals++;
    if (named < this.#wanted.size) {
      this.#wanted.forEach((inode, last) => {
        if (last !== ordinal) gone.push(inode);
      });
    }
    for (const inode of gone) {
      this.#wanted.delete(inode);
      this.#pending.delete(inode);
    }
    return { recognised, gone };
  }
}
