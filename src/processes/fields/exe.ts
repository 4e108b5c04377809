import { safe, text } from '../../text/safe.ts';
import { type Executable, readExecutable } from '../executable.ts';
import type { FieldDefinition } from '../field.ts';
import { plain, type Said, warning } from '../said.ts';

export const exe: FieldDefinition<Executable> = {
  about: 'its program, and whether that was deleted or replaced on disk',
  read: ({ procfs, pid }) => ({ value: readExecutable(procfs, pid) }),
  entries: (program) => [['exe', executable(program)]],
  json: ({ path, state }) => ({ value: path, state }),
};

export function executable({ path, state }: Executable): Said {
  switch (state) {
    case 'deleted':
      return warning(text`${safe(path)} (deleted since it started)`);
    case 'replaced':
      return warning(text`${safe(path)} (replaced on disk since it started)`);
    default:
      return plain(safe(path));
  }
}
