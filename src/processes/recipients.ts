import { containerOf, unitOf } from '../procfs/cgroup.ts';
import type { ProcFs } from '../procfs/procfs.ts';
import { parseStat } from '../procfs/stat.ts';
import { parseStatus } from '../procfs/status.ts';
import type { HeldPort, HeldPorts } from '../sockets/held-ports.ts';
import { readAncestry, readChildren } from './ancestry.ts';
import { readCgroups, tellFirst } from './cgroups.ts';
import { readName } from './name.ts';
import { type Asker, type Restart, restartOf, restartOfForwarder } from './restart.ts';
import { orNull } from './tolerance.ts';
import type { Users } from './users.ts';

/** Why one who means another process may be glad to be asked twice: see {@link explainCaution}. */
export type Caution = 'init' | 'itself' | 'ancestor';

/** A process that a signal may be sent to, and what it would bring about. */
export type Recipient = {
  pid: number;
  /** With the pid, which process it is: no other that gets its pid has both. */
  startTicks: number;
  name: string;
  /** comm. */
  command: string;
  /** The effective one; null where it may not be known. */
  uid: number | null;
  user: string | null;
  /** null: its descriptors may not be read. */
  ports: readonly HeldPort[] | null;
  children: readonly { pid: number; name: string }[];
  caution: Caution | null;
  unit: string | null;
  container: string | null;
  restart: Restart | null;
};

type Sources = { procfs: ProcFs; users: Pick<Users, 'name'>; ports: HeldPorts };

/** What these processes are, by pid, in steps; those that ended meanwhile are left out. */
export function* readRecipients(
  { procfs, users, ports }: Sources,
  pids: readonly number[],
): Generator<void, Recipient[]> {
  const children = yield* readChildren(procfs, new Set(pids));
  const ancestors = new Set(readAncestry(procfs, process.ppid).map(({ pid }) => pid));
  const asker: Asker = {
    uid: process.getuid?.() ?? 0,
    container: tellFirst(readCgroups(procfs, procfs.self), containerOf),
    userName: (uid) => users.name(uid),
  };
  const recipients: Recipient[] = [];
  for (const pid of pids) {
    const stat = orNull(() => parseStat(procfs.text(`${pid}/stat`)));
    if (!stat) continue;
    const name = orNull(() => readName(procfs, pid, stat.comm)) ?? stat.comm;
    const uid = orNull(() => parseStatus(procfs.text(`${pid}/status`)).uids.effective);
    const cgroups = readCgroups(procfs, pid);
    const held = ports(pid);
    recipients.push({
      pid,
      startTicks: stat.starttime,
      name,
      command: stat.comm,
      uid,
      user: uid === null ? null : users.name(uid),
      ports: held,
      children: children.flatMap((child) => {
        if (child.parent !== pid) return [];
        const named = orNull(() =>
          readName(procfs, child.pid, parseStat(procfs.text(`${child.pid}/stat`)).comm),
        );
        return named === null ? [] : [{ pid: child.pid, name: named }];
      }),
      caution: cautionOf(pid, ancestors),
      unit: tellFirst(cgroups, unitOf),
      container: tellFirst(cgroups, containerOf),
      restart: restartOfForwarder(stat.comm, held?.[0]?.port) ?? restartOf(cgroups, asker),
    });
    yield;
  }
  return recipients;
}

function cautionOf(pid: number, ancestors: ReadonlySet<number>): Caution | null {
  if (pid === 1) return 'init';
  if (pid === process.pid) return 'itself';
  return ancestors.has(pid) ? 'ancestor' : null;
}

/** What would happen, and is hardly meant. */
export function explainCaution(caution: Caution): string {
  switch (caution) {
    case 'init':
      return 'pid 1: the system, or its container, ends with it';
    case 'itself':
      return 'this is porttop itself';
    case 'ancestor':
      return 'porttop runs under it: your own session may end';
  }
}

/** Whether somebody who was asked twice typed whom they mean. */
export function namesIt({ pid, name }: Recipient, typed: string): boolean {
  return typed === String(pid) || (typed !== '' && typed === name);
}
