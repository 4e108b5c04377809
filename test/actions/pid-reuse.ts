/**
 * In a pid namespace of its own, as root: aims at a process, by pidfd and by its start, lets it end, gives its pid to
 * another, and fires. Says in JSON what came of it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Aim } from '../../src/actions/aim.ts';
import { openLibc } from '../../src/libc/libc.ts';
import { ProcFs } from '../../src/procfs/procfs.ts';

const SLEEP = ['60'];
const procfs = new ProcFs();
const first = spawn('sleep', SLEEP);
const pid = first.pid as number;
const aims = [openLibc(), null].map((libc) => Aim.at({ procfs, libc }, pid) as Aim);
first.kill('SIGKILL');
await once(first, 'exit');
/** Ticks of the clock are 10 ms: no two processes with one pid start in the same. */
const TICK = 10;
await new Promise((resolve) => setTimeout(resolve, 2 * TICK));

const second = takePid();
const there = process.kill(pid, 0);
const shots = aims.map((aim) => aim.fire(15, new Set()));
const exited = once(second, 'exit');
second.kill('SIGKILL');
const [, end] = await exited;
console.log(JSON.stringify({ reused: second.pid === pid, there, shots, end }));
process.exit();

/** A process with the pid of the first. A thread that starts meanwhile may take it: then once more. */
function takePid(): ChildProcess {
  for (let attempt = 0; ; attempt++) {
    writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1));
    const child = spawn('sleep', SLEEP);
    if (child.pid === pid || attempt === 50) return child;
    child.kill('SIGKILL');
  }
}
