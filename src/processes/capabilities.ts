import { bitsOf } from './signals.ts';

/** By their numbers (include/uapi/linux/capability.h). */
const NAMES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
].map((name) => `CAP_${name}`);

/** The capabilities of a mask, by number (capabilities(7)). */
export function capabilitiesOf(mask: bigint): string[] {
  return bitsOf(mask).map((bit) => NAMES[bit] ?? `CAP_${bit}`);
}

/** In as few words as it takes: `none`, `all`, `all but CAP_SYS_MODULE`, or those that are there. */
export function capabilitiesText(mask: bigint): string {
  const there = capabilitiesOf(mask);
  if (there.length === 0) return 'none';
  const missing = NAMES.filter((_, bit) => (mask & (1n << BigInt(bit))) === 0n);
  if (missing.length === 0) return 'all';
  return missing.length < there.length ? `all but ${missing.join(', ')}` : there.join(', ');
}
