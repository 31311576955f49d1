/** Whether a series has come to rest: how far it still rises, and how much it varies once it is full. */

/** The largest rise from any reading to a later one: falling is no variation that anybody has to fear. 0 of fewer than two. */
export function largestRise(values: readonly number[]): number {
  let lowest = Infinity;
  let rise = 0;
  for (const value of values) {
    lowest = Math.min(lowest, value);
    rise = Math.max(rise, value - lowest);
  }
  return rise;
}

/** The difference between the highest and the lowest reading from the first on that is at least `full`; null if none is. */
export function variationOnce(values: readonly number[], full: number): number | null {
  const from = values.findIndex((value) => value >= full);
  if (from < 0) return null;
  let [lowest, highest] = [Infinity, -Infinity];
  for (const value of values.slice(from)) {
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  return highest - lowest;
}
