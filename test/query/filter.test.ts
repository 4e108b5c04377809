import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { COLUMNS, type Column } from '../../src/query/columns.ts';
import { filterProblem, filterRows, mayAsk, NO_FILTER, protocolsNamed } from '../../src/query/filter.ts';
import { SOCKET_KEYS, type SocketKey } from '../../src/query/filter-keys.ts';
import {
  type Circumstances,
  connection,
  held,
  NOON,
  type SocketLiteral,
  snapshot,
  tcp,
  udp,
  unix,
} from '../helpers/snapshots.ts';
import { rowsOf, worlds } from './random-sockets.ts';

fc.configureGlobal({ seed: 4000 });

const SHOWN: Column[] = [
  COLUMNS.port,
  COLUMNS.service,
  COLUMNS.proto,
  COLUMNS.addr,
  COLUMNS.command,
  COLUMNS.user,
];

const circumstances: Circumstances = {
  services: { '8080/tcp': 'http-alt' },
  users: { 33: 'www-data', 1000: 'Ada' },
};

function shows(
  socket: SocketLiteral,
  text: string,
  kept = false,
  columns = SHOWN,
  more: Circumstances = {},
): boolean {
  const rows = snapshot([socket], { ...circumstances, ...more });
  return filterRows({ text, kept }, columns, NOON)(rows, 0);
}

const owners = [held('nginx', 1204), held('Worker', 1205)];
const nginx = tcp('192.168.1.10:8080', { uid: 33, owners });
const client = connection('192.168.1.10:8080', '10.0.0.2:54321', { uid: 33, owners });

describe('a filter', () => {
  it('that says nothing shows everything', () => {
    expect(filterRows(NO_FILTER, SHOWN, 0)(snapshot([tcp('127.0.0.1:80')]), 0)).toBe(true);
    expect(shows(nginx, '')).toBe(true);
    expect(shows(nginx, '  \t ')).toBe(true);
    expect(shows(nginx, '', true)).toBe(true);
  });

  it('whose words are several shows what all of them match', () => {
    expect(shows(nginx, 'nginx www')).toBe(true);
    expect(shows(nginx, 'www   nginx 8080')).toBe(true);
    expect(shows(nginx, 'nginx root')).toBe(false);
  });
});

describe('a number', () => {
  it('is the beginning of a port or a pid while it is typed', () => {
    for (const typed of ['8', '80', '808', '8080', '1', '12', '1204', '1205'])
      expect(shows(nginx, typed)).toBe(true);
    for (const typed of ['0', '80800', '080', '204', '2', '9']) expect(shows(nginx, typed)).toBe(false);
  });

  it('is the whole of one once it is kept', () => {
    for (const typed of ['8080', '1204', '1205']) expect(shows(nginx, typed, true)).toBe(true);
    for (const typed of ['8', '808', '80800', '120', '12040', '2'])
      expect(shows(nginx, typed, true)).toBe(false);
  });

  it('is a port of either end', () => {
    expect(shows(client, '543')).toBe(true);
    expect(shows(client, '54321', true)).toBe(true);
    expect(shows(client, '8080', true)).toBe(true);
    expect(shows(client, '5432', true)).toBe(false);
  });

  it('may be written as a TARGET is: a port of either end, of that protocol', () => {
    const far = connection('10.0.0.1:999', '10.0.0.2:8080');
    const sockets = [tcp('0.0.0.0:8080'), udp('0.0.0.0:8080'), far, tcp('0.0.0.0:18080'), tcp('0.0.0.0:80')];
    const passing = (text: string) =>
      sockets.flatMap((socket, at) => (shows(socket, text, true) ? [at] : []));
    expect(passing(':8080')).toEqual([0, 1, 2]);
    expect(passing('8080/tcp')).toEqual([0, 2]);
    expect(passing('tcp:8080 state:listen')).toEqual([0]);
    expect(passing('not 8080/UDP')).toEqual([0, 2, 3, 4]);
    expect(passing('99999/tcp')).toEqual([]);
  });

  it('is no part of an address, a uid or an inode', () => {
    expect(shows(nginx, '192')).toBe(false);
    expect(shows(tcp('0.0.0.0:1', { inode: 777, uid: 778 }), '77', false, Object.values(COLUMNS))).toBe(
      false,
    );
  });

  it('that is kept never shows what it did not show while it was typed', () => {
    fc.assert(
      fc.property(fc.nat(65535), fc.nat(65535), (port, asked) => {
        const socket = tcp(`127.0.0.1:${port}`);
        expect(shows(socket, `${asked}`, true)).toBe(port === asked);
        expect(shows(socket, `${asked}`)).toBe(`${port}`.startsWith(`${asked}`));
      }),
    );
  });

  it('is no port where there is none: of the other end of a listener, of a unix socket', () => {
    for (const kept of [false, true]) {
      expect(shows(tcp('0.0.0.0:80'), '0', kept)).toBe(false);
      expect(shows(unix('/run/a', { inode: 5 }), '0', kept)).toBe(false);
    }
  });

  it('may be among words', () => {
    expect(shows(nginx, 'nginx 80')).toBe(true);
    expect(shows(nginx, 'nginx 80', true)).toBe(false);
    expect(shows(nginx, 'nginx 8080', true)).toBe(true);
  });
});

describe('a word', () => {
  it('matches anywhere in any column that is shown', () => {
    for (const typed of ['gin', 'alt', 'http-alt', '192.168.', '.10', 'www', 'tcp', 'data', 'x,'])
      expect({ typed, shown: shows(nginx, typed) }).toEqual({ typed, shown: true });
    expect(shows(nginx, 'redis')).toBe(false);
  });

  it('does not mind capitals', () => {
    expect(shows(nginx, 'NGINX')).toBe(true);
    expect(shows(nginx, 'worker')).toBe(true);
    expect(shows(tcp('0.0.0.0:1', { uid: 1000 }), 'ada')).toBe(true);
  });

  it('does not match in a column that is not shown', () => {
    expect(shows(nginx, 'www', false, [COLUMNS.port])).toBe(false);
    expect(shows(nginx, 'http', false, [COLUMNS.port])).toBe(false);
  });

  it('matches the name of any owner, shown or not', () => {
    expect(shows(nginx, 'worker', false, [COLUMNS.port])).toBe(true);
  });

  it('matches the same while it is typed and once it is kept', () => {
    expect(shows(nginx, 'gin', true)).toBe(true);
    expect(shows(nginx, '80a', true)).toBe(false);
  });

  it('is no pattern: it means itself', () => {
    for (const typed of ['.*', '^nginx', '[', '\\', '"("', 'n.inx', '$'])
      expect(shows(nginx, typed)).toBe(false);
    expect(shows(tcp('0.0.0.0:1', { owners: [held('a.*[b', 1)] }), '.*[')).toBe(true);
  });

  it('matches what a person sees: the reason where there is no owner', () => {
    expect(shows(tcp('0.0.0.0:1'), 'allowed', false, SHOWN, { unreadable: { 7: 'EACCES' } })).toBe(true);
    expect(shows(tcp('0.0.0.0:1'), 'kernel')).toBe(true);
    expect(shows(tcp('0.0.0.0:1', { owners: [held('\x1b[31m', 1)] }), '\\e[31m')).toBe(true);
  });

  it('matches what a person sees: how many processes, and that one has ended', () => {
    const workers = [held('php', 7), held('php', 8), held('x', 9, { ended: true })];
    const socket = tcp('0.0.0.0:1', { owners: workers });
    for (const typed of ['×2', 'php', '(ended)']) expect(shows(socket, typed)).toBe(true);
    expect(shows(socket, 'null')).toBe(false);
  });

  it('matches what the kernel calls a process, and what a person does', () => {
    const node = tcp('0.0.0.0:1', { owners: [held('node', 7, { command: 'MainThread' })] });
    for (const typed of ['node', 'mainthread']) {
      expect(shows(node, typed)).toBe(true);
      expect(shows(node, typed, false, [COLUMNS.port])).toBe(true);
    }
  });

  it('matches an address with its port and its interface, and the path of a unix socket', () => {
    const scopes = { 'fe80::1': 'eth0' };
    for (const typed of ['::1', '[fe80', 'eth0', '%', ']:80'])
      expect({ typed, shown: shows(tcp('[fe80::1]:80'), typed, false, SHOWN, { scopes }) }).toEqual({
        typed,
        shown: true,
      });
    expect(shows(nginx, '10:8080')).toBe(true);
    expect(shows(client, '2:54321', false, [COLUMNS.remote])).toBe(true);
    expect(shows(client, '2:54321', false, [COLUMNS.local])).toBe(false);
    expect(shows(unix('/run/\x1bX.sock', { inode: 5 }), '/run/\\ex')).toBe(true);
  });

  it('finds every cell of every socket by what is to be seen in it, or a part of that', () => {
    const columns = Object.values(COLUMNS) as Column[];
    fc.assert(
      fc.property(worlds, fc.nat(), fc.nat(9), (world, from, length) => {
        for (const { rows, row } of rowsOf(world)) {
          for (const column of columns) {
            const seen = column.text(rows, row, world.now).slice(from % 20);
            const typed = seen.slice(0, length + 1).trim();
            if (typed === '' || typed === '–') continue;
            // Without quotes blanks divide it, and a number means a port or a pid.
            const text = `"${typed.replaceAll('"', '""')}"`;
            expect({
              typed,
              shown: filterRows({ text, kept: true }, [column], world.now)(rows, row),
            }).toEqual({ typed, shown: true });
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('may be anything, for any socket', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (typed, kept) => {
        fc.pre(filterProblem(typed) === null);
        expect(typeof shows(client, typed, kept, Object.values(COLUMNS))).toBe('boolean');
      }),
    );
  });

  it('may be a number in quotes: it is text then', () => {
    expect(shows(nginx, '"168"', true)).toBe(true);
    expect(shows(nginx, '"20"', true, [COLUMNS.pid])).toBe(true);
    expect(shows(nginx, '20', true, [COLUMNS.pid])).toBe(false);
  });
});

describe('and, or, not and parentheses', () => {
  it('mean what they say', () => {
    for (const typed of ['nginx and www', 'redis or nginx', 'not redis', '(redis or nginx) not root'])
      expect({ typed, shown: shows(nginx, typed) }).toEqual({ typed, shown: true });
    for (const typed of ['nginx and root', 'not nginx', 'not (redis or nginx)', 'redis or nginx root'])
      expect({ typed, shown: shows(nginx, typed) }).toEqual({ typed, shown: false });
  });
});

/** Which of these sockets a kept filter shows. */
function shown(text: string, sockets: Record<string, SocketLiteral>, more: Circumstances = {}): string[] {
  const rows = snapshot(Object.values(sockets), { ...circumstances, ...more });
  const passes = filterRows({ text, kept: true }, [], NOON);
  return Object.keys(sockets).filter((_, row) => passes(rows, row));
}

describe('port:', () => {
  const ports = { 80: tcp('0.0.0.0:80'), 800: tcp('0.0.0.0:800'), 3000: tcp('[::]:3000'), client };
  it.each([
    ['port:80', ['80']],
    ['port:=80', ['80']],
    ['port:80,3000', ['80', '3000']],
    ['port:80-3000', ['80', '800', '3000']],
    ['port:>800', ['3000', 'client']],
    ['port:>=800', ['800', '3000', 'client']],
    ['port:<800', ['80']],
    ['port:<=800', ['80', '800']],
    ['not port:80', ['800', '3000', 'client']],
  ])('%s is the port of this end, as a number', (text, expected) => {
    expect(shown(text, ports)).toEqual(expected);
  });

  it('is not the port of the other end: that is remote::54321', () => {
    expect(shown('port:54321', ports)).toEqual([]);
    expect(shown('remote::54321', ports)).toEqual(['client']);
    expect(shown('54321', ports)).toEqual(['client']);
  });

  it('is known by its beginning while it is typed, but for = and ranges', () => {
    expect(shows(nginx, 'port:80')).toBe(true);
    for (const typed of ['port:=80', 'port:80-90', 'port:81', 'port:0'])
      expect(shows(nginx, typed)).toBe(false);
  });

  it('compares as the numbers do', () => {
    const operators = fc.constantFrom('', '=', '<', '<=', '>', '>=');
    fc.assert(
      fc.property(fc.nat(65535), fc.nat(65535), operators, (port, asked, operator) => {
        const equal = operator.endsWith('=') || operator === '';
        const expected =
          (equal && port === asked) ||
          (operator.startsWith('<') && port < asked) ||
          (operator.startsWith('>') && port > asked);
        expect(shows(tcp(`127.0.0.1:${port}`), `port:${operator}${asked}`, true)).toBe(expected);
      }),
    );
  });

  it('of a number that is being typed begins as its digits do', () => {
    fc.assert(
      fc.property(fc.nat(65535), fc.stringMatching(/^\d{1,5}$/), (port, digits) => {
        expect(shows(tcp(`127.0.0.1:${port}`), `port:${digits}`)).toBe(`${port}`.startsWith(digits));
      }),
    );
  });
});

describe('pid:', () => {
  it('is that of any process that holds the socket', () => {
    for (const typed of ['pid:1204', 'pid:1205', 'pids:1205', 'pid:>1204', 'pid:<1205', 'pid:>=1000'])
      expect({ typed, shown: shows(nginx, typed, true) }).toEqual({ typed, shown: true });
    for (const typed of ['pid:120', 'pid:>1205', 'pid:<1204', 'pid:=1'])
      expect({ typed, shown: shows(nginx, typed, true) }).toEqual({ typed, shown: false });
  });
});

describe('what a socket is, and where', () => {
  const id = '0123456789abcdef'.repeat(4);
  const sockets = {
    web: tcp('0.0.0.0:80', { inode: 1, device: 2, cgroup: 7, owners: [held('nginx', 9, { fd: 11 })] }),
    again: connection('10.0.0.1:80', '10.0.0.2:5', { inode: 2, timer: [1, 200, 2], cgroup: 8 }),
    idle: connection('10.0.0.1:80', '10.0.0.2:6', { inode: 3, timer: [2, 7_190_530] }),
    dns: udp('0.0.0.0:53', {
      inode: 4,
      owners: [held('named', 10, { fd: 3 }), held('named', 12, { fd: 112 })],
    }),
    bus: unix('/run/bus', { inode: 5, state: 'ESTABLISHED', peer: 6, owners: [held('bus', 13)] }),
    client: unix('', { inode: 6, state: 'ESTABLISHED', peer: 5, type: 5, owners: [held('gnome', 14)] }),
    padded: unix('@a\0b\0', { inode: 7, type: 2, state: 'UNCONN' }),
  };
  const cgroups = { 7: `/system.slice/docker-${id}.scope`, 8: '/system.slice/nginx.service' };
  it.each([
    ['type:stream', ['again', 'bus', 'idle', 'web']],
    ['type:u_dgr', ['dns', 'padded']],
    ['type:seq', ['client']],
    ['family:unix', ['bus', 'client', 'padded']],
    ['family:ipv4 type:dgram', ['dns']],
    ['device:=#2', ['web']],
    ['fd:11', ['web']],
    ['fd:112', ['dns']],
    ['fd:11u', ['web']],
    ['fd:>100', ['dns']],
    ['timer:on', ['again']],
    ['timer:/keepalive 1h/', ['idle']],
    ['path:"/run"', ['bus']],
    ['path:=@a@b@', ['padded']],
    ['peer:gnome', ['bus']],
    ['peer:"bus 13"', ['client']],
    [`container:${id}`, ['web']],
    ['container:=""', []],
    ['unit:nginx', ['again']],
    ['cgroup:"/system.slice"', ['again', 'web']],
  ])('%s', (text, expected) => {
    expect(shown(text, sockets, { source: 'sock_diag', cgroups }).toSorted()).toEqual(expected);
  });

  it('names the protocols that have to be read for it, and may ask for what is read only then', () => {
    expect(protocolsNamed({ text: 'not (proto:udplite,raw6) or unix or proto:UNIX', kept: true })).toEqual([
      'udplite',
      'raw',
      'unix',
    ]);
    expect(protocolsNamed({ text: 'tcp state:listen "proto:icmp"', kept: true })).toEqual([]);
    expect(mayAsk({ text: 'not TIMER:on', kept: true }, 'timer')).toBe(true);
    expect(mayAsk({ text: 'timer cmd:egg-timer', kept: true }, 'timer')).toBe(false);
  });
});

describe('other numbers', () => {
  const sockets = {
    busy: connection('10.0.0.1:1', '10.0.0.2:2', { recvQueue: 5, sendQueue: 0, inode: 77, uid: 33 }),
    full: tcp('0.0.0.0:80', { recvQueue: 3, sendQueue: 128, inode: 78, uid: 1000 }),
    idle: tcp('0.0.0.0:81', { inode: 79, uid: 0 }),
  };
  it.each([
    ['recvq:>0', ['busy', 'full']],
    ['recv-q:5', ['busy']],
    ['queue:>=0', ['full', 'idle']],
    ['queue:3', ['full']],
    ['sendq:>100', ['full']],
    ['inode:77-78', ['busy', 'full']],
    ['uid:0,33', ['busy', 'idle']],
    ['conns:>1', ['full']],
  ])('%s', (text, expected) => {
    expect(shown(text, sockets, { source: 'sock_diag', connections: { 78: 2, 79: 1 } })).toEqual(expected);
  });
});

describe('proto:', () => {
  const sockets = {
    tcp: tcp('0.0.0.0:1'),
    tcp6: tcp('[::]:1'),
    udp: udp('0.0.0.0:1'),
    udp6: udp('[::]:1'),
    udplite: { ...udp('0.0.0.0:1'), protocol: 'udplite', inode: 5 } as const,
    unix: unix('/run/a', { inode: 6 }),
  };
  it.each([
    ['proto:tcp', ['tcp', 'tcp6']],
    ['proto:TCP6', ['tcp6']],
    ['proto:=tcp', ['tcp']],
    ['proto:udp', ['udp', 'udp6']],
    ['protocol:udplite,unix', ['udplite', 'unix']],
    ['proto:/6$/', ['tcp6', 'udp6']],
  ])('%s is both families, unless one is named, and never another protocol', (text, expected) => {
    expect(shown(text, sockets)).toEqual(expected);
  });
});

describe('state: and exposure:', () => {
  const sockets = {
    listen: tcp('0.0.0.0:1'),
    up: connection('127.0.0.1:2', '127.0.0.1:3'),
    close: connection('127.0.0.1:2', '127.0.0.1:4', { state: 'CLOSE' }),
    closeWait: connection('127.0.0.1:2', '127.0.0.1:5', { state: 'CLOSE_WAIT' }),
    timeWait: connection('127.0.0.1:2', '127.0.0.1:6', { state: 'TIME_WAIT' }),
    local: tcp('[fe80::1]:9'),
  };
  it.each([
    ['state:listen', ['listen', 'local']],
    ['state:estab', ['up']],
    ['state:close', ['close', 'closeWait']],
    ['state:=close', ['close']],
    ['state:time-wait', ['timeWait']],
    ['state:TIME_WAIT', ['timeWait']],
    ['state:wait', ['closeWait', 'timeWait']],
    ['exposure:all', ['listen']],
    ['reach:link_local', ['local']],
    ['reach:loopback', []],
  ])('%s is the word, as any tool spells it, or a part of it', (text, expected) => {
    expect(shown(text, sockets)).toEqual(expected);
  });
});

describe('text:', () => {
  const sockets = {
    nginx,
    node: tcp('0.0.0.0:1', { uid: 1000, owners: [held('node', 7, { command: 'MainThread' })] }),
    php: tcp('0.0.0.0:2', { uid: 77, owners: [held('php-fpm', 8), held('php-fpm', 9)] }),
    nobody: connection('0.0.0.0:4', '10.0.0.1:1', { state: 'TIME_WAIT' }),
  };
  it.each([
    ['user:www', ['nginx']],
    ['user:=www', []],
    ['user:=WWW-data', ['nginx']],
    ['user:ada,77', ['node', 'php']],
    ['user:/^[a-z]+$/', ['node']],
    ['not user:ada', ['nginx', 'php', 'nobody']],
    ['cmd:/ngin/', ['nginx']],
    ['cmd:/^N.INX$/', ['nginx']],
    ['cmd:worker', ['nginx']],
    ['command:mainthread', ['node']],
    ['owner:=node', ['node']],
    ['name:"php-fpm"', ['php']],
    ['cmd:×2', []],
    ['cmd:waiting', []],
    ['cmd:""', ['nginx', 'node', 'php']],
    ['service:alt', ['nginx']],
    ['service:=http', []],
  ])('%s', (text, expected) => expect(shown(text, sockets)).toEqual(expected));
});

describe('up:', () => {
  const started = (seconds: number) => new Date(NOON - seconds * 1000).toISOString();
  const sockets = {
    young: tcp('0.0.0.0:1', { owners: [held('a', 1, { started: started(30) })] }),
    hour: tcp('0.0.0.0:2', { owners: [held('b', 2, { started: started(3700) })] }),
    old: tcp('0.0.0.0:3', { owners: [held('c', 3, { started: started(200_000) })] }),
    unknown: tcp('0.0.0.0:4'),
  };
  it.each([
    ['up:<10m', ['young']],
    ['up:>1h', ['hour', 'old']],
    ['started:>=2d', ['old']],
    ['up:1h', ['hour']],
    ['up:2d', ['old']],
    ['not up:<10m', ['hour', 'old', 'unknown']],
  ])('%s is how long the first owner has been there', (text, expected) => {
    expect(shown(text, sockets)).toEqual(expected);
  });
});

describe('addr:, local: and remote:', () => {
  const sockets = {
    ten: tcp('10.1.2.3:80'),
    mapped: connection('[::ffff:10.1.2.30]:80', '[::ffff:192.168.0.9]:5000'),
    loop: tcp('127.0.0.1:8080'),
    six: connection('[2001:db8::9]:80', '[2001:db8:1::1]:443'),
    link: tcp('[fe80::1]:81'),
    any: tcp('[::]:82'),
    unix: unix('/run/10.sock', { inode: 6 }),
  };
  const scopes = { 'fe80::1': 'eth0' };
  it.each([
    ['addr:10.0.0.0/8', ['ten', 'mapped']],
    ['addr:10.1.2.3', ['ten']],
    ['addr:10.1.2.30', ['mapped']],
    ['addr:10.1.2.0/27', ['ten', 'mapped']],
    ['addr:10.1.2.0/28', ['ten']],
    ['addr:10.1.2.30/32', ['mapped']],
    ['addr:::ffff:10.0.0.0/104', ['ten', 'mapped']],
    ['addr:::ffff:10.1.2.3', ['ten']],
    ['addr:0.0.0.0/0', ['ten', 'mapped', 'loop']],
    ['addr:::/0', ['six', 'link', 'any']],
    ['addr:::', ['any']],
    ['addr:2001:DB8::/32', ['six']],
    ['addr:fe80::/10', ['link']],
    ['addr:FE80:0::1', ['link']],
    ['addr:fe80::1%eth0', ['link']],
    ['addr:eth0', ['link']],
    ['addr:80', ['link']],
    ['addr::80', ['ten', 'mapped', 'six']],
    ['addr:10.1.', ['ten', 'mapped']],
    ['addr:"10.1.2.3"', ['ten', 'mapped']],
    ['addr:/^10\\./', ['ten']],
    ['local:10.1.2.3:80', ['ten']],
    ['local:10.1.2.3:8', []],
    ['local:[::]:82,127.0.0.1:8080', ['loop', 'any']],
    ['local:80]', []],
    ['local:8080', ['loop']],
    ['local:"/run"', ['unix']],
    ['local:=/run/10.sock', ['unix']],
    ['remote:192.168.0.0/16', ['mapped']],
    ['remote:192.168.0.9:5000', ['mapped']],
    ['remote::443', ['six']],
    ['remote:0.0.0.0/0,::/0', ['mapped', 'six']],
    ['remote::0', []],
    ['remote:""', ['mapped', 'six']],
    ['local:300.0.0.1', []],
  ])('%s', (text, expected) => expect(shown(text, sockets, { scopes })).toEqual(expected));

  it('may be the beginning of another while it is typed', () => {
    expect(shows(nginx, 'addr:192.168.1.1')).toBe(true);
    expect(shows(nginx, 'addr:192.168.1.1', true)).toBe(false);
    expect(shows(nginx, 'addr:=192.168.1.1')).toBe(false);
    expect(shows(nginx, 'local::80')).toBe(true);
    expect(shows(nginx, 'local::80', true)).toBe(false);
  });

  it('of a network has its first bits, whatever they are', () => {
    const address = fc.oneof(
      fc.ipV4().map((text) => ({ text, bits: 32 })),
      fc.ipV6().map((text) => ({ text, bits: 128 })),
    );
    const prefixes = fc.tuple(address, address, fc.nat()).map(([of, is, nat]) => {
      return { of, is, prefix: nat % (of.bits + 1) };
    });
    fc.assert(
      fc.property(prefixes, ({ of, is, prefix }) => {
        const rows = snapshot([tcp(is.bits === 32 ? `${is.text}:1` : `[${is.text}]:1`)]);
        const [mine, network] = [ipaddr.process(is.text), ipaddr.process(of.text)];
        // A prefix of a mapped address counts from its IPv6 beginning.
        fc.pre(network.kind() === ipaddr.parse(of.text).kind());
        const expected =
          mine.kind() === network.kind() && (mine as ipaddr.IPv4).match(network as ipaddr.IPv4, prefix);
        const text = `addr:${of.text}/${prefix}`;
        expect(filterRows({ text, kept: true }, [], NOON)(rows, 0)).toBe(expected);
      }),
    );
  });
});

describe('a key whose value is not known', () => {
  it('matches nothing, whatever is asked of it', () => {
    const texts = SOCKET_KEYS.all.flatMap((key) =>
      ['>=0', '<9', '=x', '""', '/./', '>0s', '0.0.0.0/0'].map((value) => `${key}:${value}`),
    );
    const understood = texts.filter((text) => filterProblem(text) === null);
    expect(understood.length).toBeGreaterThan(40);
    fc.assert(
      fc.property(worlds, (world) => {
        for (const { rows, row } of rowsOf(world)) {
          for (const text of understood) {
            const { order } = COLUMNS[text.slice(0, text.indexOf(':')) as SocketKey] as Column;
            const named = rows.processes(row).some(({ name }) => name !== null);
            if (order.some((key) => key(rows, row) !== null) || (named && /^command/.test(text))) continue;
            expect({ text, shown: filterRows({ text, kept: true }, [], world.now)(rows, row) }).toEqual({
              text,
              shown: false,
            });
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});
