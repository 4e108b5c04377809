import type { State } from '../store/state.ts';

/** The terminal, in cells. */
export type Size = { columns: number; rows: number };

export const SMALLEST: Size = { columns: 80, rows: 24 };

/** From here on the services pane stands beside the details. */
const BESIDE = 112;
const SERVICES_WIDTH = 38;
/** The header, the views, the table's heading, the footer. */
const AROUND = 4;
const LEAST_TABLE = 5;

export type Layout = {
  /** An empty line under the views, where there is room for calm. */
  spaced: boolean;
  /** Rows of the table, without its heading. */
  table: number;
  /** Lines of the pane below the table, its frame included; 0 while there is none. */
  details: number;
  detailsWidth: number;
  /** 0 where there is no room for it: then the details say it. */
  servicesWidth: number;
  /** Lines between the views and the footer. */
  body: number;
};

/** How the screen is divided: a matter of its size and of what is open. */
export function layoutOf(
  { columns, rows }: Size,
  { detailsOpen, view, focus }: Pick<State, 'detailsOpen' | 'view'> & Partial<Pick<State, 'focus'>>,
): Layout {
  const spaced = rows >= 30;
  const body = rows - AROUND - (spaced ? 1 : 0) + 1;
  const below = detailsOpen || focus === 'columns';
  const details = below ? Math.max(8, Math.min(Math.round(body * 0.6), body - LEAST_TABLE - 1)) : 0;
  const servicesWidth = columns >= BESIDE && view !== 'processes' ? SERVICES_WIDTH : 0;
  return {
    spaced,
    table: body - 1 - details,
    details,
    detailsWidth: columns - servicesWidth,
    servicesWidth,
    body,
  };
}

/** Where a list begins so that the line with the cursor is in sight, moving as little as possible. */
export function scrollTo(top: number, cursor: number, height: number, count: number): number {
  const last = Math.max(0, count - height);
  return Math.max(0, Math.min(last, Math.min(Math.max(top, cursor - height + 1), cursor)));
}
