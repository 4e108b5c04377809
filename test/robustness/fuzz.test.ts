import { describe, expect, it, test } from 'vitest';
import CRASHES from '../fixtures/crashes.json' with { type: 'json' };
import { inputOf } from '../hard/fuzz/mutate.ts';
import { type Fault, faultOf, fuzz } from '../hard/fuzz/run.ts';
import { TARGETS } from '../hard/fuzz/targets.ts';

const SEED = 4000;
const INPUTS = 300;

// `npm run test:hard` gives them millions.
describe('what others wrote', () => {
  test.each(TARGETS.map((target) => [target.name, target] as const))(
    '%s: whatever it is, it is read or refused, in time and in little room',
    (_, target) => {
      const faults: Fault[] = [...fuzz(target, SEED, 0, Math.ceil(INPUTS * (target.share ?? 1)))];
      expect(faults).toEqual([]);
    },
  );

  it.each(CRASHES)('was too much once: $target, $was', ({ target: name, input }) => {
    const target = TARGETS.find((each) => each.name === name);
    expect(target && faultOf(target, Buffer.from(input, 'base64'))).toBeNull();
  });
});

describe('an input', () => {
  const corpus = [Buffer.from('abc 123'), Buffer.from('x: y\n')];

  it('is known by its seed and its number', () => {
    const some = Array.from({ length: 50 }, (_, number) => inputOf(SEED, number, corpus));
    expect(some.map((_, number) => inputOf(SEED, number, corpus))).toEqual(some);
    expect(new Set(some.map(String)).size).toBeGreaterThan(40);
    expect(inputOf(SEED + 1, 0, corpus)).not.toEqual(some[0]);
  });

  it('that throws, takes long or grows beyond measure is a fault', () => {
    const faulty = (run: () => unknown, throws = [SyntaxError]) =>
      faultOf({ name: '', corpus, run, throws }, Buffer.from('ab'));
    const thrown = (error: Error) => () => {
      throw error;
    };
    expect(faulty(thrown(new SyntaxError('no')))).toBeNull();
    expect(faulty(thrown(new TypeError('oh')))).toContain('TypeError: oh');
    expect(faulty(() => 'x'.repeat(10_000))).toBe('2 bytes became 10000');
    const late = () => {
      for (const before = process.threadCpuUsage(); process.threadCpuUsage(before).user < 250_000; );
    };
    expect(faulty(late)).toMatch(/^it took \d+ ms$/);
  });
});
