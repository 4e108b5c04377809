import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { ProcError, ProcFs } from '../../src/procfs/procfs.ts';
import { errorOf } from '../helpers/error-of.ts';

fc.configureGlobal({ seed: 4000 });

const asRoot = process.geteuid?.() === 0;
const BUFFER = 64 << 10;
const DEFAULT_LIMIT = 4 << 20;

let root: string;
let procfs: ProcFs;
const live = new ProcFs();

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'porttop-'));
  procfs = new ProcFs(root);
});
afterAll(() => rmSync(root, { recursive: true }));

/** A file of the tree; its path relative to the root. */
function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(root, name), content);
  return name;
}

/** Bytes that do not repeat at any power of two. */
function bytes(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, at) => at % 251));
}

const openFiles = () => readdirSync('/proc/self/fd').length;

describe('a whole file', () => {
  it.each([0, 1, BUFFER - 1, BUFFER, BUFFER + 1, 2 * BUFFER, 3 * BUFFER + 7, 1_000_003])(
    'of %i bytes is read whole',
    (length) => {
      const content = bytes(length);
      const read = procfs.read(file('whole', content));
      expect(read.truncated).toBe(false);
      expect(read.bytes.equals(content)).toBe(true);
    },
  );

  it('is the caller’s to keep: the next read leaves it alone', () => {
    const first = procfs.read(file('first', 'first'));
    procfs.read(file('second', 'SECOND'));
    expect(first.bytes.toString()).toBe('first');
  });

  it('is not what an earlier, longer one was', () => {
    procfs.read(file('long', bytes(200_000)));
    expect(procfs.text(file('short', 'short'))).toBe('short');
  });

  it('is read whole although its size is said to be 0, as most of /proc', () => {
    expect(live.stat('self/status').size).toBe(0);
    expect(live.text('self/status')).toMatch(new RegExp(`^Pid:\t${process.pid}$`, 'm'));
  });

  it.each([
    [10, 9, false],
    [10, 10, false],
    [10, 11, true],
    [BUFFER, BUFFER, false],
    [BUFFER, BUFFER + 1, true],
    [3 * BUFFER, 3 * BUFFER, false],
    [3 * BUFFER, 3 * BUFFER + 1, true],
    [0, 1, true],
    [0, 0, false],
  ])('with a limit of %i, of %i bytes: truncated is %s', (limit, length, truncated) => {
    const content = bytes(length);
    const read = procfs.read(file('limited', content), limit);
    expect(read.truncated).toBe(truncated);
    expect(read.bytes.equals(content.subarray(0, limit))).toBe(true);
  });

  it('ends at 4 MiB where nothing is said, and the next file is read as before', () => {
    const read = procfs.read(file('huge', bytes(DEFAULT_LIMIT + 1)));
    expect(read.truncated).toBe(true);
    expect(read.bytes.length).toBe(DEFAULT_LIMIT);
    expect(procfs.read(file('huge', bytes(DEFAULT_LIMIT))).truncated).toBe(false);
    expect(procfs.text(file('short', 'short'))).toBe('short');
  });

  it('that never ends is read up to the limit', () => {
    symlinkSync('/dev/zero', join(root, 'zeros'));
    const { bytes: zeros, truncated } = procfs.read('zeros', 100_000);
    expect(truncated).toBe(true);
    expect(zeros.equals(Buffer.alloc(100_000))).toBe(true);
  });

  it('as text has U+FFFD for what is no UTF-8', () => {
    expect(procfs.text(file('text', Buffer.from('a\xffb\xc3', 'latin1')))).toBe('a\ufffdb\ufffd');
    expect(procfs.text(file('text', 'Grüße\0日本'))).toBe('Grüße\0日本');
    expect(procfs.text(file('text', 'abc'), 2)).toBe('ab');
  });
});

describe('a file in pieces', () => {
  /** Takes whole lines only, as a parser does. */
  function linesOf(path: string): { lines: string[]; calls: number } {
    const lines: string[] = [];
    let calls = 0;
    for (const _ of procfs.pieces(path, (piece) => {
      calls++;
      const end = piece.lastIndexOf(10) + 1;
      const text = Buffer.from(piece.subarray(0, end)).toString('latin1');
      lines.push(...text.split('\n').slice(0, -1));
      return end;
    }));
    return { lines, calls };
  }

  it('carries a line that a piece cuts over to the next', () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => `line ${at}`);
    const read = linesOf(file('lines', `${lines.join('\n')}\n`));
    expect(read.lines).toEqual(lines);
    expect(read.calls).toBeGreaterThan(2);
  });

  it('loses and doubles nothing, whatever the lines are', () => {
    const line = fc.nat(BUFFER - 2).map((length) => 'x'.repeat(length));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const read = linesOf(file('any', lines.map((each) => `${each}\n`).join('')));
        expect(read.lines.map(({ length }) => length)).toEqual(lines.map(({ length }) => length));
      }),
      { numRuns: 50 },
    );
  });

  it('gives a last line that does not end the newline it lacks', () => {
    expect(linesOf(file('open', 'one\ntwo')).lines).toEqual(['one', 'two']);
    const long = 'y'.repeat(BUFFER - 1);
    expect(linesOf(file('open', `one\n${long}`)).lines).toEqual(['one', long]);
  });

  it('of nothing is nothing', () => {
    expect(linesOf(file('empty', ''))).toEqual({ lines: [], calls: 0 });
  });

  it('ends where a line is longer than any of the kernel, and says that this is no table of its', () => {
    const content = `one\n${'z'.repeat(3 * BUFFER + 5)}\ntwo\n`;
    expect(() => linesOf(file('toolong', content))).toThrow(/it is no table of the kernel/);
  });

  it('pauses after each, for keys to be heard', () => {
    file('three', bytes(2 * BUFFER + 1));
    const pieces = procfs.pieces('three', (piece) => piece.length);
    let pauses = 0;
    while (!pieces.next().done) pauses++;
    expect(pauses).toBe(3);
  });

  it('closes its file when nobody wants the rest, and when a parser throws', () => {
    file('three', bytes(2 * BUFFER + 1));
    const before = openFiles();
    const pieces = procfs.pieces('three', (piece) => piece.length);
    pieces.next();
    expect(openFiles()).toBe(before + 1);
    pieces.return();
    expect(openFiles()).toBe(before);

    const thrown = new Error('of the parser');
    const broken = procfs.pieces('three', () => {
      throw thrown;
    });
    expect(() => broken.next()).toThrow(thrown);
    expect(openFiles()).toBe(before);
  });

  it('is read no further, and closed, when who takes it has enough', () => {
    file('three', bytes(2 * BUFFER + 1));
    const before = openFiles();
    let calls = 0;
    const pieces = procfs.pieces('three', () => {
      calls++;
      return calls === 2 ? -1 : BUFFER;
    });
    expect([...pieces]).toHaveLength(1);
    expect(calls).toBe(2);
    expect(openFiles()).toBe(before);
  });

  it('may be read twice at the same time', () => {
    const content = bytes(3 * BUFFER);
    file('twice', content);
    const got: Buffer[][] = [[], []];
    const readers = got.map((pieces) =>
      procfs.pieces('twice', (piece) => {
        pieces.push(Buffer.from(piece));
        return piece.length;
      }),
    );
    let running = true;
    while (running) running = readers.map((reader) => !reader.next().done).some(Boolean);
    for (const pieces of got) expect(Buffer.concat(pieces).equals(content)).toBe(true);
  });
});

describe('what else a tree has', () => {
  it('is where a link leads, though nothing be there', () => {
    symlinkSync('socket:[12345]', join(root, 'dangling'));
    expect(procfs.link('dangling')).toBe('socket:[12345]');
    expect(live.link('self')).toBe(String(process.pid));
  });

  it('is what a link leads to', () => {
    file('target', 'four');
    symlinkSync('target', join(root, 'leading'));
    expect(procfs.stat('leading').size).toBe(4);
    expect(live.stat('self/cwd').isDirectory()).toBe(true);
  });

  it('is the names in a folder', () => {
    mkdirSync(join(root, 'fd'));
    for (const name of ['0', '10', '2']) file(`fd/${name}`, '');
    expect(procfs.names('fd').sort()).toEqual(['0', '10', '2']);
  });

  it('is at a path that a person would type', () => {
    expect(procfs.path('1/fd')).toBe(`${root}/1/fd`);
    expect(live.path('self/stat')).toBe('/proc/self/stat');
  });

  it('has the network files of pid 1; the running kernel’s own has those of this process', () => {
    expect(procfs.net).toBe('1/net');
    expect(procfs.live).toBe(false);
    expect(live.net).toBe('self/net');
    expect(live.live).toBe(true);
  });
});

describe('the pids', () => {
  let tree: string;
  beforeAll(() => {
    tree = join(root, 'pids');
    mkdirSync(tree);
  });
  const folders = (...names: string[]) => {
    for (const name of names) mkdirSync(join(tree, name));
  };

  it('ascend as numbers, and nothing else is one', () => {
    folders('100', '10', '9', '1', '2', '4194304', 'self', 'net', '0', '01', 'thread-self', '-1');
    expect(new ProcFs(tree).pids()).toEqual([1, 2, 9, 10, 100, 4194304]);
  });

  test('are whole numbers: a name that only begins with a digit is none', () => {
    folders('5e2', '7up', '3.5');
    expect(new ProcFs(tree).pids()).toEqual([1, 2, 9, 10, 100, 4194304]);
  });

  it('of the running system have this process among them', () => {
    const pids = live.pids();
    expect(pids).toContain(process.pid);
    expect(pids).toEqual(pids.toSorted((a, b) => a - b));
  });
});

describe('what cannot be read', () => {
  beforeAll(() => {
    symlinkSync('loop', join(root, 'loop'));
    mkdirSync(join(root, 'folder'));
    file('plain', 'plain');
    mkdirSync(join(root, 'locked'));
    file('locked/inside', 'secret');
    file('forbidden', 'secret');
    chmodSync(join(root, 'locked'), 0);
    chmodSync(join(root, 'forbidden'), 0);
  });
  afterAll(() => chmodSync(join(root, 'locked'), 0o700));

  const readers: [string, (path: string) => unknown][] = [
    ['read', (path) => procfs.read(path)],
    ['text', (path) => procfs.text(path)],
    ['pieces', (path) => [...procfs.pieces(path, (piece) => piece.length)]],
    ['link', (path) => procfs.link(path)],
    ['stat', (path) => procfs.stat(path)],
    ['names', (path) => procfs.names(path)],
  ];
  const contents = readers.slice(0, 3);
  const links = readers.slice(3, 4);
  const names = readers.slice(5);

  const cases = (path: string, code: string, list = readers) =>
    list.map(([method, read]) => [method, path, code, read] as const);

  it.each([
    ...cases('nowhere', 'ENOENT'),
    ...cases('nowhere/fd', 'ENOENT'),
    ...cases('plain/fd', 'ENOTDIR'),
    ...cases('loop/fd', 'ELOOP'),
    ...cases('n'.repeat(300), 'ENAMETOOLONG'),
    ...cases('loop', 'ELOOP', contents),
    ...cases('folder', 'EISDIR', contents),
    ...cases('plain', 'EINVAL', links),
    ...cases('plain', 'ENOTDIR', names),
  ])('%s of %s throws a ProcError with %s', (_, path, code, read) => {
    const before = openFiles();
    const error = errorOf(ProcError, () => read(path));
    expect(error).toMatchObject({ name: 'ProcError', code, path: `${root}/${path}` });
    expect(error.message).toContain(`cannot read ${root}/${path}: `);
    expect(error.cause).toMatchObject({ code });
    expect(openFiles()).toBe(before);
  });

  it
    .skipIf(asRoot)
    .each([
      ...cases('forbidden', 'EACCES', contents),
      ...cases('locked', 'EACCES', names),
      ...cases('locked/inside', 'EACCES'),
    ])('%s of %s throws a ProcError with %s (not as root, who may)', (_, path, code, read) => {
    expect(errorOf(ProcError, () => read(path))).toMatchObject({ code, forbidden: true, gone: false });
  });

  it('is said with the kernel’s code when it opens, and then fails', () => {
    // Nothing is mapped at address 0.
    expect(errorOf(ProcError, () => live.read('self/mem'))).toMatchObject({
      code: 'EIO',
      path: '/proc/self/mem',
    });
    expect(errorOf(ProcError, () => [...live.pieces('self/mem', () => 0)])).toMatchObject({ code: 'EIO' });
  });

  it('is a process that is not there', () => {
    // Above any pid: PID_MAX_LIMIT is 4194304.
    expect(errorOf(ProcError, () => live.text('4194305/stat'))).toMatchObject({ code: 'ENOENT', gone: true });
  });

  it('leaves the pids of a tree that is not there unread', () => {
    expect(errorOf(ProcError, () => new ProcFs(join(root, 'nowhere')).pids()).code).toBe('ENOENT');
    expect(errorOf(ProcError, () => new ProcFs(join(root, 'plain')).pids()).code).toBe('ENOTDIR');
  });

  it.each([
    ['ENOENT', true, false, 'there is no such file'],
    ['ESRCH', true, false, 'there is no such process'],
    ['EACCES', false, true, 'not allowed'],
    ['EPERM', false, true, 'not allowed'],
    ['ENOTDIR', false, false, 'it is no folder'],
    ['EMFILE', false, false, 'EMFILE'],
  ])('with %s: gone is %s, forbidden is %s', (code, gone, forbidden, reason) => {
    const error = new ProcError(code, '/proc/1/fd');
    expect(error).toMatchObject({ code, gone, forbidden, message: `cannot read /proc/1/fd: ${reason}` });
  });

  it('is one error of one kind, though the path be nonsense', () => {
    expect(errorOf(ProcError, () => procfs.text('a\0b'))).toBeInstanceOf(ProcError);
  });
});

describe('pieces anywhere in a file', () => {
  it('are as long as there is room and file, and the file is closed', () => {
    const name = file('pieces', bytes(1000));
    const before = openFiles();
    const piece = new Uint8Array(300);
    const lengths = procfs.within(name, (read) => [read(piece, 0), read(piece, 900), read(piece, 1000)]);
    expect(lengths).toEqual([300, 100, 0]);
    expect(Buffer.from(piece.subarray(0, 100)).equals(bytes(1000).subarray(900))).toBe(true);
    expect(() => procfs.within('nothing', () => 0)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(openFiles()).toBe(before);
  });
});

describe('whether a file may be written to', () => {
  it('is asked, and nothing is opened', () => {
    expect(procfs.mayWrite(file('writable', ''))).toBe(true);
    expect(() => procfs.mayWrite('nothing')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });

  it.skipIf(asRoot)('is no, where it may not', () => {
    chmodSync(join(root, file('readonly', '')), 0o444);
    expect(procfs.mayWrite('readonly')).toBe(false);
  });
});
