import { constants } from 'node:os';
import { signalsByName } from 'human-signals';
import { LAST_SIGNAL, SIGRTMIN, signalName } from './signals.ts';

/** A signal that one may send. `meaning`: for a person. */
export type Signal = { number: number; name: string; meaning: string };

/** Those that are mostly sent, before all others. */
const USUAL = [
  'SIGTERM',
  'SIGKILL',
  'SIGINT',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGSTOP',
  'SIGCONT',
];

/** What the name of the signal does not tell, in fewer words than the library has where those are many. */
const MEANINGS: Readonly<Record<string, string>> = {
  SIGTERM: 'asks it to end',
  SIGKILL: 'ends it at once, whatever it is doing',
  SIGHUP: 'its terminal closed; daemons read their configuration again',
};

function signalOf(number: number): Signal {
  const name = signalName(number);
  return {
    number,
    name,
    meaning: MEANINGS[name] ?? signalsByName[name as keyof typeof signalsByName]?.description ?? '',
  };
}

/** Every signal that has a meaning of its own, the usual ones first, then by number. */
export const SIGNALS: readonly Signal[] = [...new Set(Object.values(constants.signals))]
  .map(signalOf)
  .sort((a, b) => rank(a) - rank(b) || a.number - b.number);

function rank({ name }: Signal): number {
  const at = USUAL.indexOf(name);
  return at < 0 ? USUAL.length : at;
}

export const SIGTERM = signalOf(constants.signals.SIGTERM);
export const SIGKILL = signalOf(constants.signals.SIGKILL);

/** Sent to end a process; many daemons take the others, HUP above all, for something else and go on. */
const ENDING = ['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGQUIT', 'SIGABRT'];

/** Whether one who sends it wants the process to be gone. */
export function isMeantToEnd({ name }: Signal): boolean {
  return ENDING.includes(name);
}

/** `TERM`, `SIGTERM`, `15`, `RTMIN+1`, whatever the case; null: there is no such signal. */
export function signalNamed(word: string): Signal | null {
  if (/^\d{1,2}$/.test(word)) {
    const number = Number(word);
    return number >= 1 && number <= LAST_SIGNAL ? signalOf(number) : null;
  }
  const name = `SIG${word.toUpperCase().replace(/^SIG/, '')}`;
  const number = constants.signals[name as NodeJS.Signals];
  if (number !== undefined) return signalOf(number);
  for (let real = SIGRTMIN; real <= LAST_SIGNAL; real++) if (signalName(real) === name) return signalOf(real);
  return null;
}

/** Those whose number begins so, or that have this text in name or meaning; a number that is theirs comes first. */
export function signalsLike(typed: string): readonly Signal[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') return SIGNALS;
  const found = SIGNALS.filter(
    ({ number, name, meaning }) =>
      String(number).startsWith(wanted) || `${name} ${meaning}`.toLowerCase().includes(wanted),
  );
  const exact = (signal: Signal) => (String(signal.number) === wanted ? 0 : 1);
  return found.toSorted((a, b) => exact(a) - exact(b));
}
