import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { QueryError } from '../../src/query/query-error.ts';
import { matchesTarget, parseTarget, portsOf, type Target } from '../../src/query/target.ts';
import { ClosedSockets } from '../../src/sockets/closed-sockets.ts';
import { connection, NOON, type SocketLiteral, snapshot, tcp, udp, unix } from '../helpers/snapshots.ts';
import { rowsOf, worlds } from './random-sockets.ts';

fc.configureGlobal({ seed: 4000 });

const SERVICES: Record<string, { port: number; protocol: string }[]> = {
  ssh: [{ port: 22, protocol: 'tcp' }],
  http: [{ port: 80, protocol: 'tcp' }],
  domain: [
    { port: 53, protocol: 'tcp' },
    { port: 53, protocol: 'udp' },
  ],
  // One name, two numbers.
  odd: [
    { port: 1000, protocol: 'tcp' },
    { port: 2000, protocol: 'udp' },
  ],
  ntp: [{ port: 123, protocol: 'udp' }],
  'ms-sql-s': [{ port: 1433, protocol: 'tcp' }],
  '3com-tsmux': [{ port: 106, protocol: 'tcp' }],
  'cl/1': [{ port: 172, protocol: 'tcp' }],
  m3ua: [{ port: 2905, protocol: 'sctp' }],
  both: [
    { port: 7, protocol: 'sctp' },
    { port: 8, protocol: 'tcp' },
  ],
};
const services = (name: string) => (Object.hasOwn(SERVICES, name) ? (SERVICES[name] ?? []) : []);
const parse = (text: string) => parseTarget(text, services);

const target = (
  ports: (number | [number, number])[] | null,
  protocol: Target['protocol'] = null,
  address: string | null = null,
  scope: string | null = null,
): Target => ({
  protocol,
  address,
  scope,
  ports:
    ports?.map((port) =>
      typeof port === 'number' ? { from: port, to: port } : { from: port[0], to: port[1] },
    ) ?? null,
});

function messageOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof QueryError) return error.message;
    throw error;
  }
  throw new Error(`${text} was understood`);
}

describe('a TARGET', () => {
  test.each<[string, Target[]]>([
    // The forms of the contract.
    ['4000', [target([4000])]],
    [':4000', [target([4000])]],
    ['tcp:4000', [target([4000], 'tcp')]],
    ['4000/tcp', [target([4000], 'tcp')]],
    ['3000-3010', [target([[3000, 3010]])]],
    ['80,443', [target([80, 443])]],
    ['ssh', [target([22], 'tcp')]],
    ['@127.0.0.1:80', [target([80], null, '127.0.0.1')]],
    ['tcp@[::1]:80', [target([80], 'tcp', '::1')]],
    // The same, put together.
    ['udp:53', [target([53], 'udp')]],
    ['53/udp', [target([53], 'udp')]],
    ['TCP:4000', [target([4000], 'tcp')]],
    ['4000/UDP', [target([4000], 'udp')]],
    ['tcp:4000/tcp', [target([4000], 'tcp')]],
    [':80,443', [target([80, 443])]],
    ['tcp:80,3000-3010,443', [target([80, [3000, 3010], 443], 'tcp')]],
    ['80,443/tcp', [target([80, 443], 'tcp')]],
    ['3000-3000', [target([[3000, 3000]])]],
    ['0', [target([0])]],
    ['65535', [target([65535])]],
    ['0-65535', [target([[0, 65535]])]],
    ['0080', [target([80])]],
    ['127.0.0.1:80', [target([80], null, '127.0.0.1')]],
    ['[::1]:80', [target([80], null, '::1')]],
    ['tcp@127.0.0.1:80-90,443', [target([[80, 90], 443], 'tcp', '127.0.0.1')]],
    ['@127.0.0.1:80/udp', [target([80], 'udp', '127.0.0.1')]],
    ['@127.0.0.1', [target(null, null, '127.0.0.1')]],
    ['@[::1]', [target(null, null, '::1')]],
    ['udp@[fe80::1%eth0]:53', [target([53], 'udp', 'fe80::1', 'eth0')]],
    // An address in any of its spellings.
    ['@[0:0:0:0:0:0:0:1]:80', [target([80], null, '::1')]],
    ['@[2001:DB8::0:1]:80', [target([80], null, '2001:db8::1')]],
    ['@[::ffff:127.0.0.1]:80', [target([80], null, '127.0.0.1')]],
    // Names.
    ['tcp:ssh', [target([22], 'tcp')]],
    ['ssh/tcp', [target([22], 'tcp')]],
    ['@127.0.0.1:ssh', [target([22], 'tcp', '127.0.0.1')]],
    ['domain', [target([53], 'tcp'), target([53], 'udp')]],
    ['udp:domain', [target([53], 'udp')]],
    ['odd', [target([1000], 'tcp'), target([2000], 'udp')]],
    ['ms-sql-s', [target([1433], 'tcp')]],
    ['3com-tsmux', [target([106], 'tcp')]],
    ['cl/1', [target([172], 'tcp')]],
    ['both', [target([8], 'tcp')]],
    ['ssh,8080', [target([8080]), target([22], 'tcp')]],
    ['8080,ssh,http', [target([8080]), target([22], 'tcp'), target([80], 'tcp')]],
  ])('%s', (text, targets) => {
    expect(parse(text)).toEqual(targets);
  });

  test.each([
    ['', 'the port is missing'],
    [':', 'the port is missing'],
    ['tcp:', 'the port is missing'],
    ['/tcp', 'the port is missing'],
    ['@127.0.0.1:', 'the port is missing'],
    ['foo', "'foo' is no port and no service"],
    ['Ssh', "'Ssh' is no port and no service"],
    ['__proto__', 'is no port and no service'],
    ['constructor', 'is no port and no service'],
    ['tcp', "'tcp' is no port and no service"],
    ['ssh/udp', "no udp service has the name 'ssh'"],
    ['tcp:ntp', "no tcp service has the name 'ntp'"],
    ['m3ua', "'m3ua' is no port and no service"],
    ['99999', 'ports end at 65535'],
    ['65536', 'ports end at 65535'],
    ['9'.repeat(400), 'ports end at 65535'],
    ['1-65536', 'ports end at 65535'],
    ['80,65536', 'ports end at 65535'],
    ['3010-3000', 'the range 3010-3000 runs backwards'],
    ['3000-', "'3000-' is no port and no service"],
    ['-3000', "'-3000' is no port and no service"],
    ['1-2-3', 'is no port and no service'],
    ['80,', 'a port is missing beside a comma'],
    [',80', 'a port is missing beside a comma'],
    ['80 ', 'is no port and no service'],
    ['8 0', 'is no port and no service'],
    ['0x50', 'is no port and no service'],
    ['80.5', 'is no port and no service'],
    ['+80', 'is no port and no service'],
    ['8e1', 'is no port and no service'],
    ['８０', 'is no port and no service'],
    ['80/sctp', 'is no port and no service'],
    ['sctp:80', 'is no port and no service'],
    ['tcp:80/udp', 'it names both tcp and udp'],
    ['@localhost:80', "'localhost' is no IP address"],
    ['@256.0.0.1:80', "'256.0.0.1' is no IP address"],
    ['127.0.0.1.5:80', "'127.0.0.1.5' is no IP address"],
    ['@1:80', "'1' is no IP address"],
    ['@[:::1]:80', "':::1' is no IP address"],
    ['@[%eth0]:80', "'%eth0' is no IP address"],
    ['@10.0.0.0/8', 'is no IP address'],
    ['@127.0.0.1:99999', 'ports end at 65535'],
    ['@127.0.0.1:foo', "'foo' is no port and no service"],
  ])('%j is none: %s', (text, why) => {
    expect(messageOf(text)).toContain(`'${text}' is no TARGET: `);
    expect(messageOf(text)).toContain(why);
  });

  test.each(['@', '@:80', '@::1:80', '@[::1', '@[::1]80', '@[]:80'])(
    '%s is told how an address is written',
    (text) => {
      expect(messageOf(text)).toContain('an address is written @127.0.0.1:80 or @[::1]:80');
    },
  );

  it('that is none is answered with what would be one', () => {
    for (const example of /; try (.*)$/.exec(messageOf('foo'))?.[1]?.split(/, | or /) ?? ['no example'])
      expect(() => parse(example)).not.toThrow();
  });

  it('is understood or a QueryError, whatever was typed', () => {
    const token = fc.constantFrom(
      ...[
        '@',
        '[',
        ']',
        ':',
        '::',
        '/tcp',
        '/udp',
        'tcp',
        'udp',
        '80',
        '65535',
        '65536',
        '-',
        ',',
        '.',
        '%',
        ' ',
      ],
      ...['127.0.0.1', '::1', 'ffff', 'ssh', 'domain', '/', '\0', '\n', '٣', '0x1', '1e3'],
    );
    const typed = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.array(token, { maxLength: 8 }).map((tokens) => tokens.join('')),
    );
    fc.assert(
      fc.property(typed, (text) => {
        let targets: Target[];
        try {
          targets = parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(QueryError);
          return;
        }
        expect(targets.length).toBeGreaterThan(0);
        for (const { ports, address } of targets) {
          // What means anything at all would be shown although nobody asked for it.
          expect(ports === null && address === null).toBe(false);
          expect(ports).not.toEqual([]);
          for (const { from, to } of ports ?? []) {
            expect(Number.isInteger(from) && Number.isInteger(to)).toBe(true);
            expect(0 <= from && from <= to && to <= 65535).toBe(true);
          }
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('a socket that is meant', () => {
  const matches = (socket: SocketLiteral, text: string) => {
    const rows = snapshot([socket]);
    return parse(text).some((each) => matchesTarget(rows, 0, each));
  };
  const client = connection('10.0.0.1:40000', '10.0.0.2:443');

  it('has the port exactly: 3000 is not 30001', () => {
    expect(matches(tcp('0.0.0.0:30001'), '3000')).toBe(false);
    expect(matches(tcp('0.0.0.0:300'), '3000')).toBe(false);
    expect(matches(tcp('0.0.0.0:3000'), '3000')).toBe(true);
    const port = fc.nat(65535);
    const lookalike = port.chain((number) =>
      fc.constantFrom(
        number * 10,
        number * 10 + 1,
        Math.trunc(number / 10),
        number + 1,
        number % 1000,
        number,
      ),
    );
    fc.assert(
      fc.property(port, fc.oneof(port, lookalike), (asked, other) => {
        fc.pre(other <= 65535);
        const same = asked === other;
        expect(matches(tcp(`127.0.0.1:${other}`), `${asked}`)).toBe(same);
        expect(matches(connection('10.0.0.1:40000', `10.0.0.2:${other}`), `tcp:${asked}`)).toBe(
          same || asked === 40000,
        );
      }),
    );
  });

  it('has it at either end, whatever its state', () => {
    expect(matches(client, '443')).toBe(true);
    expect(matches(client, '40000')).toBe(true);
    expect(matches({ ...client, state: 'TIME_WAIT', inode: 0 }, '443')).toBe(true);
    expect(matches(client, '80')).toBe(false);
  });

  it('has it within a range, ends included', () => {
    for (const [port, inside] of [
      [2999, false],
      [3000, true],
      [3005, true],
      [3010, true],
      [3011, false],
    ] as const)
      expect(matches(tcp(`0.0.0.0:${port}`), '3000-3010')).toBe(inside);
  });

  it('has one of a list', () => {
    expect(matches(client, '80,443')).toBe(true);
    expect(matches(client, '80,8080')).toBe(false);
    expect(matches(client, '80,ssh,440-450')).toBe(true);
  });

  it('has the protocol', () => {
    expect(matches(tcp('0.0.0.0:53'), 'udp:53')).toBe(false);
    expect(matches(udp('0.0.0.0:53'), 'udp:53')).toBe(true);
    expect(matches(udp('0.0.0.0:53'), '53')).toBe(true);
    expect(matches(udp('0.0.0.0:1000'), 'odd')).toBe(false);
    expect(matches(udp('0.0.0.0:2000'), 'odd')).toBe(true);
  });

  it('has the address, and the port at the same end', () => {
    expect(matches(client, '@10.0.0.2:443')).toBe(true);
    expect(matches(client, '@10.0.0.1:40000')).toBe(true);
    expect(matches(client, '@10.0.0.1:443')).toBe(false);
    expect(matches(client, '@10.0.0.3:443')).toBe(false);
    expect(matches(client, '@10.0.0.2')).toBe(true);
    expect(matches(tcp('0.0.0.0:80'), '@127.0.0.1:80')).toBe(false);
  });

  it('has it mapped too: ::ffff:127.0.0.1 is 127.0.0.1', () => {
    const mapped = connection('[::ffff:10.0.0.1]:80', '[::ffff:10.0.0.2]:5000');
    expect(matches(mapped, '@10.0.0.1:80')).toBe(true);
    expect(matches(mapped, '@[::ffff:10.0.0.2]:5000')).toBe(true);
    expect(matches(tcp('10.0.0.1:80'), '@[::ffff:10.0.0.1]:80')).toBe(true);
  });
});

describe('an interface that is named with an address', () => {
  const [named] = parse('@[fe80::1%eth0]:80') as [Target];
  const isMeant = (scope: string | null) => {
    const scopes: Record<string, string> = scope === null ? {} : { 'fe80::1': scope };
    return matchesTarget(snapshot([tcp('[fe80::1]:80')], { scopes }), 0, named);
  };

  it('is that of the socket, where that is known', () => {
    expect(isMeant('eth0')).toBe(true);
    expect(isMeant('eth1')).toBe(false);
    expect(isMeant(null)).toBe(true);
  });
});

describe('what has no port', () => {
  const any: Target = { protocol: null, address: null, scope: null, ports: [{ from: 0, to: 65_535 }] };
  const alone = (socket: SocketLiteral, target: Target) => matchesTarget(snapshot([socket]), 0, target);

  it('is not meant: the port of a raw socket is the IP protocol, and a unix socket has none', () => {
    const raw: SocketLiteral = { protocol: 'raw', local: '0.0.0.0:1', inode: 5 };
    expect(alone(raw, any)).toBe(false);
    expect(alone({ ...raw, protocol: 'icmp' }, any)).toBe(false);
    expect(alone(unix('/run/a', { inode: 5 }), any)).toBe(false);
    expect(alone({ ...raw, protocol: 'udplite' }, any)).toBe(true);
  });

  it('is not meant by the port 0 of an end that is not there', () => {
    const zero: Target = { ...any, ports: [{ from: 0, to: 0 }] };
    expect(alone(tcp('0.0.0.0:80'), zero)).toBe(false);
    expect(alone(connection('10.0.0.1:80', '10.0.0.2:1'), zero)).toBe(false);
  });
});

describe('a socket that closed', () => {
  it('is meant as it was while it was there', () => {
    const rows = snapshot([connection('10.0.0.1:40000', '10.0.0.2:443')]);
    const closed = new ClosedSockets();
    closed.add(rows, 0, NOON);
    for (const [text, meant] of [
      ['443', true],
      ['@10.0.0.2:443', true],
      ['@10.0.0.1:443', false],
      ['udp:443', false],
    ] as const) {
      expect(parse(text).some((each) => matchesTarget(closed, 0, each))).toBe(meant);
    }
  });
});

describe('the ports that a source is asked for', () => {
  const target = (...ports: [number, number][]): Target => ({
    protocol: null,
    address: null,
    scope: null,
    ports: ports.map(([from, to]) => ({ from, to })),
  });

  it('are those of all targets', () => {
    expect(portsOf([target([80, 80], [443, 443]), target([3000, 3010])])).toEqual([
      { from: 80, to: 80 },
      { from: 443, to: 443 },
      { from: 3000, to: 3010 },
    ]);
  });

  it('are any, where nothing is aimed at or one target says none', () => {
    expect(portsOf([])).toBeNull();
    expect(portsOf([target([80, 80]), { ...target(), address: '10.0.0.1', ports: null }])).toBeNull();
  });

  it('let every socket through that a target means', () => {
    const typed = fc.constantFrom('80', '3000-3010', '@127.0.0.1:80', '@[::1]', 'tcp:443', '9,80');
    fc.assert(
      fc.property(worlds, fc.array(typed, { minLength: 1, maxLength: 3 }), (world, texts) => {
        const targets = texts.flatMap((text) => parse(text));
        const ports = portsOf(targets);
        if (ports === null) return;
        for (const { rows, row } of rowsOf(world)) {
          if (!targets.some((each) => matchesTarget(rows, row, each))) continue;
          const { localPort, remotePort } = rows.table;
          const ends = [localPort[row] as number, remotePort[row] as number];
          expect(ports.some(({ from, to }) => ends.some((port) => from <= port && port <= to))).toBe(true);
        }
      }),
    );
  });
});
