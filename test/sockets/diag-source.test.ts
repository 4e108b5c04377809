import { spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openLibc } from '../../src/libc/libc.ts';
import { type Namespace, namespaceProblem, openNamespace } from '../helpers/namespace.ts';
import type { Fact, Opened, Spec, Tables } from './opener.ts';
import { Opener } from './opener-process.ts';

fc.configureGlobal({ seed: 4000 });

const ZOO = fileURLToPath(new URL('../differential/zoo.ts', import.meta.url));
const NOBODY = '65534';
const isRoot = process.geteuid?.() === 0;
const problem = openLibc() ? namespaceProblem() : 'no foreign calls';
const withoutSs = spawnSync('ss', ['-V']).error ? 'no ss(8)' : null;

const hex = (text: string) => Buffer.from(text).toString('hex');

/** Sockets as odd as they come. What this kernel or these rights do not allow is passed over. */
const ODD: Record<string, Spec> = {
  listener: { domain: 'ipv4', type: 'stream', bind: '127.0.0.1', listen: 7 },
  anywhere: { domain: 'ipv4', type: 'stream', bind: '0.0.0.0', listen: 16 },
  onDevice: { domain: 'ipv4', type: 'stream', bind: '127.0.0.1', device: 'lo', listen: 16 },
  notBound: { domain: 'ipv4', type: 'stream', listen: 16 },
  dual: { domain: 'ipv6', type: 'stream', bind: '::', v6only: false, listen: 16 },
  v6only: { domain: 'ipv6', type: 'stream', bind: '::', v6only: true, listen: 16 },
  mapped: { domain: 'ipv6', type: 'stream', bind: '::ffff:127.0.0.1', v6only: false, listen: 16 },
  linkLocal: { domain: 'ipv6', type: 'stream', bind: 'fe80::1', scope: 1, listen: 16 },
  mptcp: { domain: 'ipv4', type: 'stream', number: 262, bind: '127.0.0.1', listen: 5 },
  bound: { domain: 'ipv4', type: 'stream', bind: '127.0.0.1' },
  bound6: { domain: 'ipv6', type: 'stream', bind: '::1' },
  new: { domain: 'ipv4', type: 'stream' },
  connections: {
    domain: 'ipv4',
    type: 'stream',
    bind: '127.0.0.1',
    listen: 16,
    clients: ['accepted', 'halfClosed', 'closed', 'unaccepted', 'unaccepted'],
  },
  connections6: {
    domain: 'ipv6',
    type: 'stream',
    bind: '::1',
    listen: 16,
    clients: ['accepted', 'halfClosed', 'closed', 'unaccepted'],
  },
  connectionsMapped: {
    domain: 'ipv6',
    type: 'stream',
    bind: '::',
    v6only: false,
    via: '127.0.0.1',
    listen: 16,
    clients: ['accepted', 'halfClosed', 'closed', 'unaccepted'],
  },
  connectionsLinkLocal: {
    domain: 'ipv6',
    type: 'stream',
    bind: 'fe80::1',
    scope: 1,
    listen: 16,
    clients: ['accepted', 'closed', 'unaccepted'],
  },
  keptAlive: {
    domain: 'ipv4',
    type: 'stream',
    bind: '127.0.0.1',
    listen: 5,
    keepAlive: true,
    clients: ['accepted', 'closed'],
  },
  udp: { domain: 'ipv4', type: 'dgram', bind: '127.0.0.1' },
  udpConnected: { domain: 'ipv4', type: 'dgram', connect: '127.0.0.1' },
  udpOnDevice: { domain: 'ipv4', type: 'dgram', bind: '0.0.0.0', device: 'lo' },
  udpDual: { domain: 'ipv6', type: 'dgram', bind: '::', v6only: false },
  udpV6only: { domain: 'ipv6', type: 'dgram', bind: '::', v6only: true },
  udpLinkLocal: { domain: 'ipv6', type: 'dgram', bind: 'fe80::1', scope: 1 },
  udpMapped: { domain: 'ipv6', type: 'dgram', v6only: false, connect: '::ffff:127.0.0.1' },
  udplite: { domain: 'ipv4', type: 'dgram', number: 136, bind: '127.0.0.1' },
  udplite6: { domain: 'ipv6', type: 'dgram', number: 136, bind: '::1' },
  raw: { domain: 'ipv4', type: 'raw', number: 89 },
  rawConnected: { domain: 'ipv4', type: 'raw', number: 89, connect: '127.0.0.1' },
  raw6: { domain: 'ipv6', type: 'raw', number: 58, bind: '::1' },
  ping: { domain: 'ipv4', type: 'dgram', number: 1, bind: '127.0.0.1', port: 7 },
  ping6: { domain: 'ipv6', type: 'dgram', number: 58, bind: '::1', port: 7 },
  unixStream: { domain: 'unix', type: 'stream', bind: hex('\0stream'), listen: 5 },
  unixConnections: {
    domain: 'unix',
    type: 'stream',
    bind: hex('\0with connections'),
    listen: 5,
    clients: ['accepted', 'halfClosed', 'unaccepted', 'unaccepted'],
  },
  unixSeqpacket: { domain: 'unix', type: 'seqpacket', bind: hex('\0a\0b @ c'), listen: 3 },
  unixDgram: { domain: 'unix', type: 'dgram', bind: hex('\0dgram') },
  unixDgramConnected: { domain: 'unix', type: 'dgram', connect: hex('\0dgram') },
  unixNoUtf8: { domain: 'unix', type: 'dgram', bind: '00ff61c3' },
  unixLineBreak: { domain: 'unix', type: 'dgram', bind: hex('\0one\ntwo\n\nthree') },
  unixLong: { domain: 'unix', type: 'dgram', bind: hex(`\0${'x'.repeat(107)}`) },
  unixAlone: { domain: 'unix', type: 'stream' },
  unixPair: { domain: 'unix', type: 'seqpacket', pair: true },
};

/** What both sources tell, a line a socket. */
function common(facts: Fact[], told: (fact: Fact) => boolean = () => true): string[] {
  return facts
    .filter(told)
    .map((fact) => {
      const { protocol, family, state, local, remote, inode, type, path } = fact;
      const listens = state === 'LISTEN';
      // Of a unix socket /proc/net knows no queue, and of a listener no backlog.
      const queues = protocol === 'unix' ? '' : `${fact.recvQueue} ${listens ? '' : fact.sendQueue}`;
      // For which /proc/net/unix has @.
      const name = path?.replaceAll('\0', '@');
      return JSON.stringify([protocol, family, state, local, remote, queues, inode, type, name]);
    })
    .sort();
}

/** /proc/net does not have sockets that are bound and no more. */
const inProc = ({ state }: Fact) => state !== 'BOUND';

function compare({ diag, proc }: Tables): void {
  expect(common(proc)).toEqual(common(diag, inProc));
  const uids = new Map(proc.map((fact) => [fact.inode, fact.uid]));
  for (const { inode, uid } of diag) {
    const known = uids.get(inode);
    if (inode !== 0 && uid !== null && known != null) expect(known).toBe(uid);
  }
  const cookies = diag.filter(({ cookie }) => cookie > 0).map(({ cookie }) => cookie);
  expect(new Set(cookies).size).toBe(cookies.length);
}

describe.skipIf(problem)(`sock_diag of the running kernel${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let namespace: Namespace;
  let opener: Opener;
  let reader: Opener;

  beforeAll(async () => {
    namespace = await openNamespace();
    await namespace.run('ip', ['address', 'add', 'fe80::1/64', 'dev', 'lo', 'nodad']);
    await namespace.run('sh', ['-c', 'echo 0 2147483647 > /proc/sys/net/ipv4/ping_group_range']);
    opener = await Opener.start(namespace);
    reader = isRoot ? await Opener.start(namespace, NOBODY) : opener;
  }, 30_000);

  afterAll(async () => {
    opener?.end();
    if (reader !== opener) reader?.end();
    await namespace?.[Symbol.asyncDispose]();
  });

  describe('with odd sockets', () => {
    const opened: Record<string, Opened> = {};

    beforeAll(async () => {
      const results = await opener.open(...Object.values(ODD));
      for (const [at, kind] of Object.keys(ODD).entries()) opened[kind] = results[at] as Opened;
    });
    afterAll(() => opener.close());

    const portOf = (kind: string, skip: (reason: string) => void): number => {
      const result = opened[kind] as Opened;
      if ('problem' in result) skip(result.problem);
      return 'port' in result ? result.port : Number.NaN;
    };
    const at = (facts: Fact[], port: number) => facts.filter(({ local }) => local.endsWith(` ${port}`));

    it('says the same as /proc/net', async () => {
      const tables = await opener.read();
      expect(tables.sources).toMatchObject({ tcp: 'sock_diag', udp: 'sock_diag', unix: 'sock_diag' });
      expect(tables.sources.icmp).toBe('proc');
      expect(tables.diag.length).toBeGreaterThan(40);
      compare(tables);
    });

    it.skipIf(!isRoot)('says the same to an ordinary user (only root can become one)', async () => {
      const asRoot = await opener.read();
      const asNobody = await reader.read();
      compare(asNobody);
      expect(asNobody).toEqual(asRoot);
    });

    it.skipIf(withoutSs)(`says the same as ss${withoutSs ? ` (skipped: ${withoutSs})` : ''}`, async () => {
      await compareWithSs(namespace, opener);
    });

    it('knows the backlog of a listener, and who waits', async ({ skip }) => {
      const { diag } = await opener.read({ scope: 'listening' });
      expect(at(diag, portOf('listener', skip))).toMatchObject([{ recvQueue: 0, sendQueue: 7 }]);
      expect(at(diag, portOf('connections', skip))).toMatchObject([{ recvQueue: 2, sendQueue: 16 }]);
      const unix = diag.filter(({ path }) => path === '@with connections');
      expect(unix).toMatchObject([{ state: 'LISTEN', recvQueue: 2, sendQueue: 5 }]);
    });

    it('knows which sockets are for IPv6 alone, of listeners and of what is not connected', async ({
      skip,
    }) => {
      const { diag } = await opener.read();
      for (const [kind, v6only] of [
        ['dual', false],
        ['v6only', true],
        ['mapped', false],
        // The kernel sets it itself where an address of IPv6 is bound (net/ipv6/af_inet6.c, __inet6_bind).
        ['bound6', true],
        ['udpDual', false],
        ['udpV6only', true],
        ['listener', null],
        ['udp', null],
      ] as const) {
        expect(at(diag, portOf(kind, skip)), kind).toMatchObject([{ v6only }]);
      }
    });

    it('knows the device that a socket is bound to', async ({ skip }) => {
      const { diag } = await opener.read();
      for (const kind of ['onDevice', 'linkLocal', 'udpOnDevice', 'udpLinkLocal']) {
        expect(at(diag, portOf(kind, skip)), kind).toMatchObject([{ device: 1 }]);
      }
      expect(at(diag, portOf('anywhere', skip))).toMatchObject([{ device: 0 }]);
      const onLinkLocal = at(diag, portOf('connectionsLinkLocal', skip));
      expect(onLinkLocal.map(({ state }) => state).sort()).toEqual(['ESTABLISHED', 'ESTABLISHED', 'LISTEN']);
      expect(onLinkLocal.every(({ device }) => device === 1)).toBe(true);
    });

    it('knows the sockets that are bound and no more', async ({ skip }) => {
      const { diag } = await opener.read();
      const port = portOf('bound', skip);
      if (at(diag, port).length === 0) skip('the kernel is older than 6.8');
      expect(at(diag, port)).toMatchObject([{ state: 'BOUND', local: `127.0.0.1 ${port}` }]);
      expect(at(diag, portOf('bound6', skip))).toMatchObject([{ state: 'BOUND', family: 'ipv6' }]);
    });

    it('keeps the cookie of a connection in TIME_WAIT, apart from all others', async ({ skip }) => {
      const { diag } = await opener.read({ protocols: ['tcp'] });
      const waiting = diag.filter(({ state }) => state === 'TIME_WAIT');
      portOf('connections', skip);
      expect(waiting.length).toBeGreaterThanOrEqual(3);
      expect(waiting.every(({ cookie, inode }) => cookie > 0 && inode === 0)).toBe(true);
    });

    it('knows the timers of TCP, where they are wanted, as /proc/net and ss do', async ({ skip }) => {
      const port = portOf('keptAlive', skip);
      const ofPort = (facts: Fact[]) =>
        facts.filter(({ remote, timer }) => timer && remote.endsWith(` ${port}`)).map(({ timer }) => timer);
      const read = async (timers: boolean) => {
        const { diag, proc } = await opener.read({ protocols: ['tcp'], timers });
        return [ofPort(diag), ofPort(proc)] as const;
      };
      expect(await read(false)).toEqual([[], []]);
      for (const timers of await read(true)) {
        expect(timers.map((timer) => [timer?.kind, timer?.retransmits]).sort()).toEqual([
          ['keepalive', 0],
          ['timewait', 0],
        ]);
        const [alive, waiting] = timers.toSorted((a, b) => (b?.expiresInMs ?? 0) - (a?.expiresInMs ?? 0));
        // Two hours and a minute (tcp(7), net/ipv4/tcp_timer.c), of which some has passed.
        expect(alive?.expiresInMs).toBeGreaterThan(7_000_000);
        expect(alive?.expiresInMs).toBeLessThanOrEqual(7_200_000);
        expect(waiting?.expiresInMs).toBeGreaterThan(0);
        expect(waiting?.expiresInMs).toBeLessThanOrEqual(60_100);
      }
      if (withoutSs) return;
      const { stdout } = await namespace.run('ss', ['-HOntao', `( dport = :${port} )`]);
      expect(stdout).toMatch(/timer:\(keepalive,119min,0\)/);
      expect(stdout).toMatch(/timer:\(timewait,/);
    });

    it('knows NULs in abstract names, which others show as @', async ({ skip }) => {
      portOf('unixSeqpacket', skip);
      const { diag, proc } = await opener.read({ protocols: ['unix'] });
      const names = (facts: Fact[]) => facts.map(({ path }) => path);
      expect(names(diag)).toEqual(expect.arrayContaining(['@a\0b @ c', '@one\ntwo\n\nthree']));
      expect(names(proc)).toEqual(expect.arrayContaining(['@a@b @ c', '@one\ntwo\n\nthree']));
    });

    it('knows both ends of a unix connection', async ({ skip }) => {
      portOf('unixPair', skip);
      const { diag } = await opener.read({ protocols: ['unix'] });
      const pair = diag.filter(({ type }) => type === 5).filter(({ state }) => state === 'ESTABLISHED');
      expect(pair.map(({ inode }) => inode).sort()).toEqual(pair.map(({ peer }) => peer).sort());
      expect(pair).toHaveLength(2);
    });

    it('has of listeners those of TCP and of unix what is not connected, and of the rest all', async () => {
      const all = await opener.read();
      const tables = await opener.read({ scope: 'listening' });
      compare(tables);
      const expected = all.diag.filter(({ protocol, state }) => {
        if (protocol === 'tcp') return state === 'LISTEN';
        return protocol !== 'unix' || state !== 'ESTABLISHED';
      });
      expect(common(tables.diag)).toEqual(common(expected));
      expect(expected.length).toBeLessThan(all.diag.length);
    });

    it.each(['ipv4', 'ipv6', 'unix'] as const)('has only %s where nothing else is wanted', async (family) => {
      const all = await opener.read();
      const tables = await opener.read({ families: [family] });
      compare(tables);
      expect(common(tables.diag)).toEqual(common(all.diag.filter((fact) => fact.family === family)));
    });

    it.each(['established', 'connected'] as const)(
      'has only %s ones where no others are wanted',
      async (scope) => {
        const all = (await opener.read()).diag;
        const tables = await opener.read({ scope, protocols: ['tcp'] });
        compare(tables);
        const down = scope === 'connected' ? ['LISTEN', 'BOUND', 'CLOSE'] : null;
        const expected = all.filter(
          ({ protocol, state }) =>
            protocol === 'tcp' && (down ? !down.includes(state) : state === 'ESTABLISHED'),
        );
        expect(common(tables.diag)).toEqual(common(expected));
        expect(expected.length).toBeGreaterThan(2);
      },
    );

    it('has the sockets with wanted ports at either end, or at their own, as the kernel finds them', async () => {
      const all = (await opener.read()).diag;
      const port = (end: string) => Number(end.slice(end.lastIndexOf(' ') + 1));
      const known = [...new Set(all.flatMap(({ local, remote }) => [port(local), port(remote)]))];
      const edge = fc.oneof(fc.constantFrom(...known), fc.nat(65_535));
      const range = fc
        .tuple(edge, fc.oneof(fc.constant(0), fc.nat(3), fc.nat(30_000)))
        .map(([from, more]) => ({
          from,
          to: Math.min(from + more, 65_535),
        }));
      const ranges = fc.oneof(
        { weight: 9, arbitrary: fc.array(range, { maxLength: 6 }) },
        // More than the kernel is asked to filter by.
        fc.array(range, { minLength: 129, maxLength: 140 }),
      );
      await fc.assert(
        fc.asyncProperty(ranges, fc.boolean(), async (ports, own) => {
          const tables = await opener.read({ ports, ...(own && { end: 'local' }) });
          compare(tables);
          const wanted = (end: string) => ports.some(({ from, to }) => port(end) >= from && port(end) <= to);
          const expected = all.filter(
            ({ protocol, local, remote }) =>
              protocol !== 'unix' && (wanted(local) || (!own && wanted(remote))),
          );
          expect(common(tables.diag)).toEqual(common(expected));
        }),
        { numRuns: 25 },
      );
    });

    it('has the details of each of its sockets, of those that share an address too', async ({ skip }) => {
      const port = portOf('listener', skip);
      const shared: Spec = { domain: 'ipv4', type: 'dgram', bind: '127.0.0.1', port: 5000, reusePort: true };
      const listeners: Spec = { ...shared, type: 'stream', listen: 3 };
      await opener.open(shared, shared, shared, listeners, listeners, listeners);
      const inspected = await opener.inspect('tcp', 'udp', 'udplite');
      expect(inspected.length).toBeGreaterThan(25);
      for (const { row, details } of inspected) {
        const text = `${row.protocol} ${row.state} ${row.local} ${row.remote}`;
        expect(details, text).not.toBeNull();
        const closing = row.state === 'TIME_WAIT' || (row.state === 'FIN_WAIT2' && row.inode === 0);
        expect(details?.memory !== null, text).toBe(!closing);
        const connected = row.protocol === 'tcp' && row.state !== 'LISTEN' && row.state !== 'BOUND';
        if (connected && !closing) expect(details?.tcpInfo?.rtt, text).toBeGreaterThan(0);
        if (row.protocol !== 'tcp' || row.state === 'LISTEN') expect(details?.tcpInfo, text).toBeNull();
      }
      const listener = inspected.find(({ row }) => row.local === `127.0.0.1 ${port}`);
      expect(listener?.details?.memory?.receiveBuffer).toBeGreaterThan(0);
      const said = 'nobody reads this'.length;
      // Of a connection to a socket for both families, one end has it as IPv6.
      const unmapped = (text: string) => text.replaceAll('::ffff:', '');
      const ends = (told: 'bytesSent' | 'bytesReceived') =>
        inspected.filter(({ details }) => details?.tcpInfo?.[told] === said).map(({ row }) => row);
      expect(ends('bytesSent').length).toBeGreaterThanOrEqual(3);
      expect(
        ends('bytesSent')
          .map(({ local, remote }) => unmapped(`${local} ${remote}`))
          .sort(),
      ).toEqual(
        ends('bytesReceived')
          .map(({ local, remote }) => unmapped(`${remote} ${local}`))
          .sort(),
      );
    });
  });

  describe('with random sockets', () => {
    afterEach(() => opener.close());

    const bind4 = fc.constantFrom('127.0.0.1', '0.0.0.0', '127.1.2.3');
    const bind6 = fc.constantFrom('::1', '::', '::ffff:127.0.0.1');
    const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
    const clients = fc.array(fc.constantFrom('unaccepted', 'accepted', 'halfClosed', 'closed'), {
      maxLength: 4,
    }) as fc.Arbitrary<NonNullable<Spec['clients']>>;
    const options = {
      device: optional(fc.constant('lo')),
      reusePort: optional(fc.boolean()),
      v6only: optional(fc.boolean()),
    };
    const name = fc
      .uint8Array({ minLength: 1, maxLength: 60 })
      .map((bytes) => `00${Buffer.from(bytes).toString('hex')}`)
      // A line break can forge a row of /proc/net/unix.
      .filter((text) => !/^(..)*0a/.test(text));
    const spec: fc.Arbitrary<Spec> = fc.oneof(
      fc.record({
        ...options,
        domain: fc.constant('ipv4' as const),
        type: fc.constant('stream' as const),
        bind: bind4,
        listen: fc.integer({ min: 0, max: 100 }).map((backlog) => backlog + 8),
        clients,
      }),
      fc.record({
        ...options,
        domain: fc.constant('ipv6' as const),
        type: fc.constant('stream' as const),
        bind: bind6,
        listen: fc.integer({ min: 8, max: 100 }),
        clients,
      }),
      fc.record({
        ...options,
        domain: fc.constant('ipv4' as const),
        type: fc.constantFrom('stream', 'dgram'),
        bind: bind4,
      }),
      fc.record({
        ...options,
        domain: fc.constant('ipv4' as const),
        type: fc.constant('dgram' as const),
        number: fc.constantFrom(0, 17, 136),
        connect: fc.constant('127.0.0.1'),
      }),
      fc.record({
        ...options,
        domain: fc.constant('ipv6' as const),
        type: fc.constant('dgram' as const),
        number: fc.constantFrom(0, 17, 136),
        bind: bind6,
      }),
      fc.record({
        domain: fc.constant('unix' as const),
        type: fc.constantFrom('stream', 'seqpacket'),
        bind: name,
        listen: fc.integer({ min: 8, max: 100 }),
        clients: fc.array(fc.constantFrom('unaccepted', 'accepted'), { maxLength: 3 }) as typeof clients,
      }),
      fc.record({
        domain: fc.constant('unix' as const),
        type: fc.constantFrom('stream', 'dgram'),
        bind: name,
      }),
      fc.record({
        domain: fc.constant('unix' as const),
        type: fc.constantFrom('stream', 'dgram', 'seqpacket'),
        pair: fc.constant(true as const),
      }),
    );

    it('says the same as /proc/net, and as ss', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(spec, { minLength: 1, maxLength: 12 }), async (specs) => {
          const opened = await opener.open(...specs);
          const tables = await opener.read();
          compare(tables);
          for (const [at, result] of opened.entries()) {
            if (!('port' in result) || result.port === 0) continue;
            const found = tables.diag.some(({ local }) => local.endsWith(` ${result.port}`));
            expect(found, `port ${result.port} of ${JSON.stringify(specs[at])}`).toBe(true);
          }
          if (!withoutSs) await compareWithSs(namespace, opener);
          await opener.close();
        }),
        { numRuns: 15, endOnFailure: true },
      );
    }, 60_000);
  });
});

describe.skipIf(problem)(`a zoo of TCP and UDP${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let namespace: Namespace;
  let opener: Opener;

  beforeEach(async () => {
    namespace = await openNamespace();
    // Its stdin ends with this process, and it with its stdin.
    const zoo = namespace.spawn(process.execPath, [ZOO], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (zoo.stdout) for await (const _ of createInterface(zoo.stdout)) break;
    opener = await Opener.start(namespace);
  }, 60_000);

  afterEach(async () => {
    opener?.end();
    await namespace?.[Symbol.asyncDispose]();
  });

  it('is the same for sock_diag, /proc/net and ss, in every state there is', async () => {
    const tables = await opener.read({ protocols: ['tcp', 'udp'] });
    compare(tables);
    const states = new Set(
      tables.diag.filter(({ protocol }) => protocol === 'tcp').map(({ state }) => state),
    );
    const expected = 'ESTABLISHED SYN_SENT FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE_WAIT LAST_ACK LISTEN CLOSING';
    expect([...states]).toEqual(expect.arrayContaining(expected.split(' ')));
    if (!withoutSs) await compareWithSs(namespace, opener);
  });

  it('does not know the user of a connection that is being made', async ({ skip }) => {
    const { diag } = await opener.read({ protocols: ['tcp'] });
    const making = diag.filter(({ state }) => state === 'SYN_RECV');
    if (making.length === 0) skip('no veth devices');
    expect(making).toMatchObject([{ uid: null, inode: 0 }]);
  });
});

const SS_STATES: Record<string, string> = {
  ESTAB: 'ESTABLISHED',
  'SYN-SENT': 'SYN_SENT',
  'SYN-RECV': 'SYN_RECV',
  'FIN-WAIT-1': 'FIN_WAIT1',
  'FIN-WAIT-2': 'FIN_WAIT2',
  'TIME-WAIT': 'TIME_WAIT',
  'CLOSE-WAIT': 'CLOSE_WAIT',
  'LAST-ACK': 'LAST_ACK',
};

/** Every fact that ss tells of TCP and UDP, and of unix sockets that have no names to trip over. */
async function compareWithSs(namespace: Namespace, opener: Opener): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const before = await opener.read();
    const inet = await namespace.run('ss', ['-OHntuae']);
    const unix = await namespace.run('ss', ['-OHxae']);
    const after = await opener.read();
    if (JSON.stringify(before.diag) !== JSON.stringify(after.diag)) continue;
    const ofUs = before.diag.filter(({ protocol }) => protocol === 'tcp' || protocol === 'udp');
    // It does not ask for sockets that are bound and no more before iproute2 6.8.
    const bound = inet.stdout.includes('BOUND') ? () => true : inProc;
    expect(ofUs.filter(bound).map(ourLine).sort()).toEqual(
      inet.stdout.trimEnd().split('\n').filter(Boolean).map(ssLine).sort(),
    );
    const ours = before.diag.filter(({ protocol }) => protocol === 'unix').map(ourUnixLine);
    expect(ours.sort()).toEqual(ssUnixLines(unix.stdout).sort());
    return;
  }
  throw new Error('the sockets did not keep still');
}

function ourLine(fact: Fact): string {
  const { protocol, state, local, remote, recvQueue, sendQueue, uid, inode, v6only, device, cookie } = fact;
  return [
    protocol,
    state,
    local,
    remote,
    recvQueue,
    sendQueue,
    uid ?? 0,
    inode,
    v6only,
    device > 0,
    cookie,
  ].join();
}

function ssLine(line: string): string {
  const [protocol, state = '', recv, send, local = '', remote = ''] = line.split(/ +/);
  const end = (text: string) => {
    const at = text.lastIndexOf(':');
    const six = text.startsWith('[') || local.startsWith('[') || local.startsWith('*');
    const host = text.slice(0, at).replaceAll(/[[\]]|%.*/g, '');
    const port = text.slice(at + 1);
    return `${host === '*' ? (six ? '::' : '0.0.0.0') : host} ${port === '*' ? 0 : port}`;
  };
  const number = (label: string, base = 10) =>
    Number.parseInt(new RegExp(`\\b${label}:([0-9a-f]+)`).exec(line)?.[1] ?? '0', base);
  const v6only = /v6only:([01])/.exec(line)?.[1];
  return [
    protocol,
    SS_STATES[state] ?? state,
    end(local),
    end(remote),
    recv,
    send,
    number('uid'),
    number('ino'),
    v6only === undefined ? null : v6only === '1',
    local.includes('%'),
    number('sk', 16),
  ].join();
}

function ourUnixLine({ state, type, recvQueue, sendQueue, inode, peer }: Fact): string {
  return [state, type, recvQueue, sendQueue, inode, peer ?? 0].join();
}

/** A name may hold anything, line breaks too: what stands around it is looked for. */
function ssUnixLines(output: string): string[] {
  const types: Record<string, number> = { str: 1, dgr: 2, seq: 5 };
  const rows = output.matchAll(
    /^u_(str|dgr|seq) +(ESTAB|LISTEN|UNCONN) +(\d+) +(\d+) +[\s\S]*? (\d+) +\* (\d+) +(?:<->|-->|<--|---)/gm,
  );
  return Array.from(rows, ([, type = '', state = '', recv, send, inode, peer]) =>
    [SS_STATES[state] ?? state, types[type], recv, send, inode, peer].join(),
  );
}
