import { createRequire } from 'node:module';
import { constants, endianness } from 'node:os';

/** The few calls of libc that Node has no word for. */
export interface Libc {
  /** socket(2): a new descriptor. Throws a {@link LibcError}. */
  socket(domain: number, type: number, protocol: number): number;
  /** setns(2): moves this thread, and no other, into a namespace. Throws a {@link LibcError}. */
  setns(namespace: number, kind: number): void;
  /** bind(2), to a sockaddr as it is in memory. Throws a {@link LibcError}. */
  bind(descriptor: number, address: Uint8Array): void;
  /** setsockopt(2), of a value as it is in memory. Throws a {@link LibcError}. */
  setSocketOption(descriptor: number, level: number, option: number, value: Uint8Array): void;
  /** Whether nobody reads any more what is written to this descriptor: poll(2), POLLERR or POLLHUP. */
  hasNoReader(descriptor: number): boolean;
  /**
   * pidfd_open(2): a new descriptor that means this process and never another that gets its pid. Throws a
   * {@link LibcError}: ENOSYS before Linux 5.3.
   */
  openProcess(pid: number): number;
  /** pidfd_send_signal(2); 0 only asks whether it is there. Throws a {@link LibcError}. */
  signalProcess(process: number, signal: number): void;
  /** Reads the links of a folder at two thirds of what Node takes; null where this libc lacks a call for it. */
  readonly readLinks: ReadLinks | null;
}

/**
 * Visits every link of an open folder whose name is a number, as /proc/PID/fd has them. `target` is reused from
 * one to the next, and ends at `length`. One that vanishes meanwhile is passed over. Throws a {@link LibcError}.
 */
export type ReadLinks = (
  folder: number,
  visit: (name: number, target: Uint8Array, length: number) => void,
) => void;

/** A call that the kernel refused. */
export class LibcError extends Error {
  override readonly name = 'LibcError';
  /** EPERM, EMFILE, … */
  readonly code: string;
  readonly errno: number;

  constructor(call: string, errno: number) {
    const code = errorCode(errno);
    super(`${call}: ${code}`);
    this.code = code;
    this.errno = errno;
  }
}

/** The name of an errno: `ENOENT`. util.getSystemErrorName() knows only what libuv has a use for; not ESTALE. */
export function errorCode(errno: number): string {
  for (const [name, number] of Object.entries(constants.errno)) if (number === errno) return name;
  return `errno ${errno}`;
}

/** What we use of koffi. */
type Koffi = {
  load(library: string | null): Library;
  errno(): number;
  /** Where a buffer is in memory, as long as it lives. */
  address(buffer: Uint8Array): bigint;
};

type Library = { func(prototype: string): (...args: (number | Uint8Array)[]) => number };

const requirePackage: (name: string) => unknown = createRequire(import.meta.url);

/**
 * The libc of this very process, glibc or musl; null where there is no koffi for it. Its package for the
 * platform is required as it is: the one named koffi does no more, and takes twice as long.
 */
export function openLibc(load = requirePackage): Libc | null {
  try {
    // Only an optional dependency: a name that is put together here stays out of the bundle.
    const koffi = load(`@koromix/koffi-linux-${process.arch}`) as Koffi;
    const library = koffi.load(null);
    const socket = library.func('int socket(int domain, int type, int protocol)');
    let setns: ReturnType<Library['func']> | null = null;
    let poll: ReturnType<Library['func']> | null = null;
    const checked = (call: string, result: number) => {
      if (result < 0) throw new LibcError(call, koffi.errno());
      return result;
    };
    let syscall: ReturnType<Library['func']> | null = null;
    /** musl, and glibc before 2.36, have no function of their own for these. */
    const called = (name: string, ...args: [number, number, number, number, number]) => {
      syscall ??= library.func('long syscall(long number, long a, long b, long c, long d)');
      return checked(name, syscall(...args));
    };
    return {
      socket: (domain, type, protocol) => checked('socket', socket(domain, type, protocol)),
      // Looked up when they are called, which few commands do, and once.
      bind(descriptor, address) {
        const bind = library.func('int bind(int descriptor, void *address, uint32_t length)');
        checked('bind', bind(descriptor, address, address.length));
      },
      setSocketOption(descriptor, level, option, value) {
        const setsockopt = library.func(
          'int setsockopt(int descriptor, int level, int option, void *value, uint32_t length)',
        );
        checked('setsockopt', setsockopt(descriptor, level, option, value, value.length));
      },
      hasNoReader(descriptor) {
        poll ??= library.func('int poll(void *descriptors, unsigned long count, int timeout)');
        // struct pollfd: an int, and two shorts: what is asked for, and what there is; errors always.
        const words = new Int32Array([descriptor, 0]);
        const bytes = new Uint8Array(words.buffer);
        return (
          poll(bytes, 1, 0) > 0 && ((new Uint16Array(words.buffer)[3] as number) & POLLERR_OR_POLLHUP) !== 0
        );
      },
      setns(namespace, kind) {
        setns ??= library.func('int setns(int namespace, int kind)');
        checked('setns', setns(namespace, kind));
      },
      openProcess: (pid) => called('pidfd_open', PIDFD_OPEN, pid, 0, 0, 0),
      signalProcess(process, signal) {
        called('pidfd_send_signal', PIDFD_SEND_SIGNAL, process, signal, 0, 0);
      },
      readLinks: linkReader(library, koffi),
    };
  } catch {
    return null;
  }
}

/** The same on every architecture (include/uapi/asm-generic/unistd.h). */
const PIDFD_SEND_SIGNAL = 424;
const PIDFD_OPEN = 434;

/** The one is a pipe's, the other a socket's. */
const POLLERR_OR_POLLHUP = 8 | 16;

/** The kernel fills in as many entries as there is room for. */
const ENTRIES = 32 << 10;
/** What a link to a socket, a pipe or an event reads is shorter; of a longer one, that it is another is enough. */
const TARGET = 64;
/** struct linux_dirent64: the length of the entry, and its name, which ends with 0 (getdents(2)). */
const ENTRY_LENGTH = 16;
const ENTRY_NAME = 19;
const ZERO = 48;
const NINE = 57;

function linkReader(library: Library, koffi: Koffi): ReadLinks | null {
  let getdents: ReturnType<Library['func']>;
  let readlinkat: ReturnType<Library['func']>;
  try {
    getdents = library.func('long getdents64(int folder, void *entries, size_t size)');
    // Addresses as numbers: to pass two buffers costs as much again as the foreign call does, 0.3 µs.
    readlinkat = library.func('long readlinkat(int folder, uintptr_t name, uintptr_t target, size_t size)');
  } catch {
    return null;
  }
  const entries = Buffer.alloc(ENTRIES);
  const target = Buffer.alloc(TARGET);
  const namesAt = Number(koffi.address(entries)) + ENTRY_NAME;
  const targetAt = Number(koffi.address(target));
  return (folder, visit) => {
    for (;;) {
      const length = getdents(folder, entries, ENTRIES);
      if (length < 0) throw new LibcError('getdents64', koffi.errno());
      if (length === 0) return;
      for (let at = 0; at < length; at += entryLength(entries, at)) {
        const number = numberAt(entries, at + ENTRY_NAME);
        if (number < 0) continue;
        const size = readlinkat(folder, namesAt + at, targetAt, TARGET);
        if (size >= 0) visit(number, target, size);
        else if (koffi.errno() !== constants.errno.ENOENT) throw new LibcError('readlinkat', koffi.errno());
      }
    }
  };
}

function entryLength(entries: Buffer, at: number): number {
  return endianness() === 'LE'
    ? entries.readUInt16LE(at + ENTRY_LENGTH)
    : entries.readUInt16BE(at + ENTRY_LENGTH);
}

/** The name that begins there, where it is a number; -1: it is none. */
function numberAt(entries: Buffer, from: number): number {
  let number = 0;
  let at = from;
  for (let byte = entries[at] as number; byte !== 0; byte = entries[++at] as number) {
    if (byte < ZERO || byte > NINE) return -1;
    number = number * 10 + byte - ZERO;
  }
  return at === from ? -1 : number;
}
