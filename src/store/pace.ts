/** When something dear may be done again: it takes one part of so many of the time. */
export class Pace {
  readonly #parts: number;
  #began = -Infinity;
  #took = 0;

  constructor(parts: number) {
    this.#parts = parts;
  }

  /** Whether it is time; then it begins. */
  begin(): boolean {
    if (performance.now() - this.#began < this.#took * this.#parts) return false;
    this.#began = performance.now();
    return true;
  }

  /** @param took where it was not at work all the time since it began */
  end(took = performance.now() - this.#began): void {
    this.#took = took;
  }
}
