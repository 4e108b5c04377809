import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import InkOutput from '../../node_modules/ink/build/output.js';
import inkSanitizeAnsi from '../../node_modules/ink/build/sanitize-ansi.js';
import Output from '../../src/stand-ins/ink-output.ts';
import sanitizeAnsi from '../../src/stand-ins/ink-sanitize-ansi.ts';

fc.configureGlobal({ seed: 4000 });

type Transformer = (text: string, line: number) => string;
type Step =
  | { write: { x: number; y: number; text: string; transformers: Transformer[] } }
  | {
      clip: {
        x1: number | undefined;
        x2: number | undefined;
        y1: number | undefined;
        y2: number | undefined;
      };
    }
  | 'unclip';
type Frame = { width: number; height: number; steps: Step[] };

function drawn(output: InkOutput, steps: readonly Step[]): ReturnType<InkOutput['get']> {
  for (const step of steps) {
    if (step === 'unclip') output.unclip();
    else if ('clip' in step) output.clip(step.clip);
    else output.write(step.write.x, step.write.y, step.write.text, step.write);
  }
  return output.get();
}

const plain: Transformer = (text) => text;
const dim: Transformer = (text) => `\x1b[2m${text}\x1b[22m`;
const numbered: Transformer = (text, line) => `${line}${text}`;

// Few, so that lines come again, and again otherwise.
const known = fc.constantFrom('nginx', '80', '\x1b[31mup\x1b[39m', '界面');
const words = ['a', ' ', '\x1b[31m', '\x1b[39m', '\x1b[7m', '\x1b[27m', '界', 'e\u0301', '▌', '─'];
const other = fc.array(fc.constantFrom(...words), { maxLength: 5 }).map((words) => words.join(''));
const text = fc.oneof({ weight: 4, arbitrary: known }, { weight: 1, arbitrary: other });
const lines = fc.oneof(
  { weight: 8, arbitrary: text },
  { weight: 1, arbitrary: fc.tuple(text, text).map((both) => both.join('\n')) },
);
const write = fc.record({
  x: fc.constantFrom(0, 0, 0, 1, 4, 9, -1),
  y: fc.integer({ min: -1, max: 4 }),
  text: lines,
  transformers: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<Transformer[][]>([], [plain], [plain, plain]) },
    { weight: 1, arbitrary: fc.constantFrom<Transformer[][]>([dim], [plain, numbered]) },
  ),
});
const bound = fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined });
const steps = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: write.map((write): Step[] => [{ write }]) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.record({ x1: bound, x2: bound, y1: bound, y2: bound }), write)
          .map(([clip, write]): Step[] => [{ clip }, { write }, 'unclip']),
      },
    ),
    { maxLength: 8 },
  )
  .map((groups) => groups.flat());
const frames: fc.Arbitrary<Frame[]> = fc.array(
  fc.record({ width: fc.constantFrom(10, 10, 10, 7), height: fc.integer({ min: 0, max: 4 }), steps }),
  { minLength: 1, maxLength: 6 },
);

describe('a frame', () => {
  it('is what Ink makes of it, whatever the frames before it were', () => {
    fc.assert(
      fc.property(frames, (all) => {
        for (const { steps, ...size } of all)
          expect(drawn(new Output(size), steps)).toEqual(drawn(new InkOutput(size), steps));
      }),
      { numRuns: 2000 },
    );
  });

  it('makes a line that the one before had no more than once, wherever it stood', () => {
    const size = { width: 20, height: 3 };
    const rows = (...texts: string[]): Step[] =>
      texts.map((text, y) => ({ write: { x: 0, y, text, transformers: [plain] } }));
    drawn(new Output(size), rows('sshd', 'nginx', 'redis'));
    const made = vi.spyOn(InkOutput.prototype, 'get');
    expect(drawn(new Output(size), rows('nginx', 'redis', 'postgres')).output).toBe('nginx\nredis\npostgres');
    expect(made).toHaveBeenCalledTimes(1);
    drawn(new Output({ ...size, width: 30 }), rows('nginx', 'redis', 'postgres'));
    expect(made).toHaveBeenCalledTimes(4);
    made.mockRestore();
  });
});

describe('a text', () => {
  it('is cleaned as Ink cleans it, the first time and every other', () => {
    const hostile = fc
      .array(
        fc.oneof(
          fc.constantFrom(
            '\x1b[31m',
            '\x1b[2J',
            '\x1b]0;title\x07',
            '\x9b1m',
            '\x07',
            '\t',
            '\u202e',
            'a',
            '界',
          ),
          fc.string({ unit: 'grapheme', maxLength: 3 }),
        ),
        { maxLength: 6 },
      )
      .map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 20 }), (texts) => {
        for (const each of [...texts, ...texts]) expect(sanitizeAnsi(each)).toBe(inkSanitizeAnsi(each));
      }),
      { numRuns: 500 },
    );
  });

  it('is kept for a while, and not all that ever were', () => {
    for (let at = 0; at < 5000; at++) expect(sanitizeAnsi(`\x1b[2J${at}`)).toBe(`${at}`);
  });
});
