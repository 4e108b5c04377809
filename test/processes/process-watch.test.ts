import { describe, expect, it } from 'vitest';
import { ProcessWatch } from '../../src/processes/process-watch.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { FakeProcFs } from '../store/fake-host.ts';

/** Looks again and again at one process, 812, which started 10 s after the system; a tick is 10 ms. */
function watching() {
  const procfs = new FakeProcFs();
  procfs.uptime = 20;
  let clock = 0;
  const watch = new ProcessWatch(procfs, () => clock);
  return {
    procfs,
    /** Its share, once it has used so many ticks since its start, so many ms after the last look. */
    share(used: number, passed: number, started = 1000): number | null | undefined {
      procfs.processes.set(812, { comm: 'nginx', used, started });
      clock += passed;
      return runAtOnce(watch.look()).find(({ pid }) => pid === 812)?.cpuPercent;
    },
  };
}

describe('the share of a CPU', () => {
  it('is that of the whole life at first, and then of the time between two looks', () => {
    const host = watching();
    expect(host.share(250, 0)).toBe(25);
    expect(host.share(300, 1000)).toBe(50);
    expect(host.share(300, 1000)).toBe(0);
    expect(host.share(1100, 4000)).toBe(200);
  });

  it('is of the time that passed, however long it was meant to be', () => {
    const host = watching();
    host.share(0, 0);
    expect(host.share(100, 1600)).toBe(62.5);
  });

  it('stays what it was where too little time has passed to tell, and is then of all of it', () => {
    const host = watching();
    host.share(0, 0);
    expect(host.share(50, 1000)).toBe(50);
    expect(host.share(60, 100)).toBe(50);
    expect(host.share(80, 300)).toBe(75);
  });

  it('of another process with the same pid is that of its own life', () => {
    const host = watching();
    host.share(0, 0);
    expect(host.share(100, 1000, 1900)).toBe(100);
  });

  it('is not known at first where nobody says how long the system runs', () => {
    const host = watching();
    host.procfs.uptime = null;
    expect(host.share(250, 0)).toBeNull();
    expect(host.share(300, 1000)).toBe(50);
  });
});
