/** Says in words and units what the trend verdict found in a channel. */
import { describePace } from "../report/trend-words.ts";
import type { ChannelVerdict } from "../stats/channel-verdict.ts";
import type { Per } from "../stats/thresholds.ts";
import { formatBytes, formatDuration, formatRate } from "../units.ts";

/**
 * "live bytes: growing by 4.1 KiB a cycle (98 %: 4 KiB to 4.2 KiB), 180 MiB an hour, 12 MiB since the warm-up, 50 MB after 13 min
 * more: it grows from cycle to cycle, …". `limitBytes`: by how much memory may grow, where somebody said so.
 */
export function describeTrend(
  channel: ChannelVerdict,
  per: Per = "cycle",
  limitBytes: number | null = null,
): string {
  const { name, verdict, reason, decidesAfterMs } = channel;
  const longer = decidesAfterMs === null ? "" : `; a run of ${formatDuration(decidesAfterMs)} would decide`;
  return `${name}: ${[verdict, describeEvidence(channel, per, limitBytes)].filter(Boolean).join(", ")}: ${reason}${longer}`;
}

function describeEvidence(channel: ChannelVerdict, per: Per, limitBytes: number | null): string {
  const { kind, verdict, smallestLeakExcluded } = channel;
  if (verdict === "growing")
    return [describeSlope(channel, per), describeGrowth(channel, limitBytes)].filter(Boolean).join(", ");
  if (verdict !== "level") return describeSlope(channel, per);
  return smallestLeakExcluded === null
    ? ""
    : `no leak above ${formatOf(kind, smallestLeakExcluded)} a ${per}`;
}

/** "12 MiB since the warm-up, 50 MB after 13 min more": both by the fitted line. */
function describeGrowth({ kind, growth, slopePerHour }: ChannelVerdict, limitBytes: number | null): string {
  if (growth === null) return "";
  const grown = `${formatOf(kind, growth)} since the warm-up`;
  if (limitBytes === null || isThings(kind) || slopePerHour === null || slopePerHour <= 0) return grown;
  const limit = formatBytes(limitBytes);
  if (growth >= limitBytes) return `${grown}, more than ${limit}`;
  return `${grown}, ${limit} after ${formatDuration(((limitBytes - growth) / slopePerHour) * HOUR_MS)} more`;
}

const HOUR_MS = 3_600_000;

/** "4.1 KiB a cycle (98 %: 4 KiB to 4.2 KiB), 180 MiB an hour"; empty where no line could be fitted. */
export function describeSlope(
  { kind, slopePerCycle, low, high, slopePerHour }: ChannelVerdict,
  per: Per = "cycle",
): string {
  const unit = isThings(kind) ? "count" : "bytes";
  return describePace({ unit, per, slope: slopePerCycle, low, high, slopePerHour });
}

const MEMORY: readonly ChannelVerdict["kind"][] = ["live", "natural-heap", "anonymous-rss"];

/**
 * "no leak above 655 B a cycle of live bytes": what was excluded of memory by the best evidence that there is. Where
 * anonymous memory could not be judged, it is said to have been within its limit alone. Null where no memory was read.
 */
export function describeExcluded(channels: readonly ChannelVerdict[], per: Per = "cycle"): string | null {
  const memory = channels.filter(({ kind }) => MEMORY.includes(kind));
  memory.sort((one, other) => MEMORY.indexOf(one.kind) - MEMORY.indexOf(other.kind));
  const excludes = memory.find(({ verdict, smallestLeakExcluded }) => {
    return verdict === "level" && smallestLeakExcluded !== null;
  });
  if (excludes?.smallestLeakExcluded)
    return `no leak above ${formatOf(excludes.kind, excludes.smallestLeakExcluded)} a ${per} of ${excludes.name}`;
  const [vague] = memory;
  return vague ? `counts level, and ${vague.name} within its limit: no leak of it is excluded` : null;
}

function formatOf(kind: ChannelVerdict["kind"], value: number): string {
  return formatRate(value, isThings(kind) ? "count" : "bytes");
}

/** Whether it is counted, and not memory. */
export function isThings(kind: ChannelVerdict["kind"]): boolean {
  return kind === "count" || kind === "threads";
}
