import type { ProcFs } from '../procfs/procfs.ts';
import type { Stat } from '../procfs/stat.ts';
import type { Status } from '../procfs/status.ts';
import type { Socket } from '../sockets/socket.ts';
import { safe, text } from '../text/safe.ts';
import type { Ancestor } from './ancestry.ts';
import { type Context, dim, type Said } from './said.ts';

/** Why a file could not be read: the kernel's code, what it means, and what would help (may be empty). */
export type Unreadable = { code: string; message: string; hint: string };

/** `truncated`: the file went on after the limit; `more`: so many entries beyond those that were wanted. */
export type Field<T> =
  | { path: string; value: T; truncated?: true; more?: number }
  | { path: string; error: Unreadable };

export function isReadable<T>(field: Field<T> | undefined): field is Extract<Field<T>, { value: T }> {
  return field !== undefined && 'value' in field;
}

/** Why a file could not be read, and what would help, for a person. */
export function unreadable({ message, hint }: Unreadable): Said {
  return dim(hint === '' ? safe(message) : text`${safe(message)}: ${safe(hint)}`);
}

/** What a field is read with. */
export type Asked = {
  procfs: ProcFs;
  pid: number;
  /** Somebody asks for this field by its name: what is dear is read, too. */
  named: boolean;
  /** How many entries of a long list are wanted; null: all. */
  most: number | null;
  /** The sockets of this process by their inodes; null: nobody has looked. */
  sockets: ReadonlyMap<number, Socket> | null;
};

/** `file`: what it was read from, below /proc/PID, where that is not called as the field. */
export type Read<T> = { value: T; truncated?: true; more?: number; file?: string };

/** Work between whose steps somebody else may go on. */
export type Steps<T> = Generator<void, T>;

/** What is known of a process, for a field that is told in its light. */
export type Facts = {
  /** What a person calls it; null: not even comm may be read. */
  name: string | null;
  /** ISO 8601, UTC; null when it is not known. */
  startTime: string | null;
  kernelThread: boolean;
  /** The eldest first. */
  ancestors: readonly Ancestor[];
  /** Whether it sees other mounts than this program; null when that may not be known. */
  ownMounts: boolean | null;
  /** Who logged in, whatever `su` and `sudo` made of it since; null: nobody did, or it is not known. */
  loginUid: number | null;
  /** Other fields, where they were asked for. */
  fields: {
    cgroup?: Field<{ unit: string | null }>;
    cmdline?: Field<readonly string[]>;
    environ?: Field<readonly unknown[]>;
    fd?: Field<readonly unknown[]>;
    stat?: Field<Stat>;
    status?: Field<Status>;
  };
};

/** What is told under one label. */
export type Entry = readonly [label: string, said: Said];

/** A file of /proc/PID: how it is read, told to a person, and put in JSON. */
export type FieldDefinition<T> = {
  /** What it tells, in a few words. */
  about: string;
  /** Read only when it is asked for by name: it is dear, or long. */
  onlyNamed?: true;
  /** What it takes to read it, where to be its owner is not enough. */
  capability?: string;
  /** The option of the kernel without which there is no such file. */
  option?: string;
  /** Throws a ProcError, or a SyntaxError where it is not as the kernel writes it. */
  read(asked: Asked): Read<T> | Steps<Read<T>>;
  /** All that it says. */
  entries(value: T, facts: Facts, context: Context): Entry[];
  /** How it stands in JSON, where that is not as it is here. */
  json?(value: T, reveal: boolean): { value: unknown } & Record<string, unknown>;
};
