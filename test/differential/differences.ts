import { readFileSync } from 'node:fs';
import type { Socket } from '../../src/sockets/socket.ts';
import type { ZooReport } from './zoo.ts';

/** The ids of the rows of differences.md. */
export const DOCUMENTED: readonly string[] = readFileSync(new URL('differences.md', import.meta.url), 'utf8')
  .split('\n')
  .flatMap((line) => /^\| `([^`]+)` \|/.exec(line)?.[1] ?? []);

/** A row of differences.md at work: where a tool says something else, and what. */
export type Difference<Row> = {
  id: string;
  /** What the tool says of a socket instead of what we do; null: nothing; the row as it is: the same. */
  changed?(row: Row, about: About): Row | null;
  /** Whether the tool says this of a socket that we do not have. */
  isMore?(row: Row): boolean;
};

export type About = {
  socket: Socket;
  zoo: ZooReport;
  /** What was typed. */
  letters: string;
  /** All that the tool printed. */
  said: string;
};

/** The rows that a tool should have, and the differences that they met on the way. */
export function expectedRows<Row>(
  rowsOf: (socket: Socket) => Row[],
  differences: readonly Difference<Row>[],
  sockets: readonly Socket[],
  about: Omit<About, 'socket'>,
): { rows: Row[]; met: Set<string> } {
  const met = new Set<string>();
  const rows = sockets.flatMap((socket) =>
    rowsOf(socket).flatMap((row) => {
      let current: Row | null = row;
      for (const { id, changed } of differences) {
        if (current === null || !changed) continue;
        const next: Row | null = changed(current, { ...about, socket });
        if (next !== current) met.add(id);
        current = next;
      }
      return current === null ? [] : [current];
    }),
  );
  return { rows, met };
}
