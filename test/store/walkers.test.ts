import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProcFs } from '../../src/procfs/procfs.ts';
import { findOwners, type Ownership } from '../../src/sockets/owners.ts';
import { openWalkers } from '../../src/store/open-walkers.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { STEP, Turns } from '../../src/store/turns.ts';
import { WalkerThreads } from '../../src/store/walkers.ts';
import { TemporaryTree, type Tree } from '../sockets/fixture.ts';

const INODES = Uint32Array.from({ length: 50 }, (_, index) => 1000 + index);
const PIDS = Array.from({ length: 120 }, (_, index) => 1 + index);

/** A /proc in which each process holds two of the sockets, one of them as several descriptors. */
function processes(): Tree {
  const tree: Tree = { stat: 'btime 1700000000\n' };
  for (const pid of PIDS) {
    tree[`${pid}/stat`] = `${pid} (w${pid}) S 1 ${'0 '.repeat(17)}${pid} 0\n`;
    tree[`${pid}/fd/0`] = { link: '/dev/null' };
    for (const fd of [3, 4, 10]) tree[`${pid}/fd/${fd}`] = { link: `socket:[${1000 + (pid % 50)}]` };
    tree[`${pid}/fd/11`] = { link: `socket:[${1000 + ((pid * 7) % 60)}]` };
  }
  return tree;
}

/** A /proc whose reader takes his time: whoever reads at the same time is ahead of him. */
class Slow extends ProcFs {
  override sockets(pid: number, visit: (fd: number, inode: number) => void): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    super.sockets(pid, visit);
  }
}

describe('threads that look for owners', () => {
  let tree: TemporaryTree;
  beforeAll(() => {
    tree = new TemporaryTree(processes());
  });
  afterAll(() => tree[Symbol.dispose]());

  function answers(ownership: Ownership) {
    return Array.from(INODES, (inode) => [
      ownership.holders(inode),
      ownership.pids(inode),
      ownership.firstPid(inode),
    ]);
  }

  /** Whom we met, and whom they told of. */
  function ask(procfs: ProcFs, threads: WalkerThreads | null) {
    const met: number[] = [];
    const told = new Map<number, string | undefined>();
    const ownership = runAtOnce(
      findOwners(
        procfs,
        INODES,
        (pid) => met.push(pid),
        threads?.walk((pid, facts) => told.set(pid, facts?.name)),
      ),
    );
    return { answers: answers(ownership), met, told };
  }

  it('find what one finds alone, and what those are called whom they meet', () => {
    const alone = ask(new ProcFs(tree.root), null);
    const { answers, met, told } = ask(new Slow(tree.root), new WalkerThreads(tree.root, 2));
    expect(answers).toEqual(alone.answers);
    expect([...met, ...told.keys()].sort((a, b) => a - b)).toEqual(PIDS);
    expect(told.size).toBeGreaterThan(0);
    for (const [pid, name] of told) expect(name).toBe(`w${pid}`);
  });

  it('are not waited for where all is done before they have started', () => {
    const { answers, told } = ask(new ProcFs(tree.root), new WalkerThreads(tree.root, 2));
    expect(answers).toEqual(ask(new ProcFs(tree.root), null).answers);
    expect(told.size).toBe(0);
  });

  it('that fail leave nothing out: what they took is looked through by us', () => {
    const procfs = new ProcFs(tree.root);
    const turns: number[] = [];
    const broken = {
      begin: (pids: readonly number[]) => {
        // Every second process is theirs.
        let place = -1;
        return () => {
          place += 2;
          if (place < pids.length) turns.push(place);
          return place;
        };
      },
      end: () => ({ walks: [], missed: PIDS.filter((_, place) => !turns.includes(place)) }),
    };
    const ownership = runAtOnce(findOwners(procfs, INODES, () => {}, broken));
    expect(answers(ownership)).toEqual(ask(procfs, null).answers);
    expect(turns.length).toBe(PIDS.length / 2);
  });

  it('that die on the way leave nothing out', () => {
    // Takes three processes, and one more that it has no time to note.
    const dies = `import { workerData } from 'node:worker_threads';
      workerData.port.once('message', ({ number, turns: { steps, takers } }) => {
        Atomics.compareExchange(steps, number, ${STEP.waiting}, ${STEP.walking});
        for (let turn = 0; turn < 3; turn++) takers[Atomics.add(steps, 0, 1)] = number;
        Atomics.add(steps, 0, 1);
        process.exit();
      });`;
    const threads = new WalkerThreads(
      tree.root,
      2,
      new URL(`data:text/javascript,${encodeURIComponent(dies)}`),
    );
    const { answers, met, told } = ask(new Slow(tree.root), threads);
    expect(answers).toEqual(ask(new ProcFs(tree.root), null).answers);
    expect(told.size).toBe(0);
    expect(met.toSorted((a, b) => a - b)).toEqual(PIDS);
  });

  it('finds what was born meanwhile, and has what its parent closed', () => {
    const procfs = new ProcFs(tree.root);
    let lists = 0;
    const pids = procfs.pids.bind(procfs);
    procfs.pids = () => (lists++ === 0 ? pids().filter((pid) => pid < 100) : pids());
    expect(ask(procfs, null).answers).toEqual(ask(new ProcFs(tree.root), null).answers);
  });

  it('are there where many files are open, and not for few', async () => {
    using few = new TemporaryTree({ 'sys/fs/file-nr': '9000\t0\t9223372036854775807\n' });
    expect(await openWalkers(new ProcFs(few.root))).toBeNull();
    expect(await openWalkers(new ProcFs(tree.root))).toBeNull();
  });
});

describe('turns', () => {
  it('give each process to one thread, and know to which', () => {
    const turns = new Turns(4);
    const others = new Turns(turns.shared);
    expect([turns.next(0), others.next(1), others.next(1), turns.next(0), others.next(1)]).toEqual([
      0, 1, 2, 3, 4,
    ]);
    expect(turns.placesOf(1)).toEqual([1, 2]);
    expect(turns.placesOf(2)).toEqual([]);
  });

  it('a thread that begins is waited for; one that has not is late', () => {
    const turns = new Turns(1);
    expect(turns.step(1, STEP.waiting, STEP.walking)).toBe(true);
    expect(turns.step(1, STEP.waiting, STEP.late)).toBe(false);
    expect(turns.step(2, STEP.waiting, STEP.late)).toBe(true);
    expect(turns.step(2, STEP.waiting, STEP.walking)).toBe(false);
    turns.step(1, STEP.walking, STEP.through);
    turns.wait(1, 60_000);
  });
});
