import { ProcError } from '../../procfs/procfs.ts';
import { text } from '../../text/safe.ts';
import type { Asked, FieldDefinition, Read, Steps } from '../field.ts';
import { dim, plain, type Said } from '../said.ts';
import { readMappings } from './maps.ts';

/** `refusal`: the kernel's word for why it may not be read; `mappings`: null where they may not be read either. */
export type Memory = { readable: boolean; refusal: string | null; mappings: number | null };

export const mem: FieldDefinition<Memory> = {
  about: 'whether you may read its memory, which is never done',
  onlyNamed: true,
  read: readMemory,
  entries: (memory) => [
    [
      'mem',
      plain(text`its memory, at the addresses that maps tells; a debugger reads it, porttop never does`),
    ],
    ['readable', readable(memory)],
    [
      'mappings',
      memory.mappings === null ? dim(text`not known: maps may not be read`) : plain(text`${memory.mappings}`),
    ],
  ],
};

function* readMemory(asked: Asked): Steps<Read<Memory>> {
  const refusal = refusalOf(asked);
  const mappings = yield* countMappings(asked);
  return { value: { readable: refusal === null, refusal, mappings } };
}

function* countMappings(asked: Asked): Steps<number | null> {
  try {
    const { more = 0 } = yield* readMappings({ ...asked, most: 0 });
    return more;
  } catch (error) {
    if (error instanceof ProcError || error instanceof SyntaxError) return null;
    throw error;
  }
}

function readable({ refusal }: Memory): Said {
  switch (refusal) {
    case null:
      return plain(text`yes, by you`);
    case 'EACCES':
    case 'EPERM':
      return dim(text`no: only root and who may trace it (ptrace(2))`);
    default:
      return dim(text`no: there is none`);
  }
}

/** To open it is all that the kernel checks (fs/proc/base.c, mem_open); nothing is read. */
function refusalOf({ procfs, pid }: Asked): string | null {
  try {
    procfs.keep(`${pid}/mem`).close();
    return null;
  } catch (error) {
    if (error instanceof ProcError && (error.forbidden || error.code === 'ESRCH')) return error.code;
    throw error;
  }
}
