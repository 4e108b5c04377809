import { parseLoginUid } from '../../procfs/loginuid.ts';
import { text } from '../../text/safe.ts';
import type { FieldDefinition } from '../field.ts';
import { dim, plain } from '../said.ts';
import { named } from './users.ts';

export const loginuid: FieldDefinition<number | null> = {
  about: 'who logged in, whatever su and sudo made of it since',
  option: 'CONFIG_AUDIT',
  read: ({ procfs, pid }) => ({ value: parseLoginUid(procfs.text(`${pid}/loginuid`)) }),
  entries: (uid, _, { users }) => [
    ['loginuid', uid === null ? dim(text`nobody: it is of no login (a service)`) : plain(named(uid, users))],
  ],
};
