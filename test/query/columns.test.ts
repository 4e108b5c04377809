import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { COLUMNS, type Column, columnsNamed, UNKNOWN_OWNER } from '../../src/query/columns.ts';
import { QueryError } from '../../src/query/query-error.ts';
import { sortRows } from '../../src/query/sort.ts';
import { endpoint } from '../../src/sockets/endpoint.ts';
import { pidsOf, type Socket } from '../../src/sockets/socket.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { safe } from '../../src/text/safe.ts';
import {
  connection,
  EVERYTHING,
  held,
  type SocketLiteral,
  snapshot,
  tcp,
  unix,
} from '../helpers/snapshots.ts';
import { end, factsOf, NOON, owner, socketOf } from '../sockets/fixture.ts';
import { rowsOf, worlds } from './random-sockets.ts';

fc.configureGlobal({ seed: 4000 });

const now = NOON.getTime();
const ALL = Object.entries(COLUMNS) as [string, Column][];
const bare: Partial<Socket> = {
  uid: null,
  user: null,
  inode: 0,
  acceptQueue: null,
  owners: [],
  ownerUnknown: null,
};

/** The values of a column, in the order that it sorts them in. */
function sorted(column: Column, ...sockets: SocketLiteral[]): unknown[] {
  const rows = snapshot(sockets);
  const picked = sockets.map((_, row) => row);
  const places = runAtOnce(sortRows([{ rows, picked }], column, false));
  return Array.from(places, (row) => column.value(rows, row));
}

const at = (...ends: string[]) => ends.map((each) => tcp(each));
/** Each with an inode of its own, where the port does not tell them apart. */
const distinct = (ends: string[]) => ends.map((each, index) => tcp(each, { inode: index + 1 }));
const waiting = () => connection('10.0.0.1:80', '10.0.0.2:81', { state: 'TIME_WAIT' });

describe('every column', () => {
  test('that does not age says the same at any time', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        for (const { rows, row } of rowsOf(world)) {
          for (const [, { ages, text }] of ALL) {
            if (!ages) expect(text(rows, row, world.now + 1e9)).toBe(text(rows, row, world.now));
          }
        }
      }),
    );
  });

  test.each(ALL)('%s goes by its key, and has a title, an alignment and a width', (key, column) => {
    expect(column.key).toBe(key);
    expect(key).toMatch(/^[a-z]+$/);
    expect(column.title.length).toBeGreaterThan(0);
    expect(column.maxWidth).toBeGreaterThan(0);
    expect(['left', 'right']).toContain(column.align);
  });

  test.each(ALL)('%s is never empty for a person, even where nothing is known', (_, column) => {
    const nothing = factsOf([{ ...bare, local: end('0.0.0.0:0') }]);
    expect(column.text(nothing, 0, now)).not.toBe('');
    expect(column.tone(nothing, 0)).toMatch(/^(plain|strong|accent|quiet|warning|danger)$/);
  });

  test.each(ALL)('%s is safe, whatever the system says', (_, column) => {
    const hostile = '\x1b]0;x\x07\u202e\n';
    const rows = factsOf([
      {
        state: 'ESTABLISHED',
        local: end('[fe80::1]:80', hostile, hostile),
        remote: end('[fe80::2]:81', hostile, hostile),
        user: hostile,
        owners: [owner(1, hostile), owner(2, null)],
        device: hostile,
      },
    ]);
    const shown = column.text(rows, 0, now);
    expect(safe(shown)).toBe(shown);
  });

  // A connection in TIME_WAIT has neither owner nor uid, a unix socket no port.
  const nameless = unix('', { inode: 9, state: 'UNCONN' });
  const facts = { uid: 33, device: 2, cgroup: 5, owners: [held('x', 1)] };
  const something = [
    tcp('127.0.0.1:80', { ...facts, inode: 7, netns: 4_026_531_840 }),
    connection('127.0.0.1:80', '127.0.0.1:81', { ...facts, inode: 8, timer: [1, 200] }),
    unix('/run/x', { inode: 10, peer: 11 }),
  ];
  const container = `/system.slice/docker-${'0123456789abcdef'.repeat(4)}.scope`;
  const told = (sockets: SocketLiteral[]) =>
    snapshot(sockets, {
      services: { '80/tcp': 'http', '81/tcp': 'hosts2-ns' },
      hosts: { '127.0.0.1': 'localhost' },
      source: 'sock_diag',
      connections: { 7: 1 },
      cgroups: { 5: container },
    });
  const always = ['proto', 'family', 'type', 'state', 'recvq', 'sendq'];
  const unsure = ALL.filter(([, column]) => !always.includes(column.key));
  test.each(unsure)('%s puts what is not known last, either way up', (_, column) => {
    const rows = told([waiting(), nameless, ...something]);
    const known = [0, 1, 2, 3, 4].filter((row) => column.value(rows, row) !== null);
    expect([1, 2, 3, 4]).toContain(known.length);
    for (const descending of [false, true]) {
      const places = runAtOnce(sortRows([{ rows, picked: [0, 1, 2, 3, 4] }], column, descending));
      expect([...places].slice(0, known.length).sort()).toEqual(known);
    }
  });

  test.each(ALL)('%s is found by what is shown', (_, column) => {
    fc.assert(
      fc.property(worlds, (world) => {
        for (const { rows, row } of rowsOf(world)) {
          const shown = column.text(rows, row, world.now);
          const found = column.find(rows, row, world.now);
          if (found === null) expect(shown).toBe('–');
          // An address is found with its port, an owner by what the kernel calls it too, a container by its whole id.
          else if (['addr', 'command', 'container', 'within'].includes(column.key))
            expect(safe(`${found}`)).toContain(shown);
          else expect(safe(`${found}`)).toBe(shown);
        }
      }),
      { numRuns: 100 },
    );
  });

  test.each(ALL)('%s is a whole number that has its place among others, or text', (_, column) => {
    fc.assert(
      fc.property(worlds, (world) => {
        for (const { rows, row } of rowsOf(world)) {
          for (const key of column.order) {
            const fact = key(rows, row);
            if (typeof fact !== 'number') continue;
            expect(Number.isInteger(fact) && fact >= 0 && fact <= 0xffff_ffff).toBe(true);
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('a socket in the words of lsof and ss', () => {
  const text = (key: keyof typeof COLUMNS, socket: SocketLiteral, more = {}, others: SocketLiteral[] = []) =>
    COLUMNS[key].text(snapshot([socket, ...others], { source: 'sock_diag', ...more }), 0, now);

  it("has the descriptors of the first owner, with lsof's letter", () => {
    const owners = [held('a', 7, { fd: 12 }), held('a', 7, { fd: 9 }), held('b', 8, { fd: 3 })];
    expect(text('fd', tcp('0.0.0.0:80', { owners }))).toBe('9u,12u');
    expect(text('fd', tcp('0.0.0.0:80'))).toBe('–');
  });

  it('has a type and a family, whatever its protocol', () => {
    const typed = (protocol: SocketLiteral['protocol']) => {
      const socket = {
        protocol,
        local: protocol === 'unix' ? '' : '[::]:1',
        inode: 1,
        state: 'UNCONN',
      } as const;
      return `${text('type', socket)} ${text('family', socket)}`;
    };
    expect(['tcp', 'udp', 'udplite', 'raw', 'icmp', 'unix'].map((each) => typed(each as 'tcp'))).toEqual([
      'stream ipv6',
      'dgram ipv6',
      'dgram ipv6',
      'raw ipv6',
      'dgram ipv6',
      'stream unix',
    ]);
  });

  it('has the timer, when it runs out, and how often it did in vain', () => {
    const timer = (...timer: [number, number, number?]) =>
      text('timer', connection('127.0.0.1:1', '127.0.0.1:2', { timer }));
    expect(timer(2, 7_190_530, 0)).toBe('keepalive 1h59m');
    expect(timer(1, 200, 2)).toBe('on 200ms/2');
    expect(timer(0, 0, 0)).toBe('–');
  });

  it('has ? before what may be no socket', () => {
    for (const key of ['addr', 'local', 'path'] as const) {
      expect(text(key, unix('/run/x', { inode: 5, doubtful: true }))).toBe('? /run/x');
      expect(text(key, unix('', { inode: 5, doubtful: true }))).toBe('? –');
      expect(text(key, unix('/run/x', { inode: 5 }))).toBe('/run/x');
    }
  });

  it('has who is at the other end of a unix socket', () => {
    const one = unix('', { inode: 5, state: 'ESTABLISHED', peer: 6 });
    const other = (owners: ReturnType<typeof held>[]) =>
      unix('/run/bus', { inode: 6, state: 'ESTABLISHED', peer: 5, owners });
    expect(text('peer', one, {}, [other([held('dbus-daemon', 812)])])).toBe('6 (dbus-daemon 812)');
    expect(text('peer', one, {}, [other([])])).toBe('6');
    expect(text('peer', one)).toBe('6');
    expect(snapshot([one, other([])]).socket(0).peer).toEqual({ inode: 6, path: '/run/bus' });
    expect(snapshot([one]).socket(0).peer).toEqual({ inode: 6, path: null });
    expect(text('peer', unix('/x', { inode: 5 }))).toBe('–');
  });

  it('has @ for every NUL of an abstract name, which JSON has as it is', () => {
    const padded = unix('@a\0\n\0', { inode: 5 });
    expect([text('path', padded), text('local', padded)]).toEqual(['@a@\\n@', '@a@\\n@']);
    expect(snapshot([padded]).socket(0).path).toBe('@a\0\n\0');
  });

  it('has no queue of a unix socket that /proc/net told of, which knows none', () => {
    for (const state of ['LISTEN', 'ESTABLISHED'] as const) {
      const rows = snapshot([unix('/x', { inode: 5, state, recvQueue: 0 })]);
      for (const key of ['recvq', 'sendq', 'queue'] as const) expect(COLUMNS[key].value(rows, 0)).toBeNull();
      expect(rows.socket(0)).toMatchObject({
        recvQueue: null,
        sendQueue: null,
        acceptQueue: null,
        backlog: null,
      });
    }
  });

  it('has its unit and container by its own cgroup, else by that of its first owner', () => {
    const id = '0123456789abcdef'.repeat(4);
    const cgroups = { 5: '/', 6: `/system.slice/docker-${id}.scope`, 'pid 7': '/system.slice/nginx.service' };
    const owners = [held('nginx', 7)];
    const told = (more: object) =>
      (['cgroup', 'unit', 'container'] as const).map((key) =>
        text(key, tcp('0.0.0.0:80', more), { cgroups }),
      );
    expect(told({ cgroup: 5, owners })).toEqual(['/', 'nginx.service', '–']);
    expect(told({ cgroup: 6, owners })).toEqual([cgroups[6], `docker-${id}.scope`, '0123456789ab']);
    expect(
      text('container', tcp('0.0.0.0:80', { cgroup: 6 }), { cgroups, containers: { [id]: 'web' } }),
    ).toBe('web');
    expect(told({ owners })).toEqual(['/system.slice/nginx.service', 'nginx.service', '–']);
    expect(told({})).toEqual(['–', '–', '–']);
    // An object has them only where they are asked for: files have to be read.
    const facts = (wanted: object) =>
      snapshot([tcp('0.0.0.0:80', { cgroup: 6 })], { cgroups, wanted: { ...EVERYTHING, ...wanted } }).socket(
        0,
      );
    expect(facts({ cgroups: true })).toMatchObject({ cgroup: cgroups[6], container: id });
    expect(facts({})).toMatchObject({ cgroup: null, unit: null, container: null });
  });
});

describe('an owner that is not known', () => {
  const id = '0123456789abcdef'.repeat(4);
  const cgroups = { 5: '/', 6: `/system.slice/docker-${id}.scope`, 7: '/system.slice/nginx.service' };
  const owner = (more: object, circumstances: object = {}) =>
    COLUMNS.command.text(
      snapshot([tcp('0.0.0.0:80', more)], { cgroups, unreadable: { 9: 'EACCES' }, ...circumstances }),
      0,
      0,
    );

  it('is said to be in the unit or the container where the socket was made', () => {
    expect(owner({ cgroup: 7 })).toBe('? in nginx.service');
    expect(owner({ cgroup: 7 }, { unreadable: {} })).toBe('? in nginx.service');
    expect(owner({ cgroup: 6 })).toBe('? in 0123456789ab');
    expect(owner({ cgroup: 6 }, { containers: { [id]: 'web' } })).toBe('? in web');
    expect(owner({ cgroup: 7, owners: [held('nginx', 7)] })).toBe('nginx');
  });

  it('is only unknown where the kernel does not tell that either, and none where nobody has it', () => {
    expect(owner({ cgroup: 5 })).toBe('? not allowed');
    expect(owner({})).toBe('? not allowed');
    expect(owner({ cgroup: 7, state: 'TIME_WAIT', inode: 0 })).toBe('– closed, waiting');
  });
});

describe('columns that are asked for', () => {
  it('come in the order in which they are named, twice if they are', () => {
    const { port, command, pids } = COLUMNS;
    expect(columnsNamed(['pids', 'port', 'command', 'port'])).toEqual([pids, port, command, port]);
    expect(columnsNamed([])).toEqual([]);
    for (const [key, column] of ALL) expect(columnsNamed([key])).toEqual([column]);
  });

  test.each(['', 'PORT', ' port', 'toString', '__proto__', 'constructor', 'hasOwnProperty'])(
    'but are none: %j, which says what there are',
    (key) => {
      expect(() => columnsNamed(['port', key])).toThrow(QueryError);
      expect(() => columnsNamed(['port', key])).toThrow(
        `'${key}' is no column: there are port, service, rservice, proto,`,
      );
    },
  );
});

describe('an order', () => {
  it('of ports, pids, uids and queues is of numbers', () => {
    expect(sorted(COLUMNS.port, ...at('0.0.0.0:8080', '0.0.0.0:80', '0.0.0.0:9'))).toEqual([9, 80, 8080]);
    const pids = [1000, 9, 99].map((pid) => tcp(`0.0.0.0:${pid}`, { owners: [held('x', pid)] }));
    expect(sorted(COLUMNS.pid, ...pids)).toEqual([9, 99, 1000]);
    expect(sorted(COLUMNS.pids, ...pids)).toEqual(['9', '99', '1000']);
    const uids = [1000, 0, 33].map((uid) => tcp(`0.0.0.0:${1 + uid}`, { uid }));
    expect(sorted(COLUMNS.uid, ...uids, waiting())).toEqual([0, 33, 1000, null]);
    const queues = [128, 9].map((recvQueue) => tcp(`0.0.0.0:${recvQueue}`, { recvQueue }));
    expect(sorted(COLUMNS.queue, ...queues)).toEqual([9, 128]);
  });

  it('of IPv4 addresses is of their numbers, not of their digits', () => {
    const addresses = ['10.0.0.10:1', '9.9.9.9:1', '10.0.0.9:1', '192.168.0.1:1', '0.0.0.0:1', '127.0.0.1:1'];
    expect(sorted(COLUMNS.addr, ...distinct(addresses))).toEqual([
      '0.0.0.0',
      '9.9.9.9',
      '10.0.0.9',
      '10.0.0.10',
      '127.0.0.1',
      '192.168.0.1',
    ]);
  });

  it('of IPv6 addresses is of their bytes, not of how they are shortened', () => {
    expect(
      sorted(
        COLUMNS.addr,
        ...distinct([
          '[fe80::1]:1',
          '[2001:db8::]:1',
          '[::1]:1',
          '[::]:1',
          '[::ffff:1.2.3.4]:1',
          '[2001:db8::10]:1',
          '[2001:db8::9]:1',
        ]),
      ),
    ).toEqual(['::', '::1', '::ffff:1.2.3.4', '2001:db8::', '2001:db8::9', '2001:db8::10', 'fe80::1']);
  });

  test.each(['addr', 'local'] as const)('of %s has IPv4 before IPv6, and paths after both', (key) => {
    const sockets = [unix('/a', { inode: 3 }), tcp('[::1]:80'), tcp('255.0.0.1:1'), unix('@b', { inode: 4 })];
    const [four, six, ...paths] = sorted(COLUMNS[key], ...sockets);
    expect(four).toMatch(/^255\.0\.0\.1/);
    expect(six).toMatch(/::1/);
    expect(paths).toEqual(['/a', '@b']);
  });

  it('of endpoints is by address, then by port as a number', () => {
    const ends = ['10.0.0.10:80', '10.0.0.9:30000', '10.0.0.9:443', '10.0.0.9:8', '10.0.0.9:65535'];
    const expected = ['10.0.0.9:8', '10.0.0.9:443', '10.0.0.9:30000', '10.0.0.9:65535', '10.0.0.10:80'];
    expect(sorted(COLUMNS.local, ...at(...ends))).toEqual(expected);
    const remotes = ends.map((each) => connection('10.0.0.1:9', each));
    expect(sorted(COLUMNS.remote, tcp('10.0.0.1:9'), ...remotes)).toEqual([...expected, null]);
  });

  it('of owners is of what a person calls them, not of what the kernel does', () => {
    const node = tcp('0.0.0.0:1', { owners: [held('node', 1, { command: 'MainThread' })] });
    const nginx = tcp('0.0.0.0:2', { owners: [held('nginx', 2)] });
    expect(COLUMNS.command.text(snapshot([node]), 0, now)).toBe('node');
    expect(sorted(COLUMNS.command, node, nginx)).toEqual(['nginx', 'MainThread']);
  });

  it('of names does not mind capitals', () => {
    const named = ['nginx', 'Xorg', 'apache'].map((name, index) =>
      tcp(`0.0.0.0:${index + 1}`, { owners: [held(name, index + 1)] }),
    );
    expect(sorted(COLUMNS.command, ...named)).toEqual(['apache', 'nginx', 'Xorg']);
  });

  it('of starts has the oldest first, to the millisecond', () => {
    const times = [
      '2026-11-23T12:00:00.020Z',
      '2026-11-23T12:00:00.010Z',
      '2025-12-31T23:59:59.000Z',
      '2026-11-23T11:59:59.990Z',
      null,
    ];
    const started = times.map((time, index) =>
      tcp(`0.0.0.0:${index + 1}`, { owners: [held('x', index + 1, { started: time })] }),
    );
    expect(sorted(COLUMNS.started, ...started)).toEqual([
      '2025-12-31T23:59:59.000Z',
      '2026-11-23T11:59:59.990Z',
      '2026-11-23T12:00:00.010Z',
      '2026-11-23T12:00:00.020Z',
      null,
    ]);
  });
});

describe('an end of a socket', () => {
  test.each([
    [end('127.0.0.1:80'), '127.0.0.1:80'],
    [end('[::1]:80'), '[::1]:80'],
    [end('[::]:0'), '[::]:0'],
    [end('[::ffff:127.0.0.1]:80'), '[::ffff:127.0.0.1]:80'],
    [end('[fe80::1]:80', null, 'eth0'), '[fe80::1%eth0]:80'],
  ])('%j is %s', (each, text) => {
    expect(endpoint(each)).toBe(text);
  });
});

describe('what a person reads', () => {
  const shown = (column: Column, socket: Partial<Socket>) => column.text(factsOf([socket]), 0, now);

  it('of the protocol has a 6 for IPv6, as in netstat', () => {
    expect(shown(COLUMNS.proto, {})).toBe('tcp');
    expect(shown(COLUMNS.proto, { local: end('[::1]:80') })).toBe('tcp6');
    expect(shown(COLUMNS.proto, { protocol: 'udp', local: end('[::1]:80') })).toBe('udp6');
  });

  it('of the owners is each name once, with how many processes have it', () => {
    const owners = [
      owner(1, 'nginx'),
      owner(2, 'nginx'),
      owner(2, 'nginx', 9),
      owner(3, 'php'),
      owner(4, null),
    ];
    expect(shown(COLUMNS.command, { owners })).toBe('nginx ×2, php, (ended)');
    expect(shown(COLUMNS.pids, { owners })).toBe('1,2,3,4');
    expect(shown(COLUMNS.pid, { owners })).toBe('1');
    expect(pidsOf(socketOf({ owners }))).toEqual([1, 2, 3, 4]);
  });

  test.each(Object.keys(UNKNOWN_OWNER) as (keyof typeof UNKNOWN_OWNER)[])(
    'of a missing owner is why: %s',
    (ownerUnknown) => {
      expect(shown(COLUMNS.command, { ownerUnknown })).toBe(UNKNOWN_OWNER[ownerUnknown]);
      // A question mark only where somebody may have it.
      const asks = ['permission', 'no-process', 'gone'].includes(ownerUnknown);
      expect(UNKNOWN_OWNER[ownerUnknown].startsWith(asks ? '?' : '–')).toBe(true);
    },
  );

  it('of a user is the name, else the number', () => {
    expect(shown(COLUMNS.user, { uid: 33, user: 'www-data' })).toBe('www-data');
    expect(shown(COLUMNS.user, { uid: 4711, user: null })).toBe('4711');
    expect(shown(COLUMNS.user, { uid: 0, user: null })).toBe('0');
    expect(shown(COLUMNS.user, { uid: null, user: null })).toBe('–');
  });

  it('of a queue is how full, and of how much', () => {
    expect(shown(COLUMNS.queue, { acceptQueue: 3, backlog: 128 })).toBe('3/128');
    expect(shown(COLUMNS.queue, { acceptQueue: 3, backlog: null })).toBe('3');
    expect(shown(COLUMNS.queue, { state: 'ESTABLISHED', acceptQueue: null })).toBe('–');
  });

  it('of the netstat queues is what netstat and ss say', () => {
    const listener = { acceptQueue: 3, backlog: 128, recvQueue: null, sendQueue: null };
    expect([shown(COLUMNS.recvq, listener), shown(COLUMNS.sendq, listener)]).toEqual(['3', '128']);
    const connection = { state: 'ESTABLISHED', acceptQueue: null, recvQueue: 17, sendQueue: 0 } as const;
    expect([shown(COLUMNS.recvq, connection), shown(COLUMNS.sendq, connection)]).toEqual(['17', '0']);
  });

  it('of a start is how long ago, coarsely', () => {
    const startTime = new Date(now - 3 * 3_600_000 - 59_000).toISOString();
    expect(shown(COLUMNS.started, { owners: [{ ...owner(1), startTime }] })).toBe('3h');
    expect(shown(COLUMNS.started, { owners: [owner(1)] })).toBe('–');
  });

  it('of a socket without an inode is no number', () => {
    expect(shown(COLUMNS.inode, { inode: 0 })).toBe('–');
    expect(shown(COLUMNS.inode, { inode: 4294967295 })).toBe('4294967295');
  });
});

describe('a colour', () => {
  it('warns of what other machines can reach, and of nothing else', () => {
    for (const address of ['0.0.0.0', '8.8.8.8']) {
      expect(COLUMNS.exposure.tone(factsOf([{ local: end(`${address}:80`) }]), 0)).toBe('warning');
      expect(COLUMNS.addr.tone(factsOf([{ local: end(`${address}:80`) }]), 0)).toBe('warning');
    }
    for (const address of ['127.0.0.1', '10.0.0.1', '[fe80::1]'])
      expect(COLUMNS.exposure.tone(factsOf([{ local: end(`${address}:80`) }]), 0)).toBe('plain');
  });

  it('warns of a leak: CLOSE_WAIT', () => {
    expect(COLUMNS.state.tone(factsOf([{ state: 'CLOSE_WAIT' }]), 0)).toBe('warning');
    expect(COLUMNS.state.tone(factsOf([{ state: 'LISTEN' }]), 0)).toBe('quiet');
  });
});

describe('a service', () => {
  it('has a mark where the program is known to serve another, and its name alone as a value', () => {
    const rows = snapshot(
      [
        tcp('0.0.0.0:22', { owners: [held('sshd', 700)] }),
        tcp('0.0.0.0:2222', { owners: [held('sshd', 701)] }),
        tcp('0.0.0.0:3000', { owners: [held('node', 702)] }),
        connection('10.0.0.1:2222', '10.0.0.2:50000', { owners: [held('sshd', 703)] }),
      ],
      { services: { '22/tcp': 'ssh', '2222/tcp': 'EtherNet/IP-1', '3000/tcp': 'hbci' } },
    );
    const { service } = COLUMNS;
    expect([0, 1, 2, 3].map((row) => service.text(rows, row, now))).toEqual([
      'ssh',
      'EtherNet/IP-1*',
      'hbci',
      'EtherNet/IP-1',
    ]);
    expect(service.value(rows, 1)).toBe('EtherNet/IP-1');
    expect(service.tone(rows, 1)).toBe('quiet');
  });
});
