/** Order statistics of plain lists of numbers. An empty list has none: null, which no limit can be met by. */

/** The value below which this share (0..1) of the values lie, by the nearest rank: always one that was measured. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

export function median(values: readonly number[]): number | null {
  const sorted = Float64Array.from(values).sort();
  const upper = sorted[sorted.length >> 1];
  if (upper === undefined || sorted.length % 2 === 1) return upper ?? null;
  return (upper + (sorted[(sorted.length >> 1) - 1] ?? upper)) / 2;
}

/** Math.max without its limit on arguments, and null of nothing. */
export function maximum(values: readonly number[]): number | null {
  return values.reduce<number | null>((best, value) => (best === null || value > best ? value : best), null);
}

export function minimum(values: readonly number[]): number | null {
  return values.reduce<number | null>((best, value) => (best === null || value < best ? value : best), null);
}
