/**
 * /proc/net/if_inet6: the IPv6 addresses of this namespace's interfaces (net/ipv6/addrconf.c).
 * "fe800000000000000000000000000001 02 40 20 80     eth0"
 */
export function parseNetIfInet6(content: string): { words: string; index: number; device: string }[] {
  const addresses: ReturnType<typeof parseNetIfInet6> = [];
  for (const line of content.split('\n')) {
    const fields = /^([0-9a-f]{32}) ([0-9a-f]+) [0-9a-f]+ [0-9a-f]+ [0-9a-f]+ +(.+)$/.exec(line);
    if (!fields) continue;
    const [, words, index, device] = fields as unknown as [string, string, string, string];
    addresses.push({ words, index: Number.parseInt(index, 16), device });
  }
  return addresses;
}
