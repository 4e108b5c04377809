import type { State } from '../store/state.ts';

/** The terminal, in cells. */
export type Size = { columns: number; rows: number };

export const SMALLEST: Size = { columns: 80, rows: 24 };

export function isLargeEnough({ columns, rows }: Size): boolean {
  return columns >= SMALLEST.columns && rows >= SMALLEST.rows;
}

/** From here on the services pane stands beside the details, and these have room for the names of their pages. */
const SERVICES_BESIDE = 118;
const SERVICES_WIDTH = 38;
/** From here on the details stand beside the table, and the services pane under them where there is room. */
const BESIDE = 160;
const SERVICES_HEIGHT = 9;
const ROOMY_BODY = 30;
/** The header, the views, the table's heading, the footer. */
const AROUND = 4;
const LEAST_TABLE = 5;

export type Layout = {
  /** An empty line under the views, where there is room for calm. */
  spaced: boolean;
  /** Whether the details stand beside the table, and not under it. */
  beside: boolean;
  /** Rows of the table, without its heading. */
  table: number;
  tableWidth: number;
  /** Lines of the details pane, or of the dialog in its place, its frame included; 0 while it is closed. */
  details: number;
  detailsWidth: number;
  /** Of the services pane; 0 where there is no room for it: then the details say it. */
  services: number;
  servicesWidth: number;
  /** Lines between the views and the footer. */
  body: number;
};

/** How the screen is divided: a matter of its size and of what is open. */
export function layoutOf(
  { columns, rows }: Size,
  {
    detailsOpen,
    signal = null,
    chooser = null,
    view,
  }: Pick<State, 'detailsOpen' | 'view'> & Partial<Pick<State, 'signal' | 'chooser'>>,
): Layout {
  const spaced = rows >= 30;
  const body = rows - AROUND - (spaced ? 1 : 0) + 1;
  const sockets = view !== 'processes';
  const open = detailsOpen || signal !== null || chooser !== null;
  if (open && columns >= BESIDE) {
    const tableWidth = Math.round(columns / 2);
    const detailsWidth = columns - tableWidth;
    const services = sockets && body >= ROOMY_BODY ? SERVICES_HEIGHT : 0;
    return {
      spaced,
      beside: true,
      table: body - 1,
      tableWidth,
      details: body - services,
      detailsWidth,
      services,
      servicesWidth: services > 0 ? detailsWidth : 0,
      body,
    };
  }
  const details = open ? Math.max(8, Math.min(Math.round(body * 0.6), body - LEAST_TABLE - 1)) : 0;
  const servicesWidth = columns >= SERVICES_BESIDE && sockets ? SERVICES_WIDTH : 0;
  return {
    spaced,
    beside: false,
    table: body - 1 - details,
    tableWidth: columns,
    details,
    detailsWidth: columns - servicesWidth,
    services: servicesWidth > 0 ? details : 0,
    servicesWidth,
    body,
  };
}

/** Where a list begins so that the line with the cursor is in sight, moving as little as possible. */
export function scrollTo(top: number, cursor: number, height: number, count: number): number {
  const last = Math.max(0, count - height);
  return Math.max(0, Math.min(last, Math.min(Math.max(top, cursor - height + 1), cursor)));
}
