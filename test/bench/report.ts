import type { Run } from './measure.ts';
import { digits, median, ratio, roundRatio } from './numbers.ts';

/** A row of the targets: what was to be reached, and what was. */
export type Row = {
  what: string;
  porttop: string;
  against: string;
  ratio: string;
  target: string;
  /** null: nothing is asked at this size. */
  reached: boolean | null;
};

export type Report = {
  rows: Row[];
  /** One-shots and rivals: wall and CPU time of each. */
  commands: Map<string, readonly Run[]>;
  further: [what: string, figure: string][];
};

export function emptyReport(): Report {
  return { rows: [], commands: new Map(), further: [] };
}

type Comparison = {
  what: string;
  porttop: number;
  /** What it is held against, and its figure. */
  rival: string;
  figure: number;
  unit: string;
  /** The most that porttop may take of it; undefined where nothing is asked. */
  target: number | undefined;
  as: 'part' | 'factor';
};

export function compared({ what, porttop, rival, figure, unit, target, as }: Comparison): Row {
  const share = porttop / figure;
  return {
    what,
    porttop: Number.isFinite(porttop) ? `${digits(porttop)} ${unit}` : '–',
    against: Number.isFinite(figure) ? `${rival}: ${digits(figure)} ${unit}` : `${rival}: –`,
    ratio: ratio(share, as),
    target: target === undefined ? '' : roundRatio(target, as),
    reached: target === undefined ? null : share <= target,
  };
}

export function limited(what: string, value: number, unit: string, target: number | undefined): Row {
  return {
    what,
    porttop: `${digits(value)} ${unit}`,
    against: '',
    ratio: '',
    target: target === undefined ? '' : `${target} ${unit}`,
    reached: target === undefined ? null : value <= target,
  };
}

/** In Markdown, and straight on a terminal too. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(3, heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(headings), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

export function rowsTable(rows: readonly Row[]): string {
  return table(
    ['what', 'porttop', 'against', 'ratio', 'target', ''],
    rows.map(({ what, porttop, against, ratio, target, reached }) => {
      return [what, porttop, against, ratio, target, reached === null ? '' : reached ? '✓' : '✗'];
    }),
  );
}

export function commandsTable(commands: Report['commands']): string {
  return table(
    ['command', 'wall ms', 'CPU ms', 'runs'],
    [...commands].map(([name, runs]) => [
      `\`${name}\``,
      digits(median(runs.map(({ wall }) => wall))),
      digits(median(runs.map(({ cpu }) => cpu))),
      `${runs.length}`,
    ]),
  );
}
