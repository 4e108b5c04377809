import type { Socket } from '../sockets/socket.ts';
import type { Column } from './columns.ts';

/** What is typed after `/`: words that must all match. `kept`: Enter was pressed, so a number is exact. */
export type Filter = { text: string; kept: boolean };

export const NO_FILTER: Filter = { text: '', kept: false };

/**
 * A test for the rows that a filter shows. A number is a port (of either end) or a pid: by its beginning
 * while it is being typed, exactly once it is kept. Other text matches anywhere in any column, whatever its
 * case.
 */
export function filterRows(
  filter: Filter,
  columns: readonly Column[],
  now: number,
): (socket: Socket) => boolean {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const tests = words.map((word) => {
    if (!/^\d+$/.test(word)) {
      return (socket: Socket) =>
        columns.some((column) => column.text(socket, now).toLowerCase().includes(word)) ||
        socket.owners.some((owner) => owner.command?.toLowerCase().includes(word));
    }
    const same = filter.kept
      ? (number: number) => number === Number(word)
      : (number: number) => String(number).startsWith(word);
    return (socket: Socket) =>
      same(socket.local.port) ||
      (socket.remote !== null && same(socket.remote.port)) ||
      socket.owners.some((owner) => same(owner.pid));
  });
  return (socket) => tests.every((test) => test(socket));
}
