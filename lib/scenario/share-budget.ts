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

/** How far one goes beyond what it was expected to take: starting and ending servers takes as long as the box lets it, */
const OVERRUN_MS = 2000;
/** and so does all else: this part of its smallest size. */
const OVERRUN_PART = 0.25;

/** Of what is left, ms: for those after the next one to go beyond their shares; at most half of what is left beyond their smallest sizes. */
export function keptBack(leftMs: number, claims: readonly Claim[]): number {
  const spareMs = leftMs - claims.reduce((sum, { leastMs }) => sum + leastMs, 0);
  const overrunMs = claims
    .slice(1)
    .reduce((sum, { leastMs }) => sum + OVERRUN_MS + OVERRUN_PART * leastMs, 0);
  return Math.max(0, Math.min(spareMs / 2, overrunMs));
}
