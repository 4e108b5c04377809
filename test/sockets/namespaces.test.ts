import { afterEach, describe, expect, it } from 'vitest';
import { ProcFs } from '../../src/procfs/procfs.ts';
import { findNamespaces, isThere, type Namespace, namespaceOf } from '../../src/sockets/namespaces.ts';
import { NamespacesSource } from '../../src/sockets/namespaces-source.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { ALL, TemporaryTree, type Tree } from './fixture.ts';

const HEADING =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const listener = (port: number, inode: number) =>
  `   0: 0100007F:${port.toString(16).padStart(4, '0')} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0\n`;

/** The network files of a namespace that has one listener on 127.0.0.1:4000. */
const net = (folder: string, inode: number): Tree => ({
  [`${folder}/dev`]: '',
  [`${folder}/tcp`]: HEADING + listener(4000, inode),
});

/** A process in a namespace; without a number in one whose number may not be read. */
function inside(pid: number, folder: string, inode?: number): Tree {
  const files: Tree = { [`${pid}/net`]: { link: `../${folder}` } };
  // What may not be followed: root may follow everything else.
  if (inode === undefined) files[`${pid}/ns`] = 'not a folder';
  else files[`${pid}/ns/net`] = { link: `net:[${inode}]` };
  return files;
}

const HOME = 4_026_531_840;
const BLUE = 4_026_532_177;

const trees: TemporaryTree[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) tree[Symbol.dispose]();
});

function procfsOf(...parts: Tree[]): ProcFs {
  const tree = new TemporaryTree(Object.assign({ ...net('home', 1), ...net('blue', 2) }, ...parts));
  trees.push(tree);
  return new ProcFs(tree.root);
}

function found(procfs: ProcFs): [number, string | null][] {
  const { namespaces } = runAtOnce(findNamespaces(procfs));
  return namespaces.map(({ inode, process }) => [inode, process]);
}

describe('the network namespaces of a host', () => {
  it('are each found once, our own first, with the lowest pid of each', () => {
    const procfs = procfsOf(
      inside(1, 'home', HOME),
      inside(30, 'blue', BLUE),
      inside(4, 'blue', BLUE),
      inside(5, 'home', HOME),
    );
    expect(found(procfs)).toEqual([
      [HOME, '1'],
      [BLUE, '4'],
    ]);
  });

  it('are also those whose number may not be read: each is found once, and none twice', () => {
    const procfs = procfsOf(
      net('green', 3),
      inside(1, 'home', HOME),
      inside(2, 'home'),
      inside(3, 'green'),
      inside(4, 'blue'),
      inside(5, 'green'),
      inside(6, 'blue', BLUE),
    );
    expect(found(procfs)).toEqual([
      [HOME, '1'],
      [BLUE, '6'],
      [0, '3'],
    ]);
  });

  it('may be hidden: of how many processes is told', () => {
    const procfs = procfsOf(inside(1, 'home', HOME), { '7/ns': 'no folder', '7/net': 'no folder' });
    expect(runAtOnce(findNamespaces(procfs))).toMatchObject({ namespaces: [{ inode: HOME }], untold: 1 });
  });

  it('are without processes that end meanwhile, or have ended', () => {
    const procfs = procfsOf(inside(1, 'home', HOME), { '8/stat': '' });
    expect(runAtOnce(findNamespaces(procfs))).toMatchObject({ namespaces: [{ inode: HOME }], untold: 0 });
  });

  it('of one process is its own, or ours', () => {
    const procfs = procfsOf(
      inside(1, 'home', HOME),
      inside(2, 'blue', BLUE),
      inside(3, 'home', HOME),
      inside(4, 'home'),
      inside(5, 'blue'),
    );
    expect([2, 3, 4, 5].map((pid) => namespaceOf(procfs, pid))).toMatchObject([
      { inode: BLUE, process: '2' },
      { inode: HOME, process: '1' },
      { inode: HOME, process: '1' },
      { inode: 0, process: '5' },
    ]);
    expect(() => namespaceOf(procfs, 6)).toThrow(/no such file/);
  });
});

describe('the sockets of several network namespaces, from /proc', () => {
  const host = () => procfsOf(inside(1, 'home', HOME), inside(2, 'blue', BLUE), inside(3, 'blue', BLUE));
  const blue: Namespace = { inode: BLUE, name: null, file: null, process: '2' };
  const wanted = { ...ALL, protocols: ['tcp'], families: ['ipv4'] } as const;

  it('are in one table, and each says where it is', () => {
    const source = new NamespacesSource(host(), null, 'all');
    const table = runAtOnce(source.read(wanted));
    expect(Array.from(table.netns.subarray(0, table.length))).toEqual([HOME, BLUE]);
    expect(Array.from(table.inode.subarray(0, table.length))).toEqual([1, 2]);
    expect(table.identity[0]).not.toBe(table.identity[1]);
    expect(table.localAddressOf(0)).toBe(table.localAddressOf(1));
    expect(source.missed).toEqual({ unread: [], unnumbered: 0, untold: 0 });
    expect([HOME, BLUE, 0].map((inode) => source.namespace(inode)?.process)).toEqual(['1', '2', undefined]);
  });

  it('of which only one is wanted are those of that one', () => {
    const table = runAtOnce(new NamespacesSource(host(), null, [blue]).read(wanted));
    expect(Array.from(table.netns.subarray(0, table.length))).toEqual([BLUE]);
    expect(table.sources).toEqual({ tcp: 'proc' });
  });

  it('are not taken from a process that has the pid of one that was in there', () => {
    const source = new NamespacesSource(host(), null, [{ ...blue, inode: BLUE + 1 }]);
    expect(runAtOnce(source.read(wanted)).length).toBe(0);
    expect(source.missed.unread).toEqual([]);
  });

  it('are none any more when the namespace has ended', () => {
    const gone = { ...blue, process: '9' };
    const procfs = host();
    expect([isThere(procfs, blue), isThere(procfs, gone)]).toEqual([true, false]);
    const source = new NamespacesSource(procfs, null, [gone]);
    expect(runAtOnce(source.read(wanted)).length).toBe(0);
    expect(source.missed.unread).toEqual([]);
  });

  it('cannot be told where no process is inside and nobody may enter: the others show, and it is said', () => {
    const procfs = host();
    const home = { inode: HOME, name: null, file: null, process: '1' };
    // Any file will do: it is there, and it is the one that was meant.
    const { ino } = procfs.stat('1/net/tcp');
    const empty = { inode: ino, name: 'empty', file: procfs.path('1/net/tcp'), process: null };
    const source = new NamespacesSource(procfs, null, [home, empty]);
    expect(runAtOnce(source.read(wanted)).length).toBe(1);
    expect(source.missed.unread).toEqual([{ namespace: empty, code: 'ENOTSUP' }]);

    const alone = new NamespacesSource(procfs, null, [empty]);
    expect(() => runAtOnce(alone.read(wanted))).toThrow(
      /^cannot read .*\/1\/net\/tcp: .+ \(no process is in it/,
    );
  });
});
