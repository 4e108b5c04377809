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
