import { safe, text } from '../../text/safe.ts';
import type { Facts, FieldDefinition } from '../field.ts';
import { plain, type Said } from '../said.ts';

export const root: FieldDefinition<string> = {
  about: 'its root folder: a chroot, or another mount namespace',
  read: ({ procfs, pid }) => ({ value: procfs.link(`${pid}/root`) }),
  entries: (path, facts) => [['root', rootDirectory(path, facts)]],
};

export function rootDirectory(path: string, { ownMounts }: Facts): Said {
  if (path !== '/') return plain(text`${safe(path)} (a chroot)`);
  return plain(ownMounts ? text`/ (of its own mount namespace)` : text`/`);
}
