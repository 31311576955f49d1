/** A robust straight line through a few readings, with its interval: does this grow from round to round? */

export interface Trend {
  /** Per unit of x. */
  readonly slope: number;
  readonly lower: number;
  readonly upper: number;
}

/** The standard normal quantile of a two-sided 98 % interval. */
const Z_98 = 2.326;

/**
 * Theil and Sen's slope: the median of the slopes between all pairs, with the 98 % interval from Kendall's variance (Sen
 * 1968). Readings are taken to be independent, without ties; fewer than four pin nothing down, and the interval is then
 * the whole range of slopes. Null with fewer than two distinct x.
 */
export function fitTrend(points: readonly (readonly [x: number, y: number])[]): Trend | null {
  const slopes: number[] = [];
  points.forEach(([x, y], index) => {
    for (const [otherX, otherY] of points.slice(index + 1)) {
      if (otherX !== x) slopes.push((otherY - y) / (otherX - x));
    }
  });
  slopes.sort((a, b) => a - b);
  const n = points.length;
  const spread = Z_98 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const at = (rank: number) => slopes[Math.min(slopes.length - 1, Math.max(0, rank))];
  const slope = ((at((slopes.length - 1) >> 1) ?? 0) + (at(slopes.length >> 1) ?? 0)) / 2;
  const lower = at(Math.floor((slopes.length - spread) / 2));
  const upper = at(Math.ceil((slopes.length + spread) / 2) - 1);
  return lower === undefined || upper === undefined ? null : { slope, lower, upper };
}
