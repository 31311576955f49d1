/** How much longer one thing takes than another, measured in pairs: the median ratio, and how sure it is. */
import type { Timed } from "../source/timed-imports.ts";
import { percentileInterval } from "../stats/percentile-interval.ts";
import { median } from "../stats/summary.ts";
import { formatDuration } from "../units.ts";
import { below, type Measure, unknown } from "./measure.ts";

/** Broken only where the interval lies beyond the limit; undecided where it reaches across. */
export function measureRatio({ pairs }: Pick<Timed, "pairs">, maxRatio: number): Measure {
  const ratios = pairs.map(({ circularMs, plainMs }) => circularMs / plainMs);
  const ratio = median(ratios);
  if (ratio === null) return unknown("nothing was imported");
  const { low, high } = percentileInterval(ratios, 0.5);
  const told = [low, high].map((end) => (Number.isFinite(end) ? end.toFixed(2) : "?")).join(" to ");
  const times = ([name, values]: readonly [string, number[]]) =>
    `${name} ${formatDuration(median(values) ?? 0)} in the median`;
  const evidence = [
    `ratio ${ratio.toFixed(2)} (98 %: ${told}), ${ratios.length} pairs`,
    times(["with circles", pairs.map(({ circularMs }) => circularMs)]),
    times(["without", pairs.map(({ plainMs }) => plainMs)]),
  ];
  const measure = below(Number(ratio.toFixed(2)), maxRatio, "count", evidence);
  return measure.outcome === "broken" && low < maxRatio && Number.isFinite(low)
    ? unknown(`${ratio.toFixed(2)} times as long, and at least ${low.toFixed(2)}: more --pairs would decide`)
    : measure;
}
