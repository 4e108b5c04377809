/*
 * Loaded into the screen before it starts (`node --import`), which knows nothing of it: on SIGUSR2 it writes what Node
 * keeps open or waits for, a line each time, and now and then what is left of memory when all that is garbage is gone.
 */
import { appendFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Active } from './usage.ts';

const file = process.env.PORTTOP_TEST_ACTIVE as string;
const COLLECTED_EVERY = 10;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Whose listeners stay when somebody forgets them. */
const EMITTERS = [process, process.stdin, process.stdout, process.stderr];

let asked = 0;

process.on('SIGUSR2', () => {
  const kinds = process.getActiveResourcesInfo();
  const timers = kinds.filter((kind) => kind === 'Timeout' || kind === 'Immediate').length;
  let listeners = 0;
  for (const emitter of EMITTERS)
    for (const name of emitter.eventNames()) listeners += emitter.listenerCount(name as string);
  const active: Active = { handles: kinds.length - timers, timers, listeners };
  if (asked++ % COLLECTED_EVERY === 0) {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    active.live = heapUsed + external;
  }
  appendFileSync(file, `${JSON.stringify(active)}\n`);
});
