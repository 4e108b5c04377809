import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { parseEtcServices } from '../../src/services/etc-services.ts';
import { loadIana } from '../../src/services/iana.ts';
import type { Service } from '../../src/services/service.ts';
import { parseServiceQuery, readServices, Services } from '../../src/services/services.ts';
import { safe } from '../../src/text/safe.ts';

const path = fileURLToPath(new URL('../fixtures/etc/services', import.meta.url));
const debian = readFileSync(path, 'utf8');
const EPHEMERAL = { first: 32768, last: 60999 };

// Any code points, lone surrogates too.
const anyText = fc.array(fc.nat(0x10ffff)).map((codes) => String.fromCodePoint(...codes));

const without = (contents = debian) => new Services(parseEtcServices(contents));
const withRegistry = async (contents = debian) => {
  const services = without(contents);
  await services.loadRegistry();
  return services;
};
const brief = ({ name, port, protocol, source }: Service) => `${name} ${port}/${protocol} ${source}`;

let both: Services;
beforeAll(async () => {
  both = await withRegistry();
});

describe('what a port is called', () => {
  it('is what /etc/services says', () => {
    expect(without().lookup(80, 'tcp')).toMatchObject({ name: 'http', source: '/etc/services' });
  });

  it('holds for that protocol alone', () => {
    expect(without().lookup(80, 'udp')).toBeNull();
    expect(without().lookup(1, 'ddp')?.name).toBe('rtmp');
    expect(without().lookup(1, 'tcp')?.name).toBe('tcpmux');
  });

  it('is the first of several, as with getservbyport(3)', () => {
    expect(without('first 80/tcp\nsecond 80/tcp').lookup(80, 'tcp')?.name).toBe('first');
  });

  it("is IANA's word only where /etc/services is silent, and once the registry is loaded", async () => {
    const services = without();
    expect(services.registryLoaded).toBe(false);
    expect(services.lookup(4000, 'tcp')).toBeNull();
    await services.loadRegistry();
    expect(services.registryLoaded).toBe(true);
    expect(services.lookup(4000, 'tcp')).toMatchObject({ name: 'terabase', source: 'iana' });
    // IANA has 3com-tsmux here.
    expect(services.lookup(106, 'tcp')).toMatchObject({ name: 'poppassd', source: '/etc/services' });
  });

  it('is nothing where IANA says Reserved or Unassigned', () => {
    expect(both.lookup(4, 'tcp')).toBeNull();
    expect(both.lookup(1023, 'tcp')).toBeNull();
  });

  it('agrees with a search through all rows', async () => {
    const own = parseEtcServices(debian);
    const { services: registered } = await loadIana();
    const all = [...own, ...registered];
    const anyPort = fc.oneof(
      fc.integer({ min: 0, max: 65535 }),
      fc.constantFrom(...own.map(({ port }) => port)),
    );
    fc.assert(
      fc.property(anyPort, fc.constantFrom('tcp', 'udp', 'sctp', 'dccp', 'ddp', 'raw'), (port, protocol) => {
        const found = both.lookup(port, protocol);
        // A range stands in the list once, at its first port.
        fc.pre(!/ports \d+–\d+$/.test(found?.description ?? ''));
        expect(found).toEqual(all.find((row) => row.port === port && row.protocol === protocol) ?? null);
      }),
    );
  });
});

describe('a search', () => {
  const search = (typed: string) => both.search(typed).map(brief);

  it('for a number tells all its protocols, /etc/services first', () => {
    expect(search('80')).toEqual(['http 80/tcp /etc/services', 'http 80/udp iana', 'http 80/sctp iana']);
  });

  it('for a number leaves out what IANA calls a port that /etc/services names', () => {
    expect(search('10000/tcp')).toEqual(['webmin 10000/tcp /etc/services']);
    expect(search('10000/udp')).toEqual(['ndmp 10000/udp iana']);
  });

  it('for a number tells every row of the file, duplicates too', () => {
    expect(without('b 80/tcp\na 80/tcp').search('80').map(brief)).toEqual([
      'b 80/tcp /etc/services',
      'a 80/tcp /etc/services',
    ]);
  });

  it('for a number is exact: 80 is not 8080', () => {
    expect(both.search('80').every(({ port }) => port === 80)).toBe(true);
    expect(search('99999')).toEqual([]);
    expect(search('-1')).toEqual([]);
  });

  it('for a name tells its ports, then the names that begin so', () => {
    expect(search('ssh')).toEqual([
      'ssh 22/tcp /etc/services',
      'ssh 22/udp iana',
      'ssh 22/sctp iana',
      'sshell 614/tcp iana',
      'sshell 614/udp iana',
      ...search('ssh-'),
    ]);
  });

  it('finds aliases, and does not mind capitals', () => {
    expect(search('WWW')[0]).toBe('http 80/tcp /etc/services');
    expect(search('subversion')).toContain('svn 3690/tcp /etc/services');
    expect(search('clearcase')).toEqual(['clearcase 371/udp /etc/services', 'clearcase 371/tcp iana']);
  });

  it('may name the protocol', () => {
    expect(search('http/udp')[0]).toBe('http 80/udp iana');
    expect(search('http/udp').every((line) => line.includes('/udp '))).toBe(true);
  });

  it('finds a name with a slash in it', () => {
    expect(search('EtherNet/IP-1')).toEqual(['EtherNet/IP-1 2222/tcp iana', 'EtherNet/IP-1 2222/udp iana']);
  });

  it('puts exact before prefix, /etc/services before IANA, and then goes by port', () => {
    const rank = ({ name, aliases, source, port }: Service) => {
      const exact = [name, ...aliases].some((word) => word.toLowerCase() === 's');
      return (exact ? 0 : 2_000_000) + (source === 'iana' ? 1_000_000 : 0) + port;
    };
    const ranks = both.search('s').map(rank);
    expect(ranks.length).toBeGreaterThan(1000);
    expect(ranks).toEqual(ranks.toSorted((one, other) => one - other));
  });

  it('is for what was typed, blanks around it and a protocol half typed', () => {
    expect(search(' 80 ')).toEqual(search('80'));
    expect(search('80/')).toEqual(search('80'));
    expect(search('80/t')).toEqual([]);
  });

  test.each(['', ' ', '/', '\0', 'no such name', '__proto__', 'constructor'])(
    'for %j finds nothing',
    (typed) => {
      expect(search(typed)).toEqual([]);
    },
  );

  test('for anything at all throws nothing', () => {
    const services = without();
    fc.assert(fc.property(anyText, (typed) => void services.search(typed)));
  });
});

describe('what was asked', () => {
  const protocols = new Set(['tcp', 'udp', 'ddp']);
  test.each([
    ['80', { port: 80, protocol: null }],
    ['80/tcp', { port: 80, protocol: 'tcp' }],
    ['80/TCP', { port: 80, protocol: 'tcp' }],
    ['tcp:80', { port: 80, protocol: 'tcp' }],
    [':80', { port: 80, protocol: null }],
    ['80/xyz', { port: 80, protocol: 'xyz' }],
    ['-1', { port: -1, protocol: null }],
    ['HTTP', { name: 'http', protocol: null }],
    ['http/ddp', { name: 'http', protocol: 'ddp' }],
    ['cl/1', { name: 'cl/1', protocol: null }],
    ['3com-tsmux', { name: '3com-tsmux', protocol: null }],
    ['/tcp', { name: '/tcp', protocol: null }],
    ['', { name: '', protocol: null }],
  ])('%j', (typed, query) => {
    expect(parseServiceQuery(typed, protocols)).toEqual(query);
  });
});

describe('a port explained', () => {
  const explain = (port: number, protocol: string, services = both) =>
    services.explain(port, protocol, EPHEMERAL);

  it('is its name, description, aliases and source', () => {
    expect(explain(631, 'tcp', without())).toEqual([
      'ipp, 631/tcp',
      'Internet Printing Protocol',
      '/etc/services',
    ]);
    expect(explain(80, 'tcp', without())).toEqual([
      'http, 80/tcp',
      'WorldWideWeb HTTP',
      'alias www',
      '/etc/services',
    ]);
    expect(explain(88, 'udp', without())[2]).toBe('aliases kerberos5, krb5, kerberos-sec');
  });

  it("says that it is IANA's word where /etc/services is silent", () => {
    expect(explain(4000, 'tcp')).toEqual([
      'terabase, 4000/tcp',
      'Terabase',
      'IANA registry; /etc/services is silent',
      'also terabase, 4000/udp (IANA registry)',
    ]);
  });

  it('says when the number means something in another protocol, or twice', () => {
    expect(explain(5353, 'tcp')).toContain('also mdns, 5353/udp (/etc/services)');
    expect(explain(80, 'tcp', without('http 80/tcp\nmine 80/tcp'))).toContain(
      'also mine, 80/tcp (/etc/services)',
    );
  });

  it('says that an ephemeral port is one, with a name or without', () => {
    expect(explain(41234, 'tcp')).toEqual([
      '41234/tcp is in the ephemeral range 32768–60999: the kernel hands such ports out',
    ]);
    expect(explain(57000, 'tcp')).toEqual([
      'dircproxy, 57000/tcp',
      'Detachable IRC Proxy',
      '/etc/services',
      'in the ephemeral range 32768–60999 too: the kernel hands such ports out',
    ]);
  });

  it('says that nobody registered it', () => {
    expect(explain(61234, 'tcp')).toEqual(['nobody registered 61234/tcp']);
    expect(both.explain(41234, 'tcp', null)).toEqual(['nobody registered 41234/tcp']);
  });

  it('does not say so before the registry was asked', () => {
    expect(explain(4000, 'tcp', without())).toEqual([
      '4000/tcp: /etc/services is silent; the IANA registry is not read yet',
    ]);
  });

  it("tells IANA's remark on a number that is no service", () => {
    expect(explain(4, 'tcp')).toEqual([
      '4/tcp is no service: the IANA registry says “Unassigned”',
      'also echo, 4/ddp (/etc/services)',
    ]);
    expect(both.explainUnknown(1023, null, EPHEMERAL)).toEqual([
      '1023 is no service: the IANA registry says “Reserved”',
    ]);
  });

  it('is safe to print, whatever the file says', () => {
    const hostile = '\x1b]0;owned\x07 80/\x9btcp \u202eevil # \x1b[2J\u200b';
    const lines = without(hostile).explain(80, '\x9btcp', null);
    expect(lines).toEqual([
      '\\e]0;owned\\x07, 80/\\x9btcp',
      '\\e[2J\\u200b',
      'alias \\u202eevil',
      '/etc/services',
    ]);
  });

  test('is safe to print for any file', () => {
    fc.assert(
      fc.property(anyText, anyText, (name, comment) => {
        const services = new Services(parseEtcServices(`${name} 80/tcp ${name} # ${comment}`, name), name);
        for (const line of services.explain(80, 'tcp', null)) expect(safe(line)).toBe(line);
      }),
    );
  });
});

describe('a services file', () => {
  it('is read, and is the source of its rows', () => {
    const services = readServices(path);
    expect(services.unread).toBeNull();
    expect(services.lookup(80, 'tcp')).toMatchObject({ name: 'http', source: path });
  });

  it('may be missing: then all is silent, and says so', async () => {
    const services = readServices('/nowhere/services');
    expect(services.unread).toBe('ENOENT');
    expect(services.lookup(80, 'tcp')).toBeNull();
    await services.loadRegistry();
    expect(services.explain(80, 'tcp', null)).toContain('IANA registry; /nowhere/services does not exist');
  });

  it('that is missing has not been asked for a name', async () => {
    const services = readServices('/nowhere/services');
    await services.loadRegistry();
    expect(services.explainUnknownName('nosuch', 'tcp')).toBe(
      "'nosuch/tcp' names nothing and begins no name in the IANA registry; /nowhere/services does not exist",
    );
  });

  it('may be no file', async () => {
    const services = readServices('/');
    expect(services.unread).toBe('EISDIR');
    await services.loadRegistry();
    expect(services.explain(80, 'tcp', null)).toContain('IANA registry; / cannot be read (EISDIR)');
  });

  it('adds its protocols to those that every kernel knows', () => {
    expect([...readServices(path).protocols]).toEqual(['tcp', 'udp', 'sctp', 'dccp', 'ddp']);
  });
});
