import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLibc } from '../../src/libc/libc.ts';
import { capabilitiesOf } from '../../src/processes/capabilities.ts';
import { readDetails } from '../../src/processes/details.ts';
import { detailsJson } from '../../src/processes/details-json.ts';
import { FIELDS, type FieldName } from '../../src/processes/fields.ts';
import { signalsOf } from '../../src/processes/signals.ts';
import { Users } from '../../src/processes/users.ts';
import { ProcFs } from '../../src/procfs/procfs.ts';
import { Services } from '../../src/services/services.ts';
import { readProcessSockets } from '../../src/store/process-sockets.ts';
import { lineOf, start, startTitled, startZombie } from '../processes/child.ts';

const root = process.getuid?.() === 0;
const live = new ProcFs();
const has = (tool: string) => spawnSync(tool, ['--version']).error === undefined;

type Shown = Record<FieldName, { path: string; value?: Loose; error?: { code: string; hint: string } }>;

/** What JSON.parse() gives: of each field another. */
// biome-ignore lint/suspicious/noExplicitAny: each use says what it takes it for, by what it compares it with.
type Loose = any;

/** What `show PID --json` has of every field, each named. */
function show(pid: number, procfs = live): Shown {
  const details = readDetails(procfs, pid, { fields: FIELDS, named: true });
  return JSON.parse(JSON.stringify(detailsJson(details, { reveal: true }))).fields;
}

function say(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' }).trimEnd();
}

/** A process that waits, and has nothing that changes. */
async function waiting() {
  const child = await start('cat', ['-', 'two words', ''], { cwd: '/usr', env: { USER: 'ada', A: 'x\ny' } });
  await expect.poll(() => live.text(`${child.pid}/wchan`)).not.toBe('0');
  return child.pid;
}

describe('a process, as the tools for each of its files tell it', () => {
  it('its links, arguments, environment and namespaces are what readlink and tr print', async () => {
    const pid = await waiting();
    const { cmdline, cwd, exe, root, environ, ns } = show(pid);
    const links = say('readlink', ...['cwd', 'exe', 'root'].map((name) => `/proc/${pid}/${name}`));
    expect([cwd.value, exe.value, root.value].join('\n')).toBe(links);
    const lines = (file: string) => say('sh', '-c', `tr '\\0' '\\n' < /proc/${pid}/${file}; echo .`);
    expect([...cmdline.value, '.'].join('\n')).toBe(lines('cmdline'));
    const variables = Object.entries(environ.value).map(([name, value]) => `${name}=${value}`);
    expect([...variables, '.'].join('\n')).toBe(lines('environ'));
    for (const [name, number] of Object.entries(ns.value)) {
      expect(`${name.replace(/_for_children$/, '')}:[${number}]`).toBe(
        say('readlink', `/proc/${pid}/ns/${name}`),
      );
    }
    expect(Object.keys(ns.value)).toEqual(readdirSync(`/proc/${pid}/ns`).sort());
  });

  it('and so are arguments of nearly 2 MB', async () => {
    const argument = 'é'.repeat(60_000);
    const { pid } = await start('cat', ['-', ...Array(15).fill(argument)], { env: {} });
    const { value } = show(pid).cmdline;
    expect(value).toEqual(['cat', '-', ...Array(15).fill(argument)]);
  });

  it.skipIf(!has('pmap'))('its mappings are those of pmap, and so is what is resident', async () => {
    const pid = await waiting();
    const { maps, smaps, pagemap } = show(pid);
    const lines = say('pmap', '-x', String(pid)).split('\n').slice(2);
    const theirs = lines.flatMap((line) => {
      const [, address, size, resident] = /^([\da-f]+) +(\d+) +(\d+) /.exec(line) ?? [];
      return address === undefined ? [] : [[BigInt(`0x${address}`), Number(size), Number(resident)]];
    });
    const size = ({ start, end }: { start: string; end: string }) =>
      Number(BigInt(end) - BigInt(start)) / 1024;
    const ours = smaps.value.mappings.map((mapping: Loose) => [
      BigInt(mapping.start),
      size(mapping),
      mapping.RssBytes / 1024,
    ]);
    expect(ours).toEqual(theirs);
    expect(maps.value.map(size)).toEqual(theirs.map(([, size]) => size));
    const [, total, resident] = /^total kB +(\d+) +(\d+)/m.exec(lines.join('\n')) ?? [];
    expect(smaps.value.total.RssBytes / 1024).toBe(Number(resident));
    expect(maps.value.map(size).reduce((sum: number, one: number) => sum + one)).toBe(Number(total));

    const { pageSizeBytes, presentPages, swappedPages, pages, lookedAtPages } = pagemap.value;
    // What the kernel lends to all (vvar) is present and counts as nobody's memory.
    const more = presentPages - smaps.value.total.RssBytes / pageSizeBytes;
    expect(more).toBeGreaterThanOrEqual(0);
    expect(more).toBeLessThan(16);
    expect(swappedPages).toBe(smaps.value.total.SwapBytes / pageSizeBytes);
    expect(lookedAtPages).toBe(pages);
  });

  it.skipIf(!has('prlimit'))('its limits are those of prlimit', async () => {
    const pid = await waiting();
    const table = say('prlimit', '--pid', String(pid), '--raw', '--noheadings', '-o', 'SOFT,HARD');
    const theirs = table.split('\n').map((line) => line.trim().replaceAll('-1', 'unlimited'));
    const limits = Object.values(show(pid).limits.value) as { soft: number | null; hard: number | null }[];
    const ours = limits.map(({ soft, hard }) => `${soft ?? 'unlimited'} ${hard ?? 'unlimited'}`);
    // prlimit has them in an order of its own.
    expect(ours.toSorted()).toEqual(theirs.map((line) => line.replace(/ +/, ' ')).toSorted());
  });

  it('its scheduling, signals, waiting and cgroup are those of ps', async () => {
    const pid = (await startTitled('a title')).pid;
    await expect.poll(() => live.text(`${pid}/wchan`)).not.toBe('0');
    const columns = ['psr=', 'cls=', 'ni=', 'pri=', 'tpgid=', 'caught=', 'ignored=', 'blocked=', 'tty='];
    const [psr, cls, ni, pri, tpgid, caught, ignored, blocked, tty] = say(
      'ps',
      ...columns.flatMap((column) => ['-o', column]),
      '-p',
      String(pid),
    )
      .split(/ +/)
      .filter(Boolean);
    const { stat, status, cpu, wchan, cgroup, loginuid, oom_score, io, sched } = show(pid);
    expect([stat.value.processor, cpu.value.lastCpu]).toEqual([Number(psr), Number(psr)]);
    expect(cls).toBe('TS');
    expect([stat.value.policy, stat.value.nice, 39 - stat.value.priority]).toEqual([
      0,
      Number(ni),
      Number(pri),
    ]);
    expect([stat.value.tpgid, stat.value.tty ?? '?']).toEqual([Number(tpgid), tty]);
    expect([status.value.SigCgt, status.value.SigIgn, status.value.SigBlk]).toEqual([
      caught,
      ignored,
      blocked,
    ]);
    expect(wchan.value).toBe(say('ps', '-o', 'wchan:64=', '-p', String(pid)));
    const paths = say('ps', '-ww', '-o', 'cgroup=', '-p', String(pid));
    const hierarchies = cgroup.value.hierarchies as {
      hierarchy: number;
      controllers: string;
      path: string;
    }[];
    // Where it is in the root of a hierarchy, ps says nothing.
    const told = hierarchies.filter(({ path }) => path !== '/');
    if (told.length > 0) {
      expect(told.map((one) => `${one.hierarchy}:${one.controllers}:${one.path}`).join(',')).toBe(paths);
    }

    const text = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8').trimEnd();
    expect(loginuid.value ?? 4294967295).toBe(Number(text('loginuid')));
    expect(oom_score.value).toEqual({
      score: Number(text('oom_score')),
      adjustment: Number(text('oom_score_adj')),
    });
    expect(Object.values(io.value)).toEqual(
      [...text('io').matchAll(/: (\d+)/g)].map(([, count]) => Number(count)),
    );
    expect(sched.value.policy).toBe(0);
  });

  it('signals have the names that the shell has for them', () => {
    const names = say('bash', '-c', 'for n in {1..64}; do echo "$(kill -l $n)"; done').split('\n');
    const ours = signalsOf((1n << 64n) - 1n);
    expect(ours).toHaveLength(64);
    for (const [at, name] of names.entries()) {
      // Bash counts the upper half of the real-time signals down from the last.
      if (/^(?:SIG)?RTMAX/.test(name) || /^\d*$/.test(name)) continue;
      expect(ours[at]).toBe(name.startsWith('SIG') ? name : `SIG${name}`);
    }
  });

  it.skipIf(spawnSync('capsh', ['--decode=0']).status !== 0)('capabilities have the names of libcap', () => {
    const mask = (1n << 41n) - 1n;
    const names = say('capsh', `--decode=${mask.toString(16)}`).split('=')[1];
    expect(capabilitiesOf(mask).join(',').toLowerCase()).toBe(names);
  });
});

/** Its descriptors with their sockets, as `show PID fd --json` has them. */
async function descriptors(pid: number): Promise<Loose[]> {
  const names = { services: new Services([]), users: new Users() };
  const sockets = await readProcessSockets(live, openLibc(), pid, names);
  const details = readDetails(live, pid, { fields: ['fd'], named: true, sockets });
  return JSON.parse(JSON.stringify(detailsJson(details, { reveal: false }))).fields.fd.value;
}

describe('its descriptors', () => {
  it.skipIf(!has('ss'))('have their sockets, with ends and states as ss has them', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const ours = (await descriptors(process.pid)).find(
      ({ socket }) => socket?.state === 'LISTEN' && socket.local,
    );
    const lines = say('ss', '-tlneH').split('\n');
    const { address, port } = ours.socket.local;
    expect(lines.find((one) => one.includes(`ino:${ours.socket.inode} `))).toContain(` ${address}:${port} `);
    expect(ours).toMatchObject({
      target: `socket:[${ours.socket.inode}]`,
      socket: { remote: null, owners: [{ pid: process.pid, fd: ours.fd, mode: 'u' }] },
    });
  });

  it.skipIf(!root)('have their sockets in whichever network namespace the process is', async () => {
    const script = "require('net').createServer().listen(4000, '0.0.0.0', () => console.log('listening'))";
    const child = await start('unshare', ['--net', process.execPath, '-e', script]);
    await lineOf(child.stdout);
    const sockets = (await descriptors(child.pid)).flatMap(({ socket }) => socket ?? []);
    expect(sockets).toContainEqual(
      expect.objectContaining({
        protocol: 'tcp',
        state: 'LISTEN',
        local: expect.objectContaining({ address: '0.0.0.0', port: 4000 }),
        owners: [expect.objectContaining({ pid: child.pid })],
      }),
    );
  });

  it('lead to no socket that is of no protocol that is read, or is none', async () => {
    const { pid } = await start('cat', [], { stdio: ['pipe', 'ignore', 'ignore'] });
    const [first, second] = await descriptors(pid);
    expect(first.socket).toMatchObject({
      protocol: 'unix',
      owners: expect.arrayContaining([expect.objectContaining({ pid })]),
    });
    expect(second).toEqual({ fd: 1, mode: 'u', target: '/dev/null', socket: null });
  });
});

describe('odd processes', () => {
  it('a kernel thread has no program, no memory, and reasons', async ({ skip }) => {
    const pid = 2;
    skip(!existsSync('/proc/2/stat') || !live.text('2/stat').startsWith('2 (kthreadd)'), 'none is visible');
    const shown = show(pid);
    expect(shown.cmdline.value).toEqual([]);
    expect(shown.stat.value).toMatchObject({ comm: 'kthreadd', ppid: 0 });
    expect(shown.status.value).toMatchObject({ Name: 'kthreadd' });
    if (root) {
      expect(shown.exe.error).toMatchObject({ code: 'ENOENT', hint: 'a kernel thread runs no program' });
      expect(shown.smaps.value ?? shown.smaps.error?.hint).toBeTruthy();
      expect(shown.pagemap.error ?? shown.maps.value).toEqual(
        shown.pagemap.error && expect.objectContaining({ code: 'ESRCH' }),
      );
    } else {
      expect(shown.exe.error).toMatchObject({ code: 'EACCES', hint: 'run as root' });
    }
    for (const name of FIELDS)
      expect(shown[name].value !== undefined || shown[name].error !== undefined).toBe(true);
  });

  it('a zombie has its exit status, and reasons for what is gone', async () => {
    const pid = await startZombie();
    await expect.poll(() => live.text(`${pid}/stat`)).toContain(') Z ');
    const shown = show(pid);
    expect(shown.stat.value).toMatchObject({ state: 'Z', rssBytes: 0 });
    for (const name of FIELDS) {
      const { error, value } = shown[name];
      if (error) expect(error.hint).toMatch(/^a zombie/);
      else expect(value).toBeDefined();
    }
    expect(shown.exe.error).toBeDefined();
  });

  it('one that ends while it is read keeps what was read, and says so of the rest', async () => {
    const parent = await start('sh', ['-c', 'sleep 1000 & echo $!; wait']);
    const pid = Number(await lineOf(parent.stdout));
    await expect.poll(() => live.text(`${pid}/comm`)).toBe('sleep\n');
    class Ending extends ProcFs {
      override link(relative: string): string {
        if (relative === `${pid}/exe` && existsSync(`/proc/${pid}`)) {
          process.kill(pid, 'SIGKILL');
          // Its parent waits for it, and then it is gone.
          while (existsSync(`/proc/${pid}`));
        }
        return super.link(relative);
      }
    }
    const shown = show(pid, new Ending());
    expect(shown.cmdline.value).toEqual(['sleep', '1000']);
    for (const name of FIELDS.slice(FIELDS.indexOf('exe'))) {
      expect(shown[name].error).toMatchObject({
        code: expect.stringMatching(/^(?:ENOENT|ESRCH)$/),
        hint: 'the process ended',
      });
    }
  });

  it.skipIf(!root || !has('lsns'))(
    'one in other namespaces is told to be, by the numbers of lsns',
    async () => {
      const { pid } = await start('unshare', ['--net', '--uts', 'cat']);
      await expect.poll(() => live.text(`${pid}/comm`)).toBe('cat\n');
      const details = readDetails(live, pid, { fields: ['ns'] });
      const { ns } = details.fields;
      const apart = ns && 'value' in ns ? ns.value.filter(({ ours }) => ours === false) : [];
      expect(apart.map(({ name }) => name)).toEqual(['net', 'uts']);
      for (const { name, number } of apart) {
        expect(say('lsns', '-n', '-t', name, '-p', String(pid), '-o', 'NS').trim()).toBe(String(number));
      }
    },
  );

  it.skipIf(!root || !has('setpriv'))('one with several users has all of them', async () => {
    const { pid } = await start('setpriv', ['--euid', '65534', 'cat']);
    await expect.poll(() => live.text(`${pid}/comm`)).toBe('cat\n');
    const { status } = readDetails(live, pid, { fields: ['status'] }).fields;
    const ids = say('ps', '-o', 'ruid=,euid=,suid=,fsuid=', '-p', String(pid)).trim().split(/ +/).map(Number);
    expect(status && 'value' in status && Object.values(status.value.uids)).toEqual(ids);
    expect(ids).toEqual([0, 65534, 65534, 65534]);
  });
});

it('who may not look into a process is told exactly that, and by whom it can be done', () => {
  const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
  const user = root ? { uid: 65534, gid: 65534 } : {};
  const { stdout, status, stderr } = spawnSync(process.execPath, [cli, 'show', '1', ...FIELDS, '--json'], {
    encoding: 'utf8',
    ...user,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const shown: Shown = JSON.parse(stdout).fields;
  for (const name of ['cwd', 'exe', 'root', 'environ', 'fd', 'maps', 'wchan', 'ns', 'io'] as const) {
    expect({ name, ...shown[name].error }).toMatchObject({ name, code: 'EACCES', hint: 'run as root' });
  }
  expect(shown.stack.error).toMatchObject({ hint: 'run as root: it takes CAP_SYS_ADMIN' });
  expect(shown.mem.value).toMatchObject({ readable: false, mappings: null });
  expect(shown.clear_refs.value).toEqual({ writable: false });
  expect(shown.stat.value).toMatchObject({ pid: 1 });
  expect(shown.limits.value).toHaveProperty('Max open files');
});
