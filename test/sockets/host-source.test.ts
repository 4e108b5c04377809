import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { openLibc } from '../../src/libc/libc.ts';
import { IPPROTO_TCP, MessageBuffer } from '../../src/netlink/messages.ts';
import { type Descriptors, SockDiag } from '../../src/netlink/sock-diag.ts';
import { ProcError, ProcFs } from '../../src/procfs/procfs.ts';
import { DiagReader } from '../../src/sockets/diag-source.ts';
import { HostSource, openSource } from '../../src/sockets/host-source.ts';
import { ProcReader } from '../../src/sockets/proc-source.ts';
import type { SocketTable } from '../../src/sockets/socket-table.ts';
import type { Wanted } from '../../src/sockets/source.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { DONE, ERROR, ending, MULTI, piece, ROW, rowOnPort } from '../netlink/fixture.ts';
import { ALL, TemporaryTree, type Tree } from './fixture.ts';

const HEADING =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (port: number, inode: number) =>
  `   0: 00000000:${port.toString(16).padStart(4, '0')} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0\n`;

const FILES: Tree = {
  '1/net/tcp': HEADING + row(80, 1),
  '1/net/udp': HEADING + row(81, 2),
  '1/net/icmp': HEADING + row(82, 3),
};
const WANTED: Wanted = { ...ALL, protocols: ['tcp', 'udp'], families: ['ipv4'] };

const trees: TemporaryTree[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) tree[Symbol.dispose]();
});

function procfsOf(tree: Tree): ProcFs {
  const made = new TemporaryTree(tree);
  trees.push(made);
  return new ProcFs(made.root);
}

type Answer = (sequence: number) => (Buffer | string)[];

/** Answers requests by their protocol; a string is an error of read(2). Counts how often each was asked. */
class FakeKernel implements Descriptors {
  readonly asked: number[] = [];
  readonly answers: Record<number, Answer> = {};
  #pending: (Buffer | string)[] = [];
  openProblem: string | null = null;

  open(): number {
    if (this.openProblem) throw failure(this.openProblem);
    this.#pending = [];
    return 1;
  }

  write(_descriptor: number, message: Uint8Array): void {
    const request = new MessageBuffer(message.length);
    request.bytes.set(message);
    const protocol = request.bytes[17] as number;
    this.asked.push(protocol);
    this.#pending = this.answers[protocol]?.(request.words[2] as number) ?? [];
  }

  read(_descriptor: number, buffer: Uint8Array): number {
    const next = this.#pending.shift() ?? 'EAGAIN';
    if (typeof next === 'string') throw failure(next);
    buffer.set(next);
    return next.length;
  }

  close(): void {}
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const listeners =
  (...ports: number[]): Answer =>
  (sequence) => [
    piece(
      ...ports.map((port) => ({ type: ROW, flags: MULTI, sequence, payload: rowOnPort(port) })),
      ending(DONE, 0, { sequence }),
    ),
  ];
const refusal =
  (type: number, errno: number, ...ports: number[]): Answer =>
  (sequence) => [
    ...ports.map((port) => piece({ type: ROW, flags: MULTI, sequence, payload: rowOnPort(port) })),
    piece(ending(type, errno, { sequence })),
  ];

function sourceOf(kernel: FakeKernel | null, tree: Tree = FILES): HostSource {
  return new HostSource(kernel && new DiagReader(new SockDiag(kernel)), new ProcReader(procfsOf(tree)));
}

/** Every row as `tcp 80`. */
function listed(table: SocketTable): string[] {
  return Array.from({ length: table.length }, (_, at) => `${table.protocolOf(at)} ${table.localPort[at]}`);
}

const UDP = 17;

describe('a host', () => {
  it('is read by sock_diag', () => {
    const kernel = new FakeKernel();
    kernel.answers[IPPROTO_TCP] = listeners(1080, 1081);
    kernel.answers[UDP] = listeners(1082);
    const table = runAtOnce(sourceOf(kernel).read(WANTED));
    expect(listed(table)).toEqual(['tcp 1080', 'tcp 1081', 'udp 1082']);
    expect(table.sources).toEqual({ tcp: 'sock_diag', udp: 'sock_diag' });
    expect(table.rowOf(1081)).toBe(1);
  });

  it('is read from /proc/net where there is no sock_diag', () => {
    const table = runAtOnce(sourceOf(null).read(WANTED));
    expect(listed(table)).toEqual(['tcp 80', 'udp 81']);
    expect(table.sources).toEqual({ tcp: 'proc', udp: 'proc' });
    expect(table.rowOf(table.identity[1] as number)).toBe(1);
  });

  it('is read in pieces, with pauses between them', () => {
    let pauses = 0;
    for (const _ of sourceOf(null).read(WANTED)) pauses++;
    expect(pauses).toBeGreaterThanOrEqual(2);
  });

  it.each<[string, Answer]>([
    ['at once', refusal(ERROR, 2)],
    ['at the end', refusal(DONE, 2)],
    ['midway, with rows', refusal(DONE, 2, 1082, 1083)],
    ['for want of permission', refusal(ERROR, 1)],
    ['with nonsense', () => [Buffer.alloc(16)]],
  ])('has one protocol from /proc/net that sock_diag refuses %s, and it is not asked again', (_, answer) => {
    const kernel = new FakeKernel();
    kernel.answers[IPPROTO_TCP] = listeners(1080);
    kernel.answers[UDP] = answer;
    const source = sourceOf(kernel);
    for (let times = 0; times < 3; times++) {
      const table = runAtOnce(source.read({ ...WANTED, protocols: ['udp', 'tcp'] }));
      expect(listed(table)).toEqual(['udp 81', 'tcp 1080']);
      expect(table.sources).toEqual({ tcp: 'sock_diag', udp: 'proc' });
      expect(table.identity[0]).toBeLessThan(0);
    }
    expect(kernel.asked).toEqual([UDP, IPPROTO_TCP, IPPROTO_TCP, IPPROTO_TCP]);
  });

  it.each(['ENOBUFS', 'EAGAIN', 'ENOMEM', 'EINTR'])('asks sock_diag again after %s, which passes', (code) => {
    const kernel = new FakeKernel();
    kernel.answers[IPPROTO_TCP] = (sequence) => [
      piece({ type: ROW, flags: MULTI, sequence, payload: rowOnPort(1080) }),
      code,
    ];
    const source = sourceOf(kernel);
    const wanted: Wanted = { ...WANTED, protocols: ['tcp'] };
    expect(listed(runAtOnce(source.read(wanted)))).toEqual(['tcp 80']);
    kernel.answers[IPPROTO_TCP] = listeners(1081);
    expect(listed(runAtOnce(source.read(wanted)))).toEqual(['tcp 1081']);
  });

  it.each([
    ['EPERM', 1],
    ['EAFNOSUPPORT', 1],
    ['EMFILE', 3],
  ])('tries to open sock_diag after %s: %i times in three', (code, times) => {
    const kernel = new FakeKernel();
    let tries = 0;
    kernel.open = () => {
      tries++;
      throw failure(code);
    };
    const source = sourceOf(kernel);
    for (let time = 0; time < 3; time++) {
      expect(listed(runAtOnce(source.read({ ...WANTED, protocols: ['tcp'] })))).toEqual(['tcp 80']);
    }
    expect(tries).toBe(times);
  });

  it('has ICMP, of which sock_diag knows nothing, from /proc/net', () => {
    const kernel = new FakeKernel();
    const table = runAtOnce(sourceOf(kernel).read({ ...WANTED, protocols: ['icmp'] }));
    expect(listed(table)).toEqual(['icmp 82']);
    expect(kernel.asked).toEqual([]);
  });

  it('does without a protocol that the kernel does not have', () => {
    const table = runAtOnce(sourceOf(null).read({ ...ALL, families: ['ipv4'] }));
    expect(table.sources).toEqual({ tcp: 'proc', udp: 'proc', icmp: 'proc' });
    expect(listed(table)).toEqual(['tcp 80', 'udp 81', 'icmp 82']);
  });

  it('is an error where nothing at all is there, and names the first file', () => {
    const source = sourceOf(null, { '1/': '' });
    expect(() => runAtOnce(source.read(WANTED))).toThrow(ProcError);
    expect(() => runAtOnce(source.read(WANTED))).toThrow(/\/1\/net\/tcp: there is no such file$/);
  });

  it('is an error where a file is there and cannot be read: half a table is none', () => {
    const source = sourceOf(null, { ...FILES, '1/net/udp6/': '' });
    expect(() => runAtOnce(source.read({ ...WANTED, families: ['ipv4', 'ipv6'] }))).toThrow(
      expect.objectContaining({ code: 'EISDIR' }),
    );
  });

  it('is an empty table where nothing is wanted', () => {
    const table = runAtOnce(sourceOf(null, { '1/': '' }).read({ ...WANTED, protocols: [] }));
    expect([table.length, table.sources]).toEqual([0, {}]);
  });

  it('knows no details of a socket from /proc/net, nor of one that sock_diag will not tell', () => {
    const source = sourceOf(null);
    expect(source.inspect(runAtOnce(source.read(WANTED)), 0)).toBeNull();
    const kernel = new FakeKernel();
    kernel.answers[IPPROTO_TCP] = listeners(1080);
    const reading = sourceOf(kernel);
    const table = runAtOnce(reading.read({ ...WANTED, protocols: ['tcp'] }));
    expect(reading.inspect(table, 0)).toEqual({ tcpInfo: null, memory: null });
    kernel.answers[IPPROTO_TCP] = refusal(ERROR, 1);
    expect(reading.inspect(table, 0)).toBeNull();
  });
});

describe('opening a source', () => {
  it('of another /proc is opening its files: the running kernel is not asked', () => {
    const table = runAtOnce(openSource(procfsOf(FILES), openLibc()).read(WANTED));
    expect(table.sources).toEqual({ tcp: 'proc', udp: 'proc' });
    expect(listed(table)).toEqual(['tcp 80', 'udp 81']);
  });

  it.skipIf(!openLibc())('of the running kernel is opening sock_diag', () => {
    const source = openSource(new ProcFs(), openLibc());
    const table = runAtOnce(source.read({ ...ALL, scope: 'listening' }));
    expect(table.sources.tcp).toBe('sock_diag');
  });

  it('abandoned midway leaves nothing open', () => {
    const before = readdirSync('/proc/self/fd').length;
    const reading = openSource(new ProcFs(), openLibc()).read(ALL);
    reading.next();
    reading.return(undefined as never);
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  });
});
