import type { ProcessName, RowFacts } from '../sockets/snapshot.ts';
import { safe } from '../text/safe.ts';

/** A test for rows. */
export type RowTest<Rows = RowFacts> = (rows: Rows, row: number) => boolean;

/** A test for a text from outside: it is held against what a person sees of it, whatever its case. */
export type TextTest = (raw: string) => boolean;

export function containing(part: string): TextTest {
  const wanted = part.toLowerCase();
  return (raw) => safe(raw).toLowerCase().includes(wanted);
}

export function equalTo(whole: string): TextTest {
  const wanted = whole.toLowerCase();
  return (raw) => safe(raw).toLowerCase() === wanted;
}

export function like(pattern: RegExp): TextTest {
  return (raw) => pattern.test(safe(raw));
}

/** Processes are found by both their names, shown or not: what a person calls them, and what the kernel does. */
export function named(test: TextTest): (process: Pick<ProcessName, 'name' | 'command'>) => boolean {
  const passes = (name: string | null) => name !== null && test(name);
  return ({ name, command }) => passes(name) || passes(command);
}

/** The same of owners. */
export function ownerNamed(test: TextTest): RowTest {
  const passes = named(test);
  return (rows, row) => rows.processes(row).some(passes);
}

/** Whether a number's digits begin so. */
export function beginningWith(digits: string): (number: number) => boolean {
  const beyond = digitsBeyond(digits);
  return (number) => beyond(number) < Infinity;
}

/**
 * How many digits a number has behind these; Infinity: it does not begin so. Without making text of it: every row is
 * asked.
 */
export function digitsBeyond(digits: string): (number: number) => number {
  const wanted = Number(digits);
  if (digits.startsWith('0')) return (number) => (digits === '0' && number === 0 ? 0 : Infinity);
  return (number) => {
    let [rest, beyond] = [number, 0];
    for (; rest > wanted; beyond++) rest = Math.floor(rest / 10);
    return rest === wanted ? beyond : Infinity;
  };
}
