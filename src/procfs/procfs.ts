import {
  accessSync,
  closeSync,
  constants,
  opendirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import type { ReadLinks } from '../libc/libc.ts';
import { socketInode, socketInodeOf } from './fd.ts';

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  ESRCH: 'there is no such process',
  ENOTDIR: 'it is no folder',
  EACCES: 'not allowed',
  EPERM: 'not allowed',
  EFBIG: 'it is no table of the kernel',
};

/** Why a file of /proc could not be read: the kernel's own code, and which file. */
export class ProcError extends Error {
  override readonly name = 'ProcError';
  /** ENOENT, ESRCH, EACCES, EPERM, … */
  readonly code: string;
  readonly path: string;

  /** `remedy`: what would help, where that is known. */
  constructor(code: string, path: string, { remedy, ...options }: ErrorOptions & { remedy?: string } = {}) {
    const reason = REASONS[code] ?? code;
    super(`cannot read ${path}: ${remedy === undefined ? reason : `${reason} (${remedy})`}`, options);
    this.code = code;
    this.path = path;
  }

  /** The process (or the file) is not there: it ended, or never was. */
  get gone(): boolean {
    return this.code === 'ENOENT' || this.code === 'ESRCH';
  }

  /** It is there, and this user may not read it. */
  get forbidden(): boolean {
    return this.code === 'EACCES' || this.code === 'EPERM';
  }
}

/** The bytes of a file, and whether there were more than the limit. */
export type Contents = { bytes: Buffer; truncated: boolean };

const DEFAULT_LIMIT = 4 << 20;

/** No pid comes again so soon, in ms: the kernel gives each of the others first. */
export const SURELY_SAME = 20;

/** Names of a folder between two pauses. */
const NAMES_AT_ONCE = 512;

/**
 * A /proc tree: the only place that opens its files. Paths are relative to its root (`self/stat`, `1/fd`).
 * Every method throws a {@link ProcError} when the kernel says no.
 */
export class ProcFs {
  /** Reused for every read: a fresh buffer per file costs more than the read itself. */
  #buffer = Buffer.allocUnsafe(64 << 10);

  readonly root: string;
  readonly #readLinks: ReadLinks | null;

  /** `readLinks`: a quicker way to read the links of a folder, where there is one. */
  constructor(root = '/proc', readLinks: ReadLinks | null = null) {
    this.root = root;
    this.#readLinks = readLinks;
  }

  /** Whether this is the running kernel's own /proc, and not a captured or mounted tree. */
  get live(): boolean {
    return this.root === '/proc';
  }

  /** Whose view of the host we share: this process; in another tree, pid 1. */
  get self(): string {
    return this.live ? 'self' : '1';
  }

  /** The network files of its namespace. `/proc/net` is a link to `/proc/self/net`. */
  get net(): string {
    return `${this.self}/net`;
  }

  /** Throws a {@link ProcError} where nothing at all can be read here. */
  require(): void {
    try {
      this.stat(this.net);
    } catch (error) {
      if (!(this.live && error instanceof ProcError && error.gone)) throw error;
      throw new ProcError(error.code, error.path, { remedy: 'is /proc mounted? mount -t proc proc /proc' });
    }
  }

  /** The path as a person would type it. */
  path(relative: string): string {
    return `${this.root}/${relative}`;
  }

  /**
   * A whole file, up to `limit` bytes. The buffer belongs to the caller.
   * st_size is 0 for most of /proc, so the end is known only by reading (proc(5)).
   */
  read(relative: string, limit = DEFAULT_LIMIT): Contents {
    const path = this.path(relative);
    return attempt(path, () => {
      const file = openSync(path, 'r');
      try {
        let length = 0;
        for (;;) {
          if (length === this.#buffer.length) this.#grow(length);
          const count = readSync(file, this.#buffer, length, this.#buffer.length - length, null);
          length += count;
          if (count === 0) return { bytes: Buffer.from(this.#buffer.subarray(0, length)), truncated: false };
          if (length > limit) return { bytes: Buffer.from(this.#buffer.subarray(0, limit)), truncated: true };
        }
      } finally {
        closeSync(file);
        if (this.#buffer.length > DEFAULT_LIMIT) this.#buffer = Buffer.allocUnsafe(64 << 10);
      }
    });
  }

  /** {@link read} as text; bytes that are no UTF-8 become U+FFFD. */
  text(relative: string, limit = DEFAULT_LIMIT): string {
    return this.read(relative, limit).bytes.toString('utf8');
  }

  /**
   * The file in pieces, each a view of a buffer that the next piece overwrites.
   * `take` gets the piece and says how many of its bytes it used; the rest comes again before the next. Below
   * zero: it wants no more.
   */
  *pieces(relative: string, take: (bytes: Uint8Array) => number): Generator<void, void, void> {
    const path = this.path(relative);
    const buffer = Buffer.allocUnsafe(64 << 10);
    const file = attempt(path, () => openSync(path, 'r'));
    try {
      let kept = 0;
      for (;;) {
        const count = attempt(path, () => readSync(file, buffer, kept, buffer.length - kept, null));
        if (count === 0) break;
        const length = kept + count;
        const used = take(buffer.subarray(0, length));
        if (used < 0) return;
        // A record that fills the whole buffer is no record of the kernel's.
        if (used === 0 && length === buffer.length) throw new ProcError('EFBIG', path);
        kept = length - used;
        if (kept > 0 && used > 0) buffer.copyWithin(0, used, length);
        yield;
      }
      if (kept > 0) {
        buffer[kept] = 10;
        take(buffer.subarray(0, kept + 1));
      }
    } finally {
      closeSync(file);
    }
  }

  /** A file that stays open, to be read again and again: that takes a fifth of what opening it each time does. */
  keep(relative: string): KeptFile {
    const path = this.path(relative);
    return new KeptFile(
      path,
      attempt(path, () => openSync(path, 'r')),
    );
  }

  /** Pieces of a file, wherever in it. `use` gets what reads one, fewer bytes than it has room for at the end. */
  within<T>(relative: string, use: (read: (piece: Uint8Array, position: number) => number) => T): T {
    const path = this.path(relative);
    return attempt(path, () => {
      const file = openSync(path, 'r');
      try {
        return use((piece, position) => readSync(file, piece, 0, piece.length, position));
      } finally {
        closeSync(file);
      }
    });
  }

  /** Whether it may be written to: access(2), which opens nothing. */
  mayWrite(relative: string): boolean {
    const path = this.path(relative);
    try {
      attempt(path, () => accessSync(path, constants.W_OK));
      return true;
    } catch (error) {
      if (error instanceof ProcError && (error.forbidden || error.code === 'EROFS')) return false;
      throw error;
    }
  }

  link(relative: string): string {
    const path = this.path(relative);
    return attempt(path, () => readlinkSync(path));
  }

  /**
   * Every link in a folder, by name. One that vanishes meanwhile is passed over; any other that may not be
   * read ends it with a {@link ProcError}.
   */
  links(relative: string, visit: (name: string, target: string) => void): void {
    for (const name of this.names(relative)) {
      let target: string;
      try {
        target = this.link(`${relative}/${name}`);
      } catch (error) {
        if (error instanceof ProcError && error.gone) continue;
        throw error;
      }
      visit(name, target);
    }
  }

  /** The sockets among the descriptors of a process, and their inodes. */
  sockets(pid: number, visit: (fd: number, inode: number) => void): void {
    const folder = `${pid}/fd`;
    if (!this.#readLinks) {
      this.links(folder, (name, target) => {
        const inode = socketInode(target);
        if (inode !== 0) visit(Number(name), inode);
      });
      return;
    }
    const readLinks = this.#readLinks;
    const path = this.path(folder);
    attempt(path, () => {
      const opened = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
      try {
        readLinks(opened, (fd, target, length) => {
          const inode = socketInodeOf(target, length);
          if (inode !== 0) visit(fd, inode);
        });
      } finally {
        closeSync(opened);
      }
    });
  }

  /** Follows links, the magic ones of /proc/PID too (exe, cwd, root). */
  stat(relative: string): Stats {
    const path = this.path(relative);
    return attempt(path, () => statSync(path));
  }

  /** The names in a folder, in no useful order: readdir sorts them as text, "1,10,100,2". */
  names(relative: string): string[] {
    const path = this.path(relative);
    return attempt(path, () => readdirSync(path));
  }

  /** {@link names} of a folder that may have very many, with pauses. */
  *namesInSteps(relative: string): Generator<void, string[]> {
    const path = this.path(relative);
    const folder = attempt(path, () => opendirSync(path, { bufferSize: NAMES_AT_ONCE }));
    try {
      const names: string[] = [];
      for (;;) {
        const entry = attempt(path, () => folder.readSync());
        if (entry === null) return names;
        names.push(entry.name);
        if (names.length % NAMES_AT_ONCE === 0) yield;
      }
    } finally {
      folder.closeSync();
    }
  }

  /** The pids that this user can see, ascending. */
  pids(): number[] {
    const pids: number[] = [];
    for (const name of this.names('')) {
      if (/^[1-9]\d*$/.test(name)) pids.push(Number(name));
    }
    return pids.sort((a, b) => a - b);
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafe(length * 2);
    this.#buffer.copy(larger, 0, 0, length);
    this.#buffer = larger;
  }
}

function attempt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ProcError((error as NodeJS.ErrnoException).code ?? 'EIO', path, { cause: error });
  }
}

/** What is told apart of a file that stays open: far more than a comm has. */
const KEPT_LENGTH = 256;

/** A short file that stays open. Of a process it stays that process's: once that has ended, it tells ESRCH. */
export class KeptFile {
  readonly #path: string;
  readonly #file: number;
  #last = Buffer.alloc(0);

  constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
  }

  /** Whether it reads otherwise than the last time; the first time it does. Throws a {@link ProcError}. */
  hasChanged(): boolean {
    const length = attempt(this.#path, () => readSync(this.#file, piece, 0, KEPT_LENGTH, 0));
    if (length === this.#last.length && piece.compare(this.#last, 0, length, 0, length) === 0) return false;
    this.#last = Buffer.from(piece.subarray(0, length));
    return true;
  }

  close(): void {
    closeSync(this.#file);
  }
}

const piece = Buffer.alloc(KEPT_LENGTH);
