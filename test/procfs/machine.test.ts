import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMemoryTotal } from '../../src/procfs/meminfo.ts';
import { parseTtyDrivers } from '../../src/procfs/tty-drivers.ts';
import { parseUptime } from '../../src/procfs/uptime.ts';

describe('/proc/tty/drivers', () => {
  it('has a device, a major number, its minors and a type for each kind of terminal', () => {
    const drivers = `/dev/console         /dev/console    5       1 system:console
serial               /dev/ttyS       4 64-111 serial
pty_slave            /dev/pts      136 0-1048575 pty:slave
unknown              /dev/tty        4 1-63 console
`;
    expect(parseTtyDrivers(drivers)).toEqual([
      { device: 'console', major: 5, first: 1, last: 1, type: 'system:console' },
      { device: 'ttyS', major: 4, first: 64, last: 111, type: 'serial' },
      { device: 'pts', major: 136, first: 0, last: 1048575, type: 'pty:slave' },
      { device: 'tty', major: 4, first: 1, last: 63, type: 'console' },
    ]);
  });
});

describe('/proc/meminfo and /proc/uptime', () => {
  it('have the memory in all, and the seconds since boot', () => {
    expect(parseMemoryTotal('MemTotal:       24567890 kB\nMemFree: 1 kB\n')).toBe(24567890 * 1024);
    expect(parseUptime('15117.21 16929.75\n')).toBe(15117.21);
    expect(parseMemoryTotal(readFileSync('/proc/meminfo', 'utf8'))).toBeGreaterThan(1 << 20);
    expect(parseUptime(readFileSync('/proc/uptime', 'utf8'))).toBeGreaterThan(0);
  });
});

it('what is none of these has nothing in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseTtyDrivers(text);
      expect(parseMemoryTotal(`x${text}`)).toBeNull();
      expect(parseUptime(`x${text}`)).toBeNull();
    }),
  );
});
