/** By how much memory grew over a few measurements: sooner told than a leak's verdict, and coarser. */
import { maximum } from "../stats/summary.ts";
import { fitTheilSen, type XY } from "../stats/theil-sen.ts";
import { ALLOWANCE_BYTES } from "../stats/thresholds.ts";
import { formatAmount } from "../units.ts";
import { memoryOf } from "./leak.ts";
import { atMost, type Measure, unknown } from "./measure.ts";
import type { Checkpoint } from "./target-watch.ts";

/**
 * Holds when the 98 % interval of the growth, by Theil and Sen's slope, lies below the limit, and is broken when it lies above it.
 * Where live bytes cannot be had, anonymous memory may grow by what a healthy process takes.
 */
export function judgeRecentGrowth(
  checkpoints: readonly Checkpoint[],
  least: number,
  mostBytes: number,
): Measure {
  const { values, what } = memoryOf(checkpoints);
  if (values.length < Math.max(least, checkpoints.length))
    return unknown(`${values.length} of ${least} measurements of ${what}`);
  const line = fitTheilSen(values.map((value, index): XY => [index, value]));
  if (!line) return unknown("there were too few measurements");
  const isLive = checkpoints.every(({ liveBytes }) => liveBytes !== null);
  const limit = isLive ? mostBytes : Math.max(mostBytes, ALLOWANCE_BYTES.default);
  const [low, growth, high] = [line.low, line.slope, line.high].map((slope) => slope * (values.length - 1));
  const interval = `${formatAmount(low ?? 0, "bytes")} to ${formatAmount(high ?? 0, "bytes")}`;
  if ((low ?? 0) <= limit && (high ?? 0) > limit)
    return unknown(
      `${interval}: a run of more rounds would tell whether it is more than ${formatAmount(limit, "bytes")}`,
    );
  return atMost(Math.max(0, growth ?? 0), limit, "bytes", [
    `${what}: ${interval}`,
    `at its peak ${formatAmount(maximum(values) ?? 0, "bytes")}`,
  ]);
}
