import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environment, fieldRows, overview } from '../../src/processes/describe.ts';
import { type Details, readDetails } from '../../src/processes/details.ts';
import { FIELDS, type Values } from '../../src/processes/fields.ts';
import type { Context, Row } from '../../src/processes/said.ts';
import { ProcFs } from '../../src/procfs/procfs.ts';
import { parseStat } from '../../src/procfs/stat.ts';
import { safe } from '../../src/text/safe.ts';
import { CAPTURED, captured, KTHREADD, MASTER, NODE, WORKER, ZOMBIE } from '../procfs/fixture.ts';

const NAMES: Record<number, string> = { 0: 'root', 33: 'www-data', 1000: 'ada' };
const users = { name: (uid: number) => NAMES[uid] ?? null };
const read = (pid: number) => readDetails(new ProcFs(CAPTURED), pid);
const started = (details: Details) => Date.parse(details.startTime as string);
const context = (details: Details, more: Partial<Context> = {}): Context => ({
  users,
  now: started(details) + 3 * 60_000,
  reveal: false,
  ...more,
});

function rowOf(details: Details, field: string, more?: Partial<Context>): Row {
  return overview(details, context(details, more)).find((row) => row.field === field) as Row;
}

/** The captured Node with other facts. */
function node(values: Partial<Values>, facts: Partial<Details> = {}): Details {
  const details = read(NODE);
  const fields = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { path: `/proc/${NODE}/${name}`, value }]),
  );
  return { ...details, ...facts, fields: { ...details.fields, ...fields } };
}

function withUids(
  real: number,
  effective = real,
  saved = effective,
  filesystem = effective,
): Values['status'] {
  const { status } = read(NODE).fields;
  if (!status || 'error' in status) throw new Error('the fixture has no status');
  return { ...status.value, uids: { real, effective, saved, filesystem } };
}

const stat = (state: string, ppid = 1): Values['stat'] => {
  const { stat } = read(NODE).fields;
  if (!stat || 'error' in stat) throw new Error('the fixture has no stat');
  return { ...stat.value, state, ppid };
};

describe('the overview of a process', () => {
  it('has a row for each fact, in one order, each with its source', () => {
    const details = readDetails(new ProcFs(CAPTURED), NODE, {
      fields: ['cmdline', 'exe', 'cwd', 'root', 'environ', 'stat', 'status'],
    });
    const rows = overview(details, context(details));
    expect(rows.map(({ field, source }) => `${field} ${source.slice(CAPTURED.length)}`)).toEqual([
      `cmdline /${NODE}/cmdline`,
      `exe /${NODE}/exe`,
      `cwd /${NODE}/cwd`,
      `root /${NODE}/root`,
      `user /${NODE}/status`,
      `environ /${NODE}/environ`,
      `state /${NODE}/stat`,
      `started /${NODE}/stat`,
      `parents /${NODE}/stat`,
      `memory /${NODE}/status`,
      `threads /${NODE}/status`,
    ]);
  });

  it('has only what was asked for', () => {
    const details = readDetails(new ProcFs(CAPTURED), NODE, { fields: ['cmdline'] });
    expect(overview(details, context(details)).map(({ field }) => field)).toEqual(['cmdline']);
  });

  it('says why something cannot be read', () => {
    expect(rowOf(read(KTHREADD), 'exe')).toMatchObject({
      lines: ['no such file or directory: a kernel thread runs no program'],
      tone: 'dim',
    });
  });

  it('has the command line as a shell takes it', () => {
    expect(rowOf(read(NODE), 'cmdline').lines).toEqual(["/usr/bin/node /srv/app/server.js --port 4000 ''"]);
    expect(rowOf(node({ cmdline: ['a b', '\x1b[2J\u202e'] }), 'cmdline').lines).toEqual([
      "'a b' $'\\e[2J\\u202e'",
    ]);
    expect(rowOf(read(WORKER), 'cmdline').lines).toEqual(["'nginx: worker process'"]);
  });

  it('says why there is no command line', () => {
    expect(rowOf(read(KTHREADD), 'cmdline')).toMatchObject({
      lines: ['empty: a kernel thread'],
      tone: 'dim',
    });
    expect(rowOf(read(ZOMBIE), 'cmdline')).toMatchObject({ lines: ['empty: a zombie'], tone: 'dim' });
    expect(rowOf(node({ cmdline: [] }), 'cmdline')).toMatchObject({ lines: ['empty'], tone: 'dim' });
  });

  it.each([
    ['present', '/bin/x', 'plain'],
    ['unknown', '/bin/x', 'plain'],
    ['deleted', '/bin/x (deleted since it started)', 'warning'],
    ['replaced', '/bin/x (replaced on disk since it started)', 'warning'],
  ] as const)('says of a program that is %s: %s', (state, line, tone) => {
    expect(rowOf(node({ exe: { path: '/bin/x', state } }), 'exe')).toMatchObject({ lines: [line], tone });
  });

  it.each([
    ['/', false, '/'],
    ['/', null, '/'],
    ['/', true, '/ (of its own mount namespace)'],
    ['/srv/jail', false, '/srv/jail (a chroot)'],
  ])('says of the root %s, with own mounts %s: %s', (root, ownMounts, line) => {
    expect(rowOf(node({ root }, { ownMounts }), 'root').lines).toEqual([line]);
  });

  it.each([
    [withUids(33), null, ['www-data (uid 33)']],
    [withUids(4242), null, ['uid 4242']],
    [
      withUids(1000, 0),
      null,
      [
        'ada (uid 1000), effective and saved root (uid 0)',
        'ada (uid 1000) started it, and it acts with the rights of root (uid 0) (a set-user-ID program, or seteuid(2))',
      ],
    ],
    [
      withUids(1000, 1000, 0),
      null,
      ['ada (uid 1000), saved root (uid 0)', 'it can become root (uid 0) again (seteuid(2))'],
    ],
    [withUids(33, 33, 33, 1000), null, ['www-data (uid 33), for files ada (uid 1000)']],
    [withUids(0), 1000, ['root (uid 0), logged in as ada (uid 1000)']],
    [withUids(1000), 1000, ['ada (uid 1000)']],
  ])('says whose it is', (status, loginUid, lines) => {
    expect(rowOf(node({ status }, { loginUid }), 'user').lines).toEqual(lines);
  });

  it.each([
    ['ada', withUids(1000), null, 'plain', 'USER=ada, as its owner'],
    ['root', withUids(1000, 0), null, 'plain', 'USER=root, as its effective user'],
    ['root', withUids(33), null, 'warning', 'USER=root, but it runs as www-data (uid 33)'],
    ['ada', withUids(0), 1000, 'warning', 'USER=ada logged in, but it runs as root (uid 0)'],
    ['eve', withUids(4242), null, 'plain', 'USER=eve; it runs as uid 4242, whose name is not known'],
    ['\x1b[2J', withUids(0), null, 'warning', 'USER=\\e[2J, but it runs as root (uid 0)'],
  ] as const)('compares USER=%j with whose it is', (user, status, loginUid, tone, line) => {
    const environ = [
      { name: 'USER', value: user },
      { name: 'USER', value: 'second' },
    ];
    expect(rowOf(node({ environ, status }, { loginUid }), 'environ')).toMatchObject({ lines: [line], tone });
  });

  it('says who called sudo', () => {
    const environ = [
      { name: 'USER', value: 'root' },
      { name: 'SUDO_USER', value: 'ada' },
    ];
    expect(rowOf(node({ environ, status: withUids(0) }), 'environ').lines).toEqual([
      'USER=root, as its owner, started by ada with sudo',
    ]);
  });

  it('does not claim that USER is not set, where not all of the environment is there to be read', () => {
    const title = [{ name: ' worker process', value: null }];
    expect(rowOf(node({ environ: title }), 'environ')).toMatchObject({
      lines: ['not known: the process has written its title over it'],
    });
    const cut = node({ environ: [{ name: 'A', value: '1' }] });
    Object.assign(cut.fields.environ ?? {}, { truncated: true });
    expect(rowOf(cut, 'environ')).toMatchObject({ lines: ['USER not among what was read of it'] });
  });

  it('says when USER is not set, or with whom it cannot be compared', () => {
    expect(rowOf(node({ environ: [] }), 'environ')).toMatchObject({ lines: ['USER not set'], tone: 'dim' });
    const details = readDetails(new ProcFs(CAPTURED), NODE, { fields: ['environ'] });
    expect(rowOf(details, 'environ')).toMatchObject({ lines: ['USER=ada'], tone: 'plain' });
  });

  it.each([
    ['S', 'plain', 'S sleeping'],
    ['R', 'plain', 'R running'],
    ['Z', 'warning', 'Z zombie (it ended, and its parent has not asked how)'],
    ['T', 'warning', 'T stopped'],
    ['?', 'plain', '?'],
  ] as const)('says of the state %s: %s, %s', (state, tone, line) => {
    expect(rowOf(node({ stat: stat(state) }), 'state')).toMatchObject({ lines: [line], tone });
  });

  it('says when it started, and coarsely how long ago', () => {
    const details = read(NODE);
    const line = (now: number) => rowOf(details, 'started', { now }).lines[0];
    const at = started(details);
    const local = new Date(at).toLocaleString('sv-SE');
    expect(line(at + 12_999)).toBe(`${local}, 12s ago`);
    expect(line(at + 3 * 3600_000)).toBe(`${local}, 3h ago`);
    expect(line(at - 5000)).toBe(`${local}, 0s ago`);
    expect(line(at + 180_000)).toBe(line(at + 239_999));
    expect(rowOf({ ...details, startTime: null }, 'started', { now: at })).toMatchObject({ tone: 'dim' });
  });

  it('has its parents, the eldest first', () => {
    const details = read(WORKER);
    expect(rowOf(details, 'parents').lines).toEqual([`nginx ${MASTER}`, `└ nginx ${WORKER}`]);
    const ancestors = [
      { pid: 1, name: 'systemd' },
      { pid: 812, name: '\x1b]0;x' },
    ];
    expect(rowOf(node({}, { ancestors }), 'parents').lines).toEqual([
      'systemd 1',
      '└ \\e]0;x 812',
      `  └ node ${NODE}`,
    ]);
    expect(rowOf(read(KTHREADD), 'parents').lines).toEqual(['none']);
    expect(rowOf(node({ stat: stat('S', 7) }), 'parents').lines).toEqual(['pid 7, which is not visible']);
  });

  it('has its memory with the units written out', () => {
    expect(rowOf(read(NODE), 'memory').lines).toEqual([
      '39.8 MiB resident, of it 5.8 MiB its own, 34.1 MiB of files',
      '710.6 MiB of address space',
    ]);
    const more = {
      ...withUids(0),
      lines: { VmRSS: '8 kB', RssShmem: '4 kB', VmSwap: '2048 kB', VmSize: '1 kB' },
    };
    expect(rowOf(node({ status: more }), 'memory').lines).toEqual([
      '8.0 KiB resident, of it 4.0 KiB shared memory',
      '2.0 MiB swapped out, 1.0 KiB of address space',
    ]);
    expect(rowOf(read(KTHREADD), 'memory')).toMatchObject({ lines: ['none: a kernel thread'], tone: 'dim' });
    expect(rowOf(read(ZOMBIE), 'memory')).toMatchObject({ lines: ['none: a zombie'], tone: 'dim' });
  });

  it('says the same of a steady host', () => {
    const details = read(NODE);
    const at = (now: number) => overview(details, context(details, { now }));
    expect(at(started(details) + 60_000)).toEqual(at(started(details) + 61_000));
  });
});

describe('the environment', () => {
  it('has a row for each variable, secrets masked', () => {
    const rows = environment(read(NODE), { reveal: false });
    expect(rows.map(({ label, lines, tone }) => [label, ...lines, tone])).toEqual([
      ['HOME', '/srv/app', 'plain'],
      ['USER', 'ada', 'plain'],
      ['LANG', 'C.UTF-8', 'plain'],
      ['PATH', '/usr/bin:/bin', 'plain'],
      ['DATABASE_URL', 'postgres://ada:****@db.example/app', 'plain'],
      ['SESSION_SECRET', '****', 'dim'],
    ]);
  });

  it('reveals them when told to', () => {
    const lines = environment(read(NODE), { reveal: true }).flatMap((row) => row.lines);
    expect(lines).toContain('hunter3');
    expect(lines).toContain('postgres://ada:hunter2@db.example/app');
  });

  it('has what a title left of it, as no variable', () => {
    expect(environment(read(MASTER), { reveal: false })).toMatchObject([
      { label: ' -c /tmp/pt/ng/c.conf', lines: ['(no value)'], tone: 'dim' },
    ]);
    const details = node({ environ: [{ name: ' --url http://ada:hunter2@host', value: null }] });
    expect(environment(details, { reveal: false })).toMatchObject([{ label: ' --url http://ada:****@host' }]);
  });

  it('says that it is empty, cannot be read, or goes on', () => {
    expect(environment(read(WORKER), { reveal: false })).toMatchObject([
      { label: 'environ', lines: ['empty'] },
    ]);
    expect(environment(read(KTHREADD), { reveal: false })).toMatchObject([
      { label: 'environ', lines: [expect.stringContaining('a kernel thread runs no program')], tone: 'dim' },
    ]);
    const details = read(NODE);
    if (details.fields.environ && 'value' in details.fields.environ) details.fields.environ.truncated = true;
    expect(environment(details, { reveal: false }).at(-1)).toMatchObject({
      lines: ['too long: the rest was not read'],
    });
  });
});

describe('one file', () => {
  const rows = (name: (typeof FIELDS)[number], details = read(NODE)) =>
    fieldRows(name, details, context(details)).map(({ label, lines }) => [label, ...lines].join(' | '));

  it('cmdline has an argument a line, and still is one command', () => {
    expect(rows('cmdline')).toEqual([
      "cmdline | /usr/bin/node \\ | /srv/app/server.js \\ | --port \\ | 4000 \\ | ''",
    ]);
    expect(rows('cmdline', read(WORKER))).toEqual(["cmdline | 'nginx: worker process'"]);
  });

  it('environ says first whose USER is', () => {
    expect(rows('environ').slice(0, 2)).toEqual(['environ | USER=ada, as its owner', 'HOME | /srv/app']);
    expect(rows('environ', read(KTHREADD))).toHaveLength(1);
  });

  it('fd has the descriptors as lsof writes them', () => {
    const fd = [
      { fd: 0, mode: 'r', target: '/dev/null', socket: null },
      { fd: 10, mode: null, target: '/\x1b', socket: null },
    ] as const;
    expect(rows('fd', node({ fd: [...fd] }))).toEqual(['0r | /dev/null', '10 | /\\e']);
    expect(rows('fd', node({ fd: [] }))).toEqual(['fd | empty']);
  });

  it('stat tells every field by its name, with units and what numbers mean', () => {
    expect(rows('stat')).toHaveLength(Object.keys(parseStat(captured(`${NODE}/stat`).toString())).length);
    expect(rows('stat')).toEqual(
      expect.arrayContaining([
        'comm | node',
        'state | S sleeping',
        'ppid | 16491',
        'ttyNr | 0, no terminal',
        'tpgid | -1, no terminal',
        'flags | 0x400100 PF_SUPERPRIV, PF_RANDOMIZE',
        'utime | 0.02 s',
        'starttime | 2168.79 s after boot',
        'vsize | 710.6 MiB',
        'rss | 10174 pages (39.7 MiB)',
        'rsslim | unlimited',
        'exitSignal | 17 SIGCHLD, to its parent when it ends',
        'processor | 1, where it ran last',
        'policy | 0 SCHED_OTHER',
      ]),
    );
    const zombie = rows('stat', read(ZOMBIE));
    expect(zombie).toContain('exitCode | 768: it ended with status 3');
    const stat = { ...(read(NODE).fields.stat as { value: Values['stat'] }).value };
    const facts = {
      ttyNr: 0x8803,
      tty: 'pts/3',
      tpgid: 7,
      exitCode: 0x8b,
      sigcatch: 3,
      startcode: 1,
      policy: 1,
    };
    expect(rows('stat', node({ stat: { ...stat, ...facts, priority: -51 } }))).toEqual(
      expect.arrayContaining([
        'ttyNr | 34819 pts/3',
        'tpgid | 7, the process group in the foreground of its terminal',
        'exitCode | 139: ended by SIGSEGV, with a core dump',
        'sigcatch | 0x3 SIGHUP, SIGINT',
        'startcode | 0x1 (not told, or there is none)',
        'policy | 1 SCHED_FIFO',
        'priority | -51, real-time 50',
      ]),
    );
  });

  it('status names users, signals, capabilities and modes beside their numbers', () => {
    expect(rows('status')).toEqual(expect.arrayContaining(['Uid | ada (uid 1000)', 'VmRSS | 39.8 MiB']));
    const lines = {
      Umask: '0027',
      Uid: '1000\t0\t0\t0',
      Gid: '5\t5\t6\t5',
      SigCgt: '8000000100000001',
      SigIgn: '0000000000001000',
      CapEff: '0000000000000400',
      CapPrm: '000001fffeffffff',
      CapBnd: '000001ffffffffff',
      CapInh: '0000000000000000',
      CapAmb: '0000040000000000',
      Seccomp: '2',
      TracerPid: '7',
      NoNewPrivs: '1',
      toString: 'x',
    };
    const gids = { real: 5, effective: 5, saved: 6, filesystem: 5 };
    expect(rows('status', node({ status: { ...withUids(1000, 0), gids, lines } }))).toEqual([
      'Umask | 0027 not given to new files: --- -w- rwx',
      'Uid | ada (uid 1000), effective root (uid 0), saved root (uid 0), for files root (uid 0)',
      'Gid | gid 5, saved gid 6',
      'SigCgt | 8000000100000001 SIGHUP, signal 33, SIGRTMIN+30',
      'SigIgn | 0000000000001000 SIGPIPE',
      'CapEff | 0000000000000400 CAP_NET_BIND_SERVICE',
      'CapPrm | 000001fffeffffff all but CAP_SYS_RESOURCE',
      'CapBnd | 000001ffffffffff all',
      'CapInh | 0000000000000000 none',
      'CapAmb | 0000040000000000 CAP_42',
      'Seccomp | 2 filtered',
      'TracerPid | 7 is tracing it',
      'NoNewPrivs | 1 yes: no program that it runs gets more rights',
      'toString | x',
    ]);
  });

  it('statm has sizes', () => {
    expect(rows('statm')).toEqual(expect.arrayContaining(['resident | 39.8 MiB', 'dt | 0 B']));
  });

  it('exe, cwd and root are one row each', () => {
    for (const name of ['exe', 'cwd', 'root'] as const) {
      expect(fieldRows(name, read(NODE), context(read(NODE)))).toMatchObject([{ field: name, label: name }]);
    }
  });
});

const mapping = (path: string) => ({
  start: 0n,
  end: 4096n,
  perms: path,
  offset: 1,
  device: path,
  inode: 1,
  path,
});

it('nothing from outside acts on a terminal, and no secret shows', () => {
  const SECRET = 'hunter2';
  const hostile = fc.string({ unit: 'binary', maxLength: 40 });
  const variable = fc.oneof(
    fc.record({ name: hostile, value: fc.option(hostile) }),
    hostile.map((name) => ({ name: `${name}_TOKEN`, value: SECRET })),
    hostile.map((name) => ({ name, value: `pg://u:${SECRET}@h` })),
  );
  fc.assert(
    fc.property(fc.array(hostile), hostile, fc.array(variable), (texts, text, environ) => {
      const details = node(
        {
          cmdline: texts,
          exe: { path: text, state: 'deleted' },
          cwd: text,
          root: text,
          environ,
          fd: texts.map((target, fd) => ({ fd, mode: 'u', target, socket: null })),
          stat: { ...stat('S'), comm: text, state: text },
          status: { ...withUids(1), lines: { [text]: text } },
          maps: [mapping(text)],
          smaps: {
            total: new Map([[text, 1]]),
            mappings: [{ ...mapping(text), counts: new Map([[text, 1]]), flags: texts }],
          },
          wchan: text,
          stack: texts,
          limits: new Map([[text, { soft: 1, hard: null, unit: text }]]),
          cgroup: {
            unit: text,
            container: text,
            hierarchies: [{ hierarchy: 1, controllers: text, path: text }],
          },
          ns: [{ name: text, number: 1, ours: false }],
          io: new Map([[text, 1]]),
          sched: new Map([[text, text]]),
        },
        { ancestors: texts.map((name, pid) => ({ pid, name })), name: texts[0] ?? null },
      );
      const names = { users: { name: () => text } };
      const rows = FIELDS.flatMap((name) => fieldRows(name, details, context(details, names)));
      for (const row of [...rows, ...overview(details, context(details, names))]) {
        for (const shown of [row.label, row.source, ...row.lines]) {
          expect(shown).toBe(safe(shown));
          expect(shown).not.toContain(SECRET);
        }
      }
    }),
  );
});
