import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { errorCode, LibcError, openLibc, type ReadLinks } from '../../src/libc/libc.ts';

const PACKAGE = `@koromix/koffi-linux-${process.arch}`;
const libc = openLibc();

describe.skipIf(!libc)(`libc through ${PACKAGE}${libc ? '' : ' (skipped: not installed)'}`, () => {
  it('opens a socket: a descriptor of this process', () => {
    // AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC
    const descriptor = libc?.socket(1, 1 | 0o2000000, 0) as number;
    expect(readlinkSync(`/proc/self/fd/${descriptor}`)).toMatch(/^socket:\[\d+\]$/);
    closeSync(descriptor);
  });

  it('says why the kernel refused, and leaves no descriptor behind', () => {
    const before = readdirSync('/proc/self/fd').length;
    expect(() => libc?.socket(9999, 1, 0)).toThrow(LibcError);
    expect(() => libc?.socket(9999, 1, 0)).toThrow(
      expect.objectContaining({ code: 'EAFNOSUPPORT', errno: 97, message: 'socket: EAFNOSUPPORT' }),
    );
    expect(() => libc?.socket(2, 99, 0)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  });
});

describe.skipIf(!libc)('what is done to a descriptor', () => {
  const NETLINK = [16, 3 | 0o2000000, 4] as const;

  function withSocket(domain: readonly [number, number, number], use: (descriptor: number) => void): void {
    const descriptor = libc?.socket(...domain) as number;
    try {
      use(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  it('binds it to an address, once', () => {
    withSocket(NETLINK, (descriptor) => {
      // struct sockaddr_nl: a port of its own, no groups.
      const address = new Uint8Array(new Uint32Array([16, 0x7fff_0000 + process.pid, 0]).buffer);
      libc?.bind(descriptor, address);
      address[4] = 1;
      expect(() => libc?.bind(descriptor, address)).toThrow(
        expect.objectContaining({ code: 'EINVAL', message: 'bind: EINVAL' }),
      );
    });
  });

  it('sets an option, or says why not', () => {
    withSocket(NETLINK, (descriptor) => {
      // SOL_SOCKET, SO_RCVBUF
      libc?.setSocketOption(descriptor, 1, 8, new Uint8Array([0, 16, 0, 0]));
      expect(() => libc?.setSocketOption(descriptor, 1, 9999, new Uint8Array(4))).toThrow(
        expect.objectContaining({ code: 'ENOPROTOOPT', message: 'setsockopt: ENOPROTOOPT' }),
      );
    });
  });

  it('knows when the reader of a pipe has left', () => {
    const folder = mkdtempSync(`${tmpdir()}/porttop-pipe-`);
    const pipe = `${folder}/pipe`;
    execFileSync('mkfifo', [pipe]);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      expect(libc?.hasNoReader(writer)).toBe(false);
      closeSync(reader);
      expect(libc?.hasNoReader(writer)).toBe(true);
    } finally {
      closeSync(writer);
      rmSync(folder, { recursive: true });
    }
  });

  it('knows of what is no pipe that it is read', () => {
    const nothing = openSync('/dev/null', 'w');
    expect(libc?.hasNoReader(nothing)).toBe(false);
    closeSync(nothing);
  });
});

describe.skipIf(!libc)('a process', () => {
  it('is opened, asked for, and told apart from none', () => {
    const descriptor = libc?.openProcess(process.pid) as number;
    try {
      expect(readlinkSync(`/proc/self/fd/${descriptor}`)).toMatch(/pidfd/);
      expect(() => libc?.signalProcess(descriptor, 0)).not.toThrow();
      expect(() => libc?.signalProcess(descriptor, 999)).toThrow(
        expect.objectContaining({ code: 'EINVAL', message: 'pidfd_send_signal: EINVAL' }),
      );
    } finally {
      closeSync(descriptor);
    }
    // The highest that a pid may be (PID_MAX_LIMIT) is one less.
    expect(() => libc?.openProcess(2 ** 22)).toThrow(
      expect.objectContaining({ code: 'ESRCH', message: 'pidfd_open: ESRCH' }),
    );
  });
});

describe('without libc', () => {
  it.each<[string, () => unknown]>([
    ['the package is not there', () => createRequire(import.meta.url)('@koromix/koffi-of-no-platform')],
    [
      'it is built for another libc',
      () => {
        throw new Error('Error relocating koffi.node: symbol not found');
      },
    ],
    ['it is something else', () => ({})],
    ['it is nothing', () => undefined],
    [
      'it may load no library',
      () => ({
        load() {
          throw new Error('dlopen: Operation not permitted');
        },
      }),
    ],
  ])('there is none, and no error, when %s', (_, load) => {
    expect(openLibc(load)).toBeNull();
  });

  it('asks for the package of this platform, and for no other', () => {
    const asked: string[] = [];
    openLibc((name) => asked.push(name));
    expect(asked).toEqual([PACKAGE]);
  });
});

it('stays out of the bundle: it is required where it is installed', async () => {
  const entry = new URL('../../src/libc/libc.ts', import.meta.url).pathname;
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  expect(Object.keys(metafile.inputs)).toHaveLength(1);
  expect(outputFiles[0]?.text).toContain('@koromix/koffi-linux-');
});

describe('the name of an errno', () => {
  it.each([
    [1, 'EPERM'],
    [2, 'ENOENT'],
    [11, 'EAGAIN'],
    [105, 'ENOBUFS'],
    [116, 'ESTALE'],
    [524, 'errno 524'],
    [0, 'errno 0'],
    [-2, 'errno -2'],
    [2 ** 31, 'errno 2147483648'],
    [Number.NaN, 'errno NaN'],
  ])('%i is %s', (errno, code) => {
    expect(errorCode(errno)).toBe(code);
  });
});

describe.skipIf(!libc?.readLinks)('reading the links of a folder', () => {
  const readLinks = libc?.readLinks as ReadLinks;

  function linksOf(path: string): Record<number, string> {
    const links: Record<number, string> = {};
    const folder = openSync(path, 'r');
    try {
      readLinks(folder, (name, target, length) => {
        links[name] = Buffer.from(target).toString('latin1', 0, length);
      });
    } finally {
      closeSync(folder);
    }
    return links;
  }

  it('tells what Node tells, of many too, and cuts what is longer than a link to a socket', () => {
    const folder = mkdtempSync(`${tmpdir()}/porttop-links-`);
    try {
      const expected: Record<number, string> = {};
      for (let name = 0; name < 3000; name++) {
        const target = name % 3 ? `socket:[${name * 1_000_003}]` : `/${'x'.repeat(name % 200)}`;
        symlinkSync(target, `${folder}/${name}`);
        expected[name] = target.slice(0, 64);
      }
      symlinkSync('socket:[1]', `${folder}/12a`);
      symlinkSync('socket:[1]', `${folder}/.hidden`);
      expect(linksOf(folder)).toEqual(expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says why where something is no link', () => {
    const folder = mkdtempSync(`${tmpdir()}/porttop-links-`);
    try {
      mkdirSync(`${folder}/5`);
      expect(() => linksOf(folder)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says why where the folder is no folder', () => {
    expect(() => linksOf('/proc/self/stat')).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  });
});
