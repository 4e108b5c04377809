import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseNetIfInet6 } from '../../src/procfs/net-if-inet6.ts';
import { exposureOf, ipv4Text, ipv6Text, ipv6TextOfHex, isUnspecified } from '../../src/sockets/address.ts';
import { bytesOf, NET, within, wordsOf } from './fixture.ts';

fc.configureGlobal({ seed: 4000 });

const sixteen = (piece: fc.Arbitrary<number>) => fc.array(piece, { minLength: 16, maxLength: 16 });
/** Addresses with many zeros, so that there is something to shorten. */
const ipv6 = sixteen(
  fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.constantFrom(1, 0x10, 255), fc.nat(255)),
);

function textOf(bytes: readonly number[]): string {
  return ipv6Text(new Uint32Array(Uint8Array.from(bytes).buffer));
}

describe('an IPv4 address', () => {
  it('is four numbers, in the order of memory', () => {
    expect(ipv4Text(wordsOf('127.0.0.1')[0] as number)).toBe('127.0.0.1');
    expect(ipv4Text(wordsOf('198.51.100.2')[0] as number)).toBe('198.51.100.2');
  });

  it('is any four bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }), (bytes) => {
        const text = bytes.join('.');
        expect(ipv4Text(wordsOf(text)[0] as number)).toBe(text);
      }),
    );
  });
});

describe('an IPv6 address', () => {
  // Left: any way to write it; right: the way of RFC 5952, whose section it is.
  test.each([
    ['4.1 no leading zeros', '2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    [
      '4.1 nor in a field between',
      '2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001',
      '2001:db8:aaaa:bbbb:cccc:dddd:eeee:1',
    ],
    ['4.2.1 as short as can be', '2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['4.2.2 one field alone stays', '2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['4.2.3 the longest run', '2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['4.2.3 of two alike the first', '2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['4.3 small letters', '2001:DB8:0:0:0:0:0:ABCD', '2001:db8::abcd'],
    ['5 a mapped address ends as IPv4', '::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['5 mapped loopback', '::ffff:7f00:1', '::ffff:127.0.0.1'],
    ['5 mapped unspecified', '::ffff:0:0', '::ffff:0.0.0.0'],
    ['a run at the start', '0:0:0:0:0:0:2:3', '::2:3'],
    ['a run at the end', 'fe80:0:0:0:0:0:0:0', 'fe80::'],
    ['nothing', '0:0:0:0:0:0:0:0', '::'],
    ['loopback', '0:0:0:0:0:0:0:1', '::1'],
    ['all ones', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['translated is not mapped', '64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['compatible is not mapped', '::192.0.2.1', '::c000:201'],
    ['ffff in another place is not mapped', '::ffff:0:c000:201', '::ffff:0:c000:201'],
  ])('%s: %s', (_, written, text) => {
    expect(ipv6Text(wordsOf(written))).toBe(text);
  });

  it('is what a URL would write, but for a mapped one', () => {
    fc.assert(
      fc.property(ipv6, (bytes) => {
        const mapped = bytes.slice(0, 12).join() === '0,0,0,0,0,0,0,0,0,0,255,255';
        const text = textOf(bytes);
        if (mapped) expect(text).toBe(`::ffff:${bytes.slice(12).join('.')}`);
        // The WHATWG's rules for a host are those of RFC 5952, section 4.
        else expect(new URL(`http://[${text}]`).hostname).toBe(`[${text}]`);
        expect(bytesOf(text)).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('stays right when more were asked for than are remembered', () => {
    const texts = Array.from({ length: 10_000 }, (_, at) => `2001:db8::${(at + 1).toString(16)}`);
    expect(texts.map((text) => ipv6Text(wordsOf(text)))).toEqual(texts);
    expect(ipv6Text(wordsOf('2001:db8::1'))).toBe('2001:db8::1');
  });

  it('is the same from the hex digits of /proc/net/if_inet6', () => {
    fc.assert(
      fc.property(ipv6, (bytes) => {
        const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
        expect(ipv6TextOfHex(hex)).toBe(textOf(bytes));
      }),
    );
  });
});

describe('/proc/net/if_inet6', () => {
  const named = (content: string) =>
    parseNetIfInet6(content).map(({ words, device }) => `${ipv6TextOfHex(words)}%${device}`);

  it('tells the addresses of each interface', () => {
    expect(named(readFileSync(`${NET}/if_inet6`, 'latin1'))).toEqual([
      'fe80::a80d:5aff:fe15:51a3%zoo0',
      'fe80::1%zoo0',
      '::1%lo',
    ]);
  });

  it('may name an interface in any way that the kernel allows', () => {
    const line = (device: string) => `fe800000000000000000000000000001 03 40 20 82 ${device.padStart(8)}\n`;
    expect(named(line('a%b'))).toEqual(['fe80::1%a%b']);
    expect(named(line('averylongname15'))).toEqual(['fe80::1%averylongname15']);
    // An index of more than two digits.
    expect(named(line('eth0').replace('03', '1a2b'))).toEqual(['fe80::1%eth0']);
  });

  it.each(['', '\n', 'garbage\n', 'fe80 03 40 20 82 eth0\n', `${'f'.repeat(33)} 03 40 20 82 eth0\n`])(
    'passes over %j',
    (content) => {
      expect(parseNetIfInet6(content)).toEqual([]);
    },
  );
});

describe('an unspecified address', () => {
  it('is all zeros', () => {
    expect(isUnspecified('0.0.0.0')).toBe(true);
    expect(isUnspecified('::')).toBe(true);
  });

  it.each(['0.0.0.1', '::1', '127.0.0.1', '::ffff:0.0.0.0'])('is not %s', (address) => {
    expect(isUnspecified(address)).toBe(false);
  });
});

describe('what a bind address can be reached from', () => {
  test.each([
    ['0.0.0.0', 'all'],
    ['::', 'all'],
    ['::ffff:0.0.0.0', 'all'],
    ['127.0.0.1', 'loopback'],
    ['127.0.0.53', 'loopback'],
    ['127.255.255.255', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['169.254.1.2', 'link-local'],
    ['fe80::1', 'link-local'],
    ['febf::1', 'link-local'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd00::1', 'private'],
    ['fc00::1', 'private'],
    ['::ffff:10.1.2.3', 'private'],
    ['1.1.1.1', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.1', 'public'],
    ['100.128.0.1', 'public'],
    ['126.255.255.255', 'public'],
    ['2606:4700::1111', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['224.0.0.251', null],
    ['239.1.2.3', null],
    ['ff02::fb', null],
    ['255.255.255.255', null],
    ['240.0.0.1', null],
    ['198.51.100.1', null],
    ['2001:db8::1', null],
  ] as const)('%s: %s', (address, exposure) => {
    expect(exposureOf(address)).toBe(exposure);
    // And the second time, when it is remembered.
    expect(exposureOf(address)).toBe(exposure);
  });

  it('is never more than the truth: what is not routed is not public', () => {
    const confined = [
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '127.0.0.0/8',
      '169.254.0.0/16',
      '100.64.0.0/10',
      '224.0.0.0/4',
      '240.0.0.0/4',
    ];
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        if (within(address, ...confined)) expect(exposureOf(address)).not.toBe('public');
        // And what is routed is said to be: but the few blocks that IANA keeps for special use.
        else if (!within(address, '0.0.0.0/8', '192.0.0.0/8', '198.0.0.0/8', '203.0.113.0/24')) {
          expect(exposureOf(address)).toBe('public');
        }
      }),
      { numRuns: 500 },
    );
  });

  test('is all only for 0.0.0.0 itself', () => {
    expect(exposureOf('0.1.2.3')).not.toBe('all');
  });
});
