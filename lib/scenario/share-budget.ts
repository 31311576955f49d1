/** Shares one budget out among scenarios, so that each gets its smallest size and all of them the same part of the rest. */

export interface Claim {
  /** What it takes at its smallest and at its full size, ms. */
  readonly leastMs: number;
  readonly fullMs: number;
}

/**
 * Each one's share, in order. With enough for all, each gets its full size; with less than the smallest sizes need, the
 * first ones get those and the rest null: no time.
 */
export function shareBudget(budgetMs: number, claims: readonly Claim[]): (number | null)[] {
  const least = claims.reduce((sum, { leastMs }) => sum + leastMs, 0);
  const full = claims.reduce((sum, { fullMs }) => sum + fullMs, 0);
  if (least > budgetMs) return firstOnes(budgetMs, claims);
  const part = full === least ? 1 : Math.min(1, (budgetMs - least) / (full - least));
  return claims.map(({ leastMs, fullMs }) => leastMs + part * (fullMs - leastMs));
}

function firstOnes(budgetMs: number, claims: readonly Claim[]): (number | null)[] {
  let left = budgetMs;
  return claims.map(({ leastMs }) => {
    if (leastMs > left) return null;
    left -= leastMs;
    return leastMs;
  });
}
