import { type SafeText, safe, text } from '../text/safe.ts';
import type { Ownership } from './owners.ts';
import type { OwnerUnknown } from './socket.ts';

const NAMED = 3;

/**
 * Why a socket has no owner, and what would help, for a person.
 * @param uid who asks: root is not told to become root
 */
export function explainUnknownOwner(why: OwnerUnknown, ownership: Ownership, uid: number): SafeText {
  switch (why) {
    case 'time-wait':
      return text`closed: the kernel keeps its ports for a minute, lest late packets reach a new connection`;
    case 'unaccepted':
      return text`its listener has not accepted it yet: no process has it`;
    case 'orphaned':
      return text`its process closed it: the kernel still sends what is left and says goodbye`;
    case 'gone':
      return text`it closed while its owner was looked for`;
    case 'no-process':
      return text`the descriptors of every process were read and none leads here: the kernel itself has it (as NFS and WireGuard do), or a process in a pid namespace that is not visible from here`;
    case 'permission':
      return uid === 0 ? whatRootCannot(ownership) : whatRootCan(ownership);
  }
}

function whatRootCan({ unreadable, hidden }: Ownership): SafeText {
  if (unreadable.size === 0 && hidden) {
    return text`/proc hides the processes of others from you (hidepid): run porttop as root to name it`;
  }
  const many = unreadable.size === 1 ? text`one process` : text`${unreadable.size} processes`;
  return text`the descriptors of ${many} may not be read by you: run porttop as root to name it`;
}

function whatRootCannot({ unreadable, hidden }: Ownership): SafeText {
  if (unreadable.size === 0 && hidden) return text`pid 1 is not to be seen in this /proc: mount another one`;
  const named = [...unreadable].slice(0, NAMED).map(([pid, code]) => `${pid} (${code})`);
  const more = unreadable.size > NAMED ? ', …' : '';
  return text`even root may not read the descriptors of pid ${safe(named.join(', '))}${safe(more)}: perhaps one of them has it; a security module or a user namespace forbids it`;
}
