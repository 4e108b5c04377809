import { text } from '../../text/safe.ts';
import type { Entry, FieldDefinition } from '../field.ts';
import { dim, plain } from '../said.ts';

/** Linux 2.6.22 to 4.0 (proc_pid_clear_refs(5)). */
const EFFECTS = [
  ['1', text`forgets which of its pages were used: Referenced in smaps begins anew`],
  ['2', text`the same of its anonymous pages alone`],
  ['3', text`the same of its pages of files alone`],
  ['4', text`forgets which pages were written to: the soft-dirty bit in pagemap begins anew`],
  ['5', text`lets the peak of its memory (VmHWM in status) begin anew`],
] as const;

/** Write-only, and each write changes something: it is never opened, but access(2) is asked. */
export const clearRefs: FieldDefinition<{ writable: boolean }> = {
  about: 'if you may write it, and what that does; porttop never does',
  onlyNamed: true,
  option: 'CONFIG_PROC_PAGE_MONITOR',
  read: ({ procfs, pid }) => ({ value: { writable: procfs.mayWrite(`${pid}/clear_refs`) } }),
  entries: ({ writable }) => [
    ['clear_refs', plain(text`can only be written to, which porttop never does`)],
    ['writable', writable ? plain(text`yes, by you`) : dim(text`no: only by root and its owner`)],
    ...EFFECTS.map(([word, effect]): Entry => [word, plain(effect)]),
  ],
};
