import { beforeEach, describe, expect, it, test } from 'vitest';
import { ProcError } from '../../src/procfs/procfs.ts';
import { OwnerIndex } from '../../src/sockets/owner-index.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { ModelHost } from './model-host.ts';

const FILE = 0;

let host: ModelHost;
let index: OwnerIndex;

function watch(made: ModelHost, pace?: number): void {
  host = made;
  index = new OwnerIndex(host, host.clock, pace);
}

/** A table is read, and what is new in it looked for. */
function tick(...inodes: number[]): void {
  index.want(inodes);
  runAtOnce(index.search());
}

/** So often that also births which come late are noticed. */
function calm(...inodes: number[]): void {
  for (let times = 0; times < 3; times++) tick(...inodes);
}

/** What the host is asked meanwhile. */
function asked(work: () => void): string[] {
  host.questions.length = 0;
  work();
  return [...host.questions];
}

/** Which processes had their descriptors listed. */
function listed(questions: readonly string[]): number[] {
  return questions
    .filter((question) => question.startsWith('fds'))
    .map((question) => Number(question.slice(4)));
}

beforeEach(() => {
  watch(new ModelHost());
  host.start(1, FILE, FILE);
});

describe('the first look', () => {
  it('finds every holder of every socket, by pid, then descriptor', () => {
    host.start(20, 100, 200, 100);
    host.fork(20, 7);
    tick(100, 200);
    expect(index.holders(100)).toEqual([
      { pid: 7, fd: 3 },
      { pid: 7, fd: 5 },
      { pid: 20, fd: 3 },
      { pid: 20, fd: 5 },
    ]);
    expect(index.firstPid(100)).toBe(7);
    expect(index.holders(300)).toEqual([]);
    expect(index.firstPid(300)).toBe(0);
  });

  it('also says at once that nobody has a socket', () => {
    tick(100);
    expect(index.looked(100)).toBe(true);
    expect(index.holders(100)).toEqual([]);
  });

  it('tells how far it is', () => {
    for (let pid = 2; pid <= 10; pid++) host.start(pid, ...Array<number>(60).fill(FILE));
    const search = index.search();
    expect(index.progress()).toEqual({ done: 0, total: 0 });
    const seen: number[] = [];
    for (;;) {
      const { done } = search.next();
      const progress = index.progress();
      if (progress === null) break;
      expect(done).toBe(false);
      expect(progress.total).toBe(10);
      expect(index.freshSince).toBe(-Infinity);
      seen.push(progress.done);
    }
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBeGreaterThan(7);
    expect(index.freshSince).toBeGreaterThan(0);
  });

  it('begins with the newest processes', () => {
    for (const pid of [2, 10, 9, 100]) host.start(pid);
    expect(listed(asked(() => tick()))).toEqual([100, 10, 9, 2, 1]);
  });

  it('can be given up and taken up where it was', () => {
    for (const pid of [2, 3]) host.start(pid, ...Array<number>(40).fill(FILE));
    index.want([100]);
    const search = index.search();
    search.next();
    expect(index.progress()).toEqual({ done: 1, total: 3 });
    search.return();
    expect(listed(asked(() => tick(100)))).toEqual([2, 1]);
    expect(index.looked(100)).toBe(true);
  });
});

describe('who holds a socket', () => {
  it('is met when it is found to, but for those that the first look finds', () => {
    const met: number[] = [];
    index.met = (pid) => met.push(pid);
    host.start(2, 100);
    calm(100);
    expect(met).toEqual([]);
    host.exit(2);
    host.start(2, 200);
    calm(200);
    expect(met).toContain(2);
  });
});

describe('a pid that is another process’s than it was', () => {
  beforeEach(() => {
    host.start(7, 500, 600);
    host.start(9, 700);
    calm(500, 600, 700);
  });

  it('is not said to have been the last with what the one before held', () => {
    host.exit(7);
    host.start(7, FILE, FILE, 800);
    index.verify([500]);
    expect(index.untilReplaced.pids(500)).toEqual([7]);
    const { version } = index;
    index.replaced(7);
    expect(index.untilReplaced.pids(500)).toEqual([]);
    expect(index.version).toBeGreaterThan(version);
  });

  it('is not said to hold that, whatever nobody asked it about yet', () => {
    host.exit(7);
    host.start(7, FILE, FILE, 800);
    index.replaced(7);
    expect([index.pids(500), index.untilReplaced.pids(600)]).toEqual([[], []]);
    // It is read anew.
    calm(800);
    expect(index.holders(800)).toEqual([{ pid: 7, fd: 5 }]);
  });

  it('keeps what it is being found to hold, when that tells who it is', () => {
    let known = false;
    index.met = (pid) => {
      if (pid === 7 && !known) index.replaced(pid);
      known ||= pid === 7;
    };
    host.exit(7);
    host.start(7, 800, FILE, 900);
    calm(500, 600, 700, 800, 900);
    expect([800, 900].map((inode) => index.holders(inode))).toEqual([
      [{ pid: 7, fd: 3 }],
      [{ pid: 7, fd: 5 }],
    ]);
    expect([500, 600].flatMap((inode) => index.untilReplaced.pids(inode))).toEqual([]);
    expect(index.pids(700)).toEqual([9]);
  });

  it('is asked again where so much time passed before it was met that it may be', () => {
    index.met = (pid) => {
      if (pid !== 8) return;
      for (const began = host.time; host.time - began < 25; ) host.clock();
      host.exit(8);
      host.start(8, FILE);
    };
    host.start(8, 800);
    tick(500, 600, 700, 800);
    expect(index.pids(800)).toEqual([]);
  });
});

describe('a host on which nothing happens', () => {
  it('is asked one question, and the version stays', () => {
    host.start(2, 100);
    calm(100);
    const { version } = index;
    expect(asked(() => tick(100))).toEqual(['births']);
    expect(index.version).toBe(version);
    expect(index.freshSince).toBeGreaterThan(0);
  });

  it('has its pids listed where births are not told', () => {
    watch(new ModelHost({ births: false }));
    host.start(1, 100);
    calm(100);
    expect(asked(() => tick(100))).toEqual(['births', 'births', 'pids']);
  });
});

describe('the wanted sockets', () => {
  it('need not have been wanted when they were seen', () => {
    host.start(2, 100, 200);
    calm(100);
    const { version } = index;
    index.want([100, 200]);
    expect(index.holders(200)).toEqual([{ pid: 2, fd: 4 }]);
    expect(index.looked(200)).toBe(true);
    expect(index.version).toBeGreaterThan(version);
  });

  it('are not what is wanted no more', () => {
    host.start(2, 100, 200);
    tick(100, 200);
    tick(100);
    expect([index.looked(100), index.looked(200)]).toEqual([true, false]);
    tick();
    expect([index.looked(100), index.looked(200)]).toEqual([false, false]);
  });

  it('may come twice, in another order, and with sockets that have no inode', () => {
    host.start(2, 100, 200);
    calm(100, 200);
    const questions = asked(() => {
      tick(200, 0, 100, 200, 0);
      tick(0, 100, 200, 100);
    });
    expect(questions).toEqual(['births', 'births']);
    expect([index.looked(100), index.looked(200), index.looked(0)]).toEqual([true, true, false]);
  });

  it('may have the largest of all inodes, and be very many', () => {
    const many = Array.from({ length: 3000 }, (_, at) => 0xffff_ffff - at);
    host.start(2, ...many);
    tick(...many);
    expect(index.holders(0xffff_ffff)).toEqual([{ pid: 2, fd: 3 }]);
    expect(index.holders(0xffff_ffff - 2999)).toEqual([{ pid: 2, fd: 3002 }]);
    expect(many.every((inode) => index.looked(inode))).toBe(true);
  });

  it('are told for a process, once each', () => {
    host.start(2, 100, FILE, 200, 100);
    tick(100);
    expect([...index.inodesOf(2)]).toEqual([100, 200]);
    expect([...index.inodesOf(3)]).toEqual([]);
  });
});

describe('a new socket', () => {
  beforeEach(() => {
    for (let pid = 2; pid <= 60; pid++) host.start(pid, FILE, 1000 + pid);
    calm(1002);
  });

  it('of a new process is found by a look at that process alone', () => {
    host.start(70, 100);
    const questions = asked(() => tick(1002, 100));
    expect(index.holders(100)).toEqual([{ pid: 70, fd: 3 }]);
    expect(listed(questions)).toEqual([70]);
    expect(questions.length).toBeLessThan(10);
  });

  it('of an old process is found by how many descriptors it has', () => {
    host.open(30, 9, 100);
    const questions = asked(() => tick(1002, 100));
    expect(index.holders(100)).toEqual([{ pid: 30, fd: 9 }]);
    expect(listed(questions)).toEqual([30]);
  });

  it('of a process that gained one lately is found by a glance at that process', () => {
    host.open(30, 9, 100);
    tick(1002, 100);
    host.open(30, 10, 101);
    const questions = asked(() => tick(1002, 100, 101));
    expect(index.holders(101)).toEqual([{ pid: 30, fd: 10 }]);
    expect(questions.length).toBeLessThan(12);
  });

  it('in the place of one that was closed is found there', () => {
    host.open(2, 4, 100);
    const questions = asked(() => tick(100));
    expect(index.holders(100)).toEqual([{ pid: 2, fd: 4 }]);
    expect(index.holders(1002)).toEqual([]);
    expect(questions).toEqual(['births', 'glance 2', 'fds 2', 'inode 2/4']);
  });

  it('in the place of one that came and went between two tables is found there', () => {
    host.open(30, 9, 99);
    runAtOnce(index.sweep());
    host.open(30, 9, 100);
    expect(listed(asked(() => tick(1002, 100)))).toEqual([30]);
    expect(index.holders(100)).toEqual([{ pid: 30, fd: 9 }]);
  });

  it('is found among many descriptors without reading the others again', () => {
    for (let fd = 10; fd < 200; fd++) host.open(30, fd);
    runAtOnce(index.sweep());
    host.open(30, 200, 100);
    const questions = asked(() => tick(1002, 100));
    expect(questions.filter((question) => question.startsWith('inode'))).toEqual(['inode 30/200']);
    expect(index.holders(100)).toEqual([{ pid: 30, fd: 200 }]);
  });

  it('of a process that has the pid of another now is found by a glance', () => {
    const files = Array<number>(40).fill(FILE);
    host.start(30, 1030, ...files);
    calm(1002, 1030);
    runAtOnce(index.sweep());
    host.start(30, ...files, 100);
    const questions = asked(() => tick(1002, 1030, 100));
    expect(index.holders(100)).toEqual([{ pid: 30, fd: 43 }]);
    expect(index.holders(1030)).toEqual([]);
    expect(listed(questions)).toEqual([30]);
  });

  it('in the place of a file costs a look at everything, once a second table has it', () => {
    host.open(30, 3, 100);
    expect(listed(asked(() => tick(1002, 100)))).toEqual([]);
    expect(index.looked(100)).toBe(false);
    tick(1002, 100);
    expect(index.holders(100)).toEqual([{ pid: 30, fd: 3 }]);
  });

  it('that closes before a second table has it costs only glances', () => {
    expect(listed(asked(() => tick(1002, 100)))).toEqual([]);
    expect(listed(asked(() => tick(1002)))).toEqual([]);
  });

  it('that nobody has is looked for once', () => {
    tick(1002, 100);
    expect(listed(asked(() => tick(1002, 100))).length).toBeGreaterThanOrEqual(60);
    expect(index.looked(100)).toBe(true);
    expect(asked(() => tick(1002, 100))).toEqual(['births']);
  });

  it('that nobody had is still found by the sweep', () => {
    tick(1002, 100);
    tick(1002, 100);
    host.open(30, 3, 100);
    tick(1002, 100);
    expect(index.holders(100)).toEqual([]);
    const { version } = index;
    runAtOnce(index.sweep());
    expect(index.holders(100)).toEqual([{ pid: 30, fd: 3 }]);
    expect(index.version).toBeGreaterThan(version);
  });

  it('is looked for also in what was read before it came, while the search for another goes on', () => {
    host.open(55, 3, 100);
    index.want([1002, 200]);
    index.want([1002, 200]);
    const search = index.search();
    for (let step = 0; step < 3; step++) search.next();
    host.open(56, 3, 101);
    host.open(57, 12, 102);
    host.start(80, 103);
    const before = [1002, 200, 100, 101, 102, 103];
    index.want(before);
    index.want(before);
    runAtOnce(search);
    expect(before.map((inode) => index.firstPid(inode))).toEqual([2, 0, 55, 56, 57, 80]);
    expect(before.every((inode) => index.looked(inode))).toBe(true);
  });

  it('that a sweep met before the table had it is read once', () => {
    host.open(30, 9, 99);
    runAtOnce(index.sweep());
    tick(1002, 99);
    host.open(30, 10, 100);
    const questions = asked(() => tick(1002, 99, 100));
    expect(questions.filter((question) => question.startsWith('inode'))).toEqual(['inode 30/10']);
  });

  it('does not keep a new process waiting for the end of a long search', () => {
    watch(host, 5);
    calm(1002);
    index.want([1002, 200]);
    index.want([1002, 200]);
    const search = index.search();
    for (let step = 0; step < 20; step++) search.next();
    host.fork(2, 80);
    index.want([1002, 200]);
    let steps = 0;
    while (index.holders(1002).length < 2 && !search.next().done) steps++;
    expect(index.holders(1002)).toContainEqual({ pid: 80, fd: 4 });
    expect(steps).toBeLessThan(5);
    while (!search.next().done) steps++;
    expect(steps).toBeGreaterThan(50);
  });

  it('is found where counts are not told, once a second table has it', () => {
    watch(new ModelHost({ counts: false }));
    for (let pid = 1; pid <= 9; pid++) host.start(pid, FILE, 1000 + pid);
    calm(1002);
    host.open(5, 9, 100);
    tick(1002, 100);
    expect(listed(asked(() => tick(1002, 100)))).toEqual([9, 8, 7, 6, 5]);
    expect(index.holders(100)).toEqual([{ pid: 5, fd: 9 }]);
    host.open(5, 10, 101);
    tick(1002, 100, 101);
    expect(index.holders(101)).toEqual([{ pid: 5, fd: 10 }]);
  });
});

describe('processes', () => {
  beforeEach(() => {
    host.start(2, 100, 200);
    calm(100, 200);
  });

  it('that are forked share their sockets, though nothing is looked for', () => {
    const { version } = index;
    host.fork(2, 3);
    tick(100, 200);
    expect(index.holders(100)).toEqual([
      { pid: 2, fd: 3 },
      { pid: 3, fd: 3 },
    ]);
    expect(index.version).toBeGreaterThan(version);
  });

  it('that close what they inherited are read again a tick later', () => {
    host.fork(2, 3);
    tick(100, 200);
    host.close(3, 3);
    tick(100, 200);
    expect(index.holders(100)).toEqual([{ pid: 2, fd: 3 }]);
    expect(index.holders(200)).toHaveLength(2);
  });

  it('that end hold nothing', () => {
    host.fork(2, 3);
    calm(100, 200);
    host.exit(2);
    host.start(9);
    tick(100, 200);
    expect(index.holders(100)).toEqual([{ pid: 3, fd: 3 }]);
    expect(index.firstPid(100)).toBe(3);
  });

  it('that end are told as the last ones of a socket, until it is known who else has it', () => {
    host.start(7, 500, 600);
    host.start(9, 700);
    calm(500, 600, 700);
    host.exit(7);
    index.verify([500, 600]);
    const { untilReplaced } = index;
    expect([index.firstPid(500), untilReplaced.firstPid(500)]).toEqual([0, 7]);
    expect(untilReplaced.holders(500)).toEqual([{ pid: 7, fd: 3 }]);
    expect(untilReplaced.pids(600)).toEqual([7]);
    expect(untilReplaced.holders(700)).toEqual(index.holders(700));

    host.start(8, 500);
    calm(500, 600, 700);
    expect(untilReplaced.pids(500)).toEqual([8]);
    // Everybody was asked by now: nobody has it, and it may be about to close.
    expect([index.looked(600), untilReplaced.pids(600)]).toEqual([true, [7]]);
    const { version } = index;
    for (const began = host.time; host.time - began < 5000; ) host.clock();
    calm(500, 600, 700);
    expect(untilReplaced.holders(600)).toEqual([]);
    expect([untilReplaced.firstPid(600), untilReplaced.looked(600)]).toEqual([0, true]);
    expect(index.version).toBeGreaterThan(version);
  });

  it('that show up a moment after their pid was taken are not overlooked', () => {
    // The births are counted already when the pids are listed without it.
    const real = host.pids.bind(host);
    host.start(3, 100);
    host.pids = () => real().filter((pid) => pid !== 3);
    tick(100, 200);
    expect(index.holders(100)).toHaveLength(1);
    host.pids = real;
    tick(100, 200);
    expect(index.holders(100)).toHaveLength(2);
  });

  it('that are born while the others are looked at are known, or do not count as known yet', () => {
    for (let moments = 0; moments < 12; moments++) {
      watch(new ModelHost());
      host.start(1, 100);
      calm(100);
      host.after(moments, () => host.fork(1, 2));
      runAtOnce(index.sweep());
      host.catchUp();
      const born = host.history.at(-1)?.from as number;
      expect(index.holders(100).length === 2 || index.freshSince < born, `${moments}`).toBe(true);
    }
  });

  it('whose births were overlooked are found by the sweep', () => {
    const births = host.births();
    host.births = () => births;
    host.start(3, 100);
    calm(100, 200);
    expect(index.holders(100)).toHaveLength(1);
    runAtOnce(index.sweep());
    expect(index.holders(100)).toHaveLength(2);
  });

  it('whose folder the kernel made anew keep what they hold all the while', () => {
    host.forgetFolder(2);
    const { version } = index;
    runAtOnce(index.sweep());
    expect(index.holders(100)).toEqual([{ pid: 2, fd: 3 }]);
    expect(index.version).toBe(version);
  });

  it('that end while they are read are no error', () => {
    for (const moments of [1, 2, 3, 4, 5, 6, 7]) {
      host.start(3, 100, 300, 400);
      host.after(moments, () => host.exit(3));
      tick(100, 200, 300);
      expect(index.unreadable.size).toBe(0);
      host.catchUp();
      runAtOnce(index.sweep());
      expect(index.holders(300)).toEqual([]);
    }
  });

  it('hide where even pid 1 is not to be seen', () => {
    expect(index.hidden).toBe(false);
    const { version } = index;
    host.exit(1);
    runAtOnce(index.sweep());
    expect(index.hidden).toBe(true);
    expect(index.version).toBeGreaterThan(version);
  });
});

describe('a process that refuses', () => {
  beforeEach(() => {
    host.start(2, 100);
    host.start(3, 100, 200);
    host.permit(3, false);
    calm(100, 200);
  });

  it('is told, with what the kernel said', () => {
    expect([...index.unreadable]).toEqual([[3, 'EACCES']]);
    expect(index.holders(100)).toEqual([{ pid: 2, fd: 3 }]);
    expect(index.looked(200)).toBe(true);
  });

  it('is not asked again by a search', () => {
    const questions = asked(() => calm(100, 200, 300));
    expect(index.looked(300)).toBe(true);
    expect(questions.filter((question) => / 3\b/.test(question))).toEqual([]);
  });

  it('is asked again by the sweep, and read once it may be', () => {
    runAtOnce(index.sweep());
    expect([...index.unreadable.keys()]).toEqual([3]);
    host.permit(3, true);
    const { version } = index;
    runAtOnce(index.sweep());
    expect([...index.unreadable]).toEqual([]);
    expect(index.version).toBeGreaterThan(version);
    expect(index.firstPid(200)).toBe(3);
    host.open(3, 9, 300);
    tick(100, 200, 300);
    expect(index.holders(300)).toEqual([{ pid: 3, fd: 9 }]);
  });

  it('holds nothing that is known, though it did before', () => {
    host.permit(2, false);
    const { version } = index;
    runAtOnce(index.sweep());
    expect(index.holders(100)).toEqual([]);
    expect([...index.unreadable.keys()].toSorted()).toEqual([2, 3]);
    expect(index.version).toBeGreaterThan(version);
  });

  it('is told with another version where it is the first', () => {
    host.permit(3, true);
    runAtOnce(index.sweep());
    host.permit(2, false);
    index.want([]);
    const { version } = index;
    runAtOnce(index.sweep());
    expect([...index.unreadable.keys()]).toEqual([2]);
    expect(index.version).toBeGreaterThan(version);
  });

  describe('for a while', () => {
    const sockets = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19];

    beforeEach(() => {
      watch(host, 3);
      host.permit(3, true);
      for (const socket of sockets) host.open(3, socket, socket);
      calm(...sockets);
    });

    test.each([1, 2, 3, 4, 5, 6])('while it is read (%i steps) is read anew', (steps) => {
      const sweep = index.sweep();
      for (let step = 0; step < steps; step++) sweep.next();
      host.permit(3, false);
      index.verify([19]);
      expect(index.firstPid(19)).toBe(0);
      host.permit(3, true);
      sweep.next();
      for (const socket of sockets) host.close(3, socket);
      runAtOnce(sweep);
      runAtOnce(index.sweep());
      for (const socket of sockets) expect(index.firstPid(socket)).toBe(0);
    });

    test.each([1, 2, 3, 4, 5, 6])('and again while it is read (%i steps) holds nothing', (steps) => {
      host.permit(3, false);
      runAtOnce(index.sweep());
      host.permit(3, true);
      const sweep = index.sweep();
      for (let step = 0; step < steps; step++) sweep.next();
      host.permit(3, false);
      runAtOnce(sweep);
      runAtOnce(index.sweep());
      for (const socket of sockets) expect(index.holders(socket)).toEqual([]);
      expect([...index.unreadable.keys()]).toEqual([3]);
    });

    it('is told until it is read whole', () => {
      host.permit(3, false);
      runAtOnce(index.sweep());
      host.permit(3, true);
      const sweep = index.sweep();
      while (index.firstPid(19) === 0) {
        expect([...index.unreadable.keys()]).toEqual([3]);
        sweep.next();
      }
    });

    it('is not known to be fresh, whoever else is', () => {
      host.permit(3, false);
      runAtOnce(index.sweep());
      host.permit(3, true);
      const permitted = host.time;
      tick(300);
      tick(300);
      expect(index.looked(300)).toBe(true);
      expect(index.freshSince).toBeLessThan(permitted);
    });
  });

  it('may be the only kind there is: a search comes to its end', () => {
    watch(new ModelHost(), 1);
    for (const pid of [1, 2, 3]) host.start(pid, 100);
    for (const pid of [1, 2, 3]) host.permit(pid, false);
    const search = index.search();
    search.next();
    index.want([100]);
    index.want([100]);
    for (let steps = 0; !search.next().done; steps++) expect(steps).toBeLessThan(20);
    expect(index.looked(100)).toBe(true);
  });

  it('is forgotten when it ends', () => {
    const { version } = index;
    host.exit(3);
    host.start(9);
    tick(100);
    expect(index.unreadable.size).toBe(0);
    expect(index.version).toBeGreaterThan(version);
  });

  it('is no error of the program; an error of the program is one', () => {
    host.start(4);
    host.fds = () => {
      throw new TypeError('a bug');
    };
    expect(() => tick(100)).toThrow(TypeError);
  });

  test.each([
    ['ENOTDIR', [9]],
    ['ESRCH', []],
  ])('may do so with %s', (code, refusing) => {
    const fds = host.fds.bind(host);
    host.fds = (pid) => {
      if (pid === 9) throw new ProcError(code, '/proc/9/fd');
      return fds(pid);
    };
    host.permit(3, true);
    host.start(9, 500);
    runAtOnce(index.sweep());
    expect([...index.unreadable.keys()]).toEqual(refusing);
  });
});

describe('the sweep', () => {
  beforeEach(() => {
    for (let pid = 2; pid <= 9; pid++) host.start(pid, FILE, 100 + pid);
    calm(102, 103);
  });

  it('finds what nothing else tells of: a descriptor handed over, a duplicate, a number in use again', () => {
    host.open(5, 3, 102);
    host.open(6, 4, 103);
    host.open(7, 3, 103);
    host.duplicate(2, 4, 9);
    calm(102, 103);
    expect(index.holders(102)).toHaveLength(1);
    runAtOnce(index.sweep());
    expect(index.holders(102)).toEqual(host.holders(102));
    expect(index.holders(103)).toEqual(host.holders(103));
    expect(index.holders(102)).toHaveLength(3);
  });

  it('makes what is told as fresh as its beginning', () => {
    const began = host.clock();
    expect(index.freshSince).toBeLessThan(began);
    runAtOnce(index.sweep());
    expect(index.freshSince).toBeGreaterThan(began);
  });

  it('begins with what was not read for the longest', () => {
    const order = listed(asked(() => runAtOnce(index.sweep())));
    expect(order.toSorted((a, b) => a - b)).toEqual(host.running);
    const sweep = index.sweep();
    sweep.return();
    const half = index.sweep();
    const read = listed(asked(() => half.next()));
    half.return();
    const next = listed(asked(() => runAtOnce(index.sweep())));
    expect(next.slice(-read.length).toSorted()).toEqual(read.toSorted());
  });

  it('reads at once what a glance shows to be changed', () => {
    for (let pid = 20; pid < 40; pid++) host.start(pid, ...Array<number>(30).fill(FILE));
    calm(102, 103);
    const order = listed(asked(() => runAtOnce(index.sweep())));
    const last = order.at(-1) as number;
    host.open(last, 50, 102);
    const sweep = index.sweep();
    let steps = 0;
    while (index.holders(102).length < 2 && !sweep.next().done) steps++;
    expect(steps).toBeLessThan(8);
  });

  it('finishes a search on its way', () => {
    index.want([102, 900]);
    runAtOnce(index.search());
    expect(index.looked(900)).toBe(false);
    runAtOnce(index.sweep());
    expect(index.looked(900)).toBe(true);
  });
});

describe('what is verified', () => {
  beforeEach(() => {
    host.start(2, 100, 200);
    host.start(3, 100);
    calm(100, 200);
  });

  it('costs one question for each holder, and changes nothing where all is as it was', () => {
    const { version } = index;
    expect(asked(() => index.verify([100, 200, 300]))).toEqual(['inode 2/3', 'inode 3/3', 'inode 2/4']);
    expect(index.version).toBe(version);
  });

  it.each([
    ['closed', () => host.close(2, 4)],
    ['of another socket', () => host.open(2, 4, 900)],
    ['of no socket', () => host.open(2, 4)],
    ['of a process that ended', () => host.exit(2)],
    ['of a process that refuses', () => host.permit(2, false)],
  ])('and is %s by now is told no more, and looked for when the table still has it', (_, change) => {
    const { version } = index;
    change();
    index.verify([200]);
    expect(index.holders(200)).toEqual([]);
    expect(index.looked(200)).toBe(false);
    expect(index.version).toBeGreaterThan(version);
    host.open(3, 3, 200);
    tick(100, 200);
    expect(index.holders(200)).toEqual([{ pid: 3, fd: 3 }]);
  });

  it('is left to the sweep where very many share it', () => {
    for (let pid = 10; pid < 60; pid++) host.fork(3, pid);
    calm(100, 200);
    expect(asked(() => index.verify([100])).length).toBeLessThan(20);
  });
});

describe('a change of what is shown', () => {
  it('from all sockets to a few makes nobody suspect', () => {
    for (let pid = 2; pid < 12; pid++)
      host.start(pid, ...Array.from({ length: 200 }, (_, at) => pid * 1000 + at));
    const all = Array.from({ length: 2000 }, (_, at) => (2 + Math.floor(at / 200)) * 1000 + (at % 200));
    calm(...all);
    tick(2000);
    host.start(20, 99);
    host.open(5, 3, 98);
    host.open(6, 900, 97);
    const questions = asked(() => tick(2000, 99, 97));
    expect(listed(questions)).toEqual([20, 6]);
  });
});
