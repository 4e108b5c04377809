import ipaddr from 'ipaddr.js';
import type { Exposure } from './socket.ts';

/** Words (network order in memory) → text. The same few addresses come every second. */
const texts = new Map<string, string>();
const ipv4Texts = new Map<number, string>();
const REMEMBERED = 8192;

const words = new Uint32Array(4);
const bytes = new Uint8Array(words.buffer);

/** `127.0.0.1` of the first of an address's words, whose bytes in memory are in network order. */
export function ipv4Text(word: number): string {
  let text = ipv4Texts.get(word);
  if (text === undefined) {
    words[0] = word;
    text = `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
    if (ipv4Texts.size >= REMEMBERED) ipv4Texts.clear();
    ipv4Texts.set(word, text);
  }
  return text;
}

/** RFC 5952 text of an IPv6 address; a mapped IPv4 one as `::ffff:127.0.0.1` (section 5). */
export function ipv6Text(address: Uint32Array): string {
  const key = `${address[0]},${address[1]},${address[2]},${address[3]}`;
  let text = texts.get(key);
  if (text === undefined) {
    words.set(address);
    const parsed = new ipaddr.IPv6([...bytes]);
    text = parsed.isIPv4MappedAddress() ? `::ffff:${parsed.toIPv4Address()}` : parsed.toRFC5952String();
    if (texts.size >= REMEMBERED) texts.clear();
    texts.set(key, text);
  }
  return text;
}

/** 32 hex digits, as /proc/net/if_inet6 writes an address, to the same text. */
export function ipv6TextOfHex(hex: string): string {
  const parsed = new Uint8Array(16);
  for (let index = 0; index < 16; index++)
    parsed[index] = Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16);
  return ipv6Text(new Uint32Array(parsed.buffer));
}

/** fe80::/10, of canonical text. */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/.test(address);
}

/** Whether a peer is set: an unconnected socket's is all zeros. */
export function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

const EXPOSURES: Record<string, Exposure> = {
  unspecified: 'all',
  loopback: 'loopback',
  linkLocal: 'link-local',
  private: 'private',
  uniqueLocal: 'private',
  carrierGradeNat: 'private',
  unicast: 'public',
};
const exposures = new Map<string, Exposure | null>();

/**
 * What a socket bound to this address can be reached from; null where the address does not tell
 * (multicast, broadcast, reserved).
 */
export function exposureOf(address: string): Exposure | null {
  let exposure = exposures.get(address);
  if (exposure === undefined) {
    const parsed = ipaddr.process(address);
    const range = parsed.range();
    // ipaddr.js calls all of 0.0.0.0/8 unspecified; since Linux 5.3 a socket can be bound to the rest of it.
    const other = range === 'unspecified' && !isUnspecified(parsed.toString());
    exposure = other ? null : (EXPOSURES[range] ?? null);
    if (exposures.size >= REMEMBERED) exposures.clear();
    exposures.set(address, exposure);
  }
  return exposure;
}
