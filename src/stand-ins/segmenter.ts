import { NARROW } from './narrow.ts';

// Taken apart, since the build puts the class below wherever `Intl.Segmenter` stands.
const { Segmenter } = Intl;

/**
 * Stands in for Intl.Segmenter (by graphemes) in Ink and its packages, which ask it for every character of
 * every frame. Where each character is one for itself, splitting needs none of Unicode's tables, which take
 * 10 ms to load, and a third of the time of each frame. Held against the real one in test/stand-ins.
 */
export class QuickSegmenter {
  #real: Intl.Segmenter | undefined;

  segment(input: string): Pick<Intl.Segments, 'containing' | typeof Symbol.iterator> {
    if (NARROW.test(input)) return new Units(input);
    this.#real ??= new Segmenter(undefined, { granularity: 'grapheme' });
    return this.#real.segment(input);
  }
}

/** Every UTF-16 unit a segment of its own. */
class Units {
  readonly #input: string;

  constructor(input: string) {
    this.#input = input;
  }

  containing(index = 0): Intl.SegmentData | undefined {
    const at = Math.trunc(index);
    const segment = this.#input[at];
    return segment === undefined ? undefined : { segment, index: at, input: this.#input };
  }

  *[Symbol.iterator](): Generator<Intl.SegmentData, undefined> {
    const input = this.#input;
    for (let index = 0; index < input.length; index++)
      yield { segment: input[index] as string, index, input };
  }
}
