import { ProcError } from '../../procfs/procfs.ts';
import { safe, text } from '../../text/safe.ts';
import type { Asked, FieldDefinition, Read } from '../field.ts';
import { dim, plain } from '../said.ts';

export const wchan: FieldDefinition<string | null> = {
  about: 'the function of the kernel in which it waits',
  read: readWchan,
  entries: (symbol) => [
    ['wchan', symbol === null ? dim(text`0: it did not wait when it was asked`) : plain(safe(symbol))],
  ],
};

/**
 * proc_pid_wchan(5). The kernel writes 0 of what runs, and also for who may not trace it (fs/proc/base.c,
 * proc_pid_wchan): nobody else may follow its links either.
 */
function readWchan({ procfs, pid }: Asked): Read<string | null> {
  const symbol = procfs.text(`${pid}/wchan`).trimEnd();
  if (symbol !== '0' && symbol !== '') return { value: symbol };
  try {
    procfs.link(`${pid}/cwd`);
  } catch (error) {
    if (error instanceof ProcError && error.forbidden) {
      throw new ProcError(error.code, procfs.path(`${pid}/wchan`), { cause: error.cause });
    }
  }
  return { value: null };
}
