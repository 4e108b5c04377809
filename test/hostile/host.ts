import type { ChildProcess } from 'node:child_process';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type Namespace, openNamespace } from '../helpers/namespace.ts';
import { whereIs } from '../helpers/tools.ts';
import { firstLine, NAMES, octal } from './zoo.ts';

/** A user who listens on an address; `bytes` are what is chosen for everything about him that has a name. */
export type Resident = {
  bytes: Buffer;
  uid: number;
  port: number;
  pid: number;
  address: string;
  cgroup: boolean;
};

/** /etc/passwd has those, getent tells of these. */
const FIRST_UID = 70_000;
const FIRST_ASKED = 71_000;

const residents = Object.entries(NAMES).filter(
  ([name]) => !['long', 'of a skin', 'flags', 'quotes and commas', 'a sum', 'a difference'].includes(name),
);
const ASKED = ['takes the clipboard', 'C1 as bytes', 'newlines', 'a formula'];
/** Of whom there are network namespaces: a process for each. */
const ELSEWHERE = ['sets the title', 'C1 as UTF-8', 'newlines', 'the other way round', 'a function'];

export const ELSEWHERE_PORT = 4700;

/** What `lo` is called there. */
export const INTERFACE = '\x1b[31m\u202e';

/** cgroup v2, alone and beside v1; null: nobody may make one in it. */
const CGROUPS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find((mount) => {
  try {
    return statfsSync(mount).type === 0x63677270;
  } catch {
    return false;
  }
});

/** A host on which everything that has a name is called as somebody else chose: users, units, containers, and so on. */
export class HostileHost {
  readonly namespace: Namespace;
  readonly residents: readonly Resident[];
  /** What network namespaces are called, in which something listens on {@link ELSEWHERE_PORT}. */
  readonly elsewhere: readonly Buffer[] = ELSEWHERE.map((name) => NAMES[name] as Buffer);
  readonly #folder: string;
  readonly #host: ChildProcess;

  private constructor(namespace: Namespace, folder: string, host: ChildProcess, all: readonly Resident[]) {
    this.namespace = namespace;
    this.#folder = folder;
    this.#host = host;
    this.residents = all;
  }

  static async open(): Promise<HostileHost> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'porttop-host-')));
    writeFiles(folder);
    const namespace = await openNamespace({ mounts: true, hostname: 'zoo' });
    const made = await namespace.run('sh', ['-e', '-c', mounts(folder)]);
    if (made.code !== 0) throw new Error(made.stderr);
    const plan = {
      cgroups: CGROUPS ? `${CGROUPS}/porttop-test-${process.pid}` : null,
      each: residents.map(plannedOf),
    };
    const host = namespace.spawn(process.execPath, ['-e', HOST, JSON.stringify(plan)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const held = JSON.parse(await firstLine(host.stdout as Readable)) as Omit<Resident, 'bytes'>[];
    const all = residents.map(([, bytes], at) => ({ bytes, ...(held[at] as Omit<Resident, 'bytes'>) }));
    return new HostileHost(namespace, folder, host, all);
  }

  /** Whether cgroups could be made for them. */
  get hasCgroups(): boolean {
    return this.residents.every(({ cgroup }) => cgroup);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    this.#host.once('close', () => resolve());
    // It takes its cgroups away.
    this.#host.stdin?.end();
    await ended;
    await this.namespace[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const uidOf = (name: string, at: number) => (ASKED.includes(name) ? FIRST_ASKED : FIRST_UID) + at;
const addressOf = (at: number) => `127.1.0.${at + 1}`;
const idOf = (at: number) => at.toString(16).padStart(64, '0');

/** The name as it can stand in a file that has a line for each, or be one. */
export function inLine(bytes: Buffer, ...banned: string[]): Buffer {
  const codes = ['\n', '/', ...banned].map((character) => character.charCodeAt(0));
  return Buffer.from(bytes.map((byte) => (codes.includes(byte) ? 0x5f : byte)));
}

function plannedOf([name, bytes]: [string, Buffer], at: number) {
  return {
    uid: uidOf(name, at),
    address: addressOf(at),
    // Every second is a unit's, the others are containers of Docker's, with a name in its files.
    cgroup: (at % 2 === 0
      ? Buffer.concat([inLine(bytes), Buffer.from('.service')])
      : Buffer.concat([inLine(bytes), Buffer.from(`-docker-${idOf(at)}.scope`)])
    ).toString('latin1'),
    // As in a message of DNS, a label of at most 63 bytes.
    label: bytes.subarray(0, 63).toString('latin1'),
  };
}

/** /etc as it is here, but for who lives on this host, and who tells the names of addresses. */
function writeFiles(folder: string): void {
  const lines = (of: (name: string, bytes: Buffer, at: number) => Buffer[]) =>
    Buffer.concat(residents.flatMap(([name, bytes], at) => of(name, bytes, at)));
  const etc = join(folder, 'etc');
  const isFile = (path: string) => path === '/etc' || !lstatSync(path).isDirectory();
  cpSync('/etc', etc, { recursive: true, verbatimSymlinks: true, filter: isFile });
  for (const file of ['passwd', 'hosts', 'resolv.conf']) rmSync(join(etc, file), { force: true });
  const entry = (name: Buffer, uid: number) =>
    Buffer.concat([inLine(name, ':'), Buffer.from(`:x:${uid}:${uid}::/:/bin/sh\n`)]);
  writeFileSync(
    join(etc, 'passwd'),
    Buffer.concat([
      Buffer.from('root:x:0:0:root:/root:/bin/sh\n'),
      lines((name, bytes, at) => (ASKED.includes(name) ? [] : [entry(bytes, uidOf(name, at))])),
    ]),
  );
  for (const [at, [name, bytes]] of residents.entries()) {
    const uid = uidOf(name, at);
    const answer = [entry(bytes, uid), Buffer.from(`${bytes}\n`), entry(Buffer.from('second'), uid)];
    if (ASKED.includes(name)) writeFileSync(join(folder, `getent-${uid}`), Buffer.concat(answer));
  }
  writeFileSync(join(folder, 'getent'), `#!/bin/sh\nexec cat "${folder}/getent-$2"\n`, { mode: 0o755 });
  // Of every third; DNS tells of the others.
  writeFileSync(
    join(etc, 'hosts'),
    lines((_, bytes, at) =>
      at % 3 === 0
        ? [Buffer.from(`${addressOf(at)} `), inLine(bytes, ' ', '#', '\r'), Buffer.from('\n')]
        : [],
    ),
  );
  writeFileSync(join(etc, 'resolv.conf'), 'nameserver 127.0.0.1\n');
  for (const [at, [, bytes]] of residents.entries()) {
    const container = join(folder, 'lib/docker/containers', idOf(at));
    mkdirSync(container, { recursive: true });
    writeFileSync(join(container, 'config.v2.json'), JSON.stringify({ Name: `/${bytes}` }));
  }
}

/** All of it in mounts of its own: outside nothing changes. */
function mounts(folder: string): string {
  const name = octal(NAMES['sets the title'] as Buffer);
  return `
    printf '${name}' > /proc/sys/kernel/hostname
    mount --bind ${folder}/getent "$(readlink -f ${whereIs('getent')})"
    mount --bind ${folder}/etc /etc
    mount --bind ${folder}/lib /var/lib
    mount -t tmpfs tmpfs /run && mkdir /run/netns
    ip link set dev lo down
    ip link set dev lo name '${INTERFACE}'
    ip link set dev '${INTERFACE}' up
    ${ELSEWHERE.map((each) => namespaceCalled(NAMES[each] as Buffer)).join('')}`;
}

/** As `ip netns` keeps it, and with what listens in it. */
function namespaceCalled(bytes: Buffer): string {
  return `
    file=$(printf '/run/netns/${octal(bytes)}_'); file=\${file%_}
    : > "$file"
    unshare "--net=$file" sh -e -c 'ip link set lo up'`;
}

/** Lets every resident listen, answers for DNS, and ends with its stdin, its cgroups too. */
const HOST = `
  const { spawn } = require('node:child_process');
  const { mkdirSync, readdirSync, rmdirSync, writeFileSync } = require('node:fs');
  const { once } = require('node:events');
  const { createServer } = require('node:net');
  const bytes = (text) => Buffer.from(text, 'latin1');
  const { cgroups, each } = JSON.parse(process.argv[1]);
  const made = [];
  const make = (name) => {
    if (!cgroups) return null;
    const folder = Buffer.concat([Buffer.from(cgroups + '/'), bytes(name)]);
    try {
      mkdirSync(cgroups, { recursive: true });
      mkdirSync(folder);
    } catch { return null; }
    made.push(folder);
    return Buffer.concat([folder, Buffer.from('/cgroup.procs')]);
  };
  const removed = async (folder) => {
    for (let attempt = 0; ; attempt++) {
      try { return rmdirSync(folder); } catch (error) { if (error.code !== 'EBUSY' || attempt === 100) throw error; }
      // Who was killed in it may not be gone yet.
      await new Promise((done) => setTimeout(done, 20));
    }
  };
  const home = cgroups && make('home');
  const children = [];
  (async () => {
    const held = [];
    for (const { uid, address, cgroup } of each) {
      const procs = make(cgroup);
      if (procs) writeFileSync(procs, '0');
      process.seteuid(uid);
      const server = createServer().listen(0, address);
      await once(server, 'listening');
      process.seteuid(0);
      const child = spawn('cat', { uid, stdio: ['pipe', 'ignore', 'inherit', server._handle.fd] });
      children.push(child);
      await once(child, 'spawn');
      if (home) writeFileSync(home, '0');
      held.push({ uid, address, port: server.address().port, pid: child.pid, cgroup: procs !== null });
      server.close();
    }
    for (const name of readdirSync('/run/netns', 'buffer')) {
      // By a shell, since Node passes only UTF-8 on.
      const octal = [...name].map((byte) => '\\\\' + byte.toString(8).padStart(3, '0')).join('');
      const child = spawn('sh', ['-c',
        "file=$(printf '" + octal + "_'); exec nsenter \\"--net=/run/netns/\${file%_}\\" \\"$@\\"", 'sh',
        process.execPath, '-e',
        "require('node:net').createServer().listen(${ELSEWHERE_PORT}, '127.0.0.1', () => console.log('up'))",
      ], { stdio: ['ignore', 'pipe', 'inherit'] });
      children.push(child);
      await once(child.stdout, 'data');
    }
    const dns = require('node:dgram').createSocket('udp4');
    dns.on('message', (asked, { port, address }) => {
      let end = 12;
      const labels = [];
      for (; asked[end] !== 0; end += asked[end] + 1) labels.push(asked.toString('latin1', end + 1, end + 1 + asked[end]));
      const question = asked.subarray(12, end + 5);
      const found = each.find((resident) => resident.address.split('.').reverse().join('.') === labels.slice(0, 4).join('.'));
      const head = Buffer.from(asked.subarray(0, 12));
      head.writeUInt16BE(found ? 0x8180 : 0x8183, 2);
      head.writeUInt16BE(1, 4);
      head.writeUInt16BE(found ? 1 : 0, 6);
      head.writeUInt32BE(0, 8);
      const answer = [head, question];
      if (found) {
        const label = bytes(found.label);
        const name = Buffer.concat([Buffer.of(label.length), label, Buffer.of(4), Buffer.from('evil'), Buffer.of(0)]);
        const fixed = Buffer.from([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60, 0, 0]);
        fixed.writeUInt16BE(name.length, 10);
        answer.push(fixed, name);
      }
      dns.send(Buffer.concat(answer), port, address);
    });
    dns.bind(53, '127.0.0.1');
    await once(dns, 'listening');
    console.log(JSON.stringify(held));
    process.stdin.resume().on('end', async () => {
      await Promise.all(children.map((child) => { child.kill('SIGKILL'); return once(child, 'close'); }));
      if (home) {
        writeFileSync(cgroups.replace(/[^/]*$/, 'cgroup.procs'), '0');
        for (const folder of [...made, cgroups]) await removed(folder);
      }
      process.exit();
    });
  })();`;
