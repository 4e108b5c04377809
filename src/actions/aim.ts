import { closeSync } from 'node:fs';
import { type Libc, LibcError } from '../libc/libc.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import { parseStat } from '../procfs/stat.ts';

/** What is known of a process that was aimed at. `zombie`: it ended, and its parent has not asked how. */
export type Life = { state: 'alive' } | { state: 'zombie'; parent: number } | { state: 'gone' };

/**
 * What became of a signal. `gone`: the process had ended; `released`: it holds none of the sockets any more for which
 * it was chosen; `unsure`: nobody may know whether it does. In these three, nothing was sent.
 */
export type Shot =
  | { result: 'sent' }
  | { result: 'gone' }
  | { result: 'released' }
  | { result: 'unsure'; code: string }
  | { result: 'refused'; code: string };

/** What sends signals. */
export type Sender = { procfs: ProcFs; libc: Pick<Libc, 'openProcess' | 'signalProcess'> | null };

/**
 * One process, held so that no other that gets its pid can be hit in its place: by a pidfd, or, where there is none,
 * by the time of its start, which is looked at immediately before.
 */
export class Aim implements Disposable {
  readonly pid: number;
  readonly startTicks: number;
  readonly #sender: Sender;
  #pidfd: number | null;

  /** `pidfd` is closed with it. */
  private constructor(sender: Sender, pid: number, startTicks: number, pidfd: number | null) {
    this.#sender = sender;
    this.pid = pid;
    this.startTicks = startTicks;
    this.#pidfd = pidfd;
  }

  /**
   * Aims at whoever has this pid now; null: nobody has.
   * @param startTicks which process is meant, where that is known already
   */
  static at(sender: Sender, pid: number, startTicks?: number): Aim | null {
    let pidfd: number | null;
    try {
      pidfd = openPidfd(sender, pid);
    } catch (error) {
      if (error instanceof LibcError) return null;
      throw error;
    }
    // Read after the pidfd was opened: if the process ended in between, and these are another's, the pidfd hits nobody.
    const found = ticksOf(sender.procfs, pid);
    const aim = new Aim(sender, pid, found ?? 0, pidfd);
    if (found !== null && (startTicks === undefined || found === startTicks)) return aim;
    aim[Symbol.dispose]();
    return null;
  }

  /** Whether it is the kernel that sees to it that nobody else is hit. */
  get isHeld(): boolean {
    return this.#pidfd !== null;
  }

  life(): Life {
    try {
      const stat = parseStat(this.#sender.procfs.text(`${this.pid}/stat`));
      if (stat.starttime !== this.startTicks || stat.state === 'X') return { state: 'gone' };
      // A first thread that has ended is a zombie too, as long as others of the process run.
      if (stat.state === 'Z' && stat.numThreads <= 1) return { state: 'zombie', parent: stat.ppid };
      return { state: 'alive' };
    } catch (error) {
      if (error instanceof SyntaxError || (error instanceof ProcError && error.gone))
        return { state: 'gone' };
      // That it cannot be read says nothing of its end.
      if (error instanceof ProcError) return { state: 'alive' };
      throw error;
    }
  }

  /** Whether it holds one of these sockets; throws a {@link ProcError} where that may not be known. */
  holdsOneOf(inodes: ReadonlySet<number>): boolean {
    let holds = false;
    this.#sender.procfs.sockets(this.pid, (_, inode) => {
      holds ||= inodes.has(inode);
    });
    return holds;
  }

  /**
   * Sends the signal, if it still is the process that was aimed at.
   * @param inodes the sockets for which it was chosen, one of which it must hold now; empty: it was chosen for itself
   */
  fire(signal: number, inodes: ReadonlySet<number>): Shot {
    if (this.life().state !== 'alive') return { result: 'gone' };
    try {
      if (inodes.size > 0 && !this.holdsOneOf(inodes)) return { result: 'released' };
    } catch (error) {
      if (!(error instanceof ProcError)) throw error;
      return error.gone ? { result: 'gone' } : { result: 'unsure', code: error.code };
    }
    try {
      this.#send(signal);
      return { result: 'sent' };
    } catch (error) {
      const { code = 'EIO' } = error as NodeJS.ErrnoException;
      return code === 'ESRCH' ? { result: 'gone' } : { result: 'refused', code };
    }
  }

  #send(signal: number): void {
    const { libc, procfs } = this.#sender;
    if (this.#pidfd !== null) {
      libc?.signalProcess(this.#pidfd, signal);
      return;
    }
    if (ticksOf(procfs, this.pid) !== this.startTicks) throw Object.assign(new Error(), { code: 'ESRCH' });
    process.kill(this.pid, signal);
  }

  [Symbol.dispose](): void {
    if (this.#pidfd !== null) closeSync(this.#pidfd);
    this.#pidfd = null;
  }
}

/** null: this kernel has none, or none is to be had; throws a {@link LibcError} where there is no such process. */
function openPidfd({ libc }: Sender, pid: number): number | null {
  if (!libc) return null;
  try {
    return libc.openProcess(pid);
  } catch (error) {
    if (error instanceof LibcError && error.code === 'ESRCH') throw error;
    return null;
  }
}

function ticksOf(procfs: ProcFs, pid: number): number | null {
  try {
    return parseStat(procfs.text(`${pid}/stat`)).starttime;
  } catch (error) {
    if (error instanceof ProcError || error instanceof SyntaxError) return null;
    throw error;
  }
}
