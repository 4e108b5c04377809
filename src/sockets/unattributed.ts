import type { Socket } from './socket.ts';

/** Whether somebody may hold the socket, and porttop could not find out who. */
export function isUnattributed({ ownerUnknown }: Socket): boolean {
  return ownerUnknown === 'permission' || ownerUnknown === 'no-process' || ownerUnknown === 'gone';
}
