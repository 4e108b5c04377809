import { parseStat } from '../../procfs/stat.ts';
import { text } from '../../text/safe.ts';
import type { FieldDefinition } from '../field.ts';
import { plain } from '../said.ts';

/** /proc/PID/cpu had the times on each processor, in Linux 2.4 on SMP; 2.6 has no such file. */
export const cpu: FieldDefinition<{ lastCpu: number }> = {
  about: 'where it ran last; a file of Linux 2.4, today field 39 of stat',
  read: ({ procfs, pid }) => ({
    value: { lastCpu: parseStat(procfs.text(`${pid}/stat`)).processor },
    file: 'stat',
  }),
  entries: ({ lastCpu }) => [
    [
      'cpu',
      plain(text`${lastCpu}, where it ran last: field 39 of stat (the file cpu was one of Linux 2.4 on SMP)`),
    ],
  ],
};
