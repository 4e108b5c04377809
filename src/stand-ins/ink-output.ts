import InkOutput from '../../node_modules/ink/build/output.js';

type Options = ConstructorParameters<typeof InkOutput>[0];
type Write = { x: number; text: string; options: Parameters<InkOutput['write']>[3] };

/** The lines of the frame before, by what is written in them; all of one width. */
let known = new Map<string, string>();
let knownWidth = 0;

/**
 * Stands in for what Ink puts a frame together with, cell by cell, from what its texts say: of a line in which the same
 * is written as in one of the frame before, that one is taken. Most frames differ in one or two, and to make all of
 * them takes as long as everything else that is done for a frame. What is not a plain line is left to Ink.
 */
export default class Output extends InkOutput {
  /** By the row that they are in; null: not each is in one. */
  #writes: Map<number, Write[]> | null = new Map();

  override write(x: number, y: number, text: string, options: Write['options']): void {
    super.write(x, y, text, options);
    if (text === '') return;
    if (!isPlain(text, options)) this.#writes = null;
    const line = this.#writes?.get(y);
    if (line) line.push({ x, text, options });
    else this.#writes?.set(y, [{ x, text, options }]);
  }

  override clip(clip: Parameters<InkOutput['clip']>[0]): void {
    super.clip(clip);
    this.#writes = null;
  }

  override get(): ReturnType<InkOutput['get']> {
    if (!this.#writes) return super.get();
    const { width, height } = this;
    const before = width === knownWidth ? known : new Map<string, string>();
    known = new Map();
    knownWidth = width;
    const lines: string[] = [];
    for (let y = 0; y < height; y++) {
      const writes = this.#writes.get(y) ?? [];
      const said = saidBy(writes);
      const line = before.get(said) ?? known.get(said) ?? lineOf(writes, { width, height: 1 });
      known.set(said, line);
      lines.push(line);
    }
    return { output: lines.join('\n'), height: lines.length };
  }
}

/** One line, to which nothing is done any more: a text without a style of its own is left as it is. */
function isPlain(text: string, { transformers }: Write['options']): boolean {
  return !text.includes('\n') && transformers.every((transform) => transform(text, 0) === text);
}

/** All that makes a line, as text: a line that is one text, as most are, is known by that. */
function saidBy(writes: readonly Write[]): string {
  const [first] = writes;
  if (writes.length === 1 && first?.x === 0) return first.text;
  return writes.map(({ x, text }) => `\n${x} ${text}`).join('');
}

function lineOf(writes: readonly Write[], options: Options): string {
  const output = new InkOutput(options);
  for (const { x, text, options } of writes) output.write(x, 0, text, options);
  return output.get().output;
}
