/** /proc/PID/fd/N of a socket reads `socket:[INODE]` (proc(5)). */

const PREFIX = 'socket:[';

/** The socket's inode; 0 when the descriptor leads to something else. */
export function socketInode(link: string): number {
  // By hand: a walk asks this of every descriptor of every process.
  if (!link.startsWith(PREFIX) || link.charCodeAt(link.length - 1) !== 93) return 0;
  let inode = 0;
  for (let at = PREFIX.length; at < link.length - 1; at++) {
    const digit = link.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return 0;
    inode = inode * 10 + digit;
  }
  return inode;
}

const PREFIX_BYTES = Buffer.from(PREFIX);

/** The same of a link's bytes, up to `length`. */
export function socketInodeOf(link: Uint8Array, length: number): number {
  if (length <= PREFIX.length + 1 || link[length - 1] !== 93) return 0;
  for (let at = 0; at < PREFIX.length; at++) if (link[at] !== PREFIX_BYTES[at]) return 0;
  let inode = 0;
  for (let at = PREFIX.length; at < length - 1; at++) {
    const digit = (link[at] as number) - 48;
    if (digit < 0 || digit > 9) return 0;
    inode = inode * 10 + digit;
  }
  return inode;
}
