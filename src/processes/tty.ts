import type { TtyDriver } from '../procfs/tty-drivers.ts';

/** The majors of pseudo-terminals, 256 minors each (Documentation/admin-guide/devices.txt). */
const PTS_FIRST = 136;
const PTS_LAST = 143;

/**
 * A terminal as ps(1) calls it, `pts/3` or `tty1`, from the number in /proc/PID/stat; null where there is none.
 * Where no driver has the number, it is `major:minor`.
 */
export function ttyName(number: number, drivers: readonly TtyDriver[]): string | null {
  if (number === 0) return null;
  // include/linux/kdev_t.h, new_encode_dev(); stat prints it as an int.
  const device = number >>> 0;
  const major = (device >>> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  if (major >= PTS_FIRST && major <= PTS_LAST) return `pts/${(major - PTS_FIRST) * 256 + minor}`;
  const driver = drivers.find((one) => one.major === major && one.first <= minor && minor <= one.last);
  if (!driver) return `${major}:${minor}`;
  if (driver.type.startsWith('system')) return driver.device;
  // Virtual consoles alone are counted from 1, as their minors are (drivers/tty/vt/vt.c, name_base).
  return `${driver.device}${driver.type === 'console' ? minor : minor - driver.first}`;
}
