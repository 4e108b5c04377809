import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type NetTcpRow, newNetTcpRow, parseNetTcp } from '../../src/procfs/net-tcp.ts';

fc.configureGlobal({ seed: 4000 });

/** Captured from a network namespace on a little-endian machine, Linux 6.18: see test/sockets/fixture.ts. */
const captured = (file: string): Buffer => readFileSync(new URL(`../fixtures/net/${file}`, import.meta.url));
const FILES = ['tcp', 'tcp6', 'udp', 'udp6'];

const HEADING =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const LISTENER =
  '   4: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 88281 1 00000000d53451d7 100 0 0 10 0\n';

/** What a row says, with addresses as bytes in network order; of IPv4 the first four. */
function factsOf(row: NetTcpRow, length: 4 | 16) {
  const bytes = (words: Uint32Array) => [...new Uint8Array(words.buffer, 0, length)];
  return { ...row, localAddress: bytes(row.localAddress), remoteAddress: bytes(row.remoteAddress) };
}
type Facts = ReturnType<typeof factsOf>;

function parse(content: Uint8Array | string, length: 4 | 16 = 4): { rows: Facts[]; used: number } {
  const rows: Facts[] = [];
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
  const used = parseNetTcp(bytes, newNetTcpRow(), (row) => rows.push(factsOf(row, length)));
  return { rows, used };
}

/** The same, read in pieces: what a piece leaves over comes again before the next. */
function parseInPieces(content: Uint8Array, sizes: readonly number[], length: 4 | 16 = 4): Facts[] {
  const rows: Facts[] = [];
  const row = newNetTcpRow();
  let carried = new Uint8Array();
  for (let at = 0, turn = 0; at < content.length; turn++) {
    const size = sizes[turn % sizes.length] as number;
    const piece = Buffer.concat([carried, content.subarray(at, at + size)]);
    const used = parseNetTcp(piece, row, (each) => rows.push(factsOf(each, length)));
    carried = piece.subarray(used);
    at += size;
  }
  return rows;
}

/** Four bytes as the kernel prints them: %08X of the word that they are in this machine's memory. */
function word(bytes: readonly number[]): string {
  const [value = 0] = new Uint32Array(Uint8Array.from(bytes).buffer);
  return value.toString(16).toUpperCase().padStart(8, '0');
}

function address(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) text += word(bytes.slice(at, at + 4));
  return text;
}

const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');

/** get_tcp4_sock() of net/ipv4/tcp_ipv4.c, whose lines are padded, and get_tcp6_sock() of tcp_ipv6.c. */
function printed(facts: Facts, slot: number): string {
  const local = `${address(facts.localAddress)}:${hex(facts.localPort, 4)}`;
  const remote = `${address(facts.remoteAddress)}:${hex(facts.remotePort, 4)}`;
  const queues = `${hex(facts.sendQueue, 8)}:${hex(facts.recvQueue, 8)}`;
  const line =
    `${String(slot).padStart(4)}: ${local} ${remote} ${hex(facts.state, 2)} ${queues} ${hex(facts.timer, 2)}:` +
    `${hex(facts.timerTicks, 8)} ${hex(facts.retransmits, 8)} ` +
    `${String(facts.uid).padStart(5)} ${String(facts.probes).padStart(8)} ${facts.inode} 1 00000000d53451d7 100 0 0 10 0`;
  return `${facts.localAddress.length === 4 ? line.padEnd(149) : line}\n`;
}

const u32 = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff));
const port = fc.nat(0xffff);
const addressOf = (length: 4 | 16) => fc.array(fc.nat(255), { minLength: length, maxLength: length });
const anyRow = (length: 4 | 16): fc.Arbitrary<Facts> =>
  fc.record({
    localAddress: addressOf(length),
    localPort: port,
    remoteAddress: addressOf(length),
    remotePort: port,
    state: fc.integer({ min: 1, max: 12 }),
    timer: fc.nat(4),
    timerTicks: u32,
    retransmits: u32,
    probes: u32,
    sendQueue: u32,
    recvQueue: u32,
    uid: u32,
    inode: u32,
  });

describe('a row of /proc/net/tcp', () => {
  it('is two ends, a state, two queues, a uid and an inode', () => {
    expect(parse(LISTENER).rows).toEqual([
      {
        localAddress: [127, 0, 0, 1],
        localPort: 8080,
        remoteAddress: [0, 0, 0, 0],
        remotePort: 0,
        state: 10,
        timer: 0,
        timerTicks: 0,
        retransmits: 0,
        probes: 0,
        sendQueue: 0,
        recvQueue: 0,
        uid: 1000,
        inode: 88281,
      },
    ]);
  });

  it('has the send queue before the receive queue', () => {
    const line = LISTENER.replace('00000000:00000000 00:', '0039DA86:0001F3E5 04:');
    expect(parse(line).rows[0]).toMatchObject({ sendQueue: 3791494, recvQueue: 127973 });
  });

  it('has no inode, and a line that is shorter, in TIME_WAIT and SYN_RECV', () => {
    const { rows } = parse(captured('tcp'));
    expect(rows.filter(({ state }) => state === 6 || state === 3)).toMatchObject([
      { state: 3, localPort: 33281, remotePort: 60030, inode: 0, uid: 0 },
      { state: 6, localPort: 53108, remotePort: 35759, inode: 0, uid: 0 },
    ]);
  });

  it('may have a slot number of any length', () => {
    expect(parse(LISTENER.replace('   4:', '1234567890123:')).rows).toHaveLength(1);
    expect(parse(LISTENER.trimStart()).rows).toHaveLength(1);
  });

  it('may be in small letters', () => {
    expect(parse(LISTENER.toLowerCase()).rows).toEqual(parse(LISTENER).rows);
  });

  it('tells as much as its fields hold', () => {
    const line =
      '   0: FFFFFFFF:FFFF FFFFFFFF:FFFF 0C FFFFFFFF:FFFFFFFF 04:FFFFFFFF FFFFFFFF 4294967295 4294967295 4294967295 1 0\n';
    expect(parse(line).rows).toEqual([
      {
        localAddress: [255, 255, 255, 255],
        localPort: 65535,
        remoteAddress: [255, 255, 255, 255],
        remotePort: 65535,
        state: 12,
        timer: 4,
        timerTicks: 4294967295,
        retransmits: 4294967295,
        probes: 4294967295,
        sendQueue: 4294967295,
        recvQueue: 4294967295,
        uid: 4294967295,
        inode: 4294967295,
      },
    ]);
  });

  it.each([4, 16] as const)('reads back as what was printed, with addresses of %i bytes', (length) => {
    fc.assert(
      fc.property(fc.array(anyRow(length), { maxLength: 8 }), (rows) => {
        const content = HEADING + rows.map(printed).join('');
        expect(parse(content, length)).toEqual({ rows, used: content.length });
      }),
    );
  });
});

describe('an address', () => {
  // 127.0.0.1 is the bytes 7F 00 00 01, in this order, in any machine's memory. The kernel prints them as one
  // number: read from the low end it is 0100007F (x86, ARM), from the high end 7F000001 (s390x). Put back
  // into memory as one number, by the same machine, they are 7F 00 00 01 again.
  it('is printed as a number of the machine, whose bytes in memory are in network order', () => {
    const loopback = endianness() === 'LE' ? '0100007F' : '7F000001';
    expect(word([127, 0, 0, 1])).toBe(loopback);
    const line = LISTENER.replace('0100007F', loopback);
    expect(parse(line).rows[0]?.localAddress).toEqual([127, 0, 0, 1]);
  });

  it('of IPv6 is four such numbers, each turned round by itself', () => {
    // fe80::1 of the captured link-local listener.
    const [row] = parse(captured('tcp6'), 16).rows.filter(({ localPort }) => localPort === 42589);
    expect(row?.localAddress).toEqual([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it('of IPv4 on an IPv6 socket is a mapped one, ::ffff:127.0.0.1', () => {
    const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1];
    expect(address(mapped)).toBe('0000000000000000FFFF00000100007F');
    expect(parse(captured('tcp6'), 16).rows.filter(({ state }) => state === 1)[0]).toMatchObject({
      localAddress: mapped,
      localPort: 36645,
      remoteAddress: mapped,
      remotePort: 43858,
    });
  });

  it('has its port in the order of reading, not of memory', () => {
    expect(parse(LISTENER.replace(':1F90', ':0016')).rows[0]?.localPort).toBe(22);
  });
});

describe('the captured files', () => {
  it.each([
    ['tcp', 38, 4],
    ['tcp6', 7, 16],
    ['udp', 6, 4],
    ['udp6', 4, 16],
  ] as const)('%s has %i rows, and all of it is used', (file, count, length) => {
    const content = captured(file);
    const { rows, used } = parse(content, length);
    expect(rows).toHaveLength(count);
    expect(used).toBe(content.length);
  });

  it('hold every TCP state but CLOSE, which is not listed', () => {
    const states = new Set(parse(captured('tcp')).rows.map(({ state }) => state));
    expect([...states].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 8, 9, 10, 11]);
  });

  it.each(FILES)('%s says the same as a plain split at blanks', (file) => {
    const length = file.endsWith('6') ? 16 : 4;
    const expected = captured(file)
      .toString('latin1')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => {
        const [
          ,
          local = '',
          remote = '',
          state = '',
          queues = '',
          timer = '',
          again = '',
          uid,
          probes,
          inode,
        ] = line.trim().split(/ +/);
        const bytes = (end: string) =>
          (end.split(':')[0]?.match(/.{8}/g) ?? []).flatMap((each) => [
            ...new Uint8Array(Uint32Array.of(Number.parseInt(each, 16)).buffer),
          ]);
        return {
          localAddress: bytes(local),
          localPort: Number.parseInt(local.slice(-4), 16),
          remoteAddress: bytes(remote),
          remotePort: Number.parseInt(remote.slice(-4), 16),
          state: Number.parseInt(state, 16),
          timer: Number.parseInt(timer.slice(0, 2), 16),
          timerTicks: Number.parseInt(timer.slice(3), 16),
          retransmits: Number.parseInt(again, 16),
          probes: Number(probes),
          sendQueue: Number.parseInt(queues.slice(0, 8), 16),
          recvQueue: Number.parseInt(queues.slice(9), 16),
          uid: Number(uid),
          inode: Number(inode),
        };
      });
    expect(parse(captured(file), length).rows).toEqual(expected);
  });
});

describe('a file that comes in pieces', () => {
  it.each(FILES)('%s, cut at any byte, has the rows whose lines are whole', (file) => {
    const content = captured(file);
    const length = file.endsWith('6') ? 16 : 4;
    const { rows } = parse(content, length);
    let whole = 0;
    let lines = 0;
    for (let cut = 0; cut <= content.length; cut++) {
      if (cut > 0 && content[cut - 1] === 10) {
        whole = cut;
        lines++;
      }
      const partly = parse(content.subarray(0, cut), length);
      // One line is the heading.
      if (partly.used !== whole || partly.rows.length !== Math.max(0, lines - 1)) {
        expect({ cut, used: partly.used, rows: partly.rows.length }).toEqual({
          cut,
          used: whole,
          rows: lines - 1,
        });
      }
      if (content[cut] === 10) expect(partly.rows).toEqual(rows.slice(0, partly.rows.length));
    }
    expect(lines).toBe(rows.length + 1);
  });

  it.each(FILES)('%s gives the same rows, however large the pieces are', (file) => {
    const content = captured(file);
    const length = file.endsWith('6') ? 16 : 4;
    const { rows } = parse(content, length);
    const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(sizes, (each) => {
        expect(parseInPieces(content, each, length)).toEqual(rows);
      }),
      { numRuns: 50 },
    );
    expect(parseInPieces(content, [1], length)).toEqual(rows);
    expect(parseInPieces(content, [content.length], length)).toEqual(rows);
  });

  it('gives the same rows, whatever stands in the file', () => {
    const line = fc.oneof(
      anyRow(4).map((row) => printed(row, 7)),
      anyRow(16).map((row) => printed(row, 7)),
      fc.string().map((garbage) => `${garbage}\n`),
      // A row with a byte of it changed.
      fc.tuple(anyRow(4), fc.nat(120), fc.nat(255)).map(([row, at, byte]) => {
        const whole = printed(row, 3);
        return whole.slice(0, at) + String.fromCharCode(byte) + whole.slice(at + 1);
      }),
      fc.constantFrom(HEADING, '\n', '\r\n', '\0\n', ''),
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), sizes, (lines, each) => {
        const content = Buffer.from(lines.join(''), 'latin1');
        expect(parseInPieces(content, each)).toEqual(parse(content).rows);
      }),
    );
  });
});

describe('what is no row', () => {
  it.each([
    ['the heading', HEADING],
    ['an empty line', '\n'],
    ['blanks', '      \n'],
    ['a word', 'porttop\n'],
    ['NULs', '\0\0\0\0\0\0\0\0\n'],
    ['NULs before a row', `\0${LISTENER}`],
    ['a row without a slot', LISTENER.replace('   4:', '')],
    ['a slot without its colon', LISTENER.replace('4:', '4 ')],
    ['a slot and nothing', '   4:\n'],
    ['a local end and nothing', '   4: 0100007F:1F90\n'],
    ['no port', '   4: 0100007F 00000000:0000 0A\n'],
    ['seven digits of an address', LISTENER.replace('0100007F', '100007F')],
    ['nine digits of an address', LISTENER.replace('0100007F', '00100007F')],
    ['sixteen digits of an address', LISTENER.replace('0100007F', '0100007F0100007F')],
    ['forty digits of an address', LISTENER.replace('0100007F', '0100007F'.repeat(5))],
    ['an address with a letter that is no digit', LISTENER.replace('0100007F', '010000GF')],
    ['a port that is no number', LISTENER.replace(':1F90', ':HTTP')],
    ['no state', LISTENER.replace(' 0A ', ' - ')],
    ['one queue', LISTENER.replace('00000000:00000000 00:', '00000000 00:')],
    ['a negative uid', LISTENER.replace('1000', '-2')],
    ['no inode', LISTENER.slice(0, LISTENER.indexOf('88281')).concat('\n')],
    ['an inode that is none', LISTENER.replace('88281', 'none')],
    ['tabs for blanks', LISTENER.replaceAll(' ', '\t')],
    ['a row cut in the middle', `${LISTENER.slice(0, 40)}\n`],
    ['a row of /proc/net/unix', '0000000000000000: 00000002 00000000 00010000 0001 01 18217 /run/x.sock\n'],
  ])('%s is passed over, and the next row is read', (_, line) => {
    const { rows, used } = parse(line + LISTENER);
    expect(rows).toEqual(parse(LISTENER).rows);
    expect(used).toBe(line.length + LISTENER.length);
  });

  test.each([
    ['a port of five digits', LISTENER.replace(':1F90', ':11F90')],
    ['an empty port', LISTENER.replace(':1F90', ':')],
    ['a state of three digits', LISTENER.replace(' 0A ', ' 10A ')],
    ['an inode larger than any', LISTENER.replace('88281', '4294967297')],
    ['an inode with letters after it', LISTENER.replace('88281', '88281x')],
  ])('%s is passed over', (_, line) => {
    expect(parse(line).rows).toEqual([]);
  });

  it('never is believed because of the row before it', () => {
    expect(parse(`${LISTENER}   5: 0100007F:\n`).rows).toHaveLength(1);
    expect(parse(`${LISTENER}${HEADING}${LISTENER}`).rows).toHaveLength(2);
  });
});

describe('a file of another hand', () => {
  it('may end its lines in CR LF', () => {
    const content = (HEADING + LISTENER + LISTENER).replaceAll('\n', '\r\n');
    expect(parse(content).rows).toEqual([...parse(LISTENER).rows, ...parse(LISTENER).rows]);
  });

  it('may stop after the inode', () => {
    const line = LISTENER.replace(/ 1 0.*/, '');
    expect(parse(line).rows).toEqual(parse(LISTENER).rows);
  });

  it('may have no final newline: then that line is left over', () => {
    const content = LISTENER + LISTENER.trimEnd();
    expect(parse(content)).toEqual({ rows: parse(LISTENER).rows, used: LISTENER.length });
    expect(parse(LISTENER.trimEnd())).toEqual({ rows: [], used: 0 });
  });

  it('may be empty', () => {
    expect(parse('')).toEqual({ rows: [], used: 0 });
  });

  it('may have numbers as long as they like, and is read to its end', () => {
    const long = '9'.repeat(10_000);
    for (const line of [
      LISTENER.replace('   4', long),
      LISTENER.replace('1000', long),
      LISTENER.replace('88281', long),
      LISTENER.replace('1F90', long),
      LISTENER.replace(' 0A ', ` ${long} `),
      LISTENER.replace('00000000:00000000 00:', `${long}:${long} 00:`),
    ]) {
      expect(parse(line + LISTENER).used).toBe(line.length + LISTENER.length);
      expect(parse(line + LISTENER).rows.at(-1)).toEqual(parse(LISTENER).rows[0]);
    }
  });

  it('may be anything at all: all of its lines are used', () => {
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('\n\n :0123456789ABCDEF')));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 400 }), (bytes) => {
        expect(parse(Uint8Array.from(bytes)).used).toBe(bytes.lastIndexOf(10) + 1);
      }),
      { numRuns: 500 },
    );
  });
});
