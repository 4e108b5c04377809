import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isMeantToEnd, SIGNALS, signalNamed, signalsLike } from '../../src/processes/signal-list.ts';

describe('signals', () => {
  it('are all that the system has, each once, with a meaning, SIGTERM first', () => {
    expect(SIGNALS[0]).toEqual({ number: 15, name: 'SIGTERM', meaning: 'asks it to end' });
    expect(SIGNALS.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(
      [...new Set(Object.values(constants.signals))].toSorted((a, b) => a - b),
    );
    expect(SIGNALS.filter(({ meaning }) => meaning === '')).toEqual([]);
  });

  it.each([
    ['TERM', 15],
    ['SIGTERM', 15],
    ['sigkill', 9],
    ['9', 9],
    ['SIGIOT', constants.signals.SIGABRT],
    ['34', 34],
    ['RTMIN', 34],
    ['SIGRTMIN+2', 36],
  ])('%s is %i', (word, number) => {
    expect(signalNamed(word)?.number).toBe(number);
  });

  it.each(['', '0', '65', '-9', '9x', 'NOSUCH', 'SIG', 'constructor', '__proto__'])('%j is none', (word) => {
    expect(signalNamed(word)).toBeNull();
  });

  it('are found by the beginning of a number, by name and by meaning; an exact number comes first', () => {
    expect(signalsLike('1')[0]?.name).toBe('SIGHUP');
    expect(signalsLike('15').map(({ name }) => name)).toEqual(['SIGTERM']);
    expect(signalsLike('usr').map(({ name }) => name)).toEqual(['SIGUSR1', 'SIGUSR2']);
    expect(signalsLike('configuration')[0]?.name).toBe('SIGHUP');
    expect(signalsLike('nosuch')).toEqual([]);
    expect(signalsLike(' ')).toBe(SIGNALS);
  });

  it('are meant to end a process or not', () => {
    const ending = SIGNALS.filter(isMeantToEnd).map(({ name }) => name);
    expect(ending).toEqual(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGQUIT', 'SIGABRT']);
  });
});
