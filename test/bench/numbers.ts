export function median(values: readonly number[]): number {
  // Of an even number, between the two in the middle.
  return (
    (quantile(values, 0.5) -
      quantile(
        values.map((value) => -value),
        0.5,
      )) /
    2
  );
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}

/** Three digits that count: `0.42`, `7.31`, `149`, `41,047`. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const places = value < 1 ? 2 : Math.max(0, 2 - Math.floor(Math.log10(value)));
  return value.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places });
}

/** `1/149` of something dearer, `1.25x` of something alike. */
export function ratio(value: number, as: 'part' | 'factor'): string {
  if (!Number.isFinite(value)) return '–';
  return as === 'part' && value < 1 ? `1/${digits(1 / value)}` : `${digits(value)}x`;
}

/** The same of a target, which is a round number: without the zeros. */
export function roundRatio(value: number, as: 'part' | 'factor'): string {
  return ratio(value, as)
    .replace(/(\.\d*?)0+(?=x|$)/, '$1')
    .replace(/\.(?=x|$)/, '');
}
