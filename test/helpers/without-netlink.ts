/**
 * Runs a command to which the kernel denies netlink, as sandboxes do: socket(2) of that domain fails by a filter of
 * system calls (seccomp(2)), which a child inherits.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants } from 'node:os';

type Koffi = {
  load(path: null): { func(prototype: string): (...args: (number | bigint | Uint8Array)[]) => number };
  address(buffer: Uint8Array): bigint;
};
const koffi = createRequire(import.meta.url)(`@koromix/koffi-linux-${process.arch}`) as Koffi;
const prctl = koffi
  .load(null)
  .func('int prctl(int option, unsigned long a, uintptr_t b, unsigned long c, unsigned long d)');

const SOCKET = process.arch === 'arm64' ? 198 : 41;
const AF_NETLINK = 16;
const [PR_SET_SECCOMP, SECCOMP_MODE_FILTER, PR_SET_NO_NEW_PRIVS] = [22, 2, 38];
const [LOAD, JUMP_IF_EQUAL, RETURN] = [0x20, 0x15, 0x06];
const ALLOW = 0x7fff_0000;
const FAIL = 0x0005_0000;

/** struct sock_filter (linux/filter.h): of each system call its number is the first word, its arguments begin at 16. */
const program: [code: number, whenTrue: number, whenFalse: number, value: number][] = [
  [LOAD, 0, 0, 0],
  [JUMP_IF_EQUAL, 0, 3, SOCKET],
  [LOAD, 0, 0, 16],
  [JUMP_IF_EQUAL, 0, 1, AF_NETLINK],
  [RETURN, 0, 0, FAIL | constants.errno.EPERM],
  [RETURN, 0, 0, ALLOW],
];
const filter = Buffer.alloc(program.length * 8);
for (const [at, [code, whenTrue, whenFalse, value]] of program.entries()) {
  filter.writeUInt16LE(code, at * 8);
  filter.writeUInt8(whenTrue, at * 8 + 2);
  filter.writeUInt8(whenFalse, at * 8 + 3);
  filter.writeUInt32LE(value, at * 8 + 4);
}
const sockFprog = Buffer.alloc(16);
sockFprog.writeUInt16LE(program.length, 0);
sockFprog.writeBigUInt64LE(koffi.address(filter), 8);

if (
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) !== 0 ||
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, koffi.address(sockFprog), 0, 0) !== 0
) {
  process.stderr.write('no seccomp\n');
  process.exit(125);
}
const [command = '', ...args] = process.argv.slice(2);
process.exit(spawnSync(command, args, { stdio: 'inherit' }).status ?? 126);
