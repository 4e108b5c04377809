/**
 * Presses and the wheel (1000), not every motion, in numbers without an end (1006): without the latter what is right
 * of column 223 cannot be said.
 */
const ON = '\x1b[?1000h\x1b[?1006h';
const OFF = '\x1b[?1006l\x1b[?1000l';

/** Whether the terminal reports the mouse: while it is wanted, and the screen is ours. */
export class MouseReports {
  readonly #terminal: Pick<NodeJS.WriteStream, 'write'>;
  #wanted: boolean;
  #started = false;
  #on = false;

  constructor(terminal: Pick<NodeJS.WriteStream, 'write'>, wanted: boolean) {
    this.#terminal = terminal;
    this.#wanted = wanted;
  }

  want(wanted: boolean): void {
    this.#wanted = wanted;
    this.#switch();
  }

  /** When the screen has been taken. */
  start(): void {
    this.#started = true;
    this.#switch();
  }

  /** Before it is given back. */
  stop(): void {
    this.#started = false;
    this.#switch();
  }

  #switch(): void {
    const on = this.#started && this.#wanted;
    if (on === this.#on) return;
    this.#on = on;
    this.#terminal.write(on ? ON : OFF);
  }
}
