import { type MessagePort, workerData } from 'node:worker_threads';
import { openLibc } from '../libc/libc.ts';
import { type ProcessFacts, readFacts } from '../processes/process-facts.ts';
import { readBtime } from '../processes/start-time.ts';
import { ProcFs } from '../procfs/procfs.ts';
import { walkHolders } from '../sockets/holder-walk.ts';
import { InodeMap } from '../sockets/inode-map.ts';
import { runAtOnce } from './slices.ts';
import { type Report, STEP, type Task, Turns } from './turns.ts';

/** One of the threads that look for the holders of sockets: see walkers.ts. */
const { root, port } = workerData as { root: string; port: MessagePort };
port.once('message', ({ pids, wanted, number, turns: shared }: Task) => {
  const turns = new Turns(shared);
  if (!turns.step(number, STEP.waiting, STEP.walking)) return port.close();
  try {
    port.postMessage(walk(pids, wanted, () => turns.next(number)));
  } finally {
    turns.step(number, STEP.walking, STEP.through);
    port.close();
  }
});

function walk(pids: Uint32Array, wanted: Uint32Array, next: () => number): Report {
  const procfs = new ProcFs(root, openLibc()?.readLinks);
  const btime = readBtime(procfs);
  const inodes = new InodeMap(wanted.length);
  for (const inode of wanted) inodes.set(inode, 1);
  const facts = new Map<number, ProcessFacts | null>();
  const found = runAtOnce(
    walkHolders(
      procfs,
      pids,
      next,
      (inode) => inodes.get(inode) !== 0,
      (pid) => facts.set(pid, readFacts(procfs, pid, btime)),
    ),
  );
  return { ...found, facts };
}
