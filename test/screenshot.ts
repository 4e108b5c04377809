/**
 * Takes the README's pictures: the real program on a host made up for it. By hand, after a build, best as root
 * (else every actor is the same user): `node test/screenshot.ts`.
 */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ACTORS, type Actor, HARBOR, USERS } from './helpers/harbor.ts';
import { type Namespace, openNamespace } from './helpers/namespace.ts';
import { svgOf } from './helpers/svg.ts';
import { openTerminal } from './helpers/terminal.ts';

type Step = {
  keys?: string[];
  /** Who comes, or whose pid goes, before that. */
  comes?: Actor;
  goes?: number;
  /** What all that leads to. */
  waitFor: string | RegExp;
  /** Taken then, into assets/. */
  file?: string;
};

const NEWCOMER: Actor = {
  pid: 25011,
  title: 'uvicorn app:main --port 5000',
  command: 'uvicorn',
  user: 'deploy',
  cwd: '/srv',
  sockets: ['tcp 127.0.0.1:5000'],
  connects: [5432],
};

const STEPS: Step[] = [
  // With the pids, the owners are there; with the connections of PostgreSQL, these are.
  { waitFor: /5432 .* 655 .* 4 /, file: 'listening.svg' },
  // The application on port 3000: what is it?
  { keys: ['/', '3', '0', '0', '0', 'Enter'], waitFor: /▌ +3000/ },
  { keys: ['Esc'], waitFor: / 22 +ssh / },
  { keys: ['Enter'], waitFor: /threads +\d/, file: 'screen.svg' },
  { keys: ['K'], waitFor: /SIGTERM.*node 1180/s, file: 'signal.svg' },
  { keys: ['Esc', 'Esc', '2'], waitFor: /ESTABLISHED/, file: 'sockets.svg' },
  { keys: ['3', ...'/port:>0', 'Enter'], waitFor: /8 shown/, file: 'processes.svg' },
  { comes: NEWCOMER, keys: ['5'], waitFor: /opened +5000/ },
  { goes: 24817, waitFor: /closed +4000.*opened +5000/s, file: 'timeline.svg' },
  { keys: ['4', 's', 's', 'h'], waitFor: /ssh +22\/tcp/, file: 'services.svg' },
];

const SIZE = { columns: 120, rows: 40 };
/** Where the actors' program is, as the picture shows it. */
const NODE = '/usr/bin/node';

const THIS_FILE = fileURLToPath(import.meta.url);
const PROGRAM = fileURLToPath(new URL('../dist/porttop.js', import.meta.url));
const ASSETS = fileURLToPath(new URL('../assets/', import.meta.url));

const [role, part] = process.argv.slice(2);
if (role === 'act' && part) await act(JSON.parse(part));
else await takePictures();

async function takePictures(): Promise<void> {
  mkdirSync(ASSETS, { recursive: true });
  await using namespace = await openNamespace({ hostname: HARBOR, processes: true });
  await setScene(namespace);
  for (const actor of ACTORS) await enter(namespace, actor);
  const env = { COLORTERM: 'truecolor' };
  await using terminal = openTerminal({ ...namespace.wrap(process.execPath, [PROGRAM]), ...SIZE, env });
  for (const { keys = [], comes, goes, waitFor, file } of STEPS) {
    if (comes) await enter(namespace, comes);
    if (goes) await namespace.run('kill', [String(goes)]);
    // A lone Esc is one only after a while.
    for (const key of keys) {
      terminal.press(key);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await terminal.waitFor(waitFor);
    if (file) writeFileSync(`${ASSETS}${file}`, svgOf(terminal, { title: `${HARBOR} — porttop` }));
  }
}

/** Users of its own, who may listen on low ports. The mount ends with the namespace. */
async function setScene(namespace: Namespace): Promise<void> {
  const passwd = Object.entries(USERS).map(([name, uid]) => `${name}:x:${uid}:${uid}::/:/bin/sh\n`);
  const script = `
    echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start
    mount --bind "$1" /etc/passwd && mount --bind "$2" ${NODE}`;
  const folder = mkdtempSync(`${tmpdir()}/porttop-screenshot-`);
  writeFileSync(`${folder}/passwd`, passwd.join(''), { mode: 0o644 });
  const { code, stderr } = await namespace.run('sh', [
    '-c',
    script,
    'sh',
    `${folder}/passwd`,
    process.execPath,
  ]);
  rmSync(folder, { recursive: true });
  if (code !== 0) throw new Error(stderr);
}

async function enter(namespace: Namespace, actor: Actor): Promise<void> {
  await namespace.run('sh', ['-c', `echo ${actor.pid - 1} > /proc/sys/kernel/ns_last_pid`]);
  const PATH = '/usr/local/bin:/usr/bin:/bin';
  // Only root can make a namespace with more than one user in it.
  const part = process.geteuid?.() === 0 ? actor : { ...actor, user: undefined };
  const child = namespace.spawn(NODE, [THIS_FILE, 'act', JSON.stringify(part)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH, USER: actor.user ?? 'root', LANG: 'C.UTF-8', ...actor.env },
  });
  if (child.stdout) for await (const _ of createInterface(child.stdout)) return;
  throw new Error(`${actor.command} did not start`);
}

/** In the namespace: holds the sockets under the actor's name until the namespace ends. */
async function act({ title, command, user, cwd = '/', sockets, connects = [], hangs }: Actor): Promise<void> {
  process.chdir(cwd);
  process.title = title;
  // The title has renamed the command too.
  writeFileSync('/proc/self/comm', command);
  if (user) {
    process.setgid?.(USERS[user]);
    process.setuid?.(USERS[user]);
  }
  for (const socket of sockets) {
    const [, protocol, address, port] = /^(\w+) \[?([^\]]+?)\]?:(\d+)$/.exec(socket) ?? [];
    await hold(protocol as 'tcp' | 'udp', address as string, Number(port));
  }
  for (const port of connects) await once(connect(port, '127.0.0.1'), 'connect');
  process.stdout.write('ready\n', () => {
    if (hangs) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
}

async function hold(protocol: 'tcp' | 'udp', address: string, port: number): Promise<void> {
  const host = address === '*' ? '::' : address;
  const ipv6Only = address.includes(':');
  const socket =
    protocol === 'tcp'
      ? createServer({ pauseOnConnect: true }).listen({ host, port, ipv6Only })
      : createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', ipv6Only }).bind(port, host);
  await once(socket, 'listening');
}
