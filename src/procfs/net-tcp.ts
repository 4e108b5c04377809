/** /proc/net/tcp, tcp6, udp and udp6: one format (Documentation/networking/proc_net_tcp.rst; net/ipv4/udp.c). */

/**
 * One row, reused from row to row: copy what you keep.
 * Addresses are four words whose bytes in memory are in network order (IPv4: the first alone), as the
 * kernel prints each word as a native integer; so no byte order is assumed here.
 */
export type NetTcpRow = {
  localAddress: Uint32Array;
  localPort: number;
  remoteAddress: Uint32Array;
  remotePort: number;
  /** As in include/net/tcp_states.h. */
  state: number;
  /** Which timer runs: 1 retransmission, 2 another (keepalive, say), 3 TIME_WAIT, 4 zero window probe; 0: none. */
  timer: number;
  /** In how many ticks of USER_HZ it runs out. */
  timerTicks: number;
  /** Segments sent again, and probes that were not answered. */
  retransmits: number;
  probes: number;
  /** Bytes; 0 for a TCP listener. */
  sendQueue: number;
  /** Bytes; for a TCP listener, connections that wait to be accepted. */
  recvQueue: number;
  uid: number;
  inode: number;
};

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const COLON = 58;

/** get_next_ino() of fs/inode.c hands out unsigned ints. */
const LARGEST_INODE = 0xffff_ffff;

/** Hex digits to values; 255 for what is no digit. */
const HEX = new Uint8Array(256).fill(255);
for (let digit = 0; digit < 16; digit++) {
  const text = digit.toString(16);
  HEX[text.charCodeAt(0)] = digit;
  HEX[text.toUpperCase().charCodeAt(0)] = digit;
}

export function newNetTcpRow(): NetTcpRow {
  return {
    localAddress: new Uint32Array(4),
    localPort: 0,
    remoteAddress: new Uint32Array(4),
    remotePort: 0,
    state: 0,
    timer: 0,
    timerTicks: 0,
    retransmits: 0,
    probes: 0,
    sendQueue: 0,
    recvQueue: 0,
    uid: 0,
    inode: 0,
  };
}

/**
 * Parses the complete lines at the start of `bytes`, calling `take` for each row; the heading and any line
 * of another shape are passed over. Returns how many bytes were used: what follows is a line cut short.
 */
export function parseNetTcp(bytes: Uint8Array, row: NetTcpRow, take: (row: NetTcpRow) => void): number {
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) return start;
    if (parseLine(bytes, start, end, row)) take(row);
    start = end + 1;
  }
}

// "  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000  0 12345 1 …"
function parseLine(bytes: Uint8Array, start: number, end: number, row: NetTcpRow): boolean {
  let at = start;
  let value = 0;
  let digits = 0;

  const skipSpaces = () => {
    while (at < end && bytes[at] === SPACE) at++;
  };
  const hex = (): number => {
    value = 0;
    digits = 0;
    for (let digit = HEX[bytes[at] as number] as number; at < end && digit !== 255; ) {
      value = value * 16 + digit;
      digits++;
      digit = HEX[bytes[++at] as number] as number;
    }
    return value;
  };
  const decimal = (): number => {
    value = 0;
    digits = 0;
    for (let digit = (bytes[at] as number) - 48; at < end && digit >= 0 && digit <= 9; ) {
      value = value * 10 + digit;
      digits++;
      digit = (bytes[++at] as number) - 48;
    }
    return value;
  };
  /** Digits in the last number; a function, since the compiler would take it for what it was before. */
  const width = () => digits;
  const passed = (byte: number): boolean => bytes[at++] === byte;
  const address = (words: Uint32Array): boolean => {
    const from = at;
    for (let word = 0; word < 4; word++) {
      let bits = 0;
      let length = 0;
      for (; length < 8; length++) {
        const digit = HEX[bytes[at] as number] as number;
        if (digit === 255) break;
        bits = (bits << 4) | digit;
        at++;
      }
      if (length === 0 && word === 1) break;
      if (length !== 8) return false;
      words[word] = bits;
    }
    return (at - from === 8 || at - from === 32) && passed(COLON);
  };
  skipSpaces();
  decimal();
  if (digits === 0 || !passed(COLON)) return false;
  skipSpaces();
  if (!address(row.localAddress)) return false;
  row.localPort = hex();
  if (width() !== 4) return false;
  skipSpaces();
  if (!address(row.remoteAddress)) return false;
  row.remotePort = hex();
  if (width() !== 4) return false;
  skipSpaces();
  row.state = hex();
  if (width() !== 2) return false;
  skipSpaces();
  row.sendQueue = hex();
  if (!passed(COLON)) return false;
  row.recvQueue = hex();
  skipSpaces();
  row.timer = hex();
  if (!passed(COLON)) return false;
  row.timerTicks = hex();
  skipSpaces();
  row.retransmits = hex();
  skipSpaces();
  row.uid = decimal();
  if (width() === 0) return false;
  skipSpaces();
  row.probes = decimal();
  skipSpaces();
  row.inode = decimal();
  const ends = at === end || bytes[at] === SPACE || bytes[at] === CARRIAGE_RETURN;
  return digits > 0 && ends && row.inode <= LARGEST_INODE;
}
