import { describe, expect, it, test } from 'vitest';
import { ProcFs } from '../../src/procfs/procfs.ts';
import { parseEphemeralRange, readEphemeralRange } from '../../src/services/ephemeral-range.ts';

describe('net.ipv4.ip_local_port_range', () => {
  it('is two ports', () => {
    expect(parseEphemeralRange('32768\t60999\n')).toEqual({ first: 32768, last: 60999 });
  });

  test.each(['', '\n', '32768', '1 2 3', 'a\tb', '-1\t5', '1000000\t2000000'])('%j is none', (contents) => {
    expect(parseEphemeralRange(contents)).toBeNull();
  });

  it('is read from the running kernel', () => {
    const range = readEphemeralRange(new ProcFs());
    expect(range?.first).toBeGreaterThan(0);
    expect(range?.last).toBeGreaterThanOrEqual(range?.first as number);
  });

  it('is unknown in a tree that does not have it', () => {
    expect(readEphemeralRange(new ProcFs('/nowhere'))).toBeNull();
  });
});
