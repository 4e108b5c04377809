import { type SafeText, safe, text } from './safe.ts';

const BINARY = [text`B`, text`KiB`, text`MiB`, text`GiB`, text`TiB`, text`PiB`];

/** A size in bytes, in binary units: `512 B`, `12.3 MiB`. */
export function bytes(size: number): SafeText {
  let value = size;
  let unit = 0;
  // Not 1024: what would round to `1024.0 KiB` is `1.0 MiB`.
  while (value >= (unit === 0 ? 1024 : 1023.95) && unit < BINARY.length - 1) {
    value /= 1024;
    unit++;
  }
  const name = BINARY[unit] as SafeText;
  return unit === 0 ? text`${value} ${name}` : text`${safe(value.toFixed(1))} ${name}`;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEP = 10 * SECOND;

const LARGEST_FIRST = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'm'],
  [SECOND, 's'],
] as const;

/** How long until then, in milliseconds, as one unit, or two: `200ms`, `29s`, `1m5s`, `1h59m`. Never rounded up. */
export function until(milliseconds: number): SafeText {
  if (milliseconds < SECOND) return text`${Math.max(0, Math.floor(milliseconds))}ms`;
  const first = LARGEST_FIRST.findIndex(([unit]) => milliseconds >= unit);
  let rest = milliseconds;
  const parts = LARGEST_FIRST.slice(first, first + 2).map(([unit, letter]) => {
    const count = Math.floor(rest / unit);
    rest %= unit;
    return count === 0 ? '' : `${count}${letter}`;
  });
  return safe(parts.join(''));
}

/** How long ago, in milliseconds, as one coarse unit: `12s`, `3m`, `5h`, `3d`. Never rounded up. */
export function ago(milliseconds: number): SafeText {
  if (milliseconds >= DAY) return text`${Math.floor(milliseconds / DAY)}d`;
  if (milliseconds >= HOUR) return text`${Math.floor(milliseconds / HOUR)}h`;
  if (milliseconds >= MINUTE) return text`${Math.floor(milliseconds / MINUTE)}m`;
  return text`${Math.floor(Math.max(0, milliseconds) / SECOND)}s`;
}

/**
 * How long something has been there, in milliseconds, as {@link ago} tells it; below a minute in steps of ten
 * seconds, so that a screen of what is young is not drawn anew each second: `<10s`, `20s`, `3m`.
 */
export function age(milliseconds: number): SafeText {
  if (milliseconds < STEP) return text`<10s`;
  return ago(milliseconds < MINUTE ? milliseconds - (milliseconds % STEP) : milliseconds);
}
