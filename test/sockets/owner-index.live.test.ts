import { type ChildProcess, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProcFs } from '../../src/procfs/procfs.ts';
import { ProcDescriptors } from '../../src/sockets/descriptors.ts';
import { OwnerIndex } from '../../src/sockets/owner-index.ts';
import { findOwners, type Ownership } from '../../src/sockets/owners.ts';
import { runAtOnce, runFor } from '../../src/store/slices.ts';
import { type Namespace, namespaceProblem, openNamespace } from '../helpers/namespace.ts';

const ENOUGH = 1500;

/**
 * Two processes that open, close, duplicate, and hand each other sockets, and fork children that keep or close
 * what they were born with; until a line comes. Then everything stays as it is.
 */
const CHURN = `
import ctypes, os, random, select, signal, socket

def fork():
    child = os.fork()
    # Nobody outlives the test: PR_SET_PDEATHSIG.
    if child == 0: ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    return child

ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
pipe = os.pipe()
other = fork()
if other == 0: ours, theirs = theirs, ours
theirs.close()
ours.setblocking(False)
stop = 0 if other else pipe[0]
chance = random.Random(4000 + (other == 0))
held, files, born, done = [], [], [], 0

def opened():
    kind = chance.choice([socket.SOCK_STREAM, socket.SOCK_STREAM, socket.SOCK_DGRAM])
    made = socket.socket(chance.choice([socket.AF_INET, socket.AF_INET6]), kind)
    made.bind(('', 0))
    if kind == socket.SOCK_STREAM: made.listen()
    held.append(os.dup(made.fileno()))
    made.close()

def step():
    what = chance.randrange(100)
    if what < 30 and len(held) < 60: opened()
    elif what < 55 and held: os.close(held.pop(chance.randrange(len(held))))
    elif what < 62 and held: held.append(os.dup(chance.choice(held)))
    elif what < 70 and held: os.dup2(chance.choice(held), chance.choice(held))
    elif what < 76: files.append(os.open('/dev/null', os.O_RDONLY))
    elif what < 82 and files: os.close(files.pop(chance.randrange(len(files))))
    elif what < 90 and held:
        try: socket.send_fds(ours, [b'x'], [held[0]])
        except OSError: return
        if chance.random() < .7: os.close(held.pop(0))
    elif what < 96:
        try: held.extend(socket.recv_fds(ours, 1, 4)[1])
        except OSError: pass
    elif what < 98 and len(born) < 6:
        child = fork()
        if child == 0:
            if chance.random() < .5:
                for fd in held[::2]: os.close(fd)
            while True: os.kill(os.getpid(), signal.SIGSTOP)
        born.append(child)
    elif born:
        ended = born.pop(0)
        os.kill(ended, signal.SIGKILL)
        os.waitpid(ended, 0)

while not select.select([stop], [], [], .001)[0]:
    for _ in range(4): step(); done += 1

# What is under way arrives nowhere else any more.
if other:
    os.write(pipe[1], b'x')
    os.read(0, 1)
# The children too: each stops itself when it has closed what it does not keep.
for child in born: os.waitpid(child, os.WUNTRACED)
# In one piece: both write to the same pipe, and print() writes word by word.
os.write(1, b'quiet %d\\n' % done)
while True: signal.pause()
`;

const { error, status } = spawnSync('python3', ['-c', 'import socket; socket.send_fds']);
const problem = namespaceProblem() ?? (error || status !== 0 ? 'no python3 with send_fds' : null);
const hasSs = !spawnSync('ss', ['-V']).error;

const title = `the index of a host on which sockets change hands all the time${problem ? ` (skipped: ${problem})` : ''}`;

describe.skipIf(problem)(title, () => {
  let namespace: Namespace;
  let churn: ChildProcess;
  const procfs = new ProcFs();
  const index = new OwnerIndex(new ProcDescriptors(procfs));

  /** The inodes in the tables of the namespace. */
  function inodes(): number[] {
    const found: number[] = [];
    for (const table of ['tcp', 'tcp6', 'udp', 'udp6']) {
      const [, ...rows] = readFileSync(`/proc/${churn.pid}/net/${table}`, 'latin1').trimEnd().split('\n');
      for (const row of rows) found.push(Number(row.trim().split(/\s+/)[9]));
    }
    return found;
  }

  function distinctInodes(): number[] {
    return [...new Set(inodes())].filter((inode) => inode > 0).toSorted((a, b) => a - b);
  }

  beforeAll(async () => {
    namespace = await openNamespace();
    churn = namespace.spawn('python3', ['-c', CHURN], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (!churn.stdout) throw new Error('no output');
  });

  afterAll(async () => {
    await namespace?.[Symbol.asyncDispose]();
  });

  it('is the same as what a look at everything finds, once they rest', async () => {
    const lines = createInterface(churn.stdout as NodeJS.ReadableStream)[Symbol.asyncIterator]();
    while (inodes().length <= 20) await new Promise(setImmediate);
    const until = performance.now() + ENOUGH;
    let search = index.search();
    let sweep = index.sweep();
    while (performance.now() < until) {
      const wanted = inodes();
      index.want(wanted);
      index.verify(wanted.slice(0, 20));
      if (runFor(search, 4).done) search = index.search();
      if (runFor(sweep, 2).done) sweep = index.sweep();
      await new Promise(setImmediate);
    }

    churn.stdin?.write('\n\n');
    for (let quiet = 0; quiet < 2; quiet++) expect((await lines.next()).value).toMatch(/^quiet \d{3,}$/);
    // What is on its way to nobody when they stop, the kernel lets go a moment later (net/unix/garbage.c): what each
    // of the three says counts only if nothing came or went meanwhile.
    let wanted: number[];
    let truth: Ownership;
    let ss: string | null;
    do {
      wanted = distinctInodes();
      for (let times = 0; times < 2; times++) {
        index.want(wanted);
        runAtOnce(search);
        search = index.search();
      }
      runAtOnce(index.sweep());
      truth = runAtOnce(findOwners(procfs, Uint32Array.from(wanted)));
      ss = hasSs ? (await namespace.run('ss', ['-Htuanpe'])).stdout : null;
    } while (distinctInodes().join() !== wanted.join());
    for (const inode of wanted) expect(index.holders(inode), `${inode}`).toEqual(truth.holders(inode));
    expect(wanted.filter((inode) => index.holders(inode).length > 1).length).toBeGreaterThan(3);

    if (ss === null) return;
    const ofSs = new Map<number, string[]>();
    for (const line of ss.trimEnd().split('\n')) {
      const holders = [...line.matchAll(/pid=(\d+),fd=(\d+)/g)].map(([, pid, fd]) => `${pid}/${fd}`);
      ofSs.set(Number(/ ino:(\d+)/.exec(line)?.[1]), holders.toSorted());
    }
    const told = wanted.map((inode) => [
      inode,
      index
        .holders(inode)
        .map(({ pid, fd }) => `${pid}/${fd}`)
        .toSorted(),
    ]);
    expect(new Map(told as [number, string[]][])).toEqual(ofSs);
  });
});
