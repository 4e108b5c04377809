import { parseStack } from '../../procfs/stack.ts';
import { safe, text } from '../../text/safe.ts';
import type { FieldDefinition } from '../field.ts';
import { dim, plain } from '../said.ts';

export const stack: FieldDefinition<string[]> = {
  about: 'the calls within the kernel in which it is; for root alone',
  onlyNamed: true,
  capability: 'CAP_SYS_ADMIN',
  option: 'CONFIG_STACKTRACE',
  read: ({ procfs, pid }) => ({ value: parseStack(procfs.text(`${pid}/stack`)) }),
  entries: (calls) => [
    ['stack', calls.length > 0 ? plain(...calls.map(safe)) : dim(text`empty: it is not in the kernel`)],
  ],
};
