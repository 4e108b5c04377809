export type FuserProcess = { pid: number; user: string; command: string };

/** The processes of `fuser -v`: it writes pids to stdout, and around them the rest of a table to stderr. */
export function parseFuser(stdout: string, stderr: string): FuserProcess[] {
  const pids = stdout.split(/\s+/).filter(Boolean).map(Number);
  const rows = stderr
    .split('\n')
    // It says also what it may not look at.
    .filter((line) => line !== '' && !/^(Cannot |\s*USER +PID ACCESS COMMAND$)/.test(line))
    .map((line) => /^(?:\S+:)? +(\S+) +[F.][A-Za-z.]{4} (.*)$/.exec(line));
  if (rows.length !== pids.length || rows.includes(null)) {
    throw new Error(`fuser: ${JSON.stringify({ stdout, stderr })}`);
  }
  return pids.map((pid, at) => ({ pid, user: rows[at]?.[1] ?? '', command: rows[at]?.[2] ?? '' }));
}
