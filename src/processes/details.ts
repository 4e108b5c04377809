import { getSystemErrorMap } from 'node:util';
import { parseCmdline } from '../procfs/cmdline.ts';
import { parseEnviron, type Variable } from '../procfs/environ.ts';
import { type AccessMode, parseAccessMode } from '../procfs/fdinfo.ts';
import { parseBtime } from '../procfs/proc-stat.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import { isKernelThread, parseStat, type Stat } from '../procfs/stat.ts';
import { parsePageSize, parseStatm, type Statm } from '../procfs/statm.ts';
import { parseStatus, type Status } from '../procfs/status.ts';
import { type Ancestor, readAncestry } from './ancestry.ts';
import { type Executable, hasOwnMounts, readExecutable } from './executable.ts';
import { startTime } from './start-time.ts';
import type { Users } from './users.ts';

/** The files of /proc/PID that are shown, each by its own name. */
export const FIELDS = ['cmdline', 'cwd', 'exe', 'root', 'environ', 'fd', 'statm', 'stat', 'status'] as const;
export type FieldName = (typeof FIELDS)[number];

/** `mode` is null for a descriptor that only names a file (O_PATH), or where fdinfo could not be read. */
export type Descriptor = { fd: number; mode: AccessMode | null; target: string };

export type Values = {
  cmdline: string[];
  cwd: string;
  exe: Executable;
  root: string;
  environ: Variable[];
  fd: Descriptor[];
  statm: Statm;
  stat: Stat;
  status: Status;
};

/** Why a file could not be read: the kernel's code, what it means, and what would help (may be empty). */
export type Unreadable = { code: string; message: string; hint: string };

/** `truncated`: the file went on after the limit. */
export type Field<T> = { path: string; value: T; truncated?: true } | { path: string; error: Unreadable };

export function isReadable<T>(field: Field<T> | undefined): field is Extract<Field<T>, { value: T }> {
  return field !== undefined && 'value' in field;
}

export type Details = {
  pid: number;
  /** ISO 8601, UTC; null when it is not known. */
  startTime: string | null;
  kernelThread: boolean;
  /** The eldest first. */
  ancestors: Ancestor[];
  /** Whether it sees other mounts than this program; null when that may not be known. */
  ownMounts: boolean | null;
  /** Who logged in, whatever `su` and `sudo` made of it since; null: nobody did, or it is not known. */
  loginUid: number | null;
  /** Those that were asked for. */
  fields: { [Name in FieldName]?: Field<Values[Name]> };
};

export type DetailsOptions = {
  /** Which files to read; all by default. */
  fields?: readonly FieldName[];
  /** Names the owner in hints, where it knows the name already. */
  users?: Pick<Users, 'name'>;
  /** Who asks; the effective user of this process by default. */
  uid?: number;
  /** When the system booted, for a caller that has read it; seconds since the epoch. */
  btime?: number | null;
};

// The kernel lets arguments and environment together have 6 MB (fs/exec.c, bprm_stack_limits()), but a
// process may claim more of its memory to be them (prctl(2), PR_SET_MM_MAP).
const CMDLINE_LIMIT = 8 << 20;
const ENVIRON_LIMIT = 1 << 20;

type Read<T> = { value: T; truncated?: true };

const READERS: { [Name in FieldName]: (procfs: ProcFs, pid: number) => Read<Values[Name]> } = {
  cmdline: (procfs, pid) => bounded(procfs, `${pid}/cmdline`, CMDLINE_LIMIT, parseCmdline),
  cwd: (procfs, pid) => ({ value: procfs.link(`${pid}/cwd`) }),
  exe: (procfs, pid) => ({ value: readExecutable(procfs, pid) }),
  root: (procfs, pid) => ({ value: procfs.link(`${pid}/root`) }),
  environ: (procfs, pid) => bounded(procfs, `${pid}/environ`, ENVIRON_LIMIT, parseEnviron),
  fd: (procfs, pid) => ({ value: readDescriptors(procfs, pid) }),
  statm: (procfs, pid) => ({ value: parseStatm(procfs.text(`${pid}/statm`), readPageSize(procfs)) }),
  stat: (procfs, pid) => ({ value: parseStat(procfs.text(`${pid}/stat`)) }),
  status: (procfs, pid) => ({ value: parseStatus(procfs.text(`${pid}/status`)) }),
};

/**
 * Reads what /proc tells of a process. A file that cannot be read takes none of the others with it: its
 * field says why.
 *
 * @throws ProcError when the process is gone, or another one got its pid meanwhile
 */
export function readDetails(procfs: ProcFs, pid: number, options: DetailsOptions = {}): Details {
  const stat = attempt('stat', procfs, pid);
  if (stat instanceof ProcError && stat.gone) throw stat;
  const started = valueIn(stat);
  const asked = {
    stat: started,
    status: valueIn(attempt('status', procfs, pid)),
    uid: options.uid ?? process.geteuid?.() ?? null,
    users: options.users ?? null,
  };

  const fields: Details['fields'] = {};
  for (const name of options.fields ?? FIELDS) put(fields, name, procfs, pid, asked);

  const now = valueIn(attempt('stat', procfs, pid));
  if (started && now && now.starttime !== started.starttime) {
    throw new ProcError('ESRCH', procfs.path(String(pid)));
  }
  const btime = options.btime === undefined ? readBtime(procfs) : options.btime;
  return {
    pid,
    startTime: started && btime !== null ? new Date(startTime(started.starttime, btime)).toISOString() : null,
    kernelThread: started !== null && isKernelThread(started),
    ancestors: started ? readAncestry(procfs, started.ppid) : [],
    ownMounts: hasOwnMounts(procfs, pid),
    loginUid: readLoginUid(procfs, pid),
    fields,
  };
}

/** When the system booted, in seconds since the epoch; null when /proc/stat does not say. */
export function readBtime(procfs: ProcFs): number | null {
  return orNull(() => parseBtime(procfs.text('stat')));
}

/** What is known of the process when one of its files cannot be read. */
type Asked = {
  stat: Stat | null;
  status: Status | null;
  uid: number | null;
  users: Pick<Users, 'name'> | null;
};

function put<Name extends FieldName>(
  fields: { [N in FieldName]?: Field<Values[N]> },
  name: Name,
  procfs: ProcFs,
  pid: number,
  asked: Asked,
): void {
  const path = procfs.path(`${pid}/${name}`);
  const read = attempt(name, procfs, pid);
  const field: Field<Values[Name]> =
    read instanceof ProcError ? { path, error: explain(read, asked) } : { path, ...read };
  fields[name] = field as (typeof fields)[Name];
}

function attempt<Name extends FieldName>(
  name: Name,
  procfs: ProcFs,
  pid: number,
): Read<Values[Name]> | ProcError {
  try {
    return READERS[name](procfs, pid);
  } catch (error) {
    if (error instanceof ProcError) return error;
    if (error instanceof SyntaxError) return new ProcError('EBADMSG', procfs.path(`${pid}/${name}`));
    throw error;
  }
}

function valueIn<T>(read: Read<T> | ProcError): T | null {
  return read instanceof ProcError ? null : read.value;
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProcError) return null;
    throw error;
  }
}

function bounded<T>(procfs: ProcFs, relative: string, limit: number, parse: (bytes: Buffer) => T): Read<T> {
  const { bytes, truncated } = procfs.read(relative, limit);
  if (!truncated) return { value: parse(bytes) };
  // Half a variable could be a secret whose name or `@` is beyond the limit.
  return { value: parse(bytes.subarray(0, bytes.lastIndexOf(0) + 1)), truncated };
}

/** In numeric order. A descriptor that is closed meanwhile is left out. */
function readDescriptors(procfs: ProcFs, pid: number): Descriptor[] {
  const descriptors: Descriptor[] = [];
  const numbers = procfs.names(`${pid}/fd`).map(Number);
  for (const fd of numbers.sort((a, b) => a - b)) {
    const target = orNull(() => procfs.link(`${pid}/fd/${fd}`));
    if (target === null) continue;
    const mode = orNull(() => parseAccessMode(procfs.text(`${pid}/fdinfo/${fd}`)));
    descriptors.push({ fd, mode, target });
  }
  return descriptors;
}

/** Of this machine; 4 KiB, as on x86-64, where a captured tree does not have it. */
function readPageSize(procfs: ProcFs): number {
  return orNull(() => parsePageSize(procfs.text('self/smaps', 4096))) ?? 4096;
}

/** (uid_t) -1 says that nobody logged in: a service (kernel/audit.c). */
const NO_LOGIN = 4294967295;

function readLoginUid(procfs: ProcFs, pid: number): number | null {
  const uid = orNull(() => Number(procfs.text(`${pid}/loginuid`)));
  return uid === NO_LOGIN ? null : uid;
}

function explain(error: ProcError, asked: Asked): Unreadable {
  const { code } = error;
  return { code, message: messageOf(error), hint: hintFor(error, asked) };
}

/** The words of strerror(3). */
function messageOf(error: ProcError): string {
  if (error.code === 'EBADMSG') return 'not as the kernel writes it';
  const { errno } = (error.cause ?? {}) as NodeJS.ErrnoException;
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? error.code;
}

function hintFor(error: ProcError, { stat, status, uid, users }: Asked): string {
  if (stat?.state === 'Z')
    return 'a zombie keeps only its exit status, until its parent asks for it (wait(2))';
  if (error.gone) {
    return stat && isKernelThread(stat) ? 'a kernel thread runs no program' : 'the process ended';
  }
  if (!error.forbidden) return '';
  if (uid === 0) return 'withheld even from root, by a container, a user namespace or a security module';
  if (status === null) return 'run as root, or as its owner';
  const { real, effective, saved } = status.uids;
  // ptrace(2), access mode checking: all three have to be the asker's own.
  if (real === 0 || real !== effective || real !== saved) return 'run as root';
  if (real === uid) return 'run as root: it keeps this from its own user (PR_SET_DUMPABLE, prctl(2))';
  return `run as root, or as its owner ${users?.name(real) ?? `uid ${real}`}`;
}
