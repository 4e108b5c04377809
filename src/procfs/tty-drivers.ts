/** A kind of terminals: those of a major number whose minor numbers are in a range. */
export type TtyDriver = { device: string; major: number; first: number; last: number; type: string };

/** Name, device, major, minors, and type: `pty_slave /dev/pts 136 0-1048575 pty:slave` (fs/proc/proc_tty.c). */
const LINE = /^.+?\s+\/dev\/(\S+)\s+(\d+)\s+(\d+)(?:-(\d+))?\s+(\S+)$/;

/** /proc/tty/drivers. */
export function parseTtyDrivers(content: string): TtyDriver[] {
  return content.split('\n').flatMap((line) => {
    const [, device, major, first, last = first, type] = LINE.exec(line.trimEnd()) ?? [];
    if (device === undefined || type === undefined) return [];
    return [{ device, major: Number(major), first: Number(first), last: Number(last), type }];
  });
}
