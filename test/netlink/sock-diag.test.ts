import { readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLibc } from '../../src/libc/libc.ts';
import {
  AF_INET,
  decodeInetRow,
  encodeInetDump,
  IPPROTO_TCP,
  type MessageBuffer,
  newInetRow,
  SockDiagError,
} from '../../src/netlink/messages.ts';
import { type Descriptors, openSockDiag, type RowTaker, SockDiag } from '../../src/netlink/sock-diag.ts';
import { errorOf } from '../helpers/error-of.ts';
import { DONE, ERROR, ending, INTERRUPTED, type Message, MULTI, piece, ROW, rowOnPort } from './fixture.ts';

const request = () => encodeInetDump({ family: AF_INET, protocol: IPPROTO_TCP, states: 1 << 10 });

/** Keeps the ports of the rows of the last dump. */
class Ports implements RowTaker {
  ports: number[] = [];
  begun = 0;
  readonly #row = newInetRow();

  begin(): void {
    this.begun++;
    this.ports = [];
  }

  row(message: MessageBuffer, start: number, end: number): void {
    decodeInetRow(message, start, end, this.#row);
    this.ports.push(this.#row.localPort);
  }
}

type Answer = (sequence: number) => (Buffer | Error)[];

/** A kernel that answers the nth request as it is told; what is not read is lost with its descriptor. */
class FakeKernel implements Descriptors {
  readonly open_ = new Map<number, (Buffer | Error)[]>();
  readonly sequences: number[] = [];
  opened = 0;
  readonly #answers: Answer[];

  constructor(...answers: Answer[]) {
    this.#answers = answers;
  }

  open(): number {
    this.open_.set(++this.opened, []);
    return this.opened;
  }

  write(descriptor: number, message: Uint8Array): void {
    const pending = this.open_.get(descriptor) as (Buffer | Error)[];
    if (pending.length > 0) throw failure('EBUSY');
    const sequence = new Uint32Array(Uint8Array.from(message).buffer)[2] as number;
    this.sequences.push(sequence);
    pending.push(...(this.#answers.shift()?.(sequence) ?? []));
  }

  read(descriptor: number, buffer: Uint8Array): number {
    const next = this.open_.get(descriptor)?.shift() ?? failure('EAGAIN');
    if (next instanceof Error) throw next;
    buffer.set(next);
    return next.length;
  }

  close(descriptor: number): void {
    if (!this.open_.delete(descriptor)) throw failure('EBADF');
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const rows = (sequence: number, flags: number, ...ports: number[]): Message[] =>
  ports.map((port) => ({ type: ROW, flags, sequence, payload: rowOnPort(port) }));

/** An answer in pieces, each of these ports. */
const answer =
  (...pieces: number[][]): Answer =>
  (sequence) => [
    ...pieces.map((ports) => piece(...rows(sequence, MULTI, ...ports))),
    piece(ending(DONE, 0, { sequence })),
  ];

/** An answer during which the table changed. */
const interrupted =
  (...ports: number[]): Answer =>
  (sequence) => [
    piece(...rows(sequence, MULTI, ...ports)),
    piece(ending(DONE, 0, { sequence, flags: MULTI | INTERRUPTED })),
  ];

function portsOf(diag: SockDiag, taker = new Ports()): number[] {
  for (const _ of diag.dump(request(), taker));
  return taker.ports;
}

describe('a dump', () => {
  it('is every row of every piece, with a pause after each', () => {
    const diag = new SockDiag(new FakeKernel(answer([80, 81], [82])));
    const taker = new Ports();
    const dump = diag.dump(request(), taker);
    const seen: number[] = [];
    while (!dump.next().done) seen.push(taker.ports.length);
    expect(seen).toEqual([2, 3]);
    expect(taker.ports).toEqual([80, 81, 82]);
  });

  it('uses one descriptor again and again, and a new sequence each time', () => {
    const kernel = new FakeKernel(answer([1]), answer([2]), answer([3]));
    const diag = new SockDiag(kernel);
    expect([portsOf(diag), portsOf(diag), portsOf(diag)]).toEqual([[1], [2], [3]]);
    expect(kernel.opened).toBe(1);
    expect(new Set(kernel.sequences).size).toBe(3);
  });

  it('opens nothing before it is asked for, and closes what it has', () => {
    const kernel = new FakeKernel(answer([1]));
    const diag = new SockDiag(kernel);
    expect(kernel.opened).toBe(0);
    portsOf(diag);
    expect(kernel.open_.size).toBe(1);
    diag.close();
    diag.close();
    expect(kernel.open_.size).toBe(0);
  });

  it('that nobody reads on is left with its descriptor: an unfinished one makes the next EBUSY', () => {
    const kernel = new FakeKernel(answer([1], [2], [3]), answer([4]));
    const diag = new SockDiag(kernel);
    const abandoned = diag.dump(request(), new Ports());
    abandoned.next();
    abandoned.return();
    expect(kernel.open_.size).toBe(0);
    expect(portsOf(diag)).toEqual([4]);
    expect(kernel.opened).toBe(2);
  });

  it('may be read at the same time as another', () => {
    const kernel = new FakeKernel(answer([1], [2]), answer([3], [4]), answer([5]));
    const diag = new SockDiag(kernel);
    const takers = [new Ports(), new Ports()];
    const dumps = takers.map((taker) => diag.dump(request(), taker));
    let running = true;
    while (running) running = dumps.map((dump) => !dump.next().done).some(Boolean);
    expect(takers.map(({ ports }) => ports)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(portsOf(diag)).toEqual([5]);
    expect(kernel.open_.size).toBe(1);
  });

  it('passes over what is left of another answer', () => {
    const left: Answer = (sequence) => [
      piece(...rows(sequence - 1, MULTI, 9), ending(DONE, 0, { sequence: sequence - 1 })),
      ...answer([1])(sequence),
    ];
    expect(portsOf(new SockDiag(new FakeKernel(left)))).toEqual([1]);
  });

  it('is asked again where the table changed under it, and its rows are void', () => {
    const kernel = new FakeKernel(interrupted(1, 2), answer([3]));
    const taker = new Ports();
    expect(portsOf(new SockDiag(kernel), taker)).toEqual([3]);
    expect(taker.begun).toBe(2);
    expect(new Set(kernel.sequences).size).toBe(2);
  });

  it('is kept as it is after three times', () => {
    const kernel = new FakeKernel(interrupted(1), interrupted(2), interrupted(3), answer([4]));
    const diag = new SockDiag(kernel);
    const taker = new Ports();
    expect(portsOf(diag, taker)).toEqual([3]);
    expect(taker.begun).toBe(3);
    expect(portsOf(diag)).toEqual([4]);
  });

  it.each<[string, Answer, string]>([
    ['that does not come', () => [], 'EAGAIN'],
    ['that does not end', (sequence) => [piece(...rows(sequence, MULTI, 1))], 'EAGAIN'],
    ['that is lost', () => [failure('ENOBUFS')], 'ENOBUFS'],
    ['that is empty', () => [Buffer.alloc(0)], 'EBADMSG'],
    ['that makes no sense', () => [Buffer.alloc(16)], 'EBADMSG'],
    ['that refuses', (sequence) => [piece(ending(ERROR, 1, { sequence }))], 'EPERM'],
    [
      'that breaks off',
      (sequence) => [piece(...rows(sequence, MULTI, 1), ending(DONE, 2, { sequence }))],
      'ENOENT',
    ],
  ])('%s is an error, and the next one begins anew', (_, broken, code) => {
    const kernel = new FakeKernel(broken, answer([5]));
    const diag = new SockDiag(kernel);
    expect(errorOf(SockDiagError, () => portsOf(diag)).code).toBe(code);
    expect(kernel.open_.size).toBe(0);
    expect(portsOf(diag)).toEqual([5]);
  });

  it.each(['open', 'write'] as const)('is an error of ours where the kernel refuses to %s', (call) => {
    const kernel = new FakeKernel(answer([1]));
    kernel[call] = () => {
      throw failure('EPERM');
    };
    const error = errorOf(SockDiagError, () => portsOf(new SockDiag(kernel)));
    expect(error).toMatchObject({ code: 'EPERM', cause: { code: 'EPERM' } });
    expect(kernel.open_.size).toBe(0);
  });

  it('leaves an error of who takes the rows as it is, and no descriptor', () => {
    const kernel = new FakeKernel(answer([1]));
    const thrown = new Error('of the taker');
    const taker: RowTaker = {
      begin() {},
      row() {
        throw thrown;
      },
    };
    expect(() => [...new SockDiag(kernel).dump(request(), taker)]).toThrow(thrown);
    expect(kernel.open_.size).toBe(0);
  });
});

describe('one socket', () => {
  const address = new Uint32Array(4);
  const id = (cookie: number, remotePort = 0) => ({
    localPort: 80,
    remotePort,
    localAddress: address,
    remoteAddress: address,
    device: 0,
    cookie,
  });
  const alone =
    (cookie: number): Answer =>
    (sequence) => [piece({ type: ROW, flags: 0, sequence, payload: rowOnPort(80, cookie) })];
  const refused =
    (errno: number): Answer =>
    (sequence) => [piece(ending(ERROR, errno, { sequence }))];
  const nothing = { tcpInfo: null, memory: null };

  it('is found by all that it is', () => {
    const kernel = new FakeKernel(alone(7));
    expect(new SockDiag(kernel).inspect('ipv4', IPPROTO_TCP, id(7))).toEqual(nothing);
    expect(kernel.sequences).toHaveLength(1);
  });

  it.each([2, 116])('is gone where the kernel says %i of a connection', (errno) => {
    const kernel = new FakeKernel(refused(errno));
    expect(new SockDiag(kernel).inspect('ipv4', IPPROTO_TCP, id(7, 5000))).toBeNull();
    expect(kernel.sequences).toHaveLength(1);
  });

  it('is looked for among those that share its address, of which the kernel found another', () => {
    const shared = (sequence: number) => [
      piece(
        ...[6, 7, 8].map((cookie) => ({ type: ROW, sequence, payload: rowOnPort(80, cookie) })),
        ending(DONE, 0, { sequence }),
      ),
    ];
    const found = new SockDiag(new FakeKernel(refused(2), shared)).inspect('ipv4', IPPROTO_TCP, id(7));
    expect(found).toEqual(nothing);
    const another = new SockDiag(new FakeKernel(alone(6), shared)).inspect('ipv4', 17, id(7));
    expect(another).toEqual(nothing);
    expect(new SockDiag(new FakeKernel(refused(2), shared)).inspect('ipv4', 17, id(9))).toBeNull();
  });

  it('of which the kernel may not tell is an error', () => {
    const diag = new SockDiag(new FakeKernel(refused(1)));
    expect(errorOf(SockDiagError, () => diag.inspect('ipv4', IPPROTO_TCP, id(7))).code).toBe('EPERM');
  });
});

const libc = openLibc();

describe.skipIf(!libc)(`the running kernel${libc ? '' : ' (skipped: no foreign calls)'}`, () => {
  const server = createServer();
  let port: number;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => server.close());
  const openFiles = () => readdirSync('/proc/self/fd').length;

  it('tells of a listener, whoever asks', () => {
    const diag = openSockDiag(libc as NonNullable<typeof libc>);
    expect(portsOf(diag)).toContain(port);
    diag.close();
  });

  it('refuses a request in the middle of an answer, which therefore goes to a descriptor of its own', () => {
    const before = openFiles();
    const diag = openSockDiag(libc as NonNullable<typeof libc>);
    const abandoned = diag.dump(request(), new Ports());
    abandoned.next();
    expect(portsOf(diag)).toContain(port);
    abandoned.return();
    expect(portsOf(diag)).toContain(port);
    expect(openFiles()).toBe(before + 1);
    diag.close();
    expect(openFiles()).toBe(before);
  });

  it('says which filter it does not take', () => {
    const diag = openSockDiag(libc as NonNullable<typeof libc>);
    const refused = encodeInetDump(
      { family: AF_INET, protocol: IPPROTO_TCP, states: 1 << 10 },
      new Uint8Array([99, 4, 4, 0]),
    );
    expect(errorOf(SockDiagError, () => [...diag.dump(refused, new Ports())]).code).toBe('EINVAL');
    expect(portsOf(diag)).toContain(port);
    diag.close();
  });

  it('has no protocol 200', () => {
    const diag = openSockDiag(libc as NonNullable<typeof libc>);
    const none = encodeInetDump({ family: AF_INET, protocol: 200, states: 1 << 10 });
    expect(errorOf(SockDiagError, () => [...diag.dump(none, new Ports())]).code).toBe('ENOENT');
    diag.close();
  });
});
