/**
 * /proc/net/igmp: the interfaces with IPv4 addresses, each a line `2\teth0      :     1      V3`, and under it its
 * groups, indented (net/ipv4/igmp.c, igmp_mc_seq_show).
 */
export function parseNetIgmp(text: string): { index: number; device: string }[] {
  return [...text.matchAll(/^(\d+)\s+(\S+)\s*:/gm)].map(([, index, device]) => ({
    index: Number(index),
    device: device as string,
  }));
}
