import { endianness } from 'node:os';

/** include/uapi/linux/auxvec.h. */
const AT_PAGESZ = 6n;
/** What is of 32 bits has words of four bytes; Node has no name for that. */
const NARROW = /^(?:arm|ia32|mips|mipsel|ppc|s390)$/;

/**
 * The size of a page in bytes, from /proc/self/auxv (proc_pid_auxv(5)): pairs of a name and a value, words of this
 * machine; null when it does not say.
 */
export function parsePageSize(auxv: Buffer, arch: string = process.arch): number | null {
  const size = NARROW.test(arch) ? 4 : 8;
  const little = endianness() === 'LE';
  const word = (at: number): bigint => {
    if (size === 4) return BigInt(little ? auxv.readUInt32LE(at) : auxv.readUInt32BE(at));
    return little ? auxv.readBigUInt64LE(at) : auxv.readBigUInt64BE(at);
  };
  for (let at = 0; at + 2 * size <= auxv.length; at += 2 * size) {
    if (word(at) === AT_PAGESZ) return Number(word(at + size));
  }
  return null;
}
