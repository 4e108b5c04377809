/** When something dear may be done again: it takes one part of so many of the time. */
export class Pace {
  readonly #parts: number;
  #began = -Infinity;
  #took = 0;
  #of: unknown;

  constructor(parts: number) {
    this.#parts = parts;
  }

  /** How often it may be done, in ms. */
  get period(): number {
    return this.#took * this.#parts;
  }

  /** Whether it is time, or cannot wait, or is of something else than before; then it begins. */
  begin(atOnce = false, of: unknown = this.#of): boolean {
    if (!atOnce && of === this.#of && performance.now() - this.#began < this.period) return false;
    this.#began = performance.now();
    this.#of = of;
    return true;
  }

  /** @param took where it was not at work all the time since it began */
  end(took = performance.now() - this.#began): void {
    this.#took = took;
  }
}
