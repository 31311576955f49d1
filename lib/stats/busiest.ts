/** How many of so many moments lie closest together. */

/** The most of them in any window of this length; moments and length in the same unit. */
export function countBusiest(moments: readonly number[], windowLength: number): number {
  const sorted = [...moments].sort((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [last, moment] of sorted.entries()) {
    while (moment - (sorted[first] ?? moment) > windowLength) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
