import { afterEach, describe, expect, it, vi } from 'vitest';
import { runAtOnce, runFor, runInSlices } from '../../src/store/slices.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function* counting(steps: number): Generator<void, number> {
  let sum = 0;
  for (let step = 0; step < steps; step++) {
    sum += step;
    yield;
  }
  return sum;
}

/** Work of so many steps, each of which takes a millisecond of a clock that nothing else winds. */
function work(count: number): { steps: Generator<void, string>; done: () => number } {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  function* steps(): Generator<void, string> {
    for (; now < count; now++) yield;
    return 'done';
  }
  return { steps: steps(), done: () => now };
}

const never = new AbortController().signal;

describe('runAtOnce', () => {
  it('has the result of the work', () => {
    expect(runAtOnce(counting(5))).toBe(10);
  });
});

describe('runFor', () => {
  it('has the result of work that is done in time', () => {
    expect(runFor(work(5).steps, 10)).toEqual({ done: true, value: 'done' });
  });

  it('stops when the time is over, and lets the work be gone on with', () => {
    const { steps, done } = work(25);
    expect(runFor(steps, 10)).toEqual({ done: false });
    expect(done()).toBe(10);
    expect(runFor(steps, 10)).toEqual({ done: false });
    expect(runFor(steps, 10)).toEqual({ done: true, value: 'done' });
  });

  it('makes one step at least, however little the time', () => {
    const { steps } = work(1);
    expect(runFor(steps, 0)).toEqual({ done: false });
    expect(runFor(steps, 0)).toEqual({ done: true, value: 'done' });
  });
});

describe('runInSlices', () => {
  it('has the result of the work', async () => {
    expect(await runInSlices(counting(5), never)).toBe(10);
  });

  it("serves a key's timer before the work is done", async () => {
    let heard = false;
    const patience = performance.now() + 5_000;
    function* waitingForTheKey(): Generator<void, void> {
      while (!heard) {
        if (performance.now() > patience) throw new Error('the key was never heard');
        yield;
      }
    }
    setTimeout(() => {
      heard = true;
    }, 1);
    await runInSlices(waitingForTheKey(), never);
    expect(heard).toBe(true);
  });

  it('keeps a key waiting for no more than four milliseconds, and a step', async () => {
    const { steps, done } = work(20);
    const waited: number[] = [];
    let last = 0;
    const key = () => {
      waited.push(done() - last);
      last = done();
      if (last < 20) setImmediate(key);
    };
    setImmediate(key);
    expect(await runInSlices(steps, never)).toBe('done');
    expect(waited.length).toBeGreaterThan(2);
    expect(Math.max(...waited)).toBeLessThanOrEqual(5);
  });

  it('does short work in one go', async () => {
    let turns = 0;
    setImmediate(() => {
      turns++;
    });
    await runInSlices(work(3).steps, never);
    expect(turns).toBe(0);
  });

  it('throws what the work throws', async () => {
    function* broken(): Generator<void, void> {
      yield;
      throw new Error('boom');
    }
    await expect(runInSlices(broken(), never)).rejects.toThrow('boom');
  });

  it('ends when it is aborted, and the work puts away what it holds', async () => {
    const abort = new AbortController();
    let open = false;
    let stepsAfter = 0;
    function* endless(): Generator<void, void> {
      open = true;
      try {
        for (;;) {
          if (abort.signal.aborted) stepsAfter++;
          yield;
        }
      } finally {
        open = false;
      }
    }
    const running = runInSlices(endless(), abort.signal);
    expect(open).toBe(true);
    setImmediate(() => abort.abort());
    await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    expect(open).toBe(false);
    expect(stepsAfter).toBe(0);
  });

  it('has nothing to put away of work that threw by itself, and still lets finally run once', async () => {
    let closed = 0;
    function* broken(): Generator<void, void> {
      try {
        yield;
        throw new Error('boom');
      } finally {
        closed++;
      }
    }
    await expect(runInSlices(broken(), never)).rejects.toThrow('boom');
    expect(closed).toBe(1);
  });
});
