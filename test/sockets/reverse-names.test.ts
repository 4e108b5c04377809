import { describe, expect, it, vi } from 'vitest';
import { type Lookup, parseHosts, pointerOf, ReverseNames } from '../../src/sockets/reverse-names.ts';

/** DNS that answers when a test says so; what it is not told, nobody has a name for. */
class FakeDns implements Lookup {
  readonly asked: string[] = [];
  readonly #waiting = new Map<string, PromiseWithResolvers<string[]>>();

  async reverse(address: string): Promise<string[]> {
    this.asked.push(address);
    const waiting = Promise.withResolvers<string[]>();
    this.#waiting.set(address, waiting);
    return waiting.promise;
  }

  answer(address: string, ...names: string[]): void {
    const waiting = this.#waiting.get(address);
    this.#waiting.delete(address);
    if (names.length > 0) waiting?.resolve(names);
    else waiting?.reject(Object.assign(new Error('no name'), { code: 'ENOTFOUND' }));
  }

  refuse(address: string, code: string): void {
    this.#waiting.get(address)?.reject(Object.assign(new Error(code), { code }));
    this.#waiting.delete(address);
  }

  cancel(): void {
    for (const address of [...this.#waiting.keys()]) this.refuse(address, 'ECANCELLED');
  }

  get waiting(): number {
    return this.#waiting.size;
  }
}

function namesBy(dns: FakeDns, file = '/nowhere'): ReverseNames {
  return new ReverseNames({ file, open: async () => dns });
}

describe('the names of addresses', () => {
  it('are asked for once, be the answer nothing; a mapped address is the IPv4 address', async () => {
    const dns = new FakeDns();
    const names = namesBy(dns);
    for (const address of ['10.0.0.1', '10.0.0.2', '::ffff:10.0.0.1', '0.0.0.0', '::'])
      expect(names.name(address)).toBeNull();
    const settled = names.settle(60_000);
    await vi.waitUntil(() => dns.waiting === 2, { interval: 1 });
    dns.answer('10.0.0.1', 'one.example', 'alias.example');
    dns.answer('10.0.0.2');
    await settled;
    expect(['10.0.0.1', '::ffff:10.0.0.1', '10.0.0.2'].map((address) => names.name(address))).toEqual([
      'one.example',
      'one.example',
      null,
    ]);
    expect(names.unsettled).toBe(0);
    expect(dns.asked).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it('are not waited for longer than was said, however many there are; what is left keeps', async () => {
    const dns = new FakeDns();
    const names = namesBy(dns);
    for (let host = 1; host <= 100; host++) names.name(`10.0.0.${host}`);
    await names.settle(1);
    expect(dns.asked.length).toBeLessThan(100);
    expect(names.unsettled).toBe(100);
    const settled = names.settle(60_000);
    const answered = vi.waitUntil(
      () => {
        for (let host = 1; host <= 100; host++) dns.answer(`10.0.0.${host}`, `host-${host}`);
        return names.unsettled === 0 && dns.waiting === 0;
      },
      { interval: 1 },
    );
    await Promise.all([settled, answered]);
    expect(names.name('10.0.0.100')).toBe('host-100');
  });

  it('are counted where nobody answered', async () => {
    const dns = new FakeDns();
    const names = namesBy(dns);
    for (const address of ['10.0.0.1', '10.0.0.2']) names.name(address);
    const settled = names.settle(60_000);
    await vi.waitUntil(() => dns.waiting === 2, { interval: 1 });
    dns.refuse('10.0.0.1', 'ETIMEOUT');
    dns.answer('10.0.0.2');
    await settled;
    expect({ unanswered: names.unanswered, unsettled: names.unsettled }).toEqual({
      unanswered: 1,
      unsettled: 0,
    });
  });

  it('are few at a time', async () => {
    const dns = new FakeDns();
    const names = namesBy(dns);
    for (let host = 1; host <= 100; host++) names.name(`10.0.0.${host}`);
    const settled = names.settle(20);
    await vi.waitUntil(() => dns.waiting > 0, { interval: 1 });
    expect(dns.waiting).toBe(16);
    await settled;
  });

  it('are found in DNS under the address, its end first', () => {
    expect(pointerOf('10.0.0.1')).toBe('1.0.0.10.in-addr.arpa');
    expect(pointerOf('2001:db8::567:89ab')).toBe(
      'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
    );
  });

  it('are those of /etc/hosts, for which nobody is asked', () => {
    const content =
      '127.0.0.1 localhost vm\n# 10.0.0.1 no\n0:0:0::1 ip6-localhost # yes\nbad line\n127.0.0.1 second\n';
    expect([...parseHosts(content)]).toEqual([
      ['127.0.0.1', 'localhost'],
      ['::1', 'ip6-localhost'],
    ]);
    const names = namesBy(new FakeDns(), '/etc/hosts');
    expect(names.name('127.0.0.1')).not.toBeNull();
    expect(names.unsettled).toBe(0);
  });
});
