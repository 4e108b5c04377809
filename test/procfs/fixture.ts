import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A /proc tree captured from Linux 6.18: node, nginx's master and worker, a zombie and kthreadd. */
export const CAPTURED = fileURLToPath(new URL('../fixtures/proc', import.meta.url));
export const NODE = 16499;
export const MASTER = 16508;
export const WORKER = 16509;
export const ZOMBIE = 16513;
export const KTHREADD = 2;

export function captured(path: string): Buffer {
  return readFileSync(`${CAPTURED}/${path}`);
}

/** Odd processes, captured from Linux 6.18: each as its name says. */
export const ODD = fileURLToPath(new URL('../fixtures/odd', import.meta.url));
export const DELETED = 14825;
/** Its title has overwritten its arguments and all of its environment. */
export const TITLED = 14826;
/** Its comm is `a)`, a newline, ` R 1`, a tab, a backslash. */
export const FORGED = 14829;
export const OWN_MOUNTS = 14830;
export const JAILED = 14883;
export const ODD_ZOMBIE = 14887;
