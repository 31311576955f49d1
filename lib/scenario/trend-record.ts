/** A channel's verdict as the report keeps it: numbers for programs, and the lines that a chart shows. */
import type { Trend } from "../report/finding.ts";
import type { ChannelVerdict } from "../stats/channel-verdict.ts";
import { median } from "../stats/summary.ts";
import type { Per } from "../stats/thresholds.ts";
import { isThings } from "./trend-text.ts";

export function recordTrend(channel: ChannelVerdict, per: Per): Trend {
  const { name, kind, verdict, reason, low, high, slopePerHour, growth, smallestLeakExcluded } = channel;
  return {
    ...{ name, unit: isThings(kind) ? "count" : "bytes", per, verdict, reason },
    ...{ slope: channel.slopePerCycle, low, high, slopePerHour, growth, smallestLeakExcluded },
    floors: channel.floors.map(([, atMs, value]) => [atMs, value]),
    lines: linesThrough(channel),
  };
}

/** The fitted line goes through the median residual, as Theil and Sen have it; the interval's turn about its middle. */
function linesThrough({ floors, slopePerCycle, low, high }: ChannelVerdict): Trend["lines"] {
  const [first, last] = [floors[0], floors.at(-1)];
  if (!first || !last || slopePerCycle === null || low === null || high === null) return null;
  const intercept = median(floors.map(([x, , value]) => value - slopePerCycle * x)) ?? 0;
  const middleX = (first[0] + last[0]) / 2;
  const middle = intercept + slopePerCycle * middleX;
  const ends = (slope: number): [number, number] => [
    middle + slope * (first[0] - middleX),
    middle + slope * (last[0] - middleX),
  ];
  return { fitted: ends(slopePerCycle), low: ends(low), high: ends(high) };
}
