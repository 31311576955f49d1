/** Says in words and units what the trend verdict found in a channel. */
import type { ChannelVerdict } from "../stats/channel-verdict.ts";
import type { Per } from "../stats/thresholds.ts";
import { formatBytes, formatDuration } from "../units.ts";

/** "live bytes: growing by 4.1 KiB a cycle (98 %: 4 KiB to 4.2 KiB), 180 MiB an hour: it grows from cycle to cycle, …" */
export function describeTrend(channel: ChannelVerdict, per: Per = "cycle"): string {
  const { name, verdict, reason, decidesAfterMs } = channel;
  const longer = decidesAfterMs === null ? "" : `; a run of ${formatDuration(decidesAfterMs)} would decide`;
  return `${name}: ${[verdict, describeEvidence(channel, per)].filter(Boolean).join(", ")}: ${reason}${longer}`;
}

function describeEvidence(channel: ChannelVerdict, per: Per): string {
  const { kind, verdict, smallestLeakExcluded } = channel;
  if (verdict !== "level") return describeSlope(channel, per);
  return smallestLeakExcluded === null
    ? ""
    : `no leak above ${formatOf(kind, smallestLeakExcluded)} a ${per}`;
}

/** "4.1 KiB a cycle (98 %: 4 KiB to 4.2 KiB), 180 MiB an hour"; empty where no line could be fitted. */
export function describeSlope(
  { kind, slopePerCycle, low, high, slopePerHour }: ChannelVerdict,
  per: Per = "cycle",
): string {
  if (slopePerCycle === null || low === null || high === null) return "";
  const show = (value: number) => formatOf(kind, value);
  const interval = `${show(slopePerCycle)} a ${per} (98 %: ${show(low)} to ${show(high)})`;
  return slopePerHour === null ? interval : `${interval}, ${show(slopePerHour)} an hour`;
}

function formatOf(kind: ChannelVerdict["kind"], value: number): string {
  return kind === "count" || kind === "threads" ? String(Number(value.toPrecision(2))) : formatBytes(value);
}
