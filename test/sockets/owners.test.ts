import { fstatSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it, test } from 'vitest';
import { openLibc } from '../../src/libc/libc.ts';
import { socketInode } from '../../src/procfs/fd.ts';
import { ProcError, ProcFs } from '../../src/procfs/procfs.ts';
import { findOwners, type Holder, type Ownership } from '../../src/sockets/owners.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { TemporaryTree, type Tree } from './fixture.ts';

const trees: TemporaryTree[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) tree[Symbol.dispose]();
});

function treeOf(tree: Tree): string {
  const made = new TemporaryTree(tree);
  trees.push(made);
  return made.root;
}

const socket = (inode: number) => ({ link: `socket:[${inode}]` });

type Answer = {
  holders: Map<number, readonly Holder[]>;
  looked: number[];
  unreadable: ReadonlyMap<number, string>;
  hidden: boolean;
};

/** What is answered of the inodes that were asked for. */
function ownersIn(procfs: ProcFs, ...inodes: number[]): Answer {
  const owners: Ownership = runAtOnce(findOwners(procfs, Uint32Array.from(inodes)));
  const held = inodes.filter((inode) => owners.holders(inode).length > 0);
  return {
    holders: new Map(held.map((inode) => [inode, owners.holders(inode)])),
    looked: inodes.filter((inode) => owners.looked(inode)),
    unreadable: owners.unreadable,
    hidden: owners.hidden,
  };
}

/** A tree some of whose files the kernel refuses: root may read everything, so the refusal is made up. */
class Refusing extends ProcFs {
  readonly #refused: Record<string, string>;

  constructor(root: string, refused: Record<string, string>) {
    super(root);
    this.#refused = refused;
  }

  #ask(path: string): void {
    const code = this.#refused[path];
    if (code !== undefined) throw new ProcError(code, this.path(path));
  }

  override names(path: string): string[] {
    this.#ask(path);
    return super.names(path);
  }

  override link(path: string): string {
    this.#ask(path);
    return super.link(path);
  }
}

describe('a descriptor', () => {
  test.each([
    ['socket:[252906]', 252906],
    ['socket:[1]', 1],
    ['socket:[4294967295]', 4294967295],
    ['socket:[0]', 0],
    ['socket:[]', 0],
    ['socket:[', 0],
    ['socket:[12', 0],
    ['socket:[12]x', 0],
    ['socket:[1 2]', 0],
    ['socket:[-1]', 0],
    ['socket:[0x10]', 0],
    ['pipe:[252906]', 0],
    ['anon_inode:[eventpoll]', 0],
    ['/tmp/socket:[252906]', 0],
    ['xsocket:[252906]', 0],
    ['/dev/null', 0],
    ['', 0],
  ])('that leads to %j leads to the socket with inode %i', (link, inode) => {
    expect(socketInode(link)).toBe(inode);
  });
});

describe('the owners of sockets', () => {
  it('are every process and descriptor that leads to them, by pid, then descriptor', () => {
    const root = treeOf({
      '1/fd/3': socket(100),
      '900/fd/11': socket(100),
      '900/fd/9': socket(100),
      '900/fd/0': socket(200),
      '1000/fd/5': socket(100),
      '99/fd/5': socket(100),
    });
    const { holders } = ownersIn(new ProcFs(root), 100, 200);
    expect(holders.get(100)).toEqual([
      { pid: 1, fd: 3 },
      { pid: 99, fd: 5 },
      { pid: 900, fd: 9 },
      { pid: 900, fd: 11 },
      { pid: 1000, fd: 5 },
    ]);
    expect(holders.get(200)).toEqual([{ pid: 900, fd: 0 }]);
  });

  it('are of the wanted sockets alone', () => {
    const root = treeOf({ '1/fd/3': socket(100), '1/fd/4': socket(200) });
    expect([...ownersIn(new ProcFs(root), 100, 300).holders.keys()]).toEqual([100]);
  });

  it('are told one by one, and by process', () => {
    const root = treeOf({ '7/fd/3': socket(100), '8/fd/4': socket(100), '8/fd/5': socket(200) });
    const owners = runAtOnce(findOwners(new ProcFs(root), Uint32Array.of(100, 200, 300)));
    expect(owners.firstPid(100)).toBe(7);
    expect(owners.firstPid(300)).toBe(0);
    expect(owners.holders(300)).toEqual([]);
    expect(owners.looked(300)).toBe(true);
    expect(owners.looked(400)).toBe(false);
    expect([...owners.inodesOf(8)]).toEqual([100, 200]);
    expect([...owners.inodesOf(9)]).toEqual([]);
  });

  it('are met as they are found, each once: later a pid may be of another process', () => {
    const root = treeOf({
      '7/fd/3': socket(100),
      '7/fd/4': socket(200),
      '8/fd/4': socket(300),
      '9/fd/5': socket(200),
    });
    const met: number[] = [];
    runAtOnce(findOwners(new ProcFs(root), Uint32Array.of(100, 200), (pid) => met.push(pid)));
    expect(met).toEqual([7, 9]);
  });

  it('are the same by Node and by the calls of libc, where there are these', ({ skip }) => {
    const readLinks = openLibc()?.readLinks;
    if (!readLinks) return skip('no foreign calls');
    const tree: Tree = {
      '1/fd/x': socket(100),
      '2/fd/0': { link: '/dev/null' },
      '2/fd/10': socket(4294967295),
    };
    for (let fd = 0; fd < 300; fd++) tree[`3/fd/${fd}`] = socket(100 + (fd % 7));
    const root = treeOf(tree);
    const inodes = [100, 103, 4294967295];
    const byNode = ownersIn(new ProcFs(root), ...inodes);
    expect(ownersIn(new ProcFs(root, readLinks), ...inodes).holders.get(4294967295)).toEqual([
      { pid: 2, fd: 10 },
    ]);
    expect(ownersIn(new ProcFs(root, readLinks), 103)).toEqual(ownersIn(new ProcFs(root), 103));
    expect(byNode.holders.get(103)).toHaveLength(43);
  });

  it('are not what only looks like one', () => {
    const root = treeOf({
      '1/fd/0': { link: '/dev/null' },
      '1/fd/1': { link: 'pipe:[100]' },
      '1/fd/2': { link: '/tmp/socket:[100]' },
      '1/fd/3': { link: 'socket:[100] ' },
    });
    expect(ownersIn(new ProcFs(root), 100).holders.size).toBe(0);
  });

  it('are not asked for where nothing is wanted: no file is opened', () => {
    expect(ownersIn(new ProcFs('/nowhere'))).toEqual({
      looked: [],
      holders: new Map(),
      unreadable: new Map(),
      hidden: false,
    });
  });

  it('come after a pause for each process, for keys to be heard', () => {
    const root = treeOf({ '1/fd/': '', '2/fd/': '', '3/fd/': '' });
    const work = findOwners(new ProcFs(root), Uint32Array.of(100));
    let pauses = 0;
    while (!work.next().done) pauses++;
    expect(pauses).toBe(3);
  });

  it('are found on the running system', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    try {
      const fd = (server as Server & { _handle: { fd: number } })._handle.fd;
      const inode = fstatSync(fd).ino;
      expect(ownersIn(new ProcFs(), inode).holders.get(inode)).toContainEqual({ pid: process.pid, fd });
    } finally {
      server.close();
    }
  });
});

describe('what of the machine was seen', () => {
  const plain: Tree = { '1/fd/3': socket(100), '7/fd/3': socket(100), '8/fd/3': socket(200) };

  it('is all of it, where every descriptor was read', () => {
    expect(ownersIn(new ProcFs(treeOf(plain)), 100)).toMatchObject({ unreadable: new Map(), hidden: false });
  });

  it('leaves out a process that ended meanwhile: it holds nothing, and that is no obstacle', () => {
    const root = treeOf({ ...plain, '6/': '' });
    const { holders, unreadable } = ownersIn(new ProcFs(root), 100);
    expect(holders.get(100)).toHaveLength(2);
    expect(unreadable.size).toBe(0);
    const leaving = new Refusing(treeOf(plain), { '7/fd': 'ESRCH', '8/fd/3': 'ENOENT' });
    expect(ownersIn(leaving, 100, 200)).toEqual({
      looked: [100, 200],
      holders: new Map([[100, [{ pid: 1, fd: 3 }]]]),
      unreadable: new Map(),
      hidden: false,
    });
  });

  it('says which processes were refused, and with what code; the others are still read', () => {
    const refusing = new Refusing(treeOf(plain), { '7/fd': 'EACCES', '1/fd': 'EPERM' });
    const { holders, unreadable } = ownersIn(refusing, 100, 200);
    expect([...unreadable]).toEqual([
      [1, 'EPERM'],
      [7, 'EACCES'],
    ]);
    expect([...holders]).toEqual([[200, [{ pid: 8, fd: 3 }]]]);
  });

  it('counts a process whose descriptors are listed but not to be followed as refused', () => {
    const refusing = new Refusing(treeOf(plain), { '7/fd/3': 'EACCES' });
    const { holders, unreadable } = ownersIn(refusing, 100);
    expect([...unreadable]).toEqual([[7, 'EACCES']]);
    expect(holders.get(100)).toEqual([{ pid: 1, fd: 3 }]);
  });

  it('counts anything odd as refused too', () => {
    const root = treeOf({ ...plain, '9/fd': 'a file', '10/fd': { link: 'fd' } });
    expect([...ownersIn(new ProcFs(root), 100).unreadable]).toEqual([
      [9, 'ENOTDIR'],
      [10, 'ELOOP'],
    ]);
  });

  it('is not all of it where even pid 1 is hidden', () => {
    const root = treeOf({ '7/fd/3': socket(100), '11/fd/': '' });
    expect(ownersIn(new ProcFs(root), 100).hidden).toBe(true);
  });

  it('is nothing at all in a tree that is not there: that is an error', () => {
    expect(() => ownersIn(new ProcFs('/nowhere'), 100)).toThrow(ProcError);
  });

  it('is an error of the program where it is one', () => {
    class Broken extends ProcFs {
      override names(path: string): string[] {
        if (path === '') return ['1'];
        throw new TypeError('a bug');
      }
    }
    expect(() => ownersIn(new Broken('/nowhere'), 100)).toThrow(TypeError);
  });
});
