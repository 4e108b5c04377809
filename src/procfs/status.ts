/** The four ids of `Uid:` and `Gid:` (credentials(7)). */
export type Ids = { real: number; effective: number; saved: number; filesystem: number };

/** /proc/PID/status: every line by its own name, and the ones that are asked for most. */
export type Status = {
  lines: Record<string, string>;
  /** comm, as the process set it. */
  name: string;
  uids: Ids;
  gids: Ids;
  threads: number;
};

/**
 * Parses /proc/PID/status (proc_pid_status(5)), "Name:\tvalue" a line.
 *
 * @throws SyntaxError when a line that every process has is missing.
 */
export function parseStatus(content: string): Status {
  const lines: Record<string, string> = {};
  // Not by a regular expression's `^` and `$`: they take a CR or U+2028 in comm for a line's end.
  for (const line of content.split('\n')) {
    const colon = line.indexOf(':\t');
    if (colon < 0) continue;
    const name = line.slice(0, colon);
    const value = line.slice(colon + 2);
    // comm may begin or end with spaces; elsewhere they only align.
    lines[name] = name === 'Name' ? withoutEscapes(value) : value.trim();
  }
  const { Name, Uid, Gid, Threads } = lines;
  if (Name === undefined || Uid === undefined || Gid === undefined || Threads === undefined) {
    throw new SyntaxError('no status of a process');
  }
  return { lines, name: Name, uids: ids(Uid), gids: ids(Gid), threads: Number(Threads) };
}

/** A size of status (`VmRSS`, `RssAnon`, …) in bytes; null where there is none, as for a kernel thread. */
export function sizeOf(status: Status, name: string): number | null {
  const kibibytes = /^(\d+) kB$/.exec(status.lines[name] ?? '')?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

/** Only newline and backslash are escaped; ESC and the rest stay raw (fs/proc/array.c, proc_task_name()). */
function withoutEscapes(name: string): string {
  return name.replace(/\\([n\\])/g, (_, letter) => (letter === 'n' ? '\n' : '\\'));
}

function ids(value: string): Ids {
  const [real = 0, effective = 0, saved = 0, filesystem = 0] = value.split('\t').map(Number);
  return { real, effective, saved, filesystem };
}
