/** From what a target held at its quiet points to the trend verdict, and how an invariant tells it. */
import type { ChannelVerdict } from "../stats/channel-verdict.ts";
import { judgeSeries, type SeriesVerdict } from "../stats/series.ts";
import { maximum } from "../stats/summary.ts";
import { ALLOWANCE_BYTES, type Per } from "../stats/thresholds.ts";
import { formatDuration } from "../units.ts";
import { channelsOf, describeUnread, isAsked, leaveOutOtherSums, tellsAll } from "./leak-channels.ts";
import type { Measure } from "./measure.ts";
import type { Checkpoint } from "./target-watch.ts";
import { recordTrend } from "./trend-record.ts";
import { describeExcluded, describeSlope, describeTrend } from "./trend-text.ts";

export interface TrendConditions {
  /** Declared by the user; null: the first third. */
  readonly warmUpMs: number | null;
  /** By how much the anonymous memory of a target whose live bytes cannot be had may grow. */
  readonly growthLimitBytes: number;
  /** What the cycles of the checkpoints are; `second` where nobody visits the target, so that nothing is repeated. Without it: `cycle`. */
  readonly per?: Per;
}

export interface LeakVerdict extends SeriesVerdict {
  readonly per: Per;
  /** What is shown and not judged, a line each. */
  readonly aside: readonly string[];
  /** What growth of memory is measured against: when it will be reached. */
  readonly growthLimitBytes: number;
}

/** Pure: the same checkpoints give the same verdict. */
export function judgeCheckpoints(
  checkpoints: readonly Checkpoint[],
  { warmUpMs, growthLimitBytes, per = "cycle" }: TrendConditions,
): LeakVerdict {
  const first = checkpoints.find(({ anonymousBytes }) => anonymousBytes !== null)?.anonymousBytes ?? 0;
  const { channels, aside } = channelsOf(
    per === "second" ? checkpoints.map((at) => ({ ...at, cycle: at.atMs / 1000 })) : checkpoints,
  );
  const verdict = judgeSeries({
    channels,
    per,
    warmUpMs: warmUpMs ?? 0,
    rssLimitBytes: first + growthLimitBytes,
    heapIsPart: isAsked(checkpoints) && !tellsAll(checkpoints),
    managedHeap: checkpoints.some(({ managedHeap }) => managedHeap),
    allowanceBytes: runsJavaScript(checkpoints) ? ALLOWANCE_BYTES.default : ALLOWANCE_BYTES.otherRuntimes,
  });
  return { ...verdict, per, aside, growthLimitBytes };
}

function runsJavaScript(checkpoints: readonly Checkpoint[]): boolean {
  return isAsked(checkpoints) || checkpoints.some(({ javaScript }) => javaScript);
}

/**
 * What lives after a collection where the engine tells it, else anonymous memory: at each quiet point, bytes. Nothing where
 * the engine was asked and seldom answered: what it told then is not what lived in between, and resident memory is no
 * substitute.
 */
export function memoryOf(checkpoints: readonly Checkpoint[]): { values: number[]; what: string } {
  const there = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
  if (!tellsAll(checkpoints))
    return {
      values: there(checkpoints.map(({ anonymousBytes }) => anonymousBytes)),
      what: "anonymous memory",
    };
  const values = leaveOutOtherSums(checkpoints).map(({ liveBytes }) => liveBytes);
  const unread = describeUnread(checkpoints, values, "liveBytes");
  return unread === null
    ? { values: there(values), what: "live bytes, after a forced collection" }
    : { values: [], what: `live bytes: ${unread}` };
}

/**
 * Growth breaks the invariant, and names what grows, and with `stayed` what of it was left; a run that cannot tell is unknown,
 * with what would decide.
 */
export function measureLeak(
  { verdict, reason, channels, per, aside, growthLimitBytes }: LeakVerdict,
  stayed: readonly string[] = [],
): Measure {
  const trends = channels.map((channel) => recordTrend(channel, per));
  if (verdict === "inconclusive") {
    return { outcome: "unknown", reason: `${reason}${describeLonger(channels)}`, trends };
  }
  const tell = (some: readonly ChannelVerdict[]) =>
    some.map((channel) => describeTrend(channel, per, growthLimitBytes));
  const growing = channels.filter((channel) => channel.verdict === "growing");
  if (growing.length === 0)
    return {
      outcome: "held",
      measured: `level: ${reason}`,
      limit: describeExcluded(channels, per) ?? "no growth",
      trends,
      evidence: [reason, ...tell(channels), ...aside],
    };
  return {
    outcome: "broken",
    measured: growing.map((channel) => `${channel.name} +${describeSlope(channel, per)}`).join("; "),
    limit: "no growth",
    trends,
    // what does not grow is told by the trends
    evidence: [reason, ...tell(growing), ...aside, ...stayed.map((line) => `stayed: ${line}`)],
  };
}

/** How long a run would decide all that this one could not; empty where nobody can say. */
function describeLonger(channels: readonly ChannelVerdict[]): string {
  const open = channels.filter(({ verdict }) => verdict === "inconclusive");
  const longest = maximum(open.flatMap(({ decidesAfterMs }) => decidesAfterMs ?? []));
  return longest === null ? "" : `; a run of ${formatDuration(longest)} would decide`;
}
