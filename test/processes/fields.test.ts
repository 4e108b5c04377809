import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fieldRows, overview } from '../../src/processes/describe.ts';
import { type Details, type DetailsOptions, readDetails } from '../../src/processes/details.ts';
import { detailsJson } from '../../src/processes/details-json.ts';
import {
  definitionOf,
  FIELDS,
  type FieldName,
  USUAL_FIELDS,
  type Values,
} from '../../src/processes/fields.ts';
import { ProcError, ProcFs } from '../../src/procfs/procfs.ts';
import type { Socket } from '../../src/sockets/socket.ts';
import { CAPTURED, NODE } from '../procfs/fixture.ts';
import { lineOf, start } from './child.ts';

const users = { name: (uid: number) => (uid === 1000 ? 'ada' : null) };
const context = { users, now: 0, reveal: false };
const live = new ProcFs();

/** The captured Node with this alone. */
function told(values: Partial<Values>, facts: Partial<Details> = {}): Details {
  const fields = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { path: `/proc/${NODE}/${name}`, value }]),
  );
  return { ...readDetails(new ProcFs(CAPTURED), NODE, { fields: [] }), ...facts, fields };
}

function rows<Name extends FieldName>(name: Name, value: Values[Name]): string[] {
  return fieldRows(name, told({ [name]: value }), context).map(({ label, lines }) =>
    [label, ...lines].join(' | '),
  );
}

function json<Name extends FieldName>(name: Name, value: Values[Name]): unknown {
  const document = detailsJson(told({ [name]: value }), context) as {
    fields: Record<string, { value: unknown }>;
  };
  return document.fields[name]?.value;
}

const mapping = {
  start: 0x7f00_0000_0000n,
  end: 0x7f00_0000_3000n,
  perms: 'r-xp',
  offset: 4096,
  device: 'fe:00',
  inode: 7,
  path: '/bin/x',
};

describe('the table of fields', () => {
  it('has all that are promised, each with what it tells', () => {
    expect(FIELDS).toEqual([
      ...['cmdline', 'cwd', 'exe', 'root', 'environ', 'fd', 'maps', 'smaps', 'pagemap', 'statm', 'stat'],
      ...['status', 'wchan', 'stack', 'cpu', 'mem', 'clear_refs'],
      ...['limits', 'cgroup', 'ns', 'io', 'oom_score', 'sched', 'loginuid'],
    ]);
    for (const name of FIELDS) expect(definitionOf(name).about).toMatch(/^[a-z][^\n]{5,90}$/);
  });

  it('reads what is dear only where it is named', () => {
    const dear = FIELDS.filter((name) => !USUAL_FIELDS.includes(name));
    expect(dear).toEqual(['maps', 'pagemap', 'stack', 'mem', 'clear_refs', 'sched']);
  });
});

describe('smaps', () => {
  it('reads the mappings, which holds a lock of the process, only where it is named', () => {
    const files: string[] = [];
    class Watched extends ProcFs {
      override read(relative: string, limit?: number) {
        files.push(relative.replace(/^.*\//, ''));
        return super.read(relative, limit);
      }
    }
    const read = (options: DetailsOptions) =>
      readDetails(new Watched(), process.pid, { fields: ['smaps'], ...options }).fields.smaps;
    expect(read({})).toMatchObject({ path: `/proc/${process.pid}/smaps_rollup`, value: { mappings: null } });
    expect(files).not.toContain('smaps');
    expect(read({ named: true })).toMatchObject({
      path: `/proc/${process.pid}/smaps`,
      value: { mappings: expect.arrayContaining([expect.objectContaining({ path: '[heap]' })]) },
    });
  });

  it('has sizes by the names of the kernel', () => {
    const total = new Map([
      ['Rss', 8192],
      ['Pss', 4096],
      ['Private_Clean', 1024],
      ['Private_Dirty', 1024],
    ]);
    const counted = { ...mapping, counts: new Map([['Rss', 4096]]), flags: ['rd', 'ex'] };
    expect(rows('smaps', { total, mappings: [counted] })).toEqual([
      'Rss | 8.0 KiB',
      'Pss | 4.0 KiB',
      'Private_Clean | 1.0 KiB',
      'Private_Dirty | 1.0 KiB',
      '7f0000000000-7f0000003000 | r-xp 12.0 KiB /bin/x from 4.0 KiB on | 4.0 KiB resident | flags rd ex',
    ]);
    expect(json('smaps', { total, mappings: null })).toEqual({
      total: { RssBytes: 8192, PssBytes: 4096, Private_CleanBytes: 1024, Private_DirtyBytes: 1024 },
    });
    expect(json('smaps', { total, mappings: [counted] })).toMatchObject({
      mappings: [{ start: '0x7f0000000000', end: '0x7f0000003000', RssBytes: 4096, flags: ['rd', 'ex'] }],
    });
    expect(overview(told({ smaps: { total, mappings: null } }), context)).toMatchObject([
      {
        label: 'share',
        lines: ['4.0 KiB with its share of what others have, too (PSS), 2.0 KiB its alone (USS)'],
      },
    ]);
  });
});

describe('maps', () => {
  it('has addresses as text, which no reader of JSON rounds', () => {
    const vsyscall = {
      ...mapping,
      start: 0xffffffffff600000n,
      end: 0xffffffffff601000n,
      path: null,
      offset: 0,
    };
    expect(json('maps', [vsyscall])).toEqual([
      {
        start: '0xffffffffff600000',
        end: '0xffffffffff601000',
        perms: 'r-xp',
        offset: 0,
        device: 'fe:00',
        inode: 7,
        path: null,
      },
    ]);
    expect(rows('maps', [vsyscall])).toEqual(['ffffffffff600000-ffffffffff601000 | r-xp 4.0 KiB anonymous']);
  });
});

describe('pagemap', () => {
  const counts = { present: 3, swapped: 1, fileOrShared: 2, exclusive: 1, softDirty: 0, numbered: 0 };

  it('says how much of the memory was looked at', () => {
    const value = { ...counts, pages: 10, looked: 4, pageSize: 4096 };
    expect(rows('pagemap', value)).toEqual([
      'pages | 10 of address space (40.0 KiB)',
      'present | 3 in memory (12.0 KiB)',
      'swapped | 1 swapped out (4.0 KiB)',
      'shared | 2 of files, or of memory that is shared (8.0 KiB)',
      'exclusive | 1 mapped by no other process (4.0 KiB)',
      'soft-dirty | none was written to since 4 was written to clear_refs, or the kernel does not count them (CONFIG_MEM_SOFT_DIRTY)',
      'frames | where they are in memory is told only with CAP_SYS_ADMIN',
      'not looked at | 6 pages, of its largest mappings',
    ]);
    expect(json('pagemap', value)).toMatchObject({
      pages: 10,
      lookedAtPages: 4,
      presentPages: 3,
      frameNumbers: false,
    });
  });

  it('does not look through a huge reservation, but at all else', () => {
    // Each has 8 GiB of addresses, of which nothing is used.
    const reserved = Array.from({ length: 4 }, () => new ArrayBuffer(1, { maxByteLength: 8 * 2 ** 30 }));
    const began = performance.now();
    const { pagemap } = readDetails(live, process.pid, { fields: ['pagemap'], named: true }).fields;
    expect(performance.now() - began).toBeLessThan(5000);
    const { rss } = process.memoryUsage();
    if (!pagemap || !('value' in pagemap)) throw new Error('not readable');
    const { pages, looked, present, pageSize } = pagemap.value;
    expect(reserved).toHaveLength(4);
    expect(looked).toBeLessThanOrEqual(4 << 20);
    expect(pages).toBeGreaterThan(looked);
    expect(present * pageSize).toBeGreaterThan(rss / 2);
  });
});

describe('cpu, wchan, stack, oom_score and loginuid', () => {
  it('are one row each', () => {
    expect(rows('cpu', { lastCpu: 3 })).toEqual([
      'cpu | 3, where it ran last: field 39 of stat (the file cpu was one of Linux 2.4 on SMP)',
    ]);
    expect(rows('wchan', 'do_select')).toEqual(['wchan | do_select']);
    expect(rows('wchan', null)).toEqual(['wchan | 0: it did not wait when it was asked']);
    expect(rows('stack', ['a+0x1/0x2', 'b+0x1/0x2'])).toEqual(['stack | a+0x1/0x2 | b+0x1/0x2']);
    expect(rows('stack', [])).toEqual(['stack | empty: it is not in the kernel']);
    expect(rows('oom_score', { score: 666, adjustment: 0 })).toEqual([
      'oom_score | 666: of all processes, the one with the highest is killed when memory runs out',
    ]);
    expect(rows('oom_score', { score: 0, adjustment: -1000 })).toEqual([
      'oom_score | 0, adjusted by -1000: never killed when memory runs out',
    ]);
    expect(rows('loginuid', 1000)).toEqual(['loginuid | ada (uid 1000)']);
    expect(rows('loginuid', null)).toEqual(['loginuid | nobody: it is of no login (a service)']);
  });

  it('a wchan of 0 is no fact where this user may not ask', () => {
    class Closed extends ProcFs {
      override text(relative: string) {
        return relative.endsWith('/wchan') ? '0' : super.text(relative);
      }
      override link(relative: string): string {
        if (relative.endsWith('/cwd')) throw new ProcError('EACCES', this.path(relative));
        return super.link(relative);
      }
    }
    const { wchan } = readDetails(new Closed(), process.pid, { fields: ['wchan'] }).fields;
    expect(wchan).toMatchObject({ path: `/proc/${process.pid}/wchan`, error: { code: 'EACCES' } });
  });
});

describe('mem and clear_refs', () => {
  /** Opens neither for anything but to learn whether it may. */
  class Guarded extends ProcFs {
    override read(relative: string, limit?: number) {
      if (/\/(?:mem|clear_refs)$/.test(relative)) throw new Error(`${relative} was read`);
      return super.read(relative, limit);
    }
    override keep(relative: string) {
      if (relative.endsWith('/clear_refs')) throw new Error(`${relative} was opened`);
      return super.keep(relative);
    }
  }

  it('are neither read nor written', async () => {
    const { pid, stdin, stdout } = await start('cat');
    // Before it answers, its libraries are still being mapped.
    stdin?.write('\n');
    await lineOf(stdout);
    const { mem, clear_refs } = readDetails(new Guarded(), pid, {
      fields: ['mem', 'clear_refs'],
      named: true,
    }).fields;
    const mappings = readFileSync(`/proc/${pid}/maps`, 'utf8').trimEnd().split('\n').length;
    expect(mem).toMatchObject({ value: { readable: true, refusal: null, mappings } });
    expect(clear_refs).toMatchObject({ value: { writable: true } });
  });

  it('say what they are', () => {
    expect(rows('mem', { readable: false, refusal: 'EACCES', mappings: null }).slice(1)).toEqual([
      'readable | no: only root and who may trace it (ptrace(2))',
      'mappings | not known: maps may not be read',
    ]);
    expect(rows('mem', { readable: false, refusal: 'ESRCH', mappings: 0 })[1]).toBe(
      'readable | no: there is none',
    );
    expect(rows('clear_refs', { writable: false })).toHaveLength(7);
    expect(rows('clear_refs', { writable: false })[1]).toBe('writable | no: only by root and its owner');
  });
});

describe('limits', () => {
  const limits = new Map([
    ['Max open files', { soft: 10, hard: 100, unit: 'files' }],
    ['Max stack size', { soft: 8388608, hard: null, unit: 'bytes' }],
    ['Max nice priority', { soft: 0, hard: 0, unit: null }],
    ['Max realtime timeout', { soft: 5, hard: 5, unit: 'us' }],
  ]);
  const descriptors = (count: number): Values['fd'] =>
    Array.from({ length: count }, (_, fd) => ({ fd, mode: 'r', target: '/dev/null', socket: null }));

  it('have their units, and how far they can be raised', () => {
    expect(rows('limits', limits)).toEqual([
      'Max open files | 10 files, can be raised to 100 files',
      'Max stack size | 8388608 bytes (8.0 MiB), can be raised to unlimited',
      'Max nice priority | 0',
      'Max realtime timeout | 5 µs',
    ]);
    expect(json('limits', limits)).toMatchObject({
      'Max stack size': { soft: 8388608, hard: null, unit: 'bytes' },
    });
  });

  it('and descriptors say together when these run short', () => {
    const files = (count: number) => overview(told({ limits, fd: descriptors(count) }), context).at(-1);
    expect(files(2)).toMatchObject({ label: 'files', lines: ['2 open, of 10'], tone: 'plain' });
    expect(files(9)).toMatchObject({ lines: ['9 open, of 10: nearly all that it may'], tone: 'warning' });
  });
});

describe('cgroup, ns, io and sched', () => {
  it('cgroup says first what its paths tell', () => {
    const hierarchies = [
      { hierarchy: 4, controllers: 'memory', path: '/system.slice/nginx.service' },
      { hierarchy: 0, controllers: '', path: '/' },
    ];
    const nginx = { unit: 'nginx.service', container: null, hierarchies };
    expect(rows('cgroup', nginx)).toEqual([
      'unit | nginx.service',
      'container | none that its cgroups name',
      'memory | /system.slice/nginx.service',
      'v2 | /',
    ]);
    const line = (cgroup: Values['cgroup']) =>
      overview(told({ cgroup }), context).flatMap((row) => row.lines);
    expect(line(nginx)).toEqual(['nginx.service']);
    expect(line({ ...nginx, unit: null })).toEqual(['/system.slice/nginx.service']);
    expect(line({ ...nginx, unit: null, container: 'web' })).toEqual(['container web']);
    expect(line({ unit: null, container: null, hierarchies: [] })).toEqual([]);
  });

  it('ns says which it shares with porttop', () => {
    const namespaces = [
      { name: 'mnt', number: 1, ours: true },
      { name: 'net', number: 2, ours: false },
      { name: 'pid_for_children', number: 3, ours: false },
      { name: 'uts', number: 4, ours: null },
    ];
    expect(rows('ns', namespaces)).toEqual([
      "mnt | 1, as porttop's",
      'net | 2, of its own: porttop is in another',
      'pid_for_children | 3, of its own: porttop is in another',
      'uts | 4',
    ]);
    expect(json('ns', namespaces)).toEqual({ mnt: 1, net: 2, pid_for_children: 3, uts: 4 });
    expect(overview(told({ ns: namespaces }), context)).toMatchObject([{ lines: ['of its own: net 2'] }]);
  });

  it('io has sizes in bytes, and calls', () => {
    const io = new Map([
      ['rchar', 2048],
      ['syscr', 7],
      ['cancelled_write_bytes', 0],
      ['later', 1],
    ]);
    expect(rows('io', io)).toEqual([
      'rchar | 2.0 KiB read, from wherever',
      'syscr | 7 calls that read',
      'cancelled_write_bytes | 0 B not written after all: deleted before',
      'later | 1 B',
    ]);
    expect(json('io', io)).toEqual({ rcharBytes: 2048, syscr: 7, cancelledWriteBytes: 0, laterBytes: 1 });
  });

  it('sched has what the scheduler has', () => {
    expect(rows('sched', new Map<string, string | number>([['nr_switches', 2]]))).toEqual([
      'nr_switches | 2',
    ]);
  });
});

describe('fd', () => {
  const socket = (more: Partial<Socket>) =>
    ({
      protocol: 'tcp',
      family: 'ipv4',
      state: 'LISTEN',
      local: null,
      remote: null,
      path: null,
      ...more,
    }) as Socket;
  const end = (address: string, port: number) => ({ address, port, service: null, scope: null, host: null });
  const listener = socket({ family: 'ipv6', local: end('::1', 80) });
  const connection = socket({
    state: 'ESTABLISHED',
    local: end('127.0.0.1', 80),
    remote: end('127.0.0.2', 9),
  });
  const unix = socket({ protocol: 'unix', family: 'unix', path: '/run/x', state: 'LISTEN' });
  const unnamed = socket({ protocol: 'unix', family: 'unix', state: 'ESTABLISHED' });
  const fd = [listener, listener, connection, unix, unnamed, null].map((socket, fd) => ({
    fd,
    mode: 'u' as const,
    target: `socket:[${fd}]`,
    socket,
  }));

  it('has ends and states beside the sockets', () => {
    expect(rows('fd', fd)).toEqual([
      '0u | socket:[0]  tcp6 [::1]:80 LISTEN',
      '1u | socket:[1]  tcp6 [::1]:80 LISTEN',
      '2u | socket:[2]  tcp 127.0.0.1:80 – 127.0.0.2:9 ESTABLISHED',
      '3u | socket:[3]  unix /run/x LISTEN',
      '4u | socket:[4]  unix ESTABLISHED',
      '5u | socket:[5]',
    ]);
  });

  it('says in short which ports it holds, each once, and counts the rest', () => {
    const lines = (fd: Values['fd']) => overview(told({ fd }), context).flatMap((row) => row.lines);
    expect(lines(fd)).toEqual(['tcp6 [::1]:80 LISTEN', 'and 1 connected, 2 unix']);
    expect(lines(fd.slice(4))).toEqual(['1 unix']);
    expect(lines(fd.slice(5))).toEqual([]);
    const many = Array.from({ length: 25 }, (_, at) => ({ ...fd[0], fd: at, socket: { ...listener } }));
    expect(lines(many as Values['fd']).at(-1)).toBe('and 5 more');
  });

  it('is forbidden, and not empty, where root may list what it may not follow', () => {
    class Withheld extends ProcFs {
      override link(relative: string): string {
        if (/\/fd\/\d+$/.test(relative)) throw new ProcError('EACCES', this.path(relative));
        return super.link(relative);
      }
    }
    const { fd } = readDetails(new Withheld(), process.pid, { fields: ['fd'] }).fields;
    expect(fd).toMatchObject({ path: `/proc/${process.pid}/fd`, error: { code: 'EACCES' } });
  });
});
