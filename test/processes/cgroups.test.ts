import { mkdirSync, rmdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Cgroups } from '../../src/processes/cgroups.ts';
import { ProcFs } from '../../src/procfs/procfs.ts';
import { TemporaryTree } from '../sockets/fixture.ts';

const MOUNTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];
/** Where cgroup v2 is mounted, as statfs(2) tells. */
const mount = MOUNTS.find((folder) => {
  try {
    return statfsSync(folder).type === 0x63677270;
  } catch {
    return false;
  }
});

describe('the cgroups of a process', () => {
  it('are those of its file, what tells most first, and are read once a look', () => {
    using tree = new TemporaryTree({ '7/cgroup': '4:memory:/x\n0::/system.slice/a.service\n' });
    const cgroups = new Cgroups(new ProcFs(tree.root));
    expect(cgroups.of(0, 7)).toEqual(['/system.slice/a.service', '/x']);
    tree.add({ '7/cgroup': '0::/system.slice/b.service\n' });
    expect(cgroups.of(0, 7)).toEqual(['/system.slice/a.service', '/x']);
    cgroups.begin();
    expect(cgroups.of(0, 7)).toEqual(['/system.slice/b.service']);
  });

  it('are none where there is no process, or none is known; ids of this kernel are nothing in another tree', () => {
    using tree = new TemporaryTree({ '7/cgroup': '0::/a\n' });
    const cgroups = new Cgroups(new ProcFs(tree.root));
    expect(cgroups.of(0, 0)).toEqual([]);
    expect(cgroups.of(0, 8)).toEqual([]);
    expect(cgroups.of(1, 7)).toEqual(['/a']);
  });
});

describe.skipIf(!mount)(`the cgroup of an id${mount ? '' : ' (skipped: no cgroup v2)'}`, () => {
  const root = mount as string;
  const live = () => new Cgroups(new ProcFs());

  it('is the folder with that inode', () => {
    expect(live().of(statSync(root).ino, 0)).toEqual(['/']);
  });

  it('is unknown where there is none, or no cgroup v2', () => {
    expect(live().of(2 ** 52, 0)).toEqual([]);
    expect(new Cgroups(new ProcFs(), ['/nowhere', '/proc']).of(statSync(root).ino, 0)).toEqual([]);
  });

  it('is found however deep it is (where one may be made)', ({ skip }) => {
    const name = `porttop-test-${process.pid}`;
    const folders = [join(root, name), join(root, name, 'in ner.service')];
    try {
      for (const folder of folders) mkdirSync(folder);
    } catch (error) {
      skip((error as Error).message);
    }
    try {
      const id = statSync(folders[1] as string).ino;
      expect(live().of(id, 0)).toEqual([`/${name}/in ner.service`]);
    } finally {
      for (const folder of folders.toReversed()) rmdirSync(folder);
    }
  });
});
