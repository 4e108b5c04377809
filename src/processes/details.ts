import { getSystemErrorMap } from 'node:util';
import { parseLoginUid } from '../procfs/loginuid.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import { isKernelThread, parseStat, type Stat } from '../procfs/stat.ts';
import { parseStatus, type Status } from '../procfs/status.ts';
import type { Socket } from '../sockets/socket.ts';
import { readAncestry } from './ancestry.ts';
import { hasOwnMounts } from './executable.ts';
import type { Asked, Facts, Field, Read, Steps, Unreadable } from './field.ts';
import { definitionOf, type FieldName, USUAL_FIELDS, type Values } from './fields.ts';
import { readName } from './name.ts';
import { readBtime, startTime } from './start-time.ts';
import { orNull } from './tolerance.ts';
import type { Users } from './users.ts';

export type Details = Omit<Facts, 'fields'> & {
  pid: number;
  /** Those that were asked for. */
  fields: { [Name in FieldName]?: Field<Values[Name]> };
};

export type DetailsOptions = {
  /** Which files to read; those that cost little by default. */
  fields?: readonly FieldName[];
  /** Somebody asks for these by name: of each all that there is. */
  named?: boolean;
  /** How many entries of a long list are wanted; all by default. */
  most?: number;
  /** Names the owner in hints, where it knows the name already. */
  users?: Pick<Users, 'name'>;
  /** Who asks; the effective user of this process by default. */
  uid?: number;
  /** When the system booted, for a caller that has read it; seconds since the epoch. */
  btime?: number | null;
  /** The sockets of this process by their inodes, where somebody has looked. */
  sockets?: ReadonlyMap<number, Socket> | null;
};

/**
 * Reads what /proc tells of a process. A file that cannot be read takes none of the others with it: its
 * field says why.
 *
 * @throws ProcError when the process is gone, or another one got its pid meanwhile
 */
export function readDetails(procfs: ProcFs, pid: number, options: DetailsOptions = {}): Details {
  const reading = readDetailsInSteps(procfs, pid, options);
  for (;;) {
    const step = reading.next();
    if (step.done) return step.value;
  }
}

/** {@link readDetails}, with a pause after each file, and within those that are long. */
export function* readDetailsInSteps(
  procfs: ProcFs,
  pid: number,
  options: DetailsOptions = {},
): Steps<Details> {
  const started = readStat(procfs, pid);
  const asker = {
    stat: started,
    status: orNull(() => parseStatus(procfs.text(`${pid}/status`))),
    uid: options.uid ?? process.geteuid?.() ?? null,
    users: options.users ?? null,
  };
  const { fields: names = USUAL_FIELDS, named = false, most = null, sockets = null } = options;
  const asked = { procfs, pid, named, most, sockets };

  const fields: Details['fields'] = {};
  for (const name of names) {
    yield* put(fields, name, asked, asker);
    yield;
  }

  const now = orNull(() => parseStat(procfs.text(`${pid}/stat`)));
  if (started && now && now.starttime !== started.starttime) {
    throw new ProcError('ESRCH', procfs.path(String(pid)));
  }
  const btime = options.btime === undefined ? readBtime(procfs) : options.btime;
  return {
    pid,
    name: started && (orNull(() => readName(procfs, pid, started.comm)) ?? started.comm),
    startTime: started && btime !== null ? new Date(startTime(started.starttime, btime)).toISOString() : null,
    kernelThread: started !== null && isKernelThread(started),
    ancestors: started ? readAncestry(procfs, started.ppid, { units: names.includes('cgroup') }) : [],
    ownMounts: hasOwnMounts(procfs, pid),
    loginUid: orNull(() => parseLoginUid(procfs.text(`${pid}/loginuid`))),
    fields,
  };
}

/** null: it may not be read, or is nonsense. Throws a {@link ProcError} when the process is gone. */
function readStat(procfs: ProcFs, pid: number): Stat | null {
  try {
    return parseStat(procfs.text(`${pid}/stat`));
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof ProcError && !error.gone)) return null;
    throw error;
  }
}

/** Who asks, and what is known of the process when one of its files cannot be read. */
type Asker = {
  stat: Stat | null;
  status: Status | null;
  uid: number | null;
  users: Pick<Users, 'name'> | null;
};

function* put<Name extends FieldName>(
  fields: { [N in FieldName]?: Field<Values[N]> },
  name: Name,
  asked: Asked,
  asker: Asker,
): Steps<void> {
  fields[name] = (yield* read(name, asked, asker)) as (typeof fields)[Name];
}

function* read<Name extends FieldName>(name: Name, asked: Asked, asker: Asker): Steps<Field<Values[Name]>> {
  const { procfs, pid } = asked;
  try {
    const reading = definitionOf(name).read(asked);
    const { file = name, ...read }: Read<Values[Name]> = 'next' in reading ? yield* reading : reading;
    return { path: procfs.path(`${pid}/${file}`), ...read };
  } catch (error) {
    if (error instanceof ProcError) return { path: error.path, error: explain(error, name, asked, asker) };
    if (!(error instanceof SyntaxError)) throw error;
    const path = procfs.path(`${pid}/${name}`);
    return { path, error: explain(new ProcError('EBADMSG', path), name, asked, asker) };
  }
}

function explain(error: ProcError, name: FieldName, asked: Asked, asker: Asker): Unreadable {
  return { code: error.code, message: messageOf(error), hint: hintFor(error, name, asked, asker) };
}

/** The words of strerror(3). */
function messageOf(error: ProcError): string {
  if (error.code === 'EBADMSG') return 'not as the kernel writes it';
  const { errno } = (error.cause ?? {}) as NodeJS.ErrnoException;
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? error.code;
}

function hintFor(error: ProcError, name: FieldName, { procfs, pid }: Asked, asker: Asker): string {
  const { stat, status, uid, users } = asker;
  const { capability, option } = definitionOf(name);
  if (error.code === 'ENOENT' && option !== undefined && isMissing(procfs, pid, name)) {
    return procfs.live ? `this kernel was built without ${option}` : `it is not in ${procfs.root}`;
  }
  if (stat?.state === 'Z') {
    return 'a zombie keeps only its exit status, until its parent asks for it (wait(2))';
  }
  if (error.gone) {
    return stat && isKernelThread(stat) ? 'a kernel thread runs no program' : 'the process ended';
  }
  if (!error.forbidden) return '';
  if (capability !== undefined) {
    return uid === 0
      ? `it takes ${capability}, which root lacks here`
      : `run as root: it takes ${capability}`;
  }
  if (uid === 0) return 'withheld even from root, by a container, a user namespace or a security module';
  if (status === null) return 'run as root, or as its owner';
  const { real, effective, saved } = status.uids;
  // ptrace(2), access mode checking: all three have to be the asker's own.
  if (real === 0 || real !== effective || real !== saved) return 'run as root';
  if (real === uid) return 'run as root: it keeps this from its own user (PR_SET_DUMPABLE, prctl(2))';
  return `run as root, or as its owner ${users?.name(real) ?? `uid ${real}`}`;
}

/** The process is there, and has no such file, whatever may be read of it. */
function isMissing(procfs: ProcFs, pid: number, file: string): boolean {
  return orNull(() => procfs.names(String(pid)).includes(file)) === false;
}
