/**
 * Opens a socket of every kind that Node can bring about, says so in one line of JSON, and keeps them until
 * stdin closes. Run it in a network namespace of its own (test/helpers/namespace.ts): `node zoo.ts`.
 */
import { type ChildProcess, execFileSync, type StdioOptions, spawn } from 'node:child_process';
import { createSocket, type SocketOptions, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  type AddressInfo,
  connect,
  createServer,
  type ListenOptions,
  type Server,
  type Socket,
} from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { HEIR_NAME, HOSTILE_NAME } from './names.ts';

export type ZooReport = {
  ready: true;
  /** By kind of socket: of a listener its port, of a connection the port of the end that the kind is named for. */
  ports: Record<string, number>;
  /** The user of the process that inherits, where it is another than that of the rest. */
  heirUid: number;
  pids: { zoo: number; shared: number[]; heir: number; hostile: number; stopped: number };
  /** The device of the link-local listener. */
  linkLocalDevice: string;
  /** Kinds that this kernel or these rights do not allow, and why. */
  missing: Record<string, string>;
};

/** What a stopped process has opened, sent to its parent. */
type StoppedPorts = { unaccepted: number; full: number; udpQueue: number };

/** As much as no receiver's window takes, so that some of it stays in the sender's queue. */
const TOO_MUCH = Buffer.alloc(16 << 20);
const LOOPBACK = '127.0.0.1';
const OUR_VETH = 'zoo0';
const THEIR_VETH = 'zoo1';
/** TEST-NET-2, RFC 5737. */
const OUR_ADDRESS = '198.51.100.1';
const THEIR_ADDRESS = '198.51.100.2';

/** Whom nearly every system has. */
const NOBODY = 65534;

const children: ChildProcess[] = [];
/** Everything opened is kept here: a collected socket would close. */
const held: unknown[] = [];

async function zoo(): Promise<void> {
  const ports: ZooReport['ports'] = {};
  const missing: ZooReport['missing'] = {};
  const sharer = startNode('sharer');
  const badlyNamed = startNode('hostile');
  const sleeper = startNode('stopped');
  const named = once(badlyNamed, 'message');
  const opened = once(sleeper, 'message');
  const pids: ZooReport['pids'] = {
    zoo: process.pid,
    shared: [process.pid, sharer.pid as number],
    heir: 0,
    hostile: badlyNamed.pid as number,
    stopped: sleeper.pid as number,
  };
  process.stdin.resume().once('end', () => {
    for (const child of children) child.kill('SIGKILL');
    process.exit();
  });

  const veth = makeVeth();
  const linkLocalDevice = veth ? OUR_VETH : 'lo';
  if (!veth) ip('address', 'add', 'fe80::1/64', 'dev', 'lo', 'nodad');

  const plain = await listen({ host: LOOPBACK });
  const plain6 = await listen({ host: '::1' });
  const dual = await listen({ host: '::' });
  ports.listen4 = portOf(plain);
  ports.listen4Any = portOf(await listen({ host: '0.0.0.0' }));
  ports.listen6 = portOf(plain6);
  ports.listen6Only = portOf(await listen({ host: '::', ipv6Only: true }));
  ports.listenDual = portOf(dual);
  const linkLocal = await listen({ host: `fe80::1%${linkLocalDevice}` });
  ports.listenLinkLocal = portOf(linkLocal);
  const reusing = await listen({ host: LOOPBACK, reusePort: true });
  ports.reusePort = portOf(reusing);
  await listen({ host: LOOPBACK, reusePort: true, port: portOf(reusing) });

  ports.established4 = (await pair(plain)).client.localPort as number;
  ports.established6 = (await pair(plain6, '::1')).client.localPort as number;
  ports.establishedLinkLocal = (await pair(linkLocal, `fe80::1%${linkLocalDevice}`)).client
    .localPort as number;
  ports.establishedMapped = (await pair(dual, LOOPBACK)).client.localPort as number;

  const halfClosed = await pair(plain);
  ports.finWait2 = halfClosed.client.localPort as number;
  halfClosed.client.end();
  await inState('FIN_WAIT2', ports.finWait2);

  const closed = await pair(plain);
  ports.timeWait = closed.client.localPort as number;
  closed.client.end();
  await inState('FIN_WAIT2', ports.timeWait);
  closed.accepted.end();
  await inState('TIME_WAIT', ports.timeWait);

  const unread = await pair(plain);
  ports.recvQueue = unread.accepted.remotePort as number;
  unread.client.write('nobody reads this');
  await until('a receive queue', () => {
    return kernelTable('tcp').some((row) => row.remotePort === ports.recvQueue && row.receiveQueue > 0);
  });

  const stuck = await stuckPair(plain);
  ports.sendQueue = stuck.port;

  const gone = await stuckPair(plain);
  ports.orphanFinWait1 = gone.port;
  gone.client.destroy();
  await inState('FIN_WAIT1', gone.port);

  const bothGone = await stuckPair(plain);
  ports.closing = bothGone.port;
  bothGone.client.destroy();
  await inState('FIN_WAIT1', bothGone.port);
  bothGone.accepted.end();
  await inState('CLOSING', bothGone.port);

  const lastWord = await stuckPair(plain);
  ports.lastAck = lastWord.port;
  lastWord.accepted.end();
  await inState('CLOSE_WAIT', lastWord.port);
  lastWord.client.destroy();
  await inState('LAST_ACK', lastWord.port);

  const shared = await listen({ host: LOOPBACK });
  ports.shared = portOf(shared);
  // It is passed on twice: to a running process (SCM_RIGHTS), and to one that is started with it.
  sharer.send('share', shared);
  await once(sharer, 'message');
  const heirUid = mayBecomeNobody() ? NOBODY : 0;
  const heir = await startHeir(shared, heirUid);
  pids.heir = heir.pid as number;
  pids.shared.push(pids.heir);

  if (heirUid === 0) missing.ofNobody = 'only one user here';
  else ports.ofNobody = await listenAsNobody();

  [ports.hostile] = (await named) as [number];

  const [stoppedPorts] = (await opened) as [StoppedPorts];
  Object.assign(ports, stoppedPorts);
  sleeper.kill('SIGSTOP');
  await until('a stopped process', () => /\) T /.test(readFileSync(`/proc/${sleeper.pid}/stat`, 'latin1')));
  await fillQueues(ports, stoppedPorts);

  await openUdp(ports);

  if (veth) ports.synRecv = await halfOpen();
  else missing.synRecv = 'no veth devices';

  const report: ZooReport = { ready: true, ports, pids, heirUid, linkLocalDevice, missing };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

/** The stopped process accepts nothing, so what is connected to it stays in its queues. */
async function fillQueues(ports: ZooReport['ports'], stopped: StoppedPorts): Promise<void> {
  await dial(stopped.unaccepted);
  await dial(stopped.unaccepted);
  const halfClosed = await dial(stopped.unaccepted);
  halfClosed.end();
  await until('an unaccepted CLOSE_WAIT', () => {
    return kernelTable('tcp').some(
      (row) => row.state === 'CLOSE_WAIT' && row.localPort === stopped.unaccepted,
    );
  });

  // A queue of backlog 1 has room for 2: this client stays in it, and its own end closes.
  const orphan = await dial(stopped.full);
  const orphanPort = orphan.localPort as number;
  ports.orphanFinWait2 = orphanPort;
  orphan.destroy();
  await inState('FIN_WAIT2', orphanPort);
  await dial(stopped.full);
  // No more room: its SYN is dropped, again and again.
  hold(connect(stopped.full, LOOPBACK));
  await until('SYN_SENT', () => {
    const row = kernelTable('tcp').find(
      (each) => each.state === 'SYN_SENT' && each.remotePort === stopped.full,
    );
    if (row) ports.synSent = row.localPort;
    return row !== undefined;
  });

  const sender = createSocket('udp4');
  sender.send('never read', stopped.udpQueue, LOOPBACK, () => sender.close());
  await until('a datagram in a queue', () => {
    return kernelTable('udp').some((row) => row.localPort === stopped.udpQueue && row.receiveQueue > 0);
  });
}

async function openUdp(ports: ZooReport['ports']): Promise<void> {
  const bound = await bind({ type: 'udp4' }, LOOPBACK);
  ports.udp4 = bound.address().port;
  ports.udp4Any = (await bind({ type: 'udp4' }, '0.0.0.0')).address().port;
  ports.udp6 = (await bind({ type: 'udp6' }, '::1')).address().port;
  ports.udp6Only = (await bind({ type: 'udp6', ipv6Only: true }, '::')).address().port;
  ports.udpDual = (await bind({ type: 'udp6' }, '::')).address().port;

  const connected = createSocket('udp4');
  hold(connected);
  connected.connect(ports.udp4, LOOPBACK);
  await once(connected, 'connect');
  ports.udpConnected = connected.address().port;

  const multicast: SocketOptions = { type: 'udp4', reuseAddr: true };
  const first = await bind(multicast, '0.0.0.0');
  const second = await bind(multicast, '0.0.0.0', first.address().port);
  for (const member of [first, second]) member.addMembership('239.1.2.3', LOOPBACK);
  ports.udpShared = first.address().port;
}

/** A connection that stays in SYN_RECV: our answers go to a hardware address that nobody has. */
async function halfOpen(): Promise<number> {
  ip(
    'neighbour',
    'replace',
    THEIR_ADDRESS,
    'lladdr',
    '02:00:00:00:00:99',
    'dev',
    OUR_VETH,
    'nud',
    'permanent',
  );
  const knocked = await listen({ host: OUR_ADDRESS });
  const port = portOf(knocked);
  const client = startNode('knocker', ['unshare', '--net']);
  await once(client, 'message');
  ip('link', 'set', THEIR_VETH, 'netns', `${client.pid}`);
  client.send(port);
  await until('SYN_RECV', () =>
    kernelTable('tcp').some((row) => row.state === 'SYN_RECV' && row.localPort === port),
  );
  return port;
}

function makeVeth(): boolean {
  try {
    ip('link', 'add', OUR_VETH, 'type', 'veth', 'peer', 'name', THEIR_VETH);
  } catch {
    return false;
  }
  ip('address', 'add', `${OUR_ADDRESS}/24`, 'dev', OUR_VETH);
  ip('link', 'set', OUR_VETH, 'up');
  ip('address', 'add', 'fe80::1/64', 'dev', OUR_VETH, 'nodad');
  return true;
}

async function stopped(): Promise<void> {
  const opened: StoppedPorts = {
    unaccepted: portOf(await listen({ host: LOOPBACK, backlog: 16 })),
    full: portOf(await listen({ host: LOOPBACK, backlog: 1 })),
    udpQueue: (await bind({ type: 'udp4' }, LOOPBACK)).address().port,
  };
  process.send?.(opened);
}

async function sharer(): Promise<void> {
  const [, server] = await once(process, 'message');
  hold(server);
  process.send?.('held');
}

async function hostile(): Promise<void> {
  process.title = HOSTILE_NAME;
  process.send?.(portOf(await listen({ host: LOOPBACK })));
}

async function knocker(): Promise<void> {
  const told = once(process, 'message');
  process.send?.('inside');
  const [port] = (await told) as [number];
  ip('address', 'add', `${THEIR_ADDRESS}/24`, 'dev', THEIR_VETH);
  ip('link', 'set', THEIR_VETH, 'up');
  hold(connect(port, OUR_ADDRESS));
}

/** This file again, in another role. */
function startNode(role: string, wrapper: string[] = []): ChildProcess {
  const command = [...wrapper, process.execPath, import.meta.filename, role];
  return start(command, ['ignore', 'ignore', 'inherit', 'ipc']);
}

/** It dies with its parent, even while it is stopped. */
function start(command: string[], stdio: StdioOptions): ChildProcess {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio });
  children.push(child);
  return child;
}

/** A process that has the socket twice from its start, a name of its own, and, if that may be, another user. */
async function startHeir(server: Server, uid: number): Promise<ChildProcess> {
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  const user = uid === 0 ? [] : ['--reuid', `${uid}`];
  const script = `printf '${HEIR_NAME}' > /proc/$$/comm; echo named; read -r end`;
  const heir = start([...user, 'sh', '-c', script], ['pipe', 'pipe', 'inherit', fd, fd]);
  if (heir.stdout) await once(heir.stdout, 'data');
  return heir;
}

/** In a user namespace of an ordinary user there is only one uid. */
function mayBecomeNobody(): boolean {
  try {
    process.seteuid?.(NOBODY);
    process.seteuid?.(0);
    return true;
  } catch {
    return false;
  }
}

async function listenAsNobody(): Promise<number> {
  process.seteuid?.(NOBODY);
  try {
    return portOf(await listen({ host: LOOPBACK }));
  } finally {
    process.seteuid?.(0);
  }
}

async function listen(options: ListenOptions): Promise<Server> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  server.on('connection', hold);
  server.listen({ port: 0, ...options });
  await once(server, 'listening');
  held.push(server);
  return server;
}

async function bind(options: SocketOptions, address: string, port = 0): Promise<UdpSocket> {
  const socket = createSocket(options);
  socket.bind(port, address);
  await once(socket, 'listening');
  hold(socket);
  return socket;
}

async function dial(port: number, host = LOOPBACK): Promise<Socket> {
  const client = connect({ port, host, allowHalfOpen: true });
  client.pause();
  hold(client);
  await once(client, 'connect');
  return client;
}

async function pair(server: Server, host = LOOPBACK): Promise<{ client: Socket; accepted: Socket }> {
  const accepting = once(server, 'connection') as Promise<[Socket]>;
  const client = await dial(portOf(server), host);
  const [accepted] = await accepting;
  return { client, accepted };
}

/** A pair whose client has more to send than the other end, which does not read, will take. */
async function stuckPair(server: Server): Promise<{ client: Socket; accepted: Socket; port: number }> {
  const { client, accepted } = await pair(server);
  const port = client.localPort as number;
  client.write(TOO_MUCH);
  let before = -1;
  await until('a full send queue', () => {
    const queued = kernelTable('tcp').find((row) => row.localPort === port)?.sendQueue ?? 0;
    const settled = queued > 0 && queued === before;
    before = queued;
    return settled;
  });
  return { client, accepted, port };
}

function hold(socket: unknown): void {
  held.push(socket);
  // Some of them time out or are reset one day, as they should.
  if (socket && typeof socket === 'object' && 'on' in socket) (socket as Socket).on('error', () => {});
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function inState(state: string, localPort: number): Promise<void> {
  return until(state, () =>
    kernelTable('tcp').some((row) => row.state === state && row.localPort === localPort),
  );
}

/** The kernel tells nobody that a socket has changed its state: so it is asked, again and again. */
async function until(what: string, reached: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!reached()) {
    if (Date.now() > deadline) throw new Error(`not reached: ${what}`);
    await delay(20);
  }
}

type KernelRow = {
  localPort: number;
  remotePort: number;
  state: string | undefined;
  sendQueue: number;
  receiveQueue: number;
};

/** include/net/tcp_states.h, from 1. */
const STATES = [
  '',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
];

function kernelTable(protocol: 'tcp' | 'udp'): KernelRow[] {
  const lines = readFileSync(`/proc/self/net/${protocol}`, 'latin1').trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const [, local = '', remote = '', state = '', queues = ''] = line.trim().split(/\s+/);
    const [sendQueue = '', receiveQueue = ''] = queues.split(':');
    return {
      localPort: Number.parseInt(local.slice(-4), 16),
      remotePort: Number.parseInt(remote.slice(-4), 16),
      state: STATES[Number.parseInt(state, 16)],
      sendQueue: Number.parseInt(sendQueue, 16),
      receiveQueue: Number.parseInt(receiveQueue, 16),
    };
  });
}

const roles: Record<string, () => Promise<void>> = { zoo, stopped, sharer, hostile, knocker };
await roles[process.argv[2] ?? 'zoo']?.();
