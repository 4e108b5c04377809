/*
 * Loaded into the screen before it starts (`node --import`), which knows nothing of it: on SIGUSR2 it writes what Node
 * keeps open or waits for, a line each time.
 */
import { appendFileSync } from 'node:fs';
import type { Active } from './usage.ts';

const file = process.env.PORTTOP_TEST_ACTIVE as string;

/** Whose listeners stay when somebody forgets them. */
const EMITTERS = [process, process.stdin, process.stdout, process.stderr];

process.on('SIGUSR2', () => {
  const kinds = process.getActiveResourcesInfo();
  const timers = kinds.filter((kind) => kind === 'Timeout' || kind === 'Immediate').length;
  let listeners = 0;
  for (const emitter of EMITTERS)
    for (const name of emitter.eventNames()) listeners += emitter.listenerCount(name as string);
  const active: Active = { handles: kinds.length - timers, timers, listeners };
  appendFileSync(file, `${JSON.stringify(active)}\n`);
});
