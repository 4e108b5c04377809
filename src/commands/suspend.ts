import type { SuspendTerminal } from 'ink';
import type { MouseReports } from './mouse-reports.ts';

/** If we still run after this many ms, nobody stopped us. */
const STOPPED_BY = 300;

/** How long React may take to hear of the new size and fit the screen to it, in ms. */
const FITTED_BY = 20;

/** Ctrl-Z: gives the terminal back, stops the job, and takes the terminal again when `fg` continues it. */
export async function suspend(suspendTerminal: SuspendTerminal, mouse: MouseReports): Promise<void> {
  mouse.stop();
  const suspension = await suspendTerminal();
  // Whoever hears the signal is not stopped by it.
  const listeners = process.listeners('SIGTSTP');
  process.removeAllListeners('SIGTSTP');
  const comeBack = () => {
    clearTimeout(alive);
    process.off('SIGCONT', comeBack);
    for (const listener of listeners) process.on('SIGTSTP', listener);
    // A stopped job hears no SIGWINCH, and the window may have another size by now. The screen is fitted to it
    // first: what Ink draws on coming back must be as high as the window, or it stays out of place.
    process.once('SIGWINCH', () => setTimeout(resume, FITTED_BY));
    process.kill(process.pid, 'SIGWINCH');
  };
  const resume = () => {
    void suspension.resume();
    mouse.start();
  };
  // Keeps Node alive, which signal listeners do not; and a session without a shell to stop for goes on.
  const alive = setTimeout(comeBack, STOPPED_BY);
  process.on('SIGCONT', comeBack);
  // To the whole job, as a terminal's Ctrl-Z: npm or sudo may stand before us in it.
  process.kill(0, 'SIGTSTP');
}
