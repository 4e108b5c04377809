import type { Column } from '../query/columns.ts';
import type { Socket } from '../sockets/socket.ts';
import { EMPTY, join, type SafeText, text } from '../text/safe.ts';
import { fit, widthOf } from '../text/width.ts';

/** Sockets as aligned lines, nothing cut; the last column is not padded. */
export function table(
  columns: readonly Column[],
  sockets: readonly Socket[],
  { header, now }: { header: boolean; now: number },
): SafeText[] {
  const rows = sockets.map((socket) => columns.map((column) => column.text(socket, now)));
  const all = header ? [columns.map((column) => column.title), ...rows] : rows;
  const widths = columns.map((_, index) =>
    all.reduce((widest, cells) => Math.max(widest, widthOf(cells[index] ?? EMPTY)), 0),
  );
  return all.map((cells) =>
    join(
      cells.map((cell, index) => {
        const { align } = columns[index] as Column;
        const last = index === columns.length - 1 && align === 'left';
        return last ? cell : fit(cell, widths[index] as number, align);
      }),
      text`  `,
    ),
  );
}
