import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { ACTORS, type Actor, HARBOR, USERS } from '../helpers/harbor.ts';
import { bytesOf, STATE } from '../sockets/fixture.ts';

/** Users that no passwd of the machine which runs the tests has a name for. */
const UID_BASE = 4_000_000;
const SERVICES = `ssh 22/tcp # SSH Remote Login Protocol
http 80/tcp www # WorldWideWeb HTTP
https 443/tcp # http protocol over TLS/SSL
postgresql 5432/tcp postgres # PostgreSQL Database
redis 6379/tcp
`;
/** How long the host is up, and since when its processes run, in seconds. */
const UP = 3 * 86_400 + 7200;
const STARTED = 3 * 86_400 + 3600;
const USER_HZ = 100;

type Socket = {
  file: string;
  local: string;
  remote: string;
  state: keyof typeof STATE;
  waiting: number;
  uid: number;
  inode: number;
};

/** A folder with `proc`, in which {@link ACTORS} are, as old as they always are, and `services`. */
export function makeProcTree(): Disposable & { folder: string } {
  const folder = mkdtempSync(`${tmpdir()}/porttop-golden-`);
  const path = `${folder}/proc`;
  const write = (file: string, content: string) => {
    mkdirSync(dirname(`${path}/${file}`), { recursive: true });
    writeFileSync(`${path}/${file}`, content);
  };
  const booted = Math.floor(Date.now() / 1000) - UP;
  write('stat', `cpu  100 0 100 1000 0 0 0 0 0 0\ncpu0 100 0 100 1000 0 0 0 0 0 0\nbtime ${booted}\n`);
  write('uptime', `${UP}.00 ${UP}.00\n`);
  write('meminfo', 'MemTotal:        8000000 kB\nMemFree:         4000000 kB\n');
  write('../services', SERVICES);
  write('sys/kernel/hostname', `${HARBOR}\n`);
  write('sys/kernel/osrelease', '6.12.0\n');
  write('sys/net/ipv4/ip_local_port_range', '32768\t60999\n');

  const sockets = socketsOf();
  const all = [...sockets.values()].flat();
  // The kernel has the listeners first (net/ipv4/tcp_ipv4.c, tcp_seek_last_pos()).
  const inOrder = [
    ...all.filter(({ state }) => state === 'LISTEN'),
    ...all.filter(({ state }) => state !== 'LISTEN'),
  ];
  for (const file of ['tcp', 'tcp6', 'udp', 'udp6']) {
    const lines = inOrder.filter((socket) => socket.file === file).map(netLine);
    write(`1/net/${file}`, ['  sl  local_address rem_address', ...lines, ''].join('\n'));
  }
  const connected = all.filter(({ state }) => state === 'ESTABLISHED').length;
  write('1/net/snmp', `Tcp: MaxConn CurrEstab\nTcp: -1 ${connected}\n`);
  const init = { pid: 1, title: '/sbin/init', command: 'systemd', sockets: [] };
  for (const actor of [init, ...ACTORS]) writeProcess(write, actor);
  for (const [pid, held] of sockets) {
    mkdirSync(`${path}/${pid}/fd`, { recursive: true });
    held.forEach(({ inode }, index) => {
      symlinkSync(`socket:[${inode}]`, `${path}/${pid}/fd/${index + 3}`);
    });
  }
  for (const { pid, command, cwd = '/' } of ACTORS) {
    symlinkSync(`/opt/harbor/${command}`, `${path}/${pid}/exe`);
    symlinkSync(cwd, `${path}/${pid}/cwd`);
    symlinkSync('/', `${path}/${pid}/root`);
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

function uidOf({ user = 'root' }: Pick<Actor, 'user'>): number {
  return USERS[user] === 0 ? 0 : UID_BASE + USERS[user];
}

/** By pid; each connection has two ends, the one that came from a port of its own. */
function socketsOf(): Map<number, Socket[]> {
  const sockets = new Map(ACTORS.map(({ pid }) => [pid, [] as Socket[]]));
  let inode = 20_000;
  const add = (actor: Actor, socket: Omit<Socket, 'uid' | 'inode'>) => {
    sockets.get(actor.pid)?.push({ ...socket, uid: uidOf(actor), inode: ++inode });
  };
  for (const actor of ACTORS) {
    for (const written of actor.sockets) {
      const [protocol = '', end = ''] = written.split(' ');
      const local = end.replace('*', '[::]');
      const file = `${protocol}${local.startsWith('[') ? '6' : ''}`;
      const remote = local.startsWith('[') ? '[::]:0' : '0.0.0.0:0';
      const waiting = actor.hangs ? 4 : 0;
      add(actor, { file, local, remote, state: protocol === 'tcp' ? 'LISTEN' : 'CLOSE', waiting });
    }
  }
  let from = 40_000;
  for (const actor of ACTORS) {
    for (const port of actor.connects ?? []) {
      const served = ACTORS.find((other) => other.sockets.some((socket) => socket.endsWith(`:${port}`)));
      const [here, there] = [`127.0.0.1:${++from}`, `127.0.0.1:${port}`];
      add(actor, { file: 'tcp', local: here, remote: there, state: 'ESTABLISHED', waiting: 0 });
      if (served && !served.hangs)
        add(served, { file: 'tcp', local: there, remote: here, state: 'ESTABLISHED', waiting: 0 });
    }
  }
  return sockets;
}

/** As net/ipv4/tcp_ipv4.c prints it. */
function netLine({ local, remote, state, waiting, uid, inode }: Socket, index: number): string {
  const queues = `00000000:${waiting.toString(16).padStart(8, '0')}`;
  const number = STATE[state].toString(16).toUpperCase().padStart(2, '0');
  return `${index}: ${hexEnd(local)} ${hexEnd(remote)} ${number} ${queues} 00:00000000 00000000 ${uid} 0 ${inode} 1`;
}

/** Each word of an address as this machine's integer, in hex. */
function hexEnd(end: string): string {
  const at = end.lastIndexOf(':');
  const words = new Uint32Array(new Uint8Array(bytesOf(end.slice(0, at).replace(/[[\]]/g, ''))).buffer);
  const hex = (number: number, digits: number) => number.toString(16).toUpperCase().padStart(digits, '0');
  return `${[...words].map((word) => hex(word, 8)).join('')}:${hex(Number(end.slice(at + 1)), 4)}`;
}

function writeProcess(write: (file: string, content: string) => void, actor: Actor): void {
  const { pid, title, command, env = {} } = actor;
  const uid = uidOf(actor);
  const started = (UP - STARTED) * USER_HZ + pid;
  const numbers = Array(30).fill(0);
  write(
    `${pid}/stat`,
    `${pid} (${command}) S ${pid === 1 ? 0 : 1} ${pid} ${pid} 0 -1 4194560 900 0 0 0 1200 300 0 0 20 0 1 0 ` +
      `${started} 52428800 4096 18446744073709551615 ${numbers.join(' ')}\n`,
  );
  const ids = `${uid}\t${uid}\t${uid}\t${uid}`;
  write(
    `${pid}/status`,
    `Name:\t${command}\nState:\tS (sleeping)\nTgid:\t${pid}\nPid:\t${pid}\nPPid:\t${pid === 1 ? 0 : 1}\n` +
      `Uid:\t${ids}\nGid:\t${ids}\nVmSize:\t   51200 kB\nVmRSS:\t   16384 kB\nThreads:\t1\n`,
  );
  write(`${pid}/comm`, `${command}\n`);
  write(`${pid}/cmdline`, title.includes(': ') ? `${title}\0` : `${title.replaceAll(' ', '\0')}\0`);
  const environ = { USER: actor.user ?? 'root', ...env };
  write(
    `${pid}/environ`,
    Object.entries(environ)
      .map(([name, value]) => `${name}=${value}\0`)
      .join(''),
  );
  write(`${pid}/cgroup`, `0::/system.slice/${pid === 1 ? 'init.scope' : `${command}.service`}\n`);
  write(`${pid}/loginuid`, '4294967295');
}
