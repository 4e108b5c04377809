import type { Column } from '../query/columns.ts';
import type { Socket } from '../sockets/socket.ts';
import { type SafeText, safe } from '../text/safe.ts';

/** Sockets as CSV (RFC 4180, but LF ends a line): the columns' keys, then their bare facts. */
export function csv(columns: readonly Column[], sockets: readonly Socket[], header: boolean): SafeText[] {
  const lines = sockets.map((socket) => line(columns.map((column) => column.value(socket))));
  return header ? [line(columns.map((column) => column.key)), ...lines] : lines;
}

function line(values: readonly (string | number | null)[]): SafeText {
  return safe(values.map(cell).join(','));
}

/** A text that a spreadsheet would run as a formula (some take full-width signs too) gets an apostrophe before it. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const shown = safe(value);
  const inert = /^[=+\-@＝＋－＠]/.test(shown) ? `'${shown}` : shown;
  return /[",]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
