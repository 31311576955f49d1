/** How much less a row of readings tells when neighbours are alike. */

/** The standard normal quantile of a two-sided 95 % test: which lags count as correlated at all. */
const Z_95 = 1.96;

/**
 * The factor, at least 1, by which the variance of Kendall's S grows for readings that depend on their neighbours: Hamed and
 * Rao's correction from the autocorrelation of the ranks of what is left after the trend, at the lags where it is
 * significant. Negative correlation would shrink it: a claim of more knowledge than there are readings, so that is not taken.
 *
 * K. H. Hamed, A. R. Rao, "A modified Mann-Kendall trend test for autocorrelated data", J. Hydrology 204, 1998.
 */
export function inflateForAutocorrelation(residuals: readonly number[]): number {
  const n = residuals.length;
  if (n < 4) return 1;
  const ranks = rank(residuals);
  const mean = (n - 1) / 2;
  const spread = ranks.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  if (spread === 0) return 1;
  let weighted = 0;
  for (let lag = 1; lag < n - 2; lag++) {
    let products = 0;
    for (let index = lag; index < n; index++)
      products += ((ranks[index] ?? 0) - mean) * ((ranks[index - lag] ?? 0) - mean);
    const correlation = products / spread;
    if (Math.abs(correlation) > Z_95 / Math.sqrt(n))
      weighted += (n - lag) * (n - lag - 1) * (n - lag - 2) * correlation;
  }
  return Math.max(1, 1 + (2 * weighted) / (n * (n - 1) * (n - 2)));
}

/** From 0; equal values share the mean of their ranks. */
function rank(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && order[end]?.value === order[start]?.value) end++;
    for (const { index } of order.slice(start, end)) ranks[index] = (start + end - 1) / 2;
    start = end;
  }
  return ranks;
}
