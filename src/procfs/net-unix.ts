/**
 * /proc/net/unix (net/unix/af_unix.c, unix_seq_show). Names stand there as they are: one with a line break in
 * it can forge rows, which no reader can tell from the kernel's own. But a name has an end: a row that has no room in
 * the name before it is a row.
 */

/** One row, reused from row to row: copy what you keep. */
export type NetUnixRow = {
  /** SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET. */
  type: number;
  /** By TCP's numbers, as the kernel has it: ESTABLISHED, CLOSE or LISTEN. */
  state: number;
  /** 0: a connection that nobody has accepted yet. */
  inode: number;
  /** Its path, or @ and its abstract name, in which @ stands for NUL; null where it has none. */
  path: string | null;
  /** Whether it may be no row, but more of a name before it, chosen by who has that. */
  doubtful: boolean;
  /** Bytes of the path. */
  pathLength: number;
  /** Bytes that a name which has begun may go on for, line break included; 0: none has begun. */
  room: number;
};

const NEWLINE = 10;
const ESTABLISHED = 1;
const CLOSE = 7;
const LISTEN = 10;
/** include/linux/net.h. */
const SO_ACCEPTCON = 0x10000;
const SS_CONNECTING = 2;
const SS_CONNECTED = 3;

/** sun_path, unix(7): what is longer is no name. */
const LONGEST_PATH = 108;
/** get_next_ino() of fs/inode.c hands out unsigned ints. */
const LARGEST_INODE = 0xffff_ffff;

/** Num RefCount Protocol Flags Type St Inode, and where there is one, Path; Num may be `(____ptrval____)`. */
const ROW =
  /^[\da-zA-Z()_]+: [\dA-F]{8} [\dA-F]{8} ([\dA-F]{8}) ([\dA-F]{4}) ([\dA-F]{2}) +(\d{1,10})(?: |\r?$)/;

export function newNetUnixRow(): NetUnixRow {
  return { type: 0, state: 0, inode: 0, path: null, doubtful: false, pathLength: 0, room: 0 };
}

/**
 * Parses the complete lines at the start of `bytes`, calling `take` for each row. A line of another shape is
 * more of the path before it, which has a line break in it: then `take` comes again with that row, `again` true.
 * `row` must be the same for all of a file. Returns how many bytes were used: what follows is a line cut short.
 */
export function parseNetUnix(
  bytes: Uint8Array,
  row: NetUnixRow,
  take: (row: NetUnixRow, again: boolean) => void,
): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = 0;
  for (;;) {
    const end = buffer.indexOf(NEWLINE, start);
    if (end < 0) return start;
    const fields = ROW.exec(buffer.toString('latin1', start, end));
    // What a name that began before would have left, if this line were more of it.
    const left = row.room - 1 - (end - start);
    if (fields && Number(fields[4]) <= LARGEST_INODE) {
      const [whole, flags, type, state, inode] = fields as unknown as [string, ...string[]];
      row.type = Number.parseInt(type as string, 16);
      row.state = stateOf(Number.parseInt(flags as string, 16), Number.parseInt(state as string, 16));
      row.inode = Number(inode);
      row.pathLength = end - start - whole.length;
      row.path = row.pathLength > 0 ? buffer.toString('utf8', start + whole.length, end) : null;
      row.doubtful = left >= 0;
      row.room = Math.max(0, left, row.pathLength > 0 ? LONGEST_PATH - row.pathLength : 0);
      take(row, false);
    } else if (row.path !== null && row.pathLength + 1 + end - start <= LONGEST_PATH) {
      row.path += `\n${buffer.toString('utf8', start, end)}`;
      row.pathLength += 1 + end - start;
      row.room = Math.max(0, left);
      take(row, true);
    }
    start = end + 1;
  }
}

function stateOf(flags: number, state: number): number {
  if ((flags & SO_ACCEPTCON) !== 0) return LISTEN;
  return state === SS_CONNECTED || state === SS_CONNECTING ? ESTABLISHED : CLOSE;
}
