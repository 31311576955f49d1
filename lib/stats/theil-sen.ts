/** A robust straight line through a few readings, with an interval that admits ties and autocorrelation. */
import { inflateForAutocorrelation } from "./autocorrelation.ts";
import { median } from "./summary.ts";

export type XY = readonly [x: number, y: number];

export interface Line {
  /** Per unit of x. */
  readonly slope: number;
  /** The 98 % interval of the slope. */
  readonly low: number;
  readonly high: number;
  readonly intercept: number;
}

/** The standard normal quantile of a two-sided 98 % interval. */
const Z_98 = 2.326;

/**
 * The median of the slopes between all pairs (Theil 1950), with the 98 % interval from the variance of Kendall's S (Sen
 * 1968), corrected for ties (Kendall 1975) and inflated, never deflated, for autocorrelation (Hamed and Rao 1998). Where
 * so few or so dependent readings pin nothing down, the interval is the whole range of slopes. Null with fewer than two
 * distinct x.
 *
 * H. Theil, "A rank-invariant method of linear and polynomial regression analysis", Proc. Kon. Ned. Akad. v. Wetensch. A
 * 53, 1950. P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63, 1968. M. G. Kendall,
 * "Rank Correlation Methods", 4th ed., Griffin 1975.
 */
export function fitTheilSen(points: readonly XY[]): Line | null {
  const slopes = slopesOfPairs(points);
  const slope = median(slopes);
  if (slope === null) return null;
  const intercept = median(points.map(([x, y]) => y - slope * x)) ?? 0;
  const residuals = points.map(([x, y]) => y - slope * x);
  const variance = kendallVariance(points.map(([, y]) => y)) * inflateForAutocorrelation(residuals);
  const spread = Z_98 * Math.sqrt(variance);
  const at = (rank: number) => slopes[Math.min(slopes.length - 1, Math.max(0, rank))] ?? slope;
  return {
    slope,
    low: at(Math.floor((slopes.length - spread) / 2)),
    high: at(Math.ceil((slopes.length + spread) / 2) - 1),
    intercept,
  };
}

/** In ascending order. */
function slopesOfPairs(points: readonly XY[]): number[] {
  const slopes: number[] = [];
  points.forEach(([x, y], index) => {
    for (const [otherX, otherY] of points.slice(index + 1)) {
      if (otherX !== x) slopes.push((otherY - y) / (otherX - x));
    }
  });
  return slopes.sort((a, b) => a - b);
}

/** The variance of Kendall's S under no trend, less for every group of equal values. */
function kendallVariance(values: readonly number[]): number {
  const of = (n: number) => n * (n - 1) * (2 * n + 5);
  const ties = new Map<number, number>();
  for (const value of values) ties.set(value, (ties.get(value) ?? 0) + 1);
  return [...ties.values()].reduce((left, size) => left - of(size), of(values.length)) / 18;
}
