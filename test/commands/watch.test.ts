import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/commands/watch.ts';
import { openLibc } from '../../src/libc/libc.ts';
import type { Socket } from '../../src/sockets/socket.ts';
import { type Namespace, namespaceProblem, openNamespace } from '../helpers/namespace.ts';
import { PORTTOP } from '../helpers/porttop.ts';
import { TemporaryTree } from '../sockets/fixture.ts';

const NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];

/** Looks are far between: what is told was announced. */
const ONE_LOOK = ['-d', '3600'];
const OFTEN = ['-d', '0.2'];
/** On this port sockets open and close until a watch has told of one: by then it has begun. */
const BEACON = '2999';

type Line = { time: string; event: string; socket: Socket };

/**
 * Does as it is told, a line each, and says when it is done. Sockets are known by names; what another process
 * does, its child does, to which it can hand sockets.
 */
const ACTOR = `
import os, socket, sys
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
made = {}
def listener(port):
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(('127.0.0.1', port))
    made.listen(64)
    return made
def child(keeps):
    pid = os.fork()
    if pid == 0:
        if not keeps:
            for each in list(made.values()): each.close()
        ours.close()
        kept = []
        while True:
            word, fds, _, _ = socket.recv_fds(theirs, 9, 1)
            kept += fds
            if word != b'take': os._exit(0)
            theirs.send(b'taken')
    return pid
for line in sys.stdin:
    word, *rest = line.split()
    if word == 'listen': made[rest[0]] = listener(int(rest[1]))
    elif word == 'udp':
        made[rest[0]] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made[rest[0]].bind(('127.0.0.1', int(rest[1])))
    elif word == 'connect': made[rest[0]] = socket.create_connection(('127.0.0.1', int(rest[1])))
    elif word == 'accept': made[rest[0]] = made[rest[1]].accept()[0]
    elif word == 'close': made.pop(rest[0]).close()
    elif word == 'brief':
        for _ in range(int(rest[1])):
            client = socket.create_connection(('127.0.0.1', int(rest[0])))
            accepted = made['server'].accept()[0]
            accepted.close()
            client.close()
    elif word == 'flood':
        for _ in range(int(rest[0])):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as brief: brief.bind(('127.0.0.1', 0))
    elif word == 'child' or word == 'fork': print(child(word == 'fork'), flush=True); continue
    elif word == 'give': socket.send_fds(ours, [b'take'], [made[rest[0]].fileno()]); ours.recv(9)
    elif word == 'dismiss': ours.send(b'go'); os.wait()
    print('done', flush=True)
`;

class Actor {
  readonly child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(namespace: Namespace) {
    this.child = namespace.spawn('python3', ['-c', ACTOR], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface(this.child.stdout as NodeJS.ReadableStream)[Symbol.asyncIterator]();
  }

  async do(...commands: string[]): Promise<string> {
    let answer = '';
    for (const command of commands) {
      this.child.stdin?.write(`${command}\n`);
      answer = (await this.#answers.next()).value;
    }
    return answer;
  }
}

/** A running `porttop watch`, whose lines are read one after the other. */
class Watch {
  readonly child: ChildProcess;
  readonly complaints: Promise<string>;
  readonly #lines: AsyncIterator<string>;

  constructor(namespace: Namespace, args: string[], wrapper: string[] = []) {
    const [command = '', ...rest] = [...wrapper, process.execPath, PORTTOP, 'watch', ...args];
    this.child = namespace.spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.complaints = text(this.child.stderr as NodeJS.ReadableStream);
    this.#lines = createInterface(this.child.stdout as NodeJS.ReadableStream)[Symbol.asyncIterator]();
  }

  /** The next line, but for those of the beacon. */
  async next(): Promise<Line> {
    for (;;) {
      const line = await this.#line();
      if (line.socket.local?.port !== Number(BEACON)) return line;
    }
  }

  /** Whatever is told first. */
  async begin(): Promise<void> {
    await this.#line();
  }

  async #line(): Promise<Line> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the watch ended: ${await this.complaints}`);
    return JSON.parse(value);
  }

  /** The next line in short: `opened tcp 4000 ← 12`. */
  async told(): Promise<string> {
    const { event, socket } = await this.next();
    const who = socket.owners.map(({ pid }) => pid).join(' ') || socket.ownerUnknown;
    return `${event} ${socket.protocol} ${socket.local?.port} ← ${who}`;
  }

  /** How many announcements the kernel has dropped: of the socket that is bound to all four groups. */
  dropped(): number {
    const sockets = readFileSync(`/proc/${this.child.pid}/net/netlink`, 'utf8').split('\n');
    return Number(
      sockets
        .find((line) => / 0000000f /.test(line))
        ?.trim()
        .split(/ +/)[8],
    );
  }

  /** By a signal, and what it says of it. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<NodeJS.Signals | number | null> {
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    const [code, by] = await exited;
    return by ?? code;
  }
}

const problem = openLibc() ? namespaceProblem() : 'no foreign calls';
const isRoot = process.geteuid?.() === 0;

describe.skipIf(problem)(`porttop watch${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let namespace: Namespace;
  let actor: Actor;
  let pid: string;
  beforeAll(async () => {
    namespace = await openNamespace();
  });
  beforeEach(() => {
    actor = new Actor(namespace);
    pid = `${actor.child.pid}`;
  });
  afterEach(async () => {
    const exited = once(actor.child, 'exit');
    actor.child.kill('SIGKILL');
    await exited;
  });
  afterAll(() => namespace[Symbol.asyncDispose]());

  /** Lets a beacon be seen until that is done. */
  async function beacon<T>(until: Promise<T>): Promise<T> {
    let done = false;
    const ended = () => {
      done = true;
    };
    until.then(ended, ended);
    while (!done) {
      await actor.do(`udp beacon ${BEACON}`, 'close beacon');
      await Promise.race([until, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    return until;
  }

  /** A watch that has had its first look. */
  async function watching(args: string[], wrapper?: string[]): Promise<Watch> {
    const watch = new Watch(namespace, args, wrapper);
    await beacon(watch.begin());
    return watch;
  }

  it('tells who begins and who ceases to listen', async () => {
    const watch = await watching(OFTEN);
    await actor.do('listen web 4000');
    expect(await watch.told()).toBe(`opened tcp 4000 ← ${pid}`);
    await actor.do('udp dns 4000');
    expect(await watch.told()).toBe(`opened udp 4000 ← ${pid}`);
    await actor.do('close web');
    const { time, event, socket } = await watch.next();
    expect(Date.now() - Date.parse(time)).toBeLessThan(10_000);
    expect(event).toBe('closed');
    expect(socket).toMatchObject({
      protocol: 'tcp',
      state: 'LISTEN',
      local: { address: '127.0.0.1', port: 4000 },
      remote: null,
      owners: [{ pid: Number(pid), command: 'python3' }],
      ownerUnknown: null,
    });
    await actor.do('close dns');
    expect(await watch.told()).toBe(`closed udp 4000 ← ${pid}`);
    expect(await watch.end()).toBe('SIGTERM');
    expect(await watch.complaints).toBe('');
  });

  it('tells that a socket closed when it does, not when it looks', async () => {
    await actor.do('listen server 4001', 'connect client 4001', 'accept accepted server');
    const watch = await watching(['-a', ...ONE_LOOK]);
    await actor.do('close client');
    const { event, socket } = await watch.next();
    expect(event).toBe('closed');
    expect(socket).toMatchObject({ state: 'ESTABLISHED', remote: { port: 4001 }, ownerUnknown: null });
    await actor.do('close accepted');
    expect(await watch.told()).toBe(`closed tcp 4001 ← ${pid}`);
    await actor.do('close server');
    expect(await watch.told()).toBe(`closed tcp 4001 ← ${pid}`);
    expect(await watch.end('SIGINT')).toBe('SIGINT');
    expect(await watch.complaints).toBe('');
  });

  /** For somebody who is not root the kernel keeps fewer announcements at a time. */
  it.each<[string, number, string[]]>([
    ['root', 200, []],
    ...(isRoot ? [['nobody', 60, NOBODY] as [string, number, string[]]] : []),
  ])('tells %s of %i short connections, each end once', async (_, count, wrapper) => {
    const watch = await watching(['-a', ...OFTEN], wrapper);
    const owner = wrapper.length === 0 ? pid : 'permission';
    await actor.do('listen server 4001');
    expect(await watch.told()).toBe(`opened tcp 4001 ← ${owner}`);
    await actor.do(`brief 4001 ${count}`, 'listen marker 4002');
    const told = new Map<string, string[]>();
    for (;;) {
      const { event, socket } = await watch.next();
      // By then a look has seen what is left of them: TIME_WAIT.
      if (socket.local?.port === 4002) break;
      const ends = `${socket.local?.port}-${socket.remote?.port}`;
      told.set(ends, [...(told.get(ends) ?? []), event]);
    }
    expect(told.size).toBe(count * 2);
    // A look may have come upon one.
    for (const events of told.values())
      expect(events.filter((event) => event !== 'opened')).toEqual(['closed']);
    await actor.do('close marker', 'close server');
    // One look may find both gone, and tells them in no order.
    const last = [await watch.told(), await watch.told()];
    expect(last.sort()).toEqual([`closed tcp 4001 ← ${owner}`, `closed tcp 4002 ← ${owner}`]);
    await watch.end();
    expect(await watch.complaints).toBe('');
  });

  it('tells when a socket is handed to another process, and when that ends', async () => {
    const watch = await watching(['4000', BEACON, ...OFTEN]);
    const child = await actor.do('child');
    await actor.do('listen web 4000');
    expect(await watch.told()).toBe(`opened tcp 4000 ← ${pid}`);
    await actor.do('give web');
    expect(await watch.told()).toBe(`owner tcp 4000 ← ${pid} ${child}`);
    await actor.do('dismiss');
    expect(await watch.told()).toBe(`owner tcp 4000 ← ${pid}`);
    const fork = await actor.do('fork');
    expect(await watch.told()).toBe(`owner tcp 4000 ← ${pid} ${fork}`);
    await actor.do('dismiss', 'close web');
    const last = [await watch.told()];
    if (last[0]?.startsWith('owner')) last.push(await watch.told());
    expect(last.at(-1)).toMatch(/^closed tcp 4000 ← /);
    await watch.end();
  });

  it('tells of one process alone, its connections too', async () => {
    const other = new Actor(namespace);
    const watch = new Watch(namespace, ['--pid', pid, ...OFTEN]);
    let number = 0;
    const begun = watch.next();
    let done = false;
    begun.then(() => {
      done = true;
    });
    while (!done) {
      await actor.do(`listen web${++number} ${4100 + number}`);
      await Promise.race([begun, new Promise((resolve) => setTimeout(resolve, 300))]);
    }
    await other.do('listen theirs 4003');
    await actor.do('connect client 4003');
    for (;;) {
      const { event, socket } = await watch.next();
      expect(socket.owners.map((owner) => owner.pid)).toEqual([Number(pid)]);
      if (event === 'opened' && socket.remote?.port === 4003) break;
    }
    await actor.do('close client');
    expect((await watch.next()).socket).toMatchObject({ remote: { port: 4003 } });
    while (number > 0) await actor.do(`close web${number--}`);
    await watch.end();
  });

  it('says once that the kernel dropped announcements, and goes on', async () => {
    const watch = await watching(['4000', BEACON, ...OFTEN]);
    watch.child.kill('SIGSTOP');
    await actor.do('listen web 4000', 'flood 20000');
    await vi.waitFor(() => expect(watch.dropped()).toBeGreaterThan(0), 50_000);
    watch.child.kill('SIGCONT');
    expect(await watch.told()).toBe(`opened tcp 4000 ← ${pid}`);
    watch.child.kill('SIGSTOP');
    const before = watch.dropped();
    await actor.do('flood 20000', 'close web');
    await vi.waitFor(() => expect(watch.dropped()).toBeGreaterThan(before), 50_000);
    watch.child.kill('SIGCONT');
    // Announced or not.
    expect(await watch.told()).toBe(`closed tcp 4000 ← ${pid}`);
    await watch.end();
    expect(await watch.complaints).toBe(
      'porttop: the kernel dropped word of closed sockets (too many were closed at once): sockets that open and ' +
        'close between two looks may be missed\n',
    );
  });

  it('ends with whoever reads it, though nothing happens any more', async () => {
    const pipe = `"$0" "$1" watch ${OFTEN.join(' ')} | head -n 1`;
    const shell = namespace.spawn('sh', ['-c', pipe, process.execPath, PORTTOP], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(shell, 'exit');
    const complaints = text(shell.stderr as NodeJS.ReadableStream);
    const lines = createInterface(shell.stdout as NodeJS.ReadableStream)[Symbol.asyncIterator]();
    const { value } = await beacon(lines.next());
    expect(JSON.parse(`${value}`).socket.local.port).toBe(Number(BEACON));
    expect((await exited)[0]).toBe(0);
    expect(await complaints).toBe('');
  });
});

describe('porttop watch of another /proc', () => {
  const HEADING =
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
  const ROW =
    '   0: 0100007F:0FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 x 100 0 0 10 0\n';

  it('looks alone, and says what that misses', async () => {
    using tree = new TemporaryTree({
      '1/net/tcp': HEADING,
      '1/fd/5': { link: 'socket:[77]' },
      '1/stat': `1 (init) S 0 ${'0 '.repeat(48)}\n`,
      stat: 'btime 1700000000\n',
    });
    const child = spawn(process.execPath, [PORTTOP, 'watch', '-t', '-4', '-d', '0.1', '--procfs', tree.root]);
    const complaints = text(child.stderr);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const events: string[] = [];
    for (let there = true; events.length < 4; ) {
      const told = lines.next().then(({ value }) => {
        const { event, socket } = JSON.parse(`${value}`) as Line;
        expect(socket).toMatchObject({ local: { port: 4000 }, owners: [{ pid: 1, fd: 5, command: 'init' }] });
        events.push(event);
        return true;
      });
      for (let heard = false; !heard; ) {
        writeFileSync(`${tree.root}/1/net/tcp`, there ? HEADING + ROW : HEADING);
        there = !there;
        heard = await Promise.race([told, new Promise<false>((resolve) => setTimeout(resolve, 300, false))]);
      }
    }
    expect(events.join()).toMatch(/opened,closed,opened/);
    child.kill();
    expect(await complaints).toBe(
      'porttop: sockets that open and close between two looks may be missed: --procfs ' +
        `${tree.root} has no kernel to announce them\n`,
    );
  });

  it('ends with an error when nothing can be read any more', async () => {
    const tree = new TemporaryTree({ '1/net/tcp': HEADING, '1/stat': '', stat: 'btime 1700000000\n' });
    const child = spawn(process.execPath, [PORTTOP, 'watch', '-t', '-4', '-d', '0.1', '--procfs', tree.root]);
    child.stderr.once('data', () => tree[Symbol.dispose]());
    const [complaints, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(code).toBe(2);
    expect(complaints.trimEnd().split('\n').at(-1)).toMatch(/^porttop: .*1\/net/);
  });

  it('that is not there is an error, as is what is no TARGET, and what only a table has', async () => {
    await expect(run(['--procfs', '/nowhere'])).rejects.toThrow('/nowhere');
    await expect(run(['nonsense'])).rejects.toThrow("'nonsense'");
    await expect(run(['--csv'])).rejects.toThrow('watch prints JSON');
    await expect(run(['--sort', 'port'])).rejects.toThrow('--sort is not for watch');
    await expect(run(['-r'])).rejects.toThrow('-r is not for watch');
    await expect(run(['-N', 'all'])).rejects.toThrow('ip netns exec');
    await expect(run(['--filter', 'prot:80'])).rejects.toThrow("such as 'port'");
    await expect(run(['-d', '0.01'])).rejects.toThrow('at least 0.1');
  });
});
