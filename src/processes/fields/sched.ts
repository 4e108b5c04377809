import { parseSched, type Sched } from '../../procfs/sched.ts';
import { safe } from '../../text/safe.ts';
import type { FieldDefinition } from '../field.ts';
import { plain } from '../said.ts';

export const sched: FieldDefinition<Sched> = {
  about: 'what the scheduler counts of it, in ms where it has decimals',
  onlyNamed: true,
  option: 'CONFIG_SCHED_DEBUG',
  read: ({ procfs, pid }) => ({ value: parseSched(procfs.text(`${pid}/sched`)) }),
  entries: (facts) => [...facts].map(([name, value]) => [name, plain(safe(String(value)))]),
  json: (facts) => ({ value: Object.fromEntries(facts) }),
};
