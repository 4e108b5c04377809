import { basename } from 'node:path';
import { parseCmdline } from '../procfs/cmdline.ts';
import type { ProcFs } from '../procfs/procfs.ts';
import { GO_BETWEENS, goBetweenName } from './go-betweens.ts';

/**
 * What a person calls a process, wherever it is named. That is comm, which is the name of the main thread; but Node
 * (since 22.12) calls that `MainThread`, whatever the program: then the file that was called. Of what holds a port
 * for a container, for which too.
 * @param argvOf tells the arguments, where comm alone does not do
 */
export function nameOf(comm: string, argvOf: () => readonly string[]): string {
  if (comm !== MAIN_THREAD && !GO_BETWEENS.has(comm)) return comm;
  const argv = argvOf();
  const named = goBetweenName(comm, argv) ?? (comm === MAIN_THREAD ? basename(argv[0] ?? '') : comm);
  return shortened(named) || comm;
}

/** Arguments are as long as their process likes. A comm has 15 bytes. */
const LONGEST = 64;

function shortened(name: string): string {
  // Of what is far longer no more is looked at.
  const characters = [...name.slice(0, LONGEST * 2)];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join('')}…` : name;
}

const MAIN_THREAD = 'MainThread';

/** {@link nameOf} of one whose arguments nobody has read. Throws a {@link ProcError}. */
export function readName(procfs: ProcFs, pid: number, comm: string): string {
  return nameOf(comm, () => parseCmdline(procfs.read(`${pid}/cmdline`).bytes));
}
