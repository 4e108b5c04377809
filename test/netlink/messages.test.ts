import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AF_INET,
  AF_INET6,
  decodeDetails,
  decodeInetRow,
  decodeUnixRow,
  encodeInetDump,
  encodeInetLookup,
  encodeUnixDump,
  type InetRow,
  IPPROTO_TCP,
  type MessageBuffer,
  newInetRow,
  newUnixRow,
  portBytecode,
  SockDiagError,
  setSequence,
  type UnixRow,
  WITH_INFO_AND_MEMORY,
  walkAnswer,
} from '../../src/netlink/messages.ts';
import { ipv4Text, ipv6Text } from '../../src/sockets/address.ts';
import { errorOf } from '../helpers/error-of.ts';
import {
  type Answer,
  CAPTURED,
  captured,
  DONE,
  ERROR,
  ending,
  INTERRUPTED,
  piece,
  ROW,
  received,
  rowOnPort,
  SEQUENCE,
} from './fixture.ts';

fc.configureGlobal({ seed: 4000 });

type InetFacts = Omit<InetRow, 'localAddress' | 'remoteAddress'> & { local: string; remote: string };

function addressAt({ words }: MessageBuffer, family: number, word: number): string {
  return family === AF_INET6 ? ipv6Text(words.subarray(word, word + 4)) : ipv4Text(words[word] as number);
}

function inetRows(bytes: Uint8Array): InetFacts[] {
  const message = received(bytes);
  const row = newInetRow();
  const rows: InetFacts[] = [];
  walkAnswer(message, bytes.length, SEQUENCE, (start, end) => {
    decodeInetRow(message, start, end, row);
    const { localAddress, remoteAddress, ...facts } = row;
    const local = `${addressAt(message, row.family, localAddress)} ${row.localPort}`;
    const remote = `${addressAt(message, row.family, remoteAddress)} ${row.remotePort}`;
    rows.push({ ...facts, local, remote });
  });
  return rows;
}

function unixRows(bytes: Uint8Array): UnixRow[] {
  const message = received(bytes);
  const rows: UnixRow[] = [];
  walkAnswer(message, bytes.length, SEQUENCE, (start, end) => {
    const row = newUnixRow();
    decodeUnixRow(message, start, end, row);
    rows.push(row);
  });
  return rows;
}

const little = endianness() === 'LE';

describe.skipIf(!little)(`captured answers${little ? '' : ' (skipped: of a little-endian machine)'}`, () => {
  const STATES: Record<string, number> = { ESTAB: 1, 'TIME-WAIT': 6, UNCONN: 7, LISTEN: 10 };
  const lines = readFileSync(`${CAPTURED}/ss`, 'latin1').trimEnd().split('\n');

  /** `[::ffff:127.0.0.1]:80`, `127.0.0.1%lo:80`, `*:80` as `::ffff:127.0.0.1 80`; `*` is no port. */
  function ssEnd(text: string, six: boolean): string {
    const at = text.lastIndexOf(':');
    const host = text.slice(0, at).replaceAll(/[[\]]|%.*/g, '');
    const port = text.slice(at + 1);
    return `${host === '*' ? (six ? '::' : '0.0.0.0') : host} ${port === '*' ? 0 : port}`;
  }

  const number = (label: string, line: string, base = 10) =>
    Number.parseInt(new RegExp(`\\b${label}:([0-9a-f]+)`).exec(line)?.[1] ?? '0', base);

  function bySs(protocol: string): unknown[] {
    return lines
      .filter((line) => line.startsWith(protocol))
      .map((line) => {
        const [, state = '', recv, send, local = '', remote = ''] = line.split(/ +/);
        const six = local.startsWith('[') || local.startsWith('*');
        const v6only = /v6only:([01])/.exec(line)?.[1];
        return {
          family: six ? AF_INET6 : AF_INET,
          state: STATES[state],
          local: ssEnd(local, six),
          remote: ssEnd(remote, six),
          recvQueue: Number(recv),
          sendQueue: Number(send),
          uid: number('uid', line),
          inode: number('ino', line),
          cookie: number('sk', line, 16),
          v6only: v6only === undefined ? null : v6only === '1',
          device: local.includes('%lo') ? 1 : 0,
          // ss names the folder: the inode of the root of cgroup2 is 1.
          cgroup: line.includes('cgroup:/ ') ? 1 : 0,
        };
      });
  }

  // ss was not asked for timers.
  const byUs = ({
    timer: _,
    expires: __,
    retransmits: ___,
    localPort: ____,
    remotePort: _____,
    ...facts
  }: InetFacts) => facts;
  const byCookie = (a: unknown, b: unknown) =>
    (a as { cookie: number }).cookie - (b as { cookie: number }).cookie;

  it.each<[string, Answer, Answer]>([
    ['tcp', 'tcp4', 'tcp6'],
    ['udp', 'udp4', 'udp6'],
  ])('of %s are what ss says, fact for fact', (protocol, four, six) => {
    const rows = [...inetRows(captured(four)), ...inetRows(captured(six))].map(byUs);
    // ss does not know of sockets that are bound and no more; this kernel does.
    const bound = rows.filter((row) => row.state === 7 && protocol === 'tcp');
    expect(bound.map(({ local, remote }) => [local, remote])).toEqual(
      protocol === 'tcp' ? [['127.0.0.1 9999', '0.0.0.0 0']] : [],
    );
    const others = rows.filter((row) => !bound.includes(row));
    expect(others.sort(byCookie)).toEqual(bySs(protocol).sort(byCookie));
  });

  it('of unix have names, peers, queues and users', () => {
    const rows = unixRows(captured('unix'));
    // ss has @ for every NUL.
    const facts = rows.map(({ cookie: _, path, ...row }) => ({
      ...row,
      path: path?.replaceAll('\0', '@') ?? null,
    }));
    const expected = lines
      .filter((line) => line.startsWith('u_'))
      .map((line) => {
        const fields = /^u_(\S+) +(\S+) +(\d+) +(\d+) +(.+?) (\d+) +\* (\d+)/.exec(line) as RegExpExecArray;
        const [, type = '', state = '', recv, send, name = '', inode, peer] = fields;
        return {
          type: { str: 1, dgr: 2, seq: 5 }[type],
          state: STATES[state],
          recvQueue: Number(recv),
          sendQueue: Number(send),
          path: name.trim() === '*' ? null : name.trim(),
          inode: Number(inode),
          peer: Number(peer),
          uid: 0,
        };
      });
    const byInode = (a: { inode: number }, b: { inode: number }) => a.inode - b.inode;
    expect(facts.sort(byInode)).toEqual(expected.sort(byInode));
    expect(new Set(rows.map(({ cookie }) => cookie)).size).toBe(rows.length);
  });

  it('of a protocol that the kernel has not end with its error', () => {
    expect(errorOf(SockDiagError, () => inetRows(captured('no-raw'))).code).toBe('ENOENT');
  });

  it('of a request that it does not take are its error', () => {
    expect(errorOf(SockDiagError, () => inetRows(captured('refused'))).code).toBe('EINVAL');
    expect(errorOf(SockDiagError, () => inetRows(captured('gone'))).code).toBe('ENOENT');
  });

  it('of one socket have what ss -im says of it', () => {
    const bytes = captured('inspected');
    const message = received(bytes);
    let details: unknown;
    const { ended } = walkAnswer(message, bytes.length, SEQUENCE, (start, end) => {
      details = decodeDetails(message, start, end);
    });
    expect(ended).toBe(true);
    // rtt:0.097/0.055 minrtt:0.013 cwnd:11 mss:35328 bytes_sent:1000 bytes_acked:1001 bytes_received:50
    expect(details).toEqual({
      tcpInfo: {
        rtt: 97,
        rttVariance: 55,
        minRtt: 13,
        congestionWindow: 11,
        unacked: 0,
        retransmitted: 0,
        sendMss: 35328,
        bytesAcked: 1001,
        bytesReceived: 50,
        bytesSent: 1000,
      },
      // skmem:(r882,rb131072,t0,tb3939840,f3214,w0,o0,bl0,d0)
      memory: {
        received: 882,
        receiveBuffer: 131072,
        sent: 0,
        sendBuffer: 3939840,
        forward: 3214,
        queued: 0,
        options: 0,
        backlog: 0,
        drops: 0,
      },
    });
  });

  const answers: Answer[] = ['tcp4', 'tcp6', 'udp6', 'unix', 'no-raw', 'refused', 'inspected', 'gone'];
  const decoders: Record<string, (message: MessageBuffer, start: number, end: number) => void> = {
    inet: (message, start, end) => decodeInetRow(message, start, end, newInetRow()),
    unix: (message, start, end) => decodeUnixRow(message, start, end, newUnixRow()),
    details: (message, start, end) => void decodeDetails(message, start, end),
  };

  it.each(Object.keys(decoders))('broken anyhow are an error of ours or rows, and an end: %s', (kind) => {
    const decode = decoders[kind] as (typeof decoders)[string];
    const mutations = fc.array(fc.record({ at: fc.nat(1335), byte: fc.nat(255) }), { maxLength: 12 });
    const cut = fc.option(fc.nat(1336), { nil: undefined });
    fc.assert(
      fc.property(fc.constantFrom(...answers), mutations, cut, (name, changes, end) => {
        const bytes = captured(name).subarray(0, end);
        for (const { at, byte } of changes) bytes[at % Math.max(bytes.length, 1)] = byte;
        walkWithin(bytes, decode);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(Object.keys(decoders))('of noise are an error of ours or nothing: %s', (kind) => {
    const decode = decoders[kind] as (typeof decoders)[string];
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => walkWithin(bytes, decode)));
    // Headers that hold, with anything in them.
    const payload = fc.uint8Array({ maxLength: 200 });
    const message = fc.record({ type: fc.constantFrom(ROW, ROW, ROW, DONE, ERROR, 4, 1, 99), payload });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
        walkWithin(piece(...messages), decode);
      }),
      { numRuns: 1000 },
    );
  });

  function walkWithin(
    bytes: Uint8Array,
    decode: (message: MessageBuffer, start: number, end: number) => void,
  ): void {
    // The kernel's buffer is larger than its answer: what is beyond is not the answer's.
    const message = received(Buffer.concat([bytes, Buffer.alloc(64, 0xff)]));
    let rows = 0;
    try {
      walkAnswer(message, bytes.length, SEQUENCE, (start, end) => {
        if (end > bytes.length || start > end) expect.fail(`${start} to ${end} of ${bytes.length}`);
        if (++rows > bytes.length / 16) expect.fail('more rows than there is room for');
        decode(message, start, end);
      });
    } catch (error) {
      if (!(error instanceof SockDiagError)) throw error;
    }
  }
});

describe('an answer', () => {
  const walk = (bytes: Uint8Array, take = (_start: number, _end: number) => {}) =>
    walkAnswer(received(bytes), bytes.length, SEQUENCE, take);
  const row = { type: ROW, payload: rowOnPort(80) };

  it('has more to come until it says that it is done', () => {
    expect(walk(piece(row, row))).toEqual({ ended: false, interrupted: false });
    expect(walk(piece(row, ending(DONE)))).toEqual({ ended: true, interrupted: false });
    expect(walk(piece({ type: DONE }))).toEqual({ ended: true, interrupted: false });
    expect(walk(new Uint8Array())).toEqual({ ended: false, interrupted: false });
  });

  it('to a request for one socket is one row', () => {
    expect(walk(piece({ ...row, flags: 0 }))).toEqual({ ended: true, interrupted: false });
  });

  it('says that the table changed under it, in any of its messages', () => {
    const flags = 2 | INTERRUPTED;
    expect(walk(piece({ ...row, flags }, row))).toEqual({ ended: false, interrupted: true });
    expect(walk(piece(row, ending(DONE, 0, { flags })))).toEqual({ ended: true, interrupted: true });
  });

  it('to another request is passed over: its rows, its end and its error', () => {
    const sequence = SEQUENCE + 1;
    let rows = 0;
    const bytes = piece(
      { ...row, sequence },
      ending(DONE, 0, { sequence }),
      ending(ERROR, 1, { sequence }),
      row,
    );
    expect(walk(bytes, () => rows++)).toEqual({ ended: false, interrupted: false });
    expect(rows).toBe(1);
  });

  it.each([
    [ending(DONE, 2), 'ENOENT'],
    [ending(ERROR, 1), 'EPERM'],
    [ending(ERROR, 524), 'errno 524'],
    [{ type: 4 }, 'ENOBUFS'],
    [{ type: ERROR }, 'EBADMSG'],
  ])('%j is the error %s', (message, code) => {
    expect(errorOf(SockDiagError, () => walk(piece(message)))).toMatchObject({
      code,
      message: `sock_diag: ${code}`,
    });
  });

  it.each([
    ['shorter than its header says', piece(row).subarray(0, 80)],
    ['shorter than a header', piece(row).subarray(0, 15)],
    ['of no length', Buffer.alloc(32)],
    ['followed by a few bytes', Buffer.concat([piece(row), Buffer.alloc(3)])],
  ])('%s makes no sense', (_, bytes) => {
    expect(errorOf(SockDiagError, () => walk(bytes)).code).toBe('EBADMSG');
  });

  it('may have an odd length: the next message begins at a multiple of four', () => {
    const name = { type: ROW, payload: new Uint8Array(21) };
    const starts: number[] = [];
    walk(piece(name, row), (start, end) => starts.push(start, end));
    expect(starts).toEqual([16, 37, 56, 128]);
  });
});

describe('a row', () => {
  it.each([0, 71])('of %i bytes makes no sense', (length) => {
    const bytes = piece({ type: ROW, payload: new Uint8Array(length) });
    expect(errorOf(SockDiagError, () => inetRows(bytes)).code).toBe('EBADMSG');
  });

  it('of a unix socket of 15 bytes makes no sense', () => {
    expect(
      errorOf(SockDiagError, () => unixRows(piece({ type: ROW, payload: new Uint8Array(15) }))).code,
    ).toBe('EBADMSG');
  });

  const attribute = (type: number, payload: Uint8Array, size = 4 + payload.length) =>
    Buffer.concat([
      new Uint8Array(new Uint16Array([size, type]).buffer),
      payload,
      Buffer.alloc(-payload.length & 3),
    ]);
  const inet = (...attributes: Uint8Array[]) =>
    inetRows(piece({ type: ROW, payload: Buffer.concat([rowOnPort(80), ...attributes]) }))[0];
  const unix = (...attributes: Uint8Array[]) =>
    unixRows(piece({ type: ROW, payload: Buffer.concat([new Uint8Array(16), ...attributes]) }))[0];

  it.each([
    ['shorter than itself', attribute(11, new Uint8Array(1), 3)],
    ['longer than the row', attribute(11, new Uint8Array(1), 60)],
  ])('with an attribute %s makes no sense', (_, broken) => {
    expect(errorOf(SockDiagError, () => inet(broken)).code).toBe('EBADMSG');
  });

  it('does without attributes that are too short to say anything', () => {
    expect(inet(attribute(11, new Uint8Array()), attribute(21, new Uint8Array(4)))).toMatchObject({
      v6only: null,
      cgroup: 0,
    });
    expect(unix(attribute(2, new Uint8Array(2)), attribute(4, new Uint8Array(4)))).toMatchObject({
      peer: 0,
      recvQueue: 0,
    });
  });

  it('has numbers of 64 bits whole', () => {
    const big = (number: bigint) => new Uint8Array(new BigUint64Array([number]).buffer);
    expect(inet(attribute(21, big(0x1234_5678_9abcn)))?.cgroup).toBe(0x1234_5678_9abc);
  });

  it('has the timer that runs, how often it ran out, and when it will', () => {
    const start = Buffer.from(rowOnPort(80));
    start[2] = 4;
    start[3] = 255;
    start.set(new Uint8Array(new Uint32Array([0xffff_fffe]).buffer), 52);
    expect(inetRows(piece({ type: ROW, payload: start }))[0]).toMatchObject({
      timer: 4,
      retransmits: 255,
      expires: 0xffff_fffe,
    });
  });

  it.each<[string, string | null]>([
    ['', null],
    ['\0', '@'],
    ['\0a', '@a'],
    ['\0a\0b\0', '@a\0b\0'],
    ['/run/x', '/run/x'],
    ['/run/x\0', '/run/x'],
    ['/run/x\0rest', '/run/x'],
    ['/tmp/Grüße 日本\n\x1b[31m', '/tmp/Grüße 日本\n\x1b[31m'],
  ])('has the name %j as %j', (name, path) => {
    expect(unix(attribute(0, Buffer.from(name)))?.path).toBe(path);
  });

  it('has U+FFFD for bytes of a name that are no UTF-8', () => {
    expect(unix(attribute(0, Buffer.from('/a\xff', 'latin1')))?.path).toBe('/a\ufffd');
  });

  it('has the details that the kernel knows; an older one knows fewer', () => {
    const details = (state: number, ...attributes: Uint8Array[]) => {
      const start = rowOnPort(80);
      start[1] = state;
      const bytes = received(Buffer.concat([start, ...attributes]));
      return decodeDetails(bytes, 0, bytes.bytes.length);
    };
    const info = new Uint8Array(new Uint32Array(26).fill(5).buffer);
    const older = details(1, attribute(2, info), attribute(7, new Uint8Array(32)));
    expect(older.tcpInfo).toMatchObject({ rtt: 5, retransmitted: 5, bytesAcked: null, minRtt: null });
    expect(older.tcpInfo?.bytesSent).toBeNull();
    expect(older.memory).toMatchObject({ backlog: 0, drops: null });
    const unmeasured = new Uint8Array(new Uint32Array(38).fill(0xffff_ffff).buffer);
    expect(details(1, attribute(2, unmeasured)).tcpInfo?.minRtt).toBeNull();
    // A listener's tcp_info has its queue where a connection has segments.
    expect(details(10, attribute(2, info))).toEqual({ tcpInfo: null, memory: null });
  });
});

describe.skipIf(!little)('a request', () => {
  const hex = ({ bytes, words }: MessageBuffer) => bytes.subarray(0, words[0]).toString('hex');

  it('for the listeners of TCP is an inet_diag_req_v2', () => {
    const message = encodeInetDump({ family: AF_INET, protocol: IPPROTO_TCP, states: 1 << 10 });
    setSequence(message, 0xfedcba98);
    const header = '48000000' + '1400' + '0103' + '98badcfe' + '00000000';
    expect(hex(message)).toBe(`${header}02060000${'00040000'}${'00'.repeat(48)}`);
  });

  it('with a filter has it as an attribute', () => {
    const filter = portBytecode([{ from: 80, to: 90 }]) as Uint8Array;
    const message = encodeInetDump({ family: AF_INET6, protocol: 17, states: 2, extensions: 3 }, filter);
    expect(message.words[0]).toBe(72 + 4 + filter.length);
    expect(hex(message).slice(32, 40)).toBe('0a110300');
    expect(hex(message).slice(144)).toBe(
      (4 + filter.length).toString(16).padStart(2, '0').padEnd(4, '0') +
        '0100' +
        Buffer.from(filter).toString('hex'),
    );
  });

  it('for one socket says all that it is known by, and asks for its details', () => {
    const address = new Uint32Array(new Uint8Array([127, 0, 0, 1, ...Array(12).fill(0)]).buffer);
    const message = encodeInetLookup(
      { family: AF_INET, protocol: IPPROTO_TCP, states: 2, extensions: WITH_INFO_AND_MEMORY },
      {
        localPort: 8080,
        remotePort: 40001,
        localAddress: address,
        remoteAddress: address,
        device: 3,
        cookie: 0x1_0000_0002,
      },
    );
    const id = `1f909c41${`7f000001${'00'.repeat(12)}`.repeat(2)}${'03000000'}${'0200000001000000'}`;
    expect(hex(message)).toBe(`48000000140001000000000000000000${'02064200'}02000000${id}`);
  });

  it('for unix sockets is a unix_diag_req', () => {
    const show = '55000000';
    expect(hex(encodeUnixDump(0x480))).toBe(
      `28000000140001030000000000000000${'01000000'}80040000${'00000000'}${show}${'00'.repeat(8)}`,
    );
  });
});

describe('a filter by port', () => {
  const port = fc.nat(65_535);
  const range = fc.tuple(port, port).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
  const ranges = fc.array(range, { minLength: 1, maxLength: 128 });

  it('passes the kernel’s inspection', () => {
    fc.assert(
      fc.property(ranges, fc.constantFrom(undefined, 'local' as const), (wanted, end) => {
        expect(auditProblem(portBytecode(wanted, end) as Uint8Array)).toBeNull();
      }),
    );
  });

  it('accepts what has a wanted port at either end, or at the local one, and nothing else', () => {
    const narrow = fc.array(
      fc.record({ from: port, more: fc.nat(300) }).map(({ from, more }) => ({
        from,
        to: Math.min(from + more, 65_535),
      })),
      { minLength: 1, maxLength: 20 },
    );
    // Ports at the edges of the ranges, beside any.
    const near = narrow.chain((wanted) => {
      const edges = wanted.flatMap(({ from, to }) => [from - 1, from, to, to + 1]);
      const either = fc.oneof(fc.constantFrom(...edges.map((edge) => edge & 0xffff)), port);
      return fc.record({ wanted: fc.constant(wanted), source: either, destination: either });
    });
    fc.assert(
      fc.property(near, ({ wanted, source, destination }) => {
        const among = (port: number) => wanted.some(({ from, to }) => port >= from && port <= to);
        const run = (end?: 'local') =>
          runBytecode(portBytecode(wanted, end) as Uint8Array, source, destination);
        expect(run()).toBe(among(source) || among(destination));
        expect(run('local')).toBe(among(source));
      }),
      { numRuns: 2000 },
    );
  });

  it('is none where there are no ports, or more than the kernel should be bothered with', () => {
    expect(portBytecode([])).toBeNull();
    expect(portBytecode(Array(129).fill({ from: 1, to: 1 }))).toBeNull();
  });
});

type Operation = { code: number; yes: number; no: number };

function operationAt(bytes: Uint8Array, at: number): Operation {
  const no = new Uint16Array(Uint8Array.from(bytes.subarray(at + 2, at + 4)).buffer)[0] as number;
  return { code: bytes[at] as number, yes: bytes[at + 1] as number, no };
}

/** inet_diag_bc_run() of net/ipv4/inet_diag.c. */
function runBytecode(bytes: Uint8Array, source: number, destination: number): boolean {
  let left = bytes.length;
  for (let at = 0; left > 0; ) {
    const { code, yes, no } = operationAt(bytes, at);
    const port = operationAt(bytes, at + 4).no;
    const goesOn = [true, false, source >= port, source <= port, destination >= port, destination <= port][
      code
    ];
    left -= goesOn ? yes : no;
    at += goesOn ? yes : no;
  }
  return left === 0;
}

/** inet_diag_bc_audit() of net/ipv4/inet_diag.c: why the kernel would refuse it. */
function auditProblem(bytes: Uint8Array): string | null {
  let left = bytes.length;
  if (left < 4) return 'too short';
  for (let at = 0; left > 0; ) {
    const { code, yes, no } = operationAt(bytes, at);
    if (code > 5) return `operation ${code}`;
    const least = code >= 2 ? 8 : 4;
    if (left < least) return 'no room for the port';
    if (code !== 0) {
      if (no < least || no > left + 4 || no & 3) return `no = ${no} at ${at}`;
      if (no < left && !isBoundary(bytes, left - no)) return `${at + no} is within an operation`;
    }
    if (yes < least || yes > left + 4 || yes & 3) return `yes = ${yes} at ${at}`;
    at += yes;
    left -= yes;
  }
  return left === 0 ? null : 'past the end';
}

/** valid_cc() */
function isBoundary(bytes: Uint8Array, target: number): boolean {
  let left = bytes.length;
  for (let at = 0; left >= 0; ) {
    if (target > left) return false;
    if (target === left) return true;
    const { yes } = operationAt(bytes, at);
    if (yes < 4 || yes & 3) return false;
    left -= yes;
    at += yes;
  }
  return false;
}
