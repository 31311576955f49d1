/** How sure a percentile is, whatever the distribution. */

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The standard normal quantile of a two-sided 98 % interval. */
const Z_98 = 2.326;

/**
 * The 98 % interval of a percentile by order statistics: how many readings lie below it is binomial, here by its normal
 * approximation (W. J. Conover, "Practical Nonparametric Statistics", 3rd ed., Wiley 1999, section 3.2). An end that so few
 * readings do not reach is infinite. `values`: at least one; `quantile` between 0 and 1.
 */
export function percentileInterval(values: readonly number[], quantile: number): Interval {
  const sorted = [...values].sort((a, b) => a - b);
  const { length: count } = sorted;
  const spread = Z_98 * Math.sqrt(count * quantile * (1 - quantile));
  const [below, above] = [Math.floor(count * quantile - spread), Math.ceil(count * quantile + spread)];
  return {
    low: below < 1 ? Number.NEGATIVE_INFINITY : (sorted[below - 1] ?? Number.NEGATIVE_INFINITY),
    high: above > count ? Number.POSITIVE_INFINITY : (sorted[above - 1] ?? Number.POSITIVE_INFINITY),
  };
}
