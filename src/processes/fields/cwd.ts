import { safe } from '../../text/safe.ts';
import type { FieldDefinition } from '../field.ts';
import { plain, type Said } from '../said.ts';

export const cwd: FieldDefinition<string> = {
  about: 'its working folder',
  read: ({ procfs, pid }) => ({ value: procfs.link(`${pid}/cwd`) }),
  entries: (path) => [['cwd', workingDirectory(path)]],
};

export function workingDirectory(path: string): Said {
  return plain(safe(path));
}
