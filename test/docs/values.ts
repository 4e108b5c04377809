import type { Argument, Option } from 'commander';
import { FIELDS } from '../../src/processes/fields.ts';
import { SIGNALS } from '../../src/processes/signal-list.ts';
import { COLUMNS } from '../../src/query/columns.ts';
import { STATES } from '../../src/query/filter-fields.ts';
import { PROCESS_COLUMNS } from '../../src/query/process-columns.ts';
import type { Documented } from './commands.ts';

/** What may follow, for a shell to complete: words, or what the shell knows or the system has. */
export type Values = {
  of: readonly string[] | 'file' | 'folder' | 'user' | 'pid' | 'netns' | 'service' | 'text';
  /** Whether several may stand there, with commas between them. */
  several: boolean;
};

const one = (of: Values['of']): Values => ({ of, several: false });
const several = (of: Values['of']): Values => ({ of, several: true });

/** As ss spells them, which is how they are mostly typed. */
const STATE_WORDS = STATES.map((state) => state.toLowerCase().replace('_', '-'));

/** What the value of an option can be. Throws for one that nobody has thought of here. */
export function valuesOf({ ofSockets }: Documented, option: Option): Values {
  if (option.argChoices) return one(option.argChoices);
  const columns = Object.keys(ofSockets ? COLUMNS : PROCESS_COLUMNS);
  const known: Record<string, Values> = {
    columns: several(columns),
    sort: one(columns.flatMap((key) => [key, `${key}:desc`])),
    state: several(STATE_WORDS),
    // lsof's.
    s: one([
      ...STATES.filter((state) => state !== 'UNCONN').map((state) => `TCP:${state}`),
      'UDP:UNCONN',
      'UDP:ESTABLISHED',
    ]),
    i: one(['4', '6', 'tcp', 'udp']),
    signal: one(SIGNALS.map(({ name }) => name.slice(3))),
    user: several('user'),
    pid: several('pid'),
    netns: one('netns'),
    procfs: one('folder'),
    services: one('file'),
    filter: one('text'),
    command: one('text'),
    interval: one('text'),
  };
  const values = known[option.attributeName()];
  if (!values)
    throw new Error(`no shell is told how to complete ${option.flags}: say it in ${import.meta.url}`);
  return values;
}

/** What an argument can be. Throws for one that nobody has thought of here. */
export function argumentValues(argument: Argument): Values {
  const known: Record<string, Values> = {
    TARGET: one('service'),
    'NAME|PORT': one('service'),
    PID: one('pid'),
    'PID|NAME': one('pid'),
    FIELD: one(FIELDS),
  };
  const values = known[argument.name()];
  if (!values)
    throw new Error(`no shell is told how to complete ${argument.name()}: say it in ${import.meta.url}`);
  return values;
}
