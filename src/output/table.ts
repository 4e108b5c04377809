import type { Column } from '../query/columns.ts';
import type { Socket } from '../sockets/socket.ts';
import { EMPTY, join, repeat, type SafeText, text } from '../text/safe.ts';
import { widthOf } from '../text/width.ts';

const GAP = text`  `;

/** Sockets as aligned lines, nothing cut; the last column is not padded. */
export function table(
  columns: readonly Column[],
  sockets: readonly Socket[],
  { header, now }: { header: boolean; now: number },
): SafeText[] {
  const rows = sockets.map((socket) => columns.map((column) => column.text(socket, now)));
  const all = header ? [columns.map((column) => column.title), ...rows] : rows;
  /** Of each cell, row by row: a hundred thousand rows are not measured twice. */
  const taken = all.map((cells) => cells.map(widthOf));
  const widths = columns.map((_, index) =>
    taken.reduce((widest, cells) => Math.max(widest, cells[index] ?? 0), 0),
  );
  const blanks = Array.from({ length: Math.max(0, ...widths) + 1 }, (_, cells) => repeat(text` `, cells));
  return all.map((cells, row) =>
    join(
      cells.map((cell, index) => {
        const { align } = columns[index] as Column;
        const room = blanks[(widths[index] as number) - (taken[row]?.[index] ?? 0)] ?? EMPTY;
        if (align === 'right') return join([room, cell]);
        return index === columns.length - 1 ? cell : join([cell, room]);
      }),
      GAP,
    ),
  );
}
