/** (uid_t) -1 says that nobody logged in: a service (kernel/audit.c). */
const NO_LOGIN = 4294967295;

/**
 * Parses /proc/PID/loginuid (proc_pid_loginuid(5)); null: nobody logged in.
 *
 * @throws SyntaxError where it is no number
 */
export function parseLoginUid(content: string): number | null {
  if (!/^\d+\n?$/.test(content)) throw new SyntaxError('no loginuid of a process');
  const uid = Number(content);
  return uid === NO_LOGIN ? null : uid;
}
