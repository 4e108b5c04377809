import type { SuspendTerminal } from 'ink';

/** If we still run after this many ms, nobody stopped us. */
const STOPPED_BY = 300;

/** Ctrl-Z: gives the terminal back, stops the job, and takes the terminal again when `fg` continues it. */
export async function suspend(suspendTerminal: SuspendTerminal): Promise<void> {
  const suspension = await suspendTerminal();
  const comeBack = () => {
    clearTimeout(alive);
    process.off('SIGCONT', comeBack);
    // A stopped job hears no SIGWINCH: the window may have another size by now.
    process.kill(process.pid, 'SIGWINCH');
    void suspension.resume();
  };
  // Keeps Node alive, which signal listeners do not; and a session without a shell to stop for goes on.
  const alive = setTimeout(comeBack, STOPPED_BY);
  process.on('SIGCONT', comeBack);
  // To the whole job, as a terminal's Ctrl-Z: npm or sudo may stand before us in it.
  process.kill(0, 'SIGTSTP');
}
