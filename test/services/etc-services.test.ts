import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseEtcServices } from '../../src/services/etc-services.ts';
import type { Service } from '../../src/services/service.ts';

const debian = readFileSync(new URL('../fixtures/etc/services', import.meta.url), 'utf8');

const row = (line: string) => parseEtcServices(line)[0];

describe('a line of /etc/services', () => {
  it('is a name, a port and protocol, aliases, and a comment that describes it', () => {
    expect(row('http\t\t80/tcp\t\twww web\t# WorldWideWeb HTTP')).toEqual({
      name: 'http',
      port: 80,
      protocol: 'tcp',
      aliases: ['www', 'web'],
      description: 'WorldWideWeb HTTP',
      source: '/etc/services',
    });
  });

  it('may have neither aliases nor comment', () => {
    expect(row('mysql 3306/tcp')).toMatchObject({ aliases: [], description: null });
    expect(row('mysql 3306/tcp #')).toMatchObject({ description: null });
  });

  it('names any protocol, which counts in small letters', () => {
    expect(row('rtmp 1/ddp')).toMatchObject({ protocol: 'ddp' });
    expect(row('amqp 5672/SCTP')).toMatchObject({ protocol: 'sctp' });
  });

  it('is parted by any blanks, begins after some, and may end in CR', () => {
    expect(row(' \thttp  \t 80/tcp\fwww\v')).toMatchObject({ name: 'http', aliases: ['www'] });
    expect(row('http 80/tcp www\r')).toMatchObject({ aliases: ['www'] });
    expect(row('http 80/tcp # World\r')).toMatchObject({ description: 'World' });
  });

  it('keeps other spaces in a name, as getservent(3) does', () => {
    expect(row('no\u00a0break 80/tcp')).toMatchObject({ name: 'no\u00a0break' });
  });

  it('ends at the first #, even in the middle of a word', () => {
    expect(row('http 80/tcp www#x web')).toMatchObject({ aliases: ['www'], description: 'x web' });
    expect(row('http 80/tcp ## one # two')).toMatchObject({ description: 'one # two' });
  });

  test.each([
    ['nothing', ''],
    ['blanks', ' \t'],
    ['a comment', '# http 80/tcp'],
    ['an indented comment', '\t # http 80/tcp'],
    ['a name alone', 'http'],
    ['no protocol', 'http 80'],
    ['an empty protocol', 'http 80/'],
    ['two protocols', 'http 80/tcp/udp'],
    ['a blank before the slash', 'http 80 /tcp'],
    ['no port', 'http /tcp'],
    ['a word for a port', 'http eighty/tcp'],
    ['a port that is too large', 'http 65536/tcp'],
    ['a port that is far too large', `http ${'9'.repeat(400)}/tcp`],
    ['a negative port', 'http -1/tcp'],
    ['a signed port', 'http +80/tcp'],
    ['a hexadecimal port', 'http 0x50/tcp'],
    ['a port that glibc reads as octal', 'http 080/tcp'],
    ['a comment before the port', 'http#80/tcp'],
  ])('%s is skipped', (_, line) => {
    expect(parseEtcServices(line)).toEqual([]);
  });

  it('is skipped alone: its neighbours stay', () => {
    const names = parseEtcServices('ssh 22/tcp\nbroken\nhttp 80/tcp').map(({ name }) => name);
    expect(names).toEqual(['ssh', 'http']);
  });
});

describe('a whole file', () => {
  it('keeps its order and its duplicates', () => {
    const names = parseEtcServices('b 80/tcp\na 80/tcp\nb 80/tcp').map(({ name }) => name);
    expect(names).toEqual(['b', 'a', 'b']);
  });

  it('says where its rows come from', () => {
    expect(parseEtcServices('http 80/tcp', './mine')[0]?.source).toBe('./mine');
  });

  it("is Debian 12's: each line that begins with a name is a row", () => {
    const services = parseEtcServices(debian);
    expect(services).toHaveLength(debian.split('\n').filter((line) => /^[a-z0-9]/.test(line)).length);
    expect(services.at(0)).toMatchObject({ name: 'tcpmux', port: 1 });
    expect(services.at(-1)).toMatchObject({
      name: 'fido',
      port: 60179,
      description: 'fidonet EMSI over TCP',
    });
  });
});

describe('any text', () => {
  const anything = fc.oneof(
    fc.array(fc.nat(0x10ffff)).map((codes) => String.fromCodePoint(...codes)),
    fc.stringMatching(/^[a-c \t#/0-9\r\n-]*$/),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('utf8')),
  );

  test('is parsed or skipped; what comes out is a service', () => {
    fc.assert(
      fc.property(anything, (contents) => {
        for (const { name, port, protocol, aliases } of parseEtcServices(contents)) {
          for (const word of [name, protocol, ...aliases]) expect(word).toMatch(/^[^ \t\v\f\r\n#]+$/);
          expect(Number.isInteger(port) && port >= 0 && port <= 65535).toBe(true);
        }
      }),
    );
  });

  test('is parsed line by line: no line changes another', () => {
    fc.assert(
      fc.property(anything, anything, (one, other) => {
        expect(parseEtcServices(`${one}\n${other}`)).toEqual([
          ...parseEtcServices(one),
          ...parseEtcServices(other),
        ]);
      }),
    );
  });

  test('a service that is written as a line comes back', () => {
    const word = fc.stringMatching(/^[!-"$-.0-~]+$/);
    const service: fc.Arbitrary<Service> = fc.record({
      name: word,
      port: fc.integer({ min: 0, max: 65535 }),
      protocol: word.map((protocol) => protocol.toLowerCase()),
      aliases: fc.array(word, { maxLength: 3 }),
      description: fc.option(fc.stringMatching(/^[!-"$-~]([ -~]*[!-~])?$/)),
      source: fc.constant('/etc/services'),
    });
    fc.assert(
      fc.property(service, fc.stringMatching(/^[ \t]+$/), (written, blank) => {
        const { name, port, protocol, aliases, description } = written;
        const comment = description === null ? [] : [`# ${description}`];
        const line = [name, `${port}/${protocol}`, ...aliases, ...comment].join(blank);
        expect(parseEtcServices(line)).toEqual([written]);
      }),
    );
  });
});
